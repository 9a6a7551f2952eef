"""What Context(globals=…) adds, and of that timers and microtasks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
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


def test_delays_and_ids_are_converted_as_the_standard_has_it(ctx: Context) -> None:
    assert ctx.eval(
        "new Promise((resolve) => { const seen = []; const add = (x) => () => { seen.push(x) };"
        "setTimeout(add('20'), '20'); setTimeout(add('negative'), -1); setTimeout(add('NaN'), 'x');"
        "setTimeout(add('2**31'), 2 ** 31); setTimeout(add('2**32+10'), 2 ** 32 + 10); setTimeout(add('none'));"
        "clearTimeout(String(setTimeout(add('cleared'), 1))); clearInterval({ valueOf: () => cleared });"
        "const cleared = 0; setTimeout(() => resolve(seen), 40) })".replace("const cleared = 0; ", "").replace(
            "const seen", "var cleared = 0; const seen"
        )
    ).result(10) == ["negative", "NaN", "2**31", "none", "2**32+10", "20"]
    for bad in ("setTimeout(() => 1, 1n)", "clearTimeout(Symbol())"):
        with pytest.raises(JSError) as caught:
            ctx.eval(bad)
        assert caught.value.name == "TypeError"
    assert ctx.eval("[setTimeout.length, setInterval.length, clearTimeout.length]") == [1, 1, 0]


def test_this_of_a_timers_function_is_the_global_object(ctx: Context) -> None:
    source = "new Promise((r) => setTimeout(function () { 'use strict'; r(this === globalThis) }))"
    assert ctx.eval(source).result(10) is True


def test_microtasks_run_between_timers(ctx: Context) -> None:
    assert ctx.eval(
        "new Promise((resolve) => { const seen = []; setTimeout(() => { seen.push(1); "
        "queueMicrotask(() => seen.push(2));"
        "Promise.resolve().then(() => { seen.push(3); queueMicrotask(() => seen.push(4)) }) });"
        "setTimeout(() => { seen.push(5); setTimeout(() => resolve(seen)) }); seen.push(0) })"
    ).result(10) == [0, 1, 2, 3, 4, 5]


def test_what_is_no_function_is_refused(ctx: Context) -> None:
    with pytest.raises(JSError, match="takes a function"):
        ctx.eval("setTimeout('1', 5)")


def test_what_a_timer_throws_is_reported() -> None:
    seen: list[Any] = []
    with Context(globals=["timers"], on_unhandled_rejection=seen.append) as one:
        one.eval("setTimeout(() => { throw new Error('lost') }, 1); new Promise((r) => setTimeout(r, 5))").result(10)
    assert [error.message for error in seen] == ["lost"]


# ---- microtasks ----


def test_queue_microtask(ctx: Context) -> None:
    assert ctx.eval("const order = []; queueMicrotask(() => order.push(2)); order.push(1); order") == [1, 2]
    with pytest.raises(JSError, match="takes a function"):
        ctx.eval("queueMicrotask(1)")


def test_what_a_microtask_throws_is_reported() -> None:
    seen: list[Any] = []
    with Context(globals=["queueMicrotask"], on_unhandled_rejection=seen.append) as one:
        assert one.eval("queueMicrotask(() => { throw new RangeError('lost') }); 1") == 1
    assert [(error.name, error.message) for error in seen] == [("RangeError", "lost")]
