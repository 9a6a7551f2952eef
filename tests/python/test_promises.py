"""JSPromise, and what runs when: result() outside of asyncio, awaits and *_async calls inside."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
import weakref
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from children import run_child
from loop_lag import lag_while

from pyv8bridge import (
    ClosedError,
    Context,
    EncodeError,
    Error,
    Isolate,
    JSCancelledError,
    JSError,
    JSObject,
    JSPromise,
    JSTimeoutError,
    undefined,
)
from pyv8bridge._native import live_objects

SLEEP = "const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));"


@pytest.fixture
def ctx() -> Iterator[Context]:
    with Context(globals=["timers"]) as context:
        context.eval(SLEEP)
        yield context
        if context.closed:
            return
        # Nothing stays behind.
        gc.collect()
        context.isolate.collect_garbage()
        host = context._host
        assert not host._watches
        assert not host._exceptions


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(coroutine, 60))


# ---- without a loop ----


def test_a_promise_is_a_handle_with_a_result(ctx: Context) -> None:
    promise = ctx.eval("Promise.resolve({a: [1n]})")
    assert isinstance(promise, JSPromise)
    assert promise.done()
    assert promise.result() == {"a": [1]}
    assert promise.result() == {"a": [1]}
    assert ctx.eval("Promise.resolve()").result() is undefined


def test_a_rejection_is_raised(ctx: Context) -> None:
    promise = ctx.eval("Promise.reject(Object.assign(new RangeError('no'), {code: 3}))")
    with pytest.raises(JSError) as caught:
        promise.result()
    assert (caught.value.name, caught.value.code) == ("RangeError", 3)
    with pytest.raises(JSError) as caught:
        ctx.eval("Promise.reject(42)").result()
    assert caught.value.value == 42


def test_result_runs_timers_and_what_follows(ctx: Context) -> None:
    start = time.monotonic()
    assert ctx.eval("(async () => [await sleep(30, 'a'), await sleep(20, 'b')])()").result() == ["a", "b"]
    assert 0.05 <= time.monotonic() - start < 2


def test_timers_fire_in_order_with_microtasks_between(ctx: Context) -> None:
    assert ctx.eval(
        "const seen = []; setTimeout(() => seen.push('late'), 15); setTimeout(() => { seen.push('a');"
        "Promise.resolve().then(() => seen.push('a2')) }, 5); setTimeout(() => seen.push('b'), 5);"
        "const gone = setTimeout(() => seen.push('never'), 1); clearTimeout(gone); sleep(30).then(() => seen)"
    ).result() == ["a", "a2", "b", "late"]


def test_result_has_a_time_limit(ctx: Context) -> None:
    promise = ctx.eval("new Promise(() => {})")
    start = time.monotonic()
    with pytest.raises(JSTimeoutError):
        promise.result(timeout=0.1)
    assert 0.1 <= time.monotonic() - start < 1
    looping = ctx.eval("sleep(1).then(() => { for (;;); })")
    with pytest.raises(JSTimeoutError):
        looping.result(timeout=0.2)
    assert ctx.eval("1") == 1
    del promise, looping


def test_another_thread_may_settle_it(ctx: Context) -> None:
    promise = ctx.eval("var open; new Promise((resolve) => { open = resolve })")
    threading.Timer(0.05, lambda: ctx.call("open", 5)).start()
    assert promise.result(timeout=10) == 5


def test_webassembly_compiles_in_the_background(ctx: Context) -> None:
    # An empty module; V8 compiles it on a thread of its own.
    source = "WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then((module) => String(module))"
    assert ctx.eval(source).result(timeout=10) == "[object WebAssembly.Module]"

    async def main() -> Any:
        return await ctx.eval_async(source, timeout=10)

    assert run(main()) == "[object WebAssembly.Module]"


def test_a_function_that_javascript_called_cannot_wait(ctx: Context) -> None:
    ctx.expose("wait", lambda: ctx.eval("sleep(1)").result())
    with pytest.raises(Error, match="function that JavaScript has called"):
        ctx.eval("wait()")
    ctx.eval("sleep(2)").result()


def test_a_promise_that_nobody_can_settle_any_more_says_so(ctx: Context) -> None:
    future = ctx.eval("new Promise(() => {})")._ask()
    gc.collect()
    ctx.isolate.collect_garbage()
    ctx.isolate.collect_garbage()
    with pytest.raises(Error, match="never be settled"):
        future.result(5)


# ---- asyncio ----


def test_awaits(ctx: Context) -> None:
    async def main() -> None:
        assert await ctx.eval_async("1 + 1") == 2
        assert await ctx.eval_async("sleep(5, 'slept')") == "slept"
        assert await ctx.call_async("sleep", 5, {"a": 1}) == {"a": 1}
        assert await ctx.eval("sleep")(5, "s") == "s"
        assert await ctx.eval("sleep").call_async(5, [1]) == [1]
        assert await ctx.eval("(function () { return Promise.resolve(this.n) })").call_async(this={"n": 4}) == 4
        with pytest.raises(JSError, match="no"):
            await ctx.eval_async("sleep(1).then(() => { throw new Error('no') })")

    run(main())


def test_result_and_transfer_hold_for_what_a_promise_gives(ctx: Context) -> None:
    async def main() -> None:
        for source in ("({a: [1]})", "Promise.resolve({a: [1]})"):
            handle = await ctx.eval_async(source, result="handle")
            assert (type(handle), handle.value()) == (JSObject, {"a": [1]})
            assert await ctx.eval_async(source, result="none") is None
        assert await ctx.eval_async("var n = 0; sleep(5).then(() => { n = 1; return () => 1 })", result="none") is None
        assert ctx.eval("n") == 1
        ctx.eval("var buffer = new ArrayBuffer(1 << 20)")
        moved = await ctx.eval_async("sleep(1, buffer)", transfer=True)
        moved.view[0] = 7  # nobody else has it
        assert (moved.byte_length, ctx.eval("buffer.byteLength")) == (1 << 20, 0)
        with pytest.raises(TypeError, match=r"unexpected keyword argument 'foo' \(options"):
            await ctx.eval_async("1", foo=1)  # type: ignore[call-arg]
        cache: dict[str, bytes] = {}
        assert await ctx.eval_async("/*" + "x" * 20000 + "*/ 5", code_cache=cache) == 5
        assert len(cache) == 1

    run(main())


def test_a_thousand_awaits_on_one_context_take_no_thread_each(ctx: Context) -> None:
    async def main() -> tuple[int, int]:
        calls = [ctx.call_async("sleep", 1 + i % 40, i) for i in range(1000)]
        most = 0

        async def watch() -> None:
            nonlocal most
            while True:
                most = max(most, threading.active_count())
                await asyncio.sleep(0.005)

        watching = asyncio.create_task(watch())
        total = sum(await asyncio.gather(*calls))
        watching.cancel()
        return total, most

    before = threading.active_count()
    total, most = run(main())
    assert total == 499_500
    assert most - before <= 9


def test_the_loop_goes_on_while_javascript_runs(ctx: Context) -> None:
    assert run(lag_while(ctx.eval_async("const end = Date.now() + 400; while (Date.now() < end);"))) < 0.2


def test_isolates_run_beside_each_other(ctx: Context) -> None:
    with Context() as other:

        async def main() -> None:
            busy = asyncio.create_task(ctx.eval_async("for (;;);"))
            await asyncio.sleep(0.05)
            assert await asyncio.wait_for(other.eval_async("1"), 20) == 1
            busy.cancel()
            with pytest.raises(asyncio.CancelledError):
                await busy

        run(main())


def test_deadlines_cover_awaits(ctx: Context) -> None:
    async def main() -> None:
        for source in (
            "for (;;);",
            "new Promise(() => {})",
            "sleep(10).then(() => { for (;;); })",
            "(async () => { for (;;) await null })()",
            "(async () => { for (;;) await sleep(1) })()",
        ):
            start = time.monotonic()
            with pytest.raises(JSTimeoutError):
                await ctx.eval_async(source, timeout=0.15)
            assert time.monotonic() - start < 2
        assert await ctx.eval_async("1") == 1

    run(main())
    ctx.close()


def test_an_isolates_default_covers_awaits() -> None:
    with Context(timeout=0.1) as ctx:

        async def main() -> None:
            with pytest.raises(JSTimeoutError):
                await ctx.eval_async("new Promise(() => {})")

        run(main())


def test_a_timer_outlives_the_call_that_set_it_and_that_was_stopped(ctx: Context) -> None:
    async def main() -> None:
        with pytest.raises(JSTimeoutError):
            await ctx.eval_async("var fired = 0; setTimeout(() => { fired++ }, 120); for (;;);", timeout=0.05)
        task = asyncio.create_task(ctx.eval_async("setTimeout(() => { fired++ }, 120); new Promise(() => {})"))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await ctx.eval_async("sleep(200).then(() => fired)") == 2

    run(main())


def test_a_timer_has_the_deadline_of_the_call_that_waits_and_then_the_default() -> None:
    reported: list[BaseException] = []
    with Context(globals=["timers"], timeout=0.2, on_unhandled_rejection=reported.append) as ctx:
        ctx.eval(SLEEP)

        async def main() -> None:
            assert await ctx.eval_async("setTimeout(() => { for (;;); }, 20); 'done'", timeout=5) == "done"
            start = time.monotonic()
            assert await ctx.eval_async("sleep(50).then(() => 'after')", timeout=5) == "after"
            assert 0.15 <= time.monotonic() - start < 2

        run(main())
    assert [type(error) for error in reported] == [JSTimeoutError]


def test_cancelling_ends_the_javascript_and_nothing_else(ctx: Context) -> None:
    async def main() -> None:
        running = asyncio.create_task(ctx.eval_async("for (;;);"))
        await asyncio.sleep(0.05)
        queued = asyncio.create_task(ctx.eval_async("globalThis.ran = true"))
        after = asyncio.create_task(ctx.eval_async("'after'"))
        await asyncio.sleep(0.05)
        queued.cancel()
        running.cancel()
        for task in (running, queued):
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await after == "after"
        assert await ctx.eval_async("typeof ran") == "undefined"

    run(main())


def test_a_cancel_is_not_lost_over_the_cancel_of_one_that_waits_behind(ctx: Context) -> None:
    writing, go_on = threading.Event(), threading.Event()

    def default(_: object) -> int:
        writing.set()
        go_on.wait(10)
        return 1

    ctx.eval("function spin() { const end = Date.now() + 10000; while (Date.now() < end); globalThis.spun = true }")

    async def main() -> None:
        first = asyncio.create_task(ctx.call_async("spin", object(), default=default))
        await asyncio.to_thread(writing.wait, 10)
        second = asyncio.create_task(ctx.call_async("spin", 2))
        await asyncio.sleep(0.05)
        for task in (first, second):
            task.cancel()
            await asyncio.wait([task])
        go_on.set()
        assert await ctx.eval_async("typeof spun") == "undefined"

    run(main())


def test_calls_of_threads_are_not_hit_by_a_cancel(ctx: Context) -> None:
    stop = threading.Event()
    failures: list[BaseException] = []

    def work() -> None:
        while not stop.is_set():
            try:
                ctx.eval("for (let i = 0; i < 2000; i++);")
            except BaseException as error:
                failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()

    async def main() -> None:
        for i in range(60):
            task = asyncio.create_task(ctx.eval_async("for (let i = 0; i < 20000; i++);"))
            await asyncio.sleep(0.0005 * (i % 5))
            task.cancel()
            await asyncio.wait([task])

    run(main())
    stop.set()
    thread.join()
    assert failures == []


def test_terminate_and_close_end_awaits(ctx: Context) -> None:
    async def main() -> None:
        task = asyncio.create_task(ctx.eval_async("for (;;);"))
        await asyncio.sleep(0.05)
        ctx.terminate()
        with pytest.raises(JSCancelledError):
            await task
        other = Context()
        waiting = asyncio.create_task(other.eval_async("new Promise(() => {})"))
        await asyncio.sleep(0.05)
        other.close()
        with pytest.raises((ClosedError, Error)):
            await waiting
        with pytest.raises(ClosedError):
            await other.eval_async("1")

    run(main())


def test_contexts_of_one_isolate_and_one_promise_for_many() -> None:
    with Isolate() as isolate:
        one, two = Context(isolate, globals=["timers"]), Context(isolate)

        async def main() -> None:
            promise = one.eval("new Promise((resolve) => setTimeout(resolve, 10, [7]))")

            async def wait() -> Any:
                return await promise

            results = await asyncio.gather(wait(), wait(), two.eval_async("8"))
            assert results == [[7], [7], 8]
            # Cancelling one who waits leaves the others alone.
            again = one.eval("new Promise((resolve) => setTimeout(resolve, 50, 1))")

            async def wait_again() -> Any:
                return await again

            first, second = asyncio.create_task(wait_again()), asyncio.create_task(wait_again())
            await asyncio.sleep(0.01)
            first.cancel()
            assert await second == 1

        run(main())


def test_an_event_loop_inside_of_a_function_that_javascript_called_cannot_wait_for_it(ctx: Context) -> None:
    # It did, for ever, and the isolate's queue with it.
    ctx.expose("wait", lambda: asyncio.run(asyncio.wait_for(ctx.eval_async("1"), 60)))
    with pytest.raises(Error, match="Make the function async"):
        ctx.eval("wait()")

    async def main() -> Any:
        with pytest.raises(Error, match="Make the function async"):
            await ctx.eval_async("wait()", timeout=20)
        return await ctx.eval_async("2")

    assert run(main()) == 2


def test_an_event_loop_inside_of_a_function_may_wait_for_another_isolate(ctx: Context) -> None:
    with Context() as other:
        ctx.expose("wait", lambda: asyncio.run(asyncio.wait_for(other.eval_async("3"), 60)))
        assert ctx.eval("wait()") == 3


def test_result_in_a_loops_thread_is_refused(ctx: Context) -> None:
    async def main() -> None:
        promise = ctx.eval("sleep(5)")
        with pytest.raises(Error, match="await"):
            promise.result()
        await promise

    run(main())


def test_ctrl_c_while_javascript_runs_for_a_loop() -> None:
    out = run_child(
        """
        import asyncio, os, signal, threading, time
        from pyv8bridge import Context
        ctx = Context(globals=["timers"])
        for script in ("for (;;);", "new Promise(() => {})"):
            async def main():
                await ctx.eval_async(script)
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
            start = time.monotonic()
            try:
                asyncio.run(main())
            except KeyboardInterrupt:
                print("interrupted", time.monotonic() - start < 5, ctx.eval("1"))
        """
    )
    assert out == "interrupted True 1\n" * 2


def test_exit_while_javascript_runs_for_a_loop() -> None:
    out = run_child(
        """
        import asyncio
        from pyv8bridge import Context
        ctx = Context()
        async def main():
            task = asyncio.ensure_future(ctx.eval_async("for (;;);"))
            await asyncio.sleep(0.1)
            print("bye", flush=True)
        asyncio.run(main())
        """
    )
    assert out == "bye\n"


def test_a_forked_child_is_told() -> None:
    out = run_child(
        """
        import asyncio, os
        from pyv8bridge import Context, ForkError
        ctx = Context()
        async def main():
            await ctx.eval_async("1")
        asyncio.run(main())
        child = os.fork()
        if child == 0:
            try:
                asyncio.run(asyncio.wait_for(main(), 10))
            except ForkError:
                os._exit(7)
            os._exit(8)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    )
    assert out == "7\n"


