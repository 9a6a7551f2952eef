"""`map` and `starmap`: as many calls, in one crossing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest

import pyv8bridge
from pyv8bridge import (
    Context,
    DataCloneError,
    EncodeError,
    Isolate,
    JSCancelledError,
    JSError,
    JSFunction,
    JSTimeoutError,
    NotFoundError,
    Timings,
    undefined,
)
from pyv8bridge.values import BigInt, JSMap, JSSet


@pytest.fixture
def ctx() -> Iterator[Context]:
    with Context() as context:
        context.eval(
            """
            const seen = [];
            const same = (x) => { seen.push(x); return x };
            const add = (a, b) => a + b;
            function me(x) { return [this.id, x] }
            const below = (x) => { seen.push(x); if (x >= 5) throw new RangeError('five'); return x };
            const wait = (ms) => { const end = Date.now() + ms; while (Date.now() < end); return ms };
            """
        )
        yield context


def seen(ctx: Context) -> Any:
    return ctx.eval("seen")


def test_each_item_is_a_call(ctx: Context) -> None:
    same, add = ctx.eval("same"), ctx.eval("add")
    items = [1, "a", None, True, 0.5, [1, {"a": 2}], {}, -0.0]
    assert same.map(items) == items == [same(item) for item in items]
    assert add.starmap([(1, 2), ["a", "b"], (1,)])[:2] == [3, "ab"]
    assert ctx.map("same", range(10_000)) == list(range(10_000))
    assert ctx.starmap("add", zip(range(5), range(5), strict=True)) == [0, 2, 4, 6, 8]
    assert same.map([]) == []


@pytest.mark.parametrize("count", [1, 15, 16, 17, 80, 81, 5000, 70_000])
def test_batches_meet_without_a_gap(ctx: Context, count: int) -> None:
    assert ctx.eval("x => x + 1").map(range(count)) == list(range(1, count + 1))


def test_what_is_not_plain_is_called_in_its_turn(ctx: Context) -> None:
    function, when = ctx.eval("() => 1"), datetime(2020, 1, 1, tzinfo=timezone.utc)
    items = [1, {2, 3}, 4, when, undefined, BigInt(7), JSMap([(1, 2)]), "\ud800", b"x" * 70_000, 8, {"f": [undefined]}]
    assert ctx.map("same", items) == [
        1,
        JSSet([2, 3]),
        4,
        when,
        undefined,
        7,
        JSMap([(1, 2)]),
        "\ud800",
        items[8],
        8,
        items[10],
    ]
    results = ctx.map("same", [1, function, 2])
    assert (results[0], results[1](), results[2]) == (1, 1, 2)
    assert ctx.map("same", [3 + 4j, 1], default=lambda z: z.real) == [3, 1]


def test_results_of_every_kind(ctx: Context) -> None:
    make = ctx.eval(
        "i => [1n, new Date(0), new Map([[1, 2]]), undefined, new Uint8Array(100000), [,1], () => 5,"
        " (o => [o, o])({})][i]"
    )
    results, single = make.map(range(8)), [make(index) for index in range(8)]
    assert isinstance(results[6], JSFunction)
    assert results[6]() == 5
    assert results[7][0] is results[7][1]
    del results[6], single[6]
    assert results == single
    assert [type(result) for result in results] == [type(result) for result in single]


def test_results_share_nothing_and_are_taken_as_each_call_ends(ctx: Context) -> None:
    grow = ctx.eval("(list => x => { list.push(x); return list })([])")
    assert grow.map([1, 2, 3]) == [[1], [1, 2], [1, 2, 3]]
    first, second = ctx.eval("(o => () => o)(new Map())").map([1, 2])
    assert first is not second


def test_an_error_names_its_item_and_ends_the_calls(ctx: Context) -> None:
    below = ctx.eval("below")
    for lazy in (False, True):
        ctx.eval("seen.length = 0")
        with pytest.raises(JSError, match="five") as caught:
            list(below.map(range(100), lazy=lazy))
        assert caught.value.item == 5
        assert (caught.value.name, caught.value.filename, caught.value.line) == ("RangeError", "<eval>", 6)
        assert caught.value.__context__ is None
        assert seen(ctx) == [0, 1, 2, 3, 4, 5]
    with pytest.raises(JSError) as late:
        below.map([*[1] * 1000, 9])
    assert late.value.item == 1000


def test_an_argument_that_cannot_cross_names_its_item(ctx: Context) -> None:
    for bad, path in ((object(), "$"), ({"a": [complex(1)]}, "$.a[0]")):
        ctx.eval("seen.length = 0")
        with pytest.raises(EncodeError) as caught:
            ctx.map("same", [1, 2, bad, 3])
        assert (caught.value.item, caught.value.argument, caught.value.path) == (2, 0, path)
        assert seen(ctx) == [1, 2]
    with pytest.raises(EncodeError) as native:
        ctx.map("same", [1, 2, [2**60], 3], big_ints="error")
    assert (native.value.item, native.value.argument, native.value.path) == (2, 0, "$[0]")
    with pytest.raises(EncodeError) as of_this:
        ctx.eval("me").map([1, 2], this={"id": 2**60}, big_ints="error")
    assert (of_this.value.item, of_this.value.argument, of_this.value.path) == (0, "this", "$.id")


def test_results_that_cannot_leave_and_targets_that_are_not_there(ctx: Context) -> None:
    with pytest.raises(DataCloneError) as caught:
        ctx.eval("x => x < 3 ? x : [Symbol()]").map(range(10))
    assert (caught.value.item, caught.value.path) == (3, "$[0]")
    with pytest.raises(NotFoundError):
        ctx.map("nowhere", [1])


def test_an_error_of_javascript_may_have_a_property_of_that_name(ctx: Context) -> None:
    fail = ctx.eval("() => { throw Object.assign(new Error('e'), { item: 'mine' }) }")
    with pytest.raises(JSError) as alone:
        fail()
    assert alone.value.item == "mine"
    with pytest.raises(JSError) as mapped:
        fail.map([1])
    assert mapped.value.item == 0
    assert mapped.value.properties == {"item": "mine"}


def test_this_and_options(ctx: Context) -> None:
    me = ctx.eval("me")
    assert me.map([1, 2], this={"id": 7}) == [[7, 1], [7, 2]]
    assert me.map([1, 2], this=ctx.ref("({ id: 8 })")) == [[8, 1], [8, 2]]
    assert ctx.eval("x => typeof x").map([2**60], big_ints="number") == ["number"]
    assert ctx.eval("x => typeof x").map([2**60]) == ["bigint"]
    assert me.map([1], this={"id": 1}, result="none") == [None]
    handles = ctx.eval("x => ({ x })").map([1, 2], result="handle")
    assert [handle["x"] for handle in handles] == [1, 2]
    shared: list[int] = []
    assert ctx.eval("x => x[0] === x[1]").map([[shared, shared]], references=True) == [True]
    with pytest.raises(TypeError, match="unexpected keyword"):
        me.map([1], nonsense=1)
    with pytest.raises(ValueError, match="item_timeout"):
        me.map([1], item_timeout=-1)


def test_buffers_can_be_transferred(ctx: Context) -> None:
    ctx.eval("const kept = []; const make = (n) => { const b = new Uint8Array(n); kept.push(b); return b }")
    assert [len(view) for view in ctx.map("make", [10, 20], transfer=True)] == [10, 20]
    assert ctx.eval("kept.map(b => b.length)") == [0, 0]


def test_items_are_taken_in_batches_as_results_are_asked_for(ctx: Context) -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        number = 0
        while True:
            taken.append(number)
            yield number
            number += 1

    results = ctx.eval("x => x * 2").map(items(), lazy=True)
    assert not taken
    assert next(results) == 0
    assert len(taken) <= 16
    assert [next(results) for _ in range(1000)] == list(range(2, 2002, 2))
    assert len(taken) <= 1001 + 4096


def test_what_came_before_an_error_of_the_iterator_is_called(ctx: Context) -> None:
    class BrokenError(Exception):
        pass

    def items() -> Iterator[int]:
        yield from range(3)
        raise BrokenError

    results = ctx.map("same", items(), lazy=True)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(BrokenError):
        next(results)
    with pytest.raises(BrokenError):
        ctx.map("same", items())
    assert seen(ctx) == [0, 1, 2, 0, 1, 2]


def test_large_items_make_small_batches(ctx: Context) -> None:
    taken = 0

    def items() -> Iterator[str]:
        nonlocal taken
        for _ in range(200):
            taken += 1
            yield "x" * 100_000

    results = ctx.eval("x => x.length").map(items(), lazy=True)
    for done, result in enumerate(results, 1):
        assert result == 100_000
        assert taken - done <= 16
    assert done == 200


def test_batches_shrink_when_items_become_large(ctx: Context) -> None:
    taken = 0

    def items() -> Iterator[str]:
        nonlocal taken
        for number in range(2000):
            taken += 1
            yield "x" * (1 if number < 400 else 20_000)

    ahead = [taken - done for done, _ in enumerate(ctx.eval("x => x.length").map(items(), lazy=True), 1)]
    assert max(ahead[1500:]) <= 64


def test_large_results_come_in_parts(ctx: Context) -> None:
    results = ctx.eval("n => 'x'.repeat(n)").map([400_000] * 40)
    assert [len(result) for result in results] == [400_000] * 40


def test_time_for_each_item_and_for_all(ctx: Context) -> None:
    wait = ctx.eval("wait")
    assert wait.map([20] * 5, item_timeout=1) == [20] * 5
    with pytest.raises(JSTimeoutError) as each:
        wait.map([1, 60_000, 1], item_timeout=0.1)
    assert each.value.item == 1
    for odd in (False, True):
        # What is not plain is called alone, by the same clock.
        items = [[20], {20}] * 50 if odd else [[20]] * 100
        start = time.monotonic()
        with pytest.raises(JSTimeoutError) as total:
            ctx.eval("([ms]) => wait(ms)").map(items, timeout=0.2, item_timeout=10)
        assert 1 <= total.value.item <= 11
        assert time.monotonic() - start < 5
    # More than the first batches take, less than all.
    with pytest.raises(JSTimeoutError):
        wait.map([10] * 200, cpu_timeout=0.5)
    assert wait.map([1], timeout=None, item_timeout=None) == [1]


def test_defaults_are_for_each_call() -> None:
    with Context(timeout=0.3) as ctx:
        ctx.eval("const wait = (ms) => { const end = Date.now() + ms; while (Date.now() < end); return ms }")
        assert ctx.map("wait", [60] * 8) == [60] * 8
        with pytest.raises(JSTimeoutError) as caught:
            ctx.map("wait", [1, 60_000])
        assert caught.value.item == 1
        assert ctx.map("wait", [400], timeout=20) == [400]
    # A context's own, in an isolate that others use too.
    with Isolate() as isolate, Context(isolate, timeout=0.1) as ctx:
        ctx.eval("const forever = (x) => { while (x); }")
        start = time.monotonic()
        with pytest.raises(JSTimeoutError) as caught:
            ctx.map("forever", [0, 1], cpu_timeout=20)
        assert caught.value.item == 1
        assert time.monotonic() - start < 10


def test_time_between_results_does_not_count(ctx: Context) -> None:
    results = ctx.map("same", range(40), lazy=True, timeout=0.3)
    for number, result in enumerate(results):
        assert result == number
        if number < 4:
            time.sleep(0.1)


def test_timings_add_up(ctx: Context) -> None:
    timings = Timings()
    ctx.eval("wait").map([1] * 20, timings=timings)
    assert timings.execute >= 15_000_000
    assert timings.decode > 0


def test_handles_of_results_are_released(ctx: Context) -> None:
    def handles() -> int:
        return ctx.isolate.heap_statistics().handles

    before = handles()
    functions = ctx.eval("x => () => x").map(range(100))
    assert handles() >= before + 100
    assert functions[3]() == 3
    del functions
    assert handles() <= before + 1
    with pytest.raises(JSError):
        ctx.eval("x => { if (x == 50) throw 1; return () => x }").map(range(100))
    assert handles() <= before + 1
    assert pyv8bridge._native.live_objects()["results"] == 0


def test_closed_ones_refuse(ctx: Context) -> None:
    function = ctx.eval("x => x")
    function.close()
    with pytest.raises(pyv8bridge.ClosedError):
        function.map([1])
    other = ctx.eval("x => x")
    ctx.close()
    with pytest.raises(pyv8bridge.ClosedError):
        other.map([1])


def test_terminate_between_two_crossings(ctx: Context) -> None:
    def items() -> Iterator[int]:
        for n in range(100):
            if n == 50:
                ctx.terminate()
            yield n

    with pytest.raises(JSCancelledError):
        ctx.map("same", items())
    assert ctx.eval("seen.length") < 100
    # A later one begins anew.
    assert ctx.map("same", [1, 2]) == [1, 2]
