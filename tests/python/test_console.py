"""console, as it reaches Python's logging."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pyv8bridge import Context


@pytest.fixture(scope="module")
def ctx() -> Iterator[Context]:
    with Context(globals=["console"]) as context:
        yield context


@pytest.fixture
def printed(ctx: Context, caplog: pytest.LogCaptureFixture) -> Callable[[str], list[tuple[str, str]]]:
    def run(code: str) -> list[tuple[str, str]]:
        caplog.clear()
        with caplog.at_level(logging.DEBUG, "pyv8bridge.console"):
            ctx.eval(code)
        return [(record.levelname, record.getMessage()) for record in caplog.records]

    return run


def test_levels(printed: Callable[[str], Any]) -> None:
    assert printed(
        "console.debug('d'); console.log('l'); console.info('i'); console.warn('w'); console.error('e')"
    ) == [
        ("DEBUG", "d"),
        ("INFO", "l"),
        ("INFO", "i"),
        ("WARNING", "w"),
        ("ERROR", "e"),
    ]


def test_values_are_shown_without_running_anything(printed: Callable[[str], Any]) -> None:
    value = (
        "{a: [1, , 'x'], b: new Map([[1n, new Set([null])]]), f() {}, get g() { throw 1 }, s: Symbol('s'), 'a-b': -0}"
    )
    assert printed(f"console.log({value})") == [
        (
            "INFO",
            '{a: [1, , "x"], b: Map(1) {1n => Set(1) {null}}, f: [Function: f], g: [Getter], s: Symbol(s), "a-b": -0}',
        )
    ]
    assert printed("const self = {}; self.self = self; console.log(self)") == [("INFO", "{self: [Circular]}")]
    assert printed("class P { x = 1 } console.log(new P(), new Uint8Array(2), Object.create(null))") == [
        ("INFO", "P {x: 1} Uint8Array(2) [0, 0] [Object: null prototype] {}")
    ]
    assert printed("console.log(new Proxy({}, { ownKeys() { throw 1 } }))") == [
        ("INFO", "[value that cannot be shown]")
    ]


def test_format_marks(printed: Callable[[str], Any]) -> None:
    assert printed("console.log('%s %d %i %f %o %% %c|', 'a', '4', 4.7, '1.5', {x: 1}, 'css', 'rest')") == [
        ("INFO", "a 4 4 1.5 {x: 1} % | rest")
    ]
    assert printed("console.log('100%', 1)") == [("INFO", "100% 1")]


def test_groups_counts_and_assertions(printed: Callable[[str], Any]) -> None:
    assert printed("console.group('g'); console.log('a\\nb'); console.groupEnd(); console.log('c')") == [
        ("INFO", "g"),
        ("INFO", "  a\n  b"),
        ("INFO", "c"),
    ]
    assert printed("console.count(); console.count(); console.assert(1 > 2, 'no'); console.assert(true)") == [
        ("INFO", "default: 1"),
        ("INFO", "default: 2"),
        ("ERROR", "Assertion failed: no"),
    ]


def test_assertions_and_traces_take_formats(printed: Callable[[str], Any]) -> None:
    assert printed("console.assert(false, 'x %d', 5.5); console.assert(); console.assert(0, {a: 1})") == [
        ("ERROR", "Assertion failed: x 5"),
        ("ERROR", "Assertion failed"),
        ("ERROR", "Assertion failed: {a: 1}"),
    ]
    ((level, text),) = printed("function here() { console.trace('at %s', 'x') }\nhere()")
    assert (level, text.splitlines()[0]) == ("DEBUG", "Trace: at x")
    assert "at here (<eval>:1:27)" in text


def test_counts_and_timers_that_are_not_there_warn(printed: Callable[[str], Any]) -> None:
    assert printed(
        "console.countReset('c'); console.time('t'); console.time('t'); console.timeLog('t', 1, {a: 1});"
        "console.timeEnd('t'); console.timeEnd('t'); console.timeLog('t')"
    )[:2] == [("WARNING", "Count for 'c' does not exist"), ("WARNING", "Timer 't' already exists")]
    messages = printed("console.time(); console.timeLog(undefined, 1, {a: 1}); console.timeEnd(); console.timeEnd()")
    assert [level for level, _ in messages] == ["INFO", "INFO", "WARNING"]
    assert re.fullmatch(r"default: \d+ ms 1 \{a: 1\}", messages[0][1])
    assert messages[2][1] == "Timer 'default' does not exist"


def test_tables(printed: Callable[[str], Any]) -> None:
    ((_, text),) = printed("console.table([{a: 1, b: 'x'}, {a: 30}, 5])")
    assert text.splitlines() == [
        "(index) | a  | b   | Values",
        "--------+----+-----+-------",
        '0       | 1  | "x" |',
        "1       | 30 |     |",
        "2       |    |     | 5",
    ]
    ((_, text),) = printed("console.table(new Map([['k', {x: 1, y: 2}]]), ['y'])")
    assert text.splitlines() == ["(index) | y", "--------+--", "k       | 2"]
    assert printed("console.table('text'); console.table(new Proxy({}, { ownKeys() { throw 1 } }))") == [
        ("INFO", "text"),
        ("INFO", "[value that cannot be shown]"),
    ]


def test_errors_are_shown_with_what_they_carry(printed: Callable[[str], Any]) -> None:
    ((_, text),) = printed("console.log(Object.assign(new RangeError('out', { cause: new Error('in') }), { code: 5 }))")
    lines = text.splitlines()
    assert lines[0] == "RangeError: out"
    assert "  [code]: 5" in lines
    assert "  [cause]: Error: in" in lines
    ((_, text),) = printed("const ring = new Error('ring'); ring.cause = ring; console.log(ring)")
    assert "[cause]: [Circular]" in text


def test_console_methods_give_undefined(ctx: Context) -> None:
    names = "['log', 'error', 'dir', 'table', 'trace', 'count', 'time', 'timeEnd', 'group', 'groupEnd', 'clear']"
    assert ctx.eval(f"{names}.every((name) => console[name]() === undefined)") is True
    assert ctx.eval("String(console)") == "[object console]"


def test_lone_surrogates_reach_the_logger_as_text_that_it_can_write(printed: Callable[[str], Any]) -> None:
    assert printed("console.log('a\\ud800b\\ud83d\\ude00')") == [("INFO", "a\ufffdb\U0001f600")]


def test_text_with_percent_signs_is_no_format_of_pythons(printed: Callable[[str], Any]) -> None:
    assert printed("console.log('%(x)s %q')") == [("INFO", "%(x)s %q")]