# ---- async functions of Python's ----


def test_async_functions_are_promises_in_javascript(ctx: Context) -> None:
    error = ValueError("no")

    async def fetch(n: int) -> dict[str, int]:
        await asyncio.sleep(0.01)
        return {"n": n}

    async def fail() -> None:
        await asyncio.sleep(0)
        raise error

    ctx.expose("fetch", fetch)
    ctx.expose("fail", fail)

    async def main() -> None:
        assert await ctx.eval_async("(async () => (await fetch((await fetch(1)).n + 1)).n)()") == 2
        assert ctx.eval("fetch(3) instanceof Promise") is True
        assert await ctx.eval("fetch(3)") == {"n": 3}
        assert await ctx.eval_async("Promise.all([fetch(1), fetch(2)]).then((all) => all.length)") == 2
        with pytest.raises(ValueError, match="no") as caught:
            await ctx.eval_async("fail()")
        assert caught.value is error
        assert await ctx.eval_async("fail().catch((e) => e.name)") == "ValueError"

    run(main())


@pytest.mark.parametrize("script", ["stop()", "sleep(1).then(() => stop())", "(async () => { await null; stop() })()"])
def test_what_is_no_exception_ends_the_javascript_that_is_awaited(ctx: Context, script: str) -> None:
    def stop() -> None:
        raise GeneratorExit("end")

    ctx.expose("stop", stop)

    async def main() -> None:
        source = f"var caught = false; {script.replace('stop()', '{ try { stop() } catch { caught = true } }')}"
        with pytest.raises(GeneratorExit, match="end"):
            await ctx.eval_async(source, timeout=20)
        assert await ctx.eval_async("caught") is False

    run(main())


