"""What Context(globals=…) adds: each part as scripts see it."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pyv8bridge import Context, JSError

ALL = ["timers", "console", "queueMicrotask", "structuredClone", "encoding", "url"]
NAMES = [
    "setTimeout",
    "setInterval",
    "clearTimeout",
    "clearInterval",
    "queueMicrotask",
    "structuredClone",
    "TextEncoder",
    "TextDecoder",
    "URL",
    "URLSearchParams",
]


@pytest.fixture(scope="module")
def ctx() -> Iterator[Context]:
    with Context(globals=ALL) as context:  # type: ignore[arg-type]
        yield context


def kinds(context: Context) -> Any:
    return context.call("Array.from", NAMES, context.eval("(name) => typeof globalThis[name]"))


def test_without_asking_there_are_none() -> None:
    with Context() as bare:
        assert kinds(bare) == ["undefined"] * len(NAMES)


def test_each_name_is_there_when_asked_for(ctx: Context) -> None:
    assert kinds(ctx) == ["function"] * len(NAMES)


def test_only_what_is_asked_for() -> None:
    with Context(globals=["queueMicrotask"]) as one:
        assert one.eval("[typeof queueMicrotask, typeof setTimeout]") == ["function", "undefined"]


def test_an_unknown_part_is_refused() -> None:
    with pytest.raises(ValueError, match="'fetch'"):
        Context(globals=["fetch"])  # type: ignore[list-item]


def test_url_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ada_url", None)
    with pytest.raises(ImportError, match=r"pip install pyv8bridge\[url\]"):
        Context(globals=["url"])


# ---- timers ----


def test_intervals_arguments_and_clearing(ctx: Context) -> None:
    assert (
        ctx.eval(
            "new Promise((resolve) => { const seen = []; const id = setInterval((x) => { seen.push(x);"
            "if (seen.length === 3) { clearInterval(id); setTimeout(() => resolve(seen), 10) } }, 2, 'tick') })"
        ).result(10)
        == ["tick"] * 3
    )
    assert ctx.eval("[clearTimeout(undefined), clearTimeout(12345)].length") == 2
    timers = ctx._host.timers
    assert timers is not None
    assert len(timers) == 0


def test_what_is_no_function_is_refused(ctx: Context) -> None:
    with pytest.raises(JSError, match="takes a function"):
        ctx.eval("setTimeout('1', 5)")


def test_what_a_timer_throws_is_reported() -> None:
    seen: list[Any] = []
    with Context(globals=["timers"], on_unhandled_rejection=seen.append) as one:
        one.eval("setTimeout(() => { throw new Error('lost') }, 1); new Promise((r) => setTimeout(r, 5))").result(10)
    assert [error.message for error in seen] == ["lost"]


# ---- console ----


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
        ("ERROR", "Assertion failed no"),
    ]


def test_text_with_percent_signs_is_no_format_of_pythons(printed: Callable[[str], Any]) -> None:
    assert printed("console.log('%(x)s %q')") == [("INFO", "%(x)s %q")]


# ---- microtasks and clones ----


def test_queue_microtask(ctx: Context) -> None:
    assert ctx.eval("const order = []; queueMicrotask(() => order.push(2)); order.push(1); order") == [1, 2]
    with pytest.raises(JSError, match="takes a function"):
        ctx.eval("queueMicrotask(1)")


def test_structured_clone(ctx: Context) -> None:
    assert ctx.eval(
        "const o = {d: new Date(0), m: new Map([[1, {n: 1n}]]), e: new RangeError('r'), u: undefined}; o.self = o;"
        "const c = structuredClone(o); [c !== o, c.self === c, c.d instanceof Date, c.m.get(1).n, c.e.name, 'u' in c]"
    ) == [True, True, True, 1, "RangeError", True]
    for bad in ("structuredClone(() => 1)", "structuredClone(Symbol())", "structuredClone({f() {}})"):
        with pytest.raises(JSError) as caught:
            ctx.eval(bad)
        assert caught.value.name == "DataCloneError"


# ---- encodings ----


def test_text_encoder(ctx: Context) -> None:
    assert ctx.eval("new TextEncoder().encode('hé😀\\ud800')") == "hé😀\ufffd".encode()
    assert ctx.eval("const to = new Uint8Array(4); [new TextEncoder().encodeInto('aé😀', to), to]") == [
        {"read": 2, "written": 3},
        "aé\0".encode(),
    ]


def test_text_decoder(ctx: Context) -> None:
    decode = ctx.eval("(bytes, label, options) => new TextDecoder(label, options).decode(bytes)")
    assert decode("\ufeffhé".encode(), "UTF-8", {}) == "hé"
    assert decode("\ufeffh".encode(), "utf8", {"ignoreBOM": True}) == "\ufeffh"
    assert decode(b"a\xffb", "utf-8", {}) == "a\ufffdb"
    assert decode("hé".encode("utf-16-le"), "utf-16", {}) == "hé"
    assert decode(b"\x80", "latin1", {}) == "€"
    with pytest.raises(JSError) as caught:
        decode(b"\xff", "utf-8", {"fatal": True})
    assert caught.value.name == "TypeError"
    with pytest.raises(JSError) as caught:
        decode(b"", "klingon", {})
    assert caught.value.name == "RangeError"
    assert ctx.eval(
        "{ const d = new TextDecoder(); [d.encoding, d.decode(new Uint8Array([0xe2, 0x82]), {stream: true}),"
        "d.decode(new Uint8Array([0xac]).buffer), d.decode()] }"
    ) == ["utf-8", "", "€", ""]


# ---- URLs ----


def test_urls(ctx: Context) -> None:
    assert ctx.eval(
        "const u = new URL('../x?a=1#h', 'https://user:pw@ex.com:8080/b/c');"
        "[u.href, u.origin, u.host, u.hostname, u.port, u.pathname, u.search, u.hash, u.username, `${u}`,"
        "JSON.stringify(u)]"
    ) == [
        "https://user:pw@ex.com:8080/x?a=1#h",
        "https://ex.com:8080",
        "ex.com:8080",
        "ex.com",
        "8080",
        "/x",
        "?a=1",
        "#h",
        "user",
        "https://user:pw@ex.com:8080/x?a=1#h",
        '"https://user:pw@ex.com:8080/x?a=1#h"',
    ]
    with pytest.raises(JSError) as caught:
        ctx.eval("new URL('nowhere')")
    assert caught.value.name == "TypeError"
    assert ctx.eval("[URL.canParse('a:b'), URL.canParse('b'), URL.parse('b')]") == [True, False, None]


def test_url_setters_and_its_parameters(ctx: Context) -> None:
    assert ctx.eval(
        "const v = new URL('http://a/'); v.pathname = '/p q'; v.port = 'x'; v.searchParams.append('k', 'a b&');"
        "const first = v.href; v.search = '?n=2'; [first, v.searchParams.get('n'), v.href]"
    ) == ["http://a/p%20q?k=a+b%26", "2", "http://a/p%20q?n=2"]


def test_url_search_params(ctx: Context) -> None:
    assert ctx.eval(
        "const p = new URLSearchParams('?a=1&b=%C3%A9+x&a=2&bad=%FF'); p.set('b', 'z'); p.delete('bad');"
        "[[...p], p.getAll('a'), p.has('a', '2'), p.size, p.get('none'),"
        "String(new URLSearchParams({x: '1 2', y: \"'()~*\"}))]"
    ) == [[["a", "1"], ["b", "z"], ["a", "2"]], ["1", "2"], True, 3, None, "x=1+2&y=%27%28%29%7E*"]
