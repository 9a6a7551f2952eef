"""Any thread may call: one isolate serialises, several run in parallel, and terminate comes from anywhere."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from children import run_child

from pyv8bridge import Context, Isolate


def in_threads(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What `work` gives in each of so many threads that start together; raises what one of them raised."""
    results: list[Any] = [None] * count
    errors: list[BaseException] = []
    start = threading.Barrier(count)

    def run(index: int) -> None:
        try:
            start.wait(10)
            results[index] = work(index)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if errors:
        raise errors[0]
    return results


def test_a_context_made_on_one_thread_works_on_another() -> None:
    with Context() as ctx:
        ctx.eval("let n = 0; const next = () => ++n")
        assert in_threads(1, lambda _: ctx.call("next")) == [1]
        assert ctx.call("next") == 2


def test_one_context_from_many_threads_at_once() -> None:
    with Context() as ctx:
        ctx.eval("let n = 0; function add(rows) { for (const row of rows) n += row.x; return rows.length }")
        rows = [{"x": 1}] * 20
        assert in_threads(4, lambda _: sum(ctx.call("add", rows) for _ in range(200))) == [4000] * 4
        assert ctx.eval("n") == 4 * 200 * 20


def test_two_contexts_of_one_isolate_on_two_threads() -> None:
    with Isolate() as isolate:
        contexts = [Context(isolate), Context(isolate)]
        for number, context in enumerate(contexts):
            context.eval(f"var id = {number}; var f = (x) => [id, x]")

        def work(index: int) -> bool:
            return all(contexts[index].call("f", n) == [index, n] for n in range(500))

        assert in_threads(2, work) == [True, True]


def test_contexts_of_their_own_on_many_threads() -> None:
    def work(index: int) -> Any:
        with Context() as ctx:
            return ctx.eval(f"let s = 0; for (let i = 0; i < 1e5; i++) s += {index}; s")

    assert in_threads(4, work) == [0, 100_000, 200_000, 300_000]


def test_handles_dropped_on_other_threads() -> None:
    with Context() as ctx:
        handles = [ctx.ref("{}") for _ in range(400)]
        before = ctx.isolate.heap_statistics().handles
        shares = [handles[index::4] for index in range(4)]
        handles.clear()

        def work(index: int) -> None:
            while shares[index]:
                shares[index].pop()

        in_threads(4, work)
        ctx.eval("0")
        assert ctx.isolate.heap_statistics().handles <= before - 400


def test_the_gil_is_released_while_javascript_runs() -> None:
    out = run_child(
        """
        import threading, time
        from pyv8bridge import Context, TerminatedError
        ctx = Context()
        ticks = []
        def tick():
            for _ in range(20):
                ticks.append(time.monotonic())
                time.sleep(0.005)
            ctx.terminate()
        thread = threading.Thread(target=tick)
        thread.start()
        try:
            ctx.eval("while (true);")
        except TerminatedError:
            print(len(ticks))
        thread.join()
        """
    )
    assert out == "20\n"


@pytest.mark.parametrize("how", ["ctx.terminate", "ctx.isolate.terminate"])
def test_terminate_from_another_thread_leaves_the_context_usable(how: str) -> None:
    out = run_child(
        f"""
        import threading
        from pyv8bridge import Context, TerminatedError
        ctx = Context()
        ctx.eval("var n = 1; function spin() {{ while (true) try {{ while (true); }} catch {{ }} finally {{ n++ }} }}")
        for _ in range(5):
            timer = threading.Timer(0.05, {how})
            timer.start()
            try:
                ctx.call("spin")
            except TerminatedError as error:
                print(type(error).__name__, ctx.eval("typeof n"))
            timer.join()
        """
    )
    assert out == "JSCancelledError number\n" * 5


def test_close_from_another_thread_ends_what_runs() -> None:
    out = run_child(
        """
        import threading
        from pyv8bridge import Context, ClosedError, TerminatedError
        ctx = Context()
        timer = threading.Timer(0.05, ctx.close)
        timer.start()
        try:
            ctx.eval("while (true);")
        except (ClosedError, TerminatedError) as error:
            print("ended")
        timer.join()
        try:
            ctx.eval("1")
        except ClosedError:
            print("closed")
        """
    )
    assert out == "ended\nclosed\n"