def test_stop_iteration_of_a_function_reaches_who_awaits(ctx: Context) -> None:
    ctx.expose("empty", lambda: next(iter(())))

    async def main() -> None:
        with pytest.raises(RuntimeError, match="StopIteration"):
            await ctx.eval_async("empty()", timeout=10)
        assert await ctx.eval_async("try { empty() } catch (e) { e.name }") == "StopIteration"

    run(main())


def test_a_coroutine_that_is_cancelled_rejects_as_any_other_exception(ctx: Context) -> None:
    async def stop() -> None:
        raise asyncio.CancelledError

    ctx.expose("stop", stop)

    async def main() -> None:
        assert await ctx.eval_async("stop().catch((e) => e.name)") == "CancelledError"
        with pytest.raises(asyncio.CancelledError):
            await ctx.eval_async("stop()")
        assert await ctx.eval_async("1") == 1

    run(main())


def test_an_async_result_that_cannot_cross_rejects(ctx: Context) -> None:
    async def odd() -> object:
        return object()

    ctx.expose("odd", odd)

    async def main() -> None:
        with pytest.raises(EncodeError, match=r"the result of odd\(\)"):
            await ctx.eval_async("odd()")

    run(main())


def test_whatever_can_be_awaited_is_a_promise(ctx: Context) -> None:
    class Later:
        def __await__(self) -> Any:
            return asyncio.sleep(0, "later").__await__()

    foreign = asyncio.new_event_loop()

    async def main() -> None:
        ready = asyncio.get_running_loop().create_future()
        ready.set_result("ready")
        ctx.expose("task", lambda: asyncio.ensure_future(asyncio.sleep(0.01, "slept")))
        ctx.expose("future", lambda: ready)
        ctx.expose("object", Later)
        ctx.expose("foreign", foreign.create_future)
        ctx.expose("promise", lambda: ctx.eval("Promise.resolve('own')"))
        assert await ctx.eval("Promise.all([task(), future(), object(), promise()])") == [
            "slept",
            "ready",
            "later",
            "own",
        ]
        with pytest.raises(RuntimeError, match="another event loop"):
            ctx.eval("foreign()")

    run(main())
    foreign.close()


def test_an_async_function_needs_a_loop(ctx: Context) -> None:
    async def fetch() -> int:
        return 1

    ctx.expose("fetch", fetch)
    with pytest.raises(RuntimeError, match=r"fetch\(\) is async and needs a running event loop"):
        ctx.eval("fetch()")


def test_cancelling_cancels_the_coroutine_behind(ctx: Context) -> None:
    seen: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    ctx.expose("slow", slow)

    async def main() -> None:
        task = asyncio.create_task(ctx.eval_async("(async () => { await null; await slow() })()"))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.1)
        with pytest.raises(JSTimeoutError):
            await ctx.eval_async("slow()", timeout=0.1)
        await asyncio.sleep(0.1)

    run(main())
    assert seen == ["cancelled", "cancelled"]


def test_deadlines_go_through_nests_and_awaits(ctx: Context) -> None:
    async def back() -> Any:
        return await ctx.eval_async("sleep(1).then(() => { for (;;); })")

    ctx.expose("back", back)

    async def main() -> None:
        start = time.monotonic()
        with pytest.raises(JSTimeoutError):
            await ctx.eval_async("back()", timeout=0.2)
        assert time.monotonic() - start < 2
        assert await asyncio.wait_for(ctx.eval_async("1"), 10) == 1

    run(main())


# ---- rejections that nobody handles ----


def test_unhandled_rejections_are_logged(ctx: Context, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "pyv8bridge"):
        ctx.eval("Promise.reject(new Error('handled')).catch(() => {}); undefined")
        ctx.eval("(() => { const p = Promise.reject(1); Promise.resolve().then(() => p.catch(() => {})) })()")
        assert caplog.records == []
        ctx.eval("Promise.reject(new Error('lost')); undefined")
    (record,) = caplog.records
    assert "lost" in record.getMessage()
    caplog.clear()


def test_what_is_no_callback_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="on_unhandled_rejection"):
        Context(on_unhandled_rejection=5)  # type: ignore[arg-type]


def test_unhandled_rejections_go_to_the_callback() -> None:
    error = ValueError("mine")
    seen: list[BaseException] = []

    def fail() -> None:
        raise error

    with Context(on_unhandled_rejection=seen.append) as ctx:
        ctx.expose("fail", fail)
        ctx.eval("(async () => fail())(); undefined")
        ctx.eval("Promise.reject(5); undefined")
        assert seen[0] is error
        assert isinstance(seen[1], JSError)
        assert seen[1].value == 5
        # What Python was given is Python's to handle.
        ctx.eval("Promise.reject(6)")
        assert len(seen) == 2


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_what_is_no_exception_of_the_callback_ends_the_call(kind: type[BaseException]) -> None:
    def leave(_: BaseException) -> None:
        raise kind(3)

    with Context(on_unhandled_rejection=leave) as ctx:
        with pytest.raises(kind):
            ctx.eval("Promise.reject(1); Promise.reject(2); 0")
        assert ctx.eval("1") == 1


def test_ctrl_c_while_the_end_of_a_promise_is_told(monkeypatch: pytest.MonkeyPatch, ctx: Context) -> None:
    promise = ctx.eval("new Promise((done) => { globalThis.settle = done })")
    future = promise._ask()
    failed: list[Any] = []
    future.add_done_callback(lambda done: failed.append(done.exception()))

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(type(ctx._host), "decoded", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ctx.eval("settle(5); 0")
    # And nobody waits for ever.
    assert isinstance(failed[0], KeyboardInterrupt)
    assert ctx.eval("1") == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_callback_that_ends_its_thread_does_not_end_the_queue() -> None:
    def leave(_: BaseException) -> None:
        raise SystemExit(3)

    async def main() -> None:
        with Context(globals=["timers"], on_unhandled_rejection=leave) as ctx:
            await ctx.eval_async("setTimeout(() => { throw 1 }); 0")
            await asyncio.sleep(0.1)
            assert await asyncio.wait_for(ctx.eval_async("2"), 10) == 2

    run(main())


def test_a_loop_that_is_closed_as_it_is_told(ctx: Context) -> None:
    # Between a look whether it is closed and the word to it, another thread may close it.
    class Loop(asyncio.SelectorEventLoop):
        closed_to_others = False

        def call_soon_threadsafe(self, *arguments: Any, **options: Any) -> asyncio.Handle:
            if self.closed_to_others:
                self.close()
            return super().call_soon_threadsafe(*arguments, **options)

    loop = Loop()
    task = loop.create_task(ctx.eval_async("const end = Date.now() + 200; while (Date.now() < end); 1"))
    loop.run_until_complete(asyncio.sleep(0.05))
    loop.closed_to_others = True
    time.sleep(0.5)
    assert run(ctx.eval_async("2")) == 2
    task._log_destroy_pending = False  # type: ignore[attr-defined]


def test_timers_of_a_loop_that_is_closed_are_cleared_silently(ctx: Context) -> None:
    run(ctx.eval_async("globalThis.timer = setTimeout(() => {}, 100000); 0"))
    assert ctx.eval("clearTimeout(timer); 1") == 1


# ---- lifetimes ----


def test_a_context_with_timers_and_awaits_is_collected() -> None:
    def use() -> weakref.ref[Context]:
        ctx = Context(globals=["timers", "console", "encoding"])
        ctx.eval(SLEEP)

        async def main() -> None:
            assert await ctx.eval_async("sleep(2, 1)") == 1

        run(main())
        return weakref.ref(ctx)

    gc.collect()
    before = live_objects()
    alive = use()
    gc.collect()
    assert alive() is None
    after = live_objects()
    assert (after["isolates"], after["host_references"]) == (before["isolates"], before["host_references"])


def test_many_awaits_leave_memory_flat() -> None:
    out = run_child(
        """
        import asyncio, gc, resource
        from pyv8bridge import Context
        def rss():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * resource.getpagesize() / 2**20
        ctx = Context(globals=["timers"])
        async def f(n): return n
        ctx.expose("f", f)
        async def many(n):
            for _ in range(n):
                await asyncio.gather(*[ctx.eval_async("f(1)") for _ in range(100)])
        def settle():
            gc.collect()
            ctx.isolate.low_memory()
            return rss()
        asyncio.run(many(10))
        before = settle()
        asyncio.run(many(60))
        after = settle()
        print(after - before < 15, len(ctx._host), ctx.isolate.heap_statistics().handles)
        """
    )
    # The timers' and the exposed function; the timers' own handle.
    assert out == "True 3 1\n"


# ---- stops of other calls ----


async def stopped_beside(ctx: Context, awaited: str, code: str) -> Any:
    """What `awaited` gives to who waits for it while a call with that code is stopped."""
    waiting = asyncio.ensure_future(ctx.eval_async(awaited))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    with pytest.raises(JSTimeoutError):
        ctx.eval(code, timeout=0.1)
    return await asyncio.wait_for(waiting, 10)


PENDING = "var settle = {}; var p = new Promise((yes, no) => { settle.yes = yes; settle.no = no; }); 0"


def test_a_stop_does_not_lose_who_waits_for_a_promise_that_its_call_settled(ctx: Context) -> None:
    """V8 forgets what is due when it is stopped, and the waiting went on for ever."""
    ctx.eval(PENDING)
    assert run(stopped_beside(ctx, "p", "settle.yes([5]); for (;;);")) == [5]
    ctx.eval(PENDING)
    with pytest.raises(JSError, match="no way"):
        run(stopped_beside(ctx, "p", "settle.no(new Error('no way')); for (;;);"))
    # With nothing but the waiting to hold the promise.
    ctx.eval(PENDING)
    assert run(
        stopped_beside(ctx, "(() => { const it = p; p = null; return it; })()", "settle.yes([6]); for (;;);")
    ) == [6]
    # Every one of them, and once.
    ctx.eval(PENDING)

    async def many() -> list[Any]:
        others = [asyncio.ensure_future(ctx.eval_async("p")) for _ in range(5)]
        return [await stopped_beside(ctx, "p", "settle.yes(7); for (;;);"), *await asyncio.gather(*others)]

    assert run(many()) == [7] * 6


def test_a_stop_while_the_value_of_a_promise_is_read_is_not_silent(ctx: Context) -> None:
    ctx.eval(PENDING)
    once = "var n = 0; settle.yes({ get x() { if (n++ === 0) for (;;); return n; } })"
    assert run(stopped_beside(ctx, "p", once)) == {"x": 2}
    ctx.eval(PENDING)
    start = time.monotonic()
    with pytest.raises(JSTimeoutError):
        run(stopped_beside(ctx, "p", "settle.yes({ get x() { for (;;); } })"))
    assert time.monotonic() - start < 5
    assert ctx.eval("1 + 1") == 2


def test_a_settled_promise_that_nobody_holds_while_its_reaction_is_due(ctx: Context) -> None:
    futures = []

    def watch() -> None:
        promise = ctx.eval("Promise.resolve([7])")
        futures.append(promise._ask())

    ctx.expose("watch", watch)
    ctx.expose("collect", ctx.isolate.collect_garbage)
    ctx.eval("watch(); collect(); collect(); 0")
    assert futures[0].result(0) == [7]
