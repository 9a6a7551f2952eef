"""Python functions that JavaScript calls: values, exceptions, nesting, lifetimes."""

from __future__ import annotations

import asyncio
import functools
import gc
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from children import run_child

from pyv8bridge import (
    ClosedError,
    Context,
    DataCloneError,
    EncodeError,
    Error,
    Isolate,
    JSCancelledError,
    JSError,
    JSFunction,
    JSMap,
    JSObject,
    JSTimeoutError,
    MemoryLimitError,
    undefined,
)
from pyv8bridge._native import live_objects


@pytest.fixture
def ctx() -> Iterator[Context]:
    with Context() as context:
        yield context


def settle(context: Context) -> None:
    """Until JavaScript holds only what it can reach."""
    gc.collect()  # what an exception's traceback holds
    for _ in range(2):
        context.isolate.collect_garbage()


# ---- values ----


def test_arguments_and_results_cross_as_in_calls_from_python(ctx: Context) -> None:
    met: list[tuple[Any, ...]] = []

    def f(*args: Any) -> Any:
        met.append(args)
        return {"ids": {1, 2}, "big": 2**60, "none": None, "u": undefined}

    ctx.expose("f", f)
    assert ctx.eval(
        "const r = f(1, {a: [1, , 2]}, 'é\\ud800', undefined, null, new Map([[1, {b: 1n}]]), new Uint8Array([1]));"
        "[r.ids instanceof Set, typeof r.big, r.none, 'u' in r, r.u]"
    ) == [True, "bigint", None, True, undefined]
    (args,) = met
    assert args[0] == 1
    assert args[2:5] == ("é\ud800", undefined, None)
    assert args[5] == JSMap({1: {"b": 1}})
    assert args[6] == b"\x01"


def test_no_arguments_and_no_result(ctx: Context) -> None:
    ctx.expose("f", lambda: None)
    assert ctx.eval("f()") is None


def test_what_one_argument_shares_with_another_stays_shared(ctx: Context) -> None:
    met: list[Any] = []
    ctx.expose("f", lambda a, b: met.append(a["o"] is b))
    ctx.eval("const o = {}; f({o}, o)")
    assert met == [True]


def test_large_binary_data_crosses_both_ways(ctx: Context) -> None:
    met: list[bytes] = []

    def f(data: bytes) -> bytes:
        met.append(data)
        return bytes(200_000)

    ctx.expose("f", f)
    assert ctx.eval("f(new Uint8Array(100_000).fill(7)).length") == 200_000
    assert met == [b"\x07" * 100_000]


def test_functions_symbols_and_what_cannot_be_copied_are_handles(ctx: Context) -> None:
    met: list[Any] = []

    def f(function: Any, symbol: Any, data: Any, odd: Any, *, last: Any = None) -> Any:
        met[:] = [function, symbol, data, odd]
        return function(2)

    ctx.expose("f", f)
    assert ctx.eval("const w = new WeakMap(); f(x => x * 21, Symbol('s'), {z: 1}, w)") == 42
    assert isinstance(met[0], JSFunction)
    assert isinstance(met[1], JSObject)
    assert met[2] == {"z": 1}
    assert ctx.call("Object.is", met[3], ctx.ref("w")) is True


def test_a_function_inside_data_is_refused_with_its_place(ctx: Context) -> None:
    called: list[int] = []
    ctx.expose("f", lambda x: called.append(1))
    with pytest.raises(JSError, match=r"\$\[0\]\.rows\[1\]") as caught:
        ctx.eval("f({rows: [0, () => 1]})")
    assert caught.value.name == "DataCloneError"
    assert called == []


def test_a_getter_that_throws_throws_in_javascript(ctx: Context) -> None:
    ctx.expose("f", lambda x: x)
    assert ctx.eval("const e = new Error('mine'); try { f({get a() { throw e }}) } catch (c) { c === e }") is True


def test_a_result_that_cannot_cross_raises_where_it_was_returned(ctx: Context) -> None:
    ctx.expose("f", lambda: {"a": [object()]})
    with pytest.raises(EncodeError, match=r"the result of f\(\)"):
        ctx.eval("f()")
    assert ctx.eval("try { f() } catch (e) { e.name }") == "EncodeError"


def test_a_result_may_be_a_function_or_a_handle(ctx: Context) -> None:
    ctx.expose("adder", lambda n: lambda m: n + m)
    assert ctx.eval("adder(2)(3)") == 5
    held = ctx.ref("({})")
    ctx.expose("same", lambda: held)
    assert ctx.call("Object.is", ctx.eval("same"), ctx.eval("same")) is True
    ctx.globals["held"] = held
    assert ctx.eval("same() === held") is True


def test_callables_cross_anywhere_in_arguments(ctx: Context) -> None:
    class Doubler:
        def __call__(self, n: int) -> int:
            return 2 * n

        def method(self, n: int) -> int:
            return 3 * n

    run = ctx.eval("(fs) => fs.map(({f}) => f(5))")
    functions = [Doubler(), Doubler().method, functools.partial(pow, 2), abs, lambda n: n]
    assert run([{"f": f} for f in functions]) == [10, 15, 32, 5, 5]
    assert ctx.call("Array.from", [1, 2], lambda value, index: value * 10 + index) == [10, 21]


def test_a_class_is_no_function_unless_exposed(ctx: Context) -> None:
    with pytest.raises(EncodeError, match="the class"):
        ctx.call("Object", int)
    ctx.expose("to_int", int)
    assert ctx.eval("to_int('12')") == 12


def test_functions_need_a_context() -> None:
    from pyv8bridge import wire

    with pytest.raises(EncodeError):
        wire.dumps(lambda: 1)


def test_a_callable_stays_one_function_while_javascript_holds_it(ctx: Context) -> None:
    class Box:
        def on(self) -> int:
            return 1

    box = Box()
    ctx.eval("const seen = new Set(); const add = (f) => seen.add(f).size")
    assert ctx.call("add", print) == 1
    assert ctx.call("add", print) == 1
    assert ctx.call("add", box.on) == 2
    assert ctx.call("add", box.on) == 2
    assert ctx.eval("(a, b) => a === b")(box.on, box.on) is True


def test_names_are_shown(ctx: Context) -> None:
    def total(items: Any) -> None: ...

    assert ctx.eval("f => f.name")(total) == "total"
    assert ctx.eval("f => f.name")(lambda: 1) == ""
    assert ctx.function(total, name="sum").name == "sum"


# ---- options ----


def test_this_handles_and_max_args(ctx: Context) -> None:
    met: list[Any] = []
    ctx.expose("with_this", lambda this, x: met.append((this, x)), this=True)
    ctx.eval("const o = {id: 7}; with_this.call(o, 1)")
    assert met.pop() == ({"id": 7}, 1)
    ctx.expose("touch", lambda o: o.set("n", 1), handles=True)
    assert ctx.eval("const p = {}; touch(p); p.n") == 1
    ctx.expose("one", lambda x: met.append(x), max_args=1)
    ctx.eval("[4].forEach(one)")
    assert met.pop() == 4
    ctx.expose("none", lambda: 3, max_args=0)
    assert ctx.eval("none(1, 2)") == 3


def test_arity_is_pythons(ctx: Context) -> None:
    ctx.expose("one", lambda x: x)
    with pytest.raises(TypeError, match="positional argument"):
        ctx.eval("one()")
    with pytest.raises(TypeError, match="positional argument"):
        ctx.eval("one(1, 2)")
    assert ctx.eval("try { one() } catch (e) { e instanceof TypeError }") is True


def test_it_is_no_constructor(ctx: Context) -> None:
    ctx.expose("f", lambda: 1)
    assert ctx.eval("try { new f() } catch (e) { e instanceof TypeError }") is True


def test_wrong_arguments_of_expose_and_function(ctx: Context) -> None:
    with pytest.raises(TypeError, match=r"not function: write @ctx\.expose\('name'\)"):
        ctx.expose(lambda: 1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="the name must be a str, not int"):
        ctx.expose(5, print)  # type: ignore[arg-type]
    for target in (5, "print"):
        with pytest.raises(TypeError, match="a callable is needed"):
            ctx.expose("f", target)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="a callable is needed"):
            ctx.function(target)  # type: ignore[arg-type]
    for wrong, kind in (("1", TypeError), (True, TypeError), (1.0, TypeError), (-1, ValueError), (1 << 40, ValueError)):
        with pytest.raises(kind, match="max_args"):
            ctx.expose("f", print, max_args=wrong)  # type: ignore[arg-type]
    assert ctx.eval("typeof f") == "undefined"
    assert len(ctx._host) == 0


def test_expose_takes_paths_and_decorates(ctx: Context) -> None:
    ctx.eval("var api = {}")

    @ctx.expose("api.log")
    def log(text: str) -> str:
        return text.upper()

    assert log("a") == "A"
    assert ctx.eval("api.log('b')") == "B"
    with pytest.raises(TypeError, match="callable"):
        ctx.expose("x", 3)  # type: ignore[arg-type]


def test_unexpose_takes_it_away_from_everybody(ctx: Context) -> None:
    function = lambda: 1  # noqa: E731
    alive = weakref.ref(function)
    ctx.expose("f", function)
    ctx.eval("const kept = f")
    ctx.unexpose("f")
    assert ctx.eval("typeof f") == "undefined"
    with pytest.raises(JSError, match="was removed"):
        ctx.eval("kept()")
    del function
    assert alive() is None
    with pytest.raises(KeyError):
        ctx.unexpose("f")


# ---- exceptions ----


class RefusedError(ValueError):
    pass


def test_an_exception_that_javascript_does_not_catch_comes_out_itself(ctx: Context) -> None:
    error = RefusedError("no")

    def f() -> None:
        raise error

    ctx.expose("f", f)
    with pytest.raises(RefusedError) as caught:
        ctx.eval("f()")
    assert caught.value is error
    assert error.__context__ is None
    with pytest.raises(RefusedError) as caught:
        ctx.eval("try { f() } catch (e) { throw e }")
    assert caught.value is error


def test_an_exception_is_an_error_in_javascript(ctx: Context) -> None:
    def f(kind: str) -> None:
        raise {"R": RefusedError, "T": TypeError, "S": SyntaxError}[kind]("no")

    ctx.expose("f", f)
    probe = "(k) => { try { f(k) } catch (e) { return [e instanceof Error, e.name, e.message, Object.keys(e), %s] } }"
    assert ctx.eval(probe % "e.stack.split('\\n')[0]")("R") == [True, "RefusedError", "no", [], "RefusedError: no"]
    assert ctx.eval(probe % "e instanceof TypeError")("T")[-1] is True
    assert ctx.eval(probe % "e instanceof SyntaxError")("S")[-1] is True


def test_a_wrapped_exception_is_the_cause(ctx: Context) -> None:
    error = RefusedError("no")

    def f() -> None:
        raise error

    ctx.expose("f", f)
    with pytest.raises(JSError) as caught:
        ctx.eval("try { f() } catch (e) { throw new RangeError('outside', {cause: e}) }")
    assert caught.value.name == "RangeError"
    assert caught.value.cause is error
    assert caught.value.__cause__ is error


def test_an_exception_that_was_caught_and_kept_comes_out_later(ctx: Context) -> None:
    error = RefusedError("no")

    def f() -> None:
        raise error

    ctx.expose("f", f)
    ctx.eval("let kept; try { f() } catch (e) { kept = e }")
    settle(ctx)
    with pytest.raises(RefusedError) as caught:
        ctx.eval("throw kept")
    assert caught.value is error


def test_a_cause_goes_in(ctx: Context) -> None:
    def f() -> None:
        raise RefusedError("no") from KeyError("k")

    ctx.expose("f", f)
    assert ctx.eval("try { f() } catch (e) { [e.cause.name, e.cause.message] }") == ["KeyError", "'k'"]


def test_what_javascript_threw_passes_through_python(ctx: Context) -> None:
    ctx.expose("f", lambda: ctx.eval("throw Object.assign(new RangeError('r'), {code: 17})"))
    ctx.expose("g", lambda: ctx.eval("throw 42"))
    assert ctx.eval("try { f() } catch (e) { [e instanceof RangeError, e.message, e.code] }") == [True, "r", 17]
    assert ctx.eval("try { g() } catch (e) { e }") == 42
    with pytest.raises(JSError) as caught:
        ctx.eval("f()")
    assert caught.value.code == 17


def test_an_exception_that_cannot_be_described_is_still_thrown(ctx: Context) -> None:
    class MuteError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    def f() -> None:
        raise MuteError from RefusedError("\ud800")

    ctx.expose("f", f)
    assert ctx.eval("try { f() } catch (e) { [e.name, e.message] }") == ["MuteError", ""]
    with pytest.raises(MuteError):
        ctx.eval("f()")


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError])
def test_what_is_no_exception_cannot_be_caught_by_javascript(ctx: Context, kind: type[BaseException]) -> None:
    error = kind("end")

    def f() -> None:
        raise error

    ctx.expose("f", f)
    ctx.eval("var went_on = false")
    with pytest.raises(kind) as caught:
        ctx.eval("try { f() } catch (e) { went_on = true } finally { went_on = true } went_on = true")
    assert caught.value is error
    assert ctx.eval("went_on") is False


def test_it_goes_through_nested_calls(ctx: Context) -> None:
    def leave() -> None:
        raise SystemExit(3)

    met: list[str] = []

    def through() -> None:
        try:
            ctx.eval("try { leave() } catch (e) {}")
        except Exception:
            met.append("caught")

    ctx.expose("leave", leave)
    ctx.expose("through", through)
    with pytest.raises(SystemExit):
        ctx.eval("try { through() } catch (e) {}")
    assert met == []
    assert ctx.eval("1") == 1


# ---- nesting, deadlines, termination ----


def test_calls_nest(ctx: Context) -> None:
    ctx.expose("down", lambda n: ctx.call("down", n - 1) + 1 if n else 0)
    assert ctx.eval("down(25)") == 25


def test_endless_nesting_ends_with_an_error(ctx: Context) -> None:
    # Python's limit or V8's, whichever comes first; the process lives.
    ctx.expose("down", lambda: ctx.eval("down()"))
    with pytest.raises((RecursionError, JSError, Error)):
        ctx.eval("down()")
    assert ctx.eval("1") == 1


def test_a_blocking_function_raises_when_it_returns(ctx: Context) -> None:
    ctx.expose("sleep", time.sleep)
    ctx.eval("var went_on = false")
    start = time.monotonic()
    with pytest.raises(JSTimeoutError):
        ctx.eval("try { sleep(0.3) } catch (e) {} went_on = true", timeout=0.1)
    assert 0.3 <= time.monotonic() - start < 0.6
    assert ctx.eval("went_on") is False


def test_an_exception_after_the_deadline_cannot_be_caught(ctx: Context) -> None:
    def late() -> None:
        time.sleep(0.2)
        raise RefusedError("late")

    ctx.expose("late", late)
    ctx.eval("var went_on = false")
    with pytest.raises(JSTimeoutError):
        ctx.eval("try { late() } catch (e) { went_on = true }", timeout=0.05)
    assert ctx.eval("went_on") is False
    settle(ctx)
    assert len(ctx._host) == 1


@pytest.mark.parametrize("limit", [{"timeout": 0.05}, {"cpu_timeout": 0.05}])
def test_a_nested_deadline_ends_only_the_nested_call(ctx: Context, limit: dict[str, Any]) -> None:
    def inner() -> str:
        with pytest.raises(JSTimeoutError):
            ctx.eval("for (;;);", **limit)
        return ctx.eval("'still here'")

    ctx.expose("inner", inner)
    assert ctx.eval("inner() + '!'", timeout=20, cpu_timeout=10) == "still here!"
    assert ctx.eval("inner() + '!'") == "still here!"


def test_a_nested_deadline_that_javascript_catches(ctx: Context) -> None:
    ctx.expose("inner", lambda: ctx.eval("for (;;);", timeout=0.05))
    assert ctx.eval("try { inner() } catch (e) { e.name }", timeout=20) == "JSTimeoutError"


@pytest.mark.parametrize("limit", [{"timeout": 0.15}, {"cpu_timeout": 0.15}])
def test_the_outer_deadline_counts_after_an_inner_one_fired(ctx: Context, limit: dict[str, Any]) -> None:
    def inner() -> None:
        with pytest.raises(JSTimeoutError):
            ctx.eval("for (;;);", timeout=0.03)

    ctx.expose("inner", inner)
    start = time.monotonic()
    with pytest.raises(JSTimeoutError):
        ctx.eval("inner(); for (;;);", **limit)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("limit", [{"timeout": 0.1}, {"cpu_timeout": 0.1}])
def test_the_outer_deadline_ends_what_is_nested(ctx: Context, limit: dict[str, Any]) -> None:
    met: list[type] = []

    def inner() -> None:
        try:
            ctx.eval("for (;;);", timeout=30, cpu_timeout=30)
        except JSTimeoutError as error:
            met.append(type(error))
        with pytest.raises(JSTimeoutError):
            ctx.eval("for (;;);")

    ctx.expose("inner", inner)
    ctx.eval("var went_on = false")
    with pytest.raises(JSTimeoutError):
        ctx.eval("try { inner() } catch (e) {} went_on = true", **limit)
    assert met == [JSTimeoutError]
    assert ctx.eval("went_on") is False


def test_terminate_ends_all_levels(ctx: Context) -> None:
    started = threading.Event()

    def inner() -> None:
        started.set()
        ctx.eval("try { for (;;); } catch (e) {}")

    ctx.expose("inner", inner)
    killer = threading.Thread(target=lambda: (started.wait(), time.sleep(0.05), ctx.terminate()))
    killer.start()
    with pytest.raises(JSCancelledError):
        ctx.eval("try { inner() } catch (e) { for (;;); }")
    killer.join()
    assert ctx.eval("1") == 1


def test_terminate_from_inside_a_function(ctx: Context) -> None:
    ctx.expose("end", ctx.terminate)
    ctx.eval("var went_on = false")
    with pytest.raises(JSCancelledError):
        ctx.eval("try { end() } catch (e) {} finally { went_on = true }")
    assert ctx.eval("went_on") is False


def test_the_memory_limit_ends_all_levels() -> None:
    with Context(memory_limit=64 << 20) as ctx:
        ctx.expose("inner", lambda: ctx.eval("const a = []; for (;;) a.push(new Array(1000).fill(1))"))
        with pytest.raises(MemoryLimitError):
            ctx.eval("try { inner() } catch (e) { for (;;); }")
        assert ctx.eval("1") == 1


def test_a_function_called_by_a_getter_or_a_microtask(ctx: Context) -> None:
    ctx.expose("f", lambda: ctx.eval("41") + 1)
    assert ctx.eval("({get a() { return f() }})") == {"a": 42}
    ctx.eval("var later; Promise.resolve().then(() => { later = f() })")
    assert ctx.eval("later") == 42


def test_ctrl_c_while_a_function_runs() -> None:
    out = run_child(
        """
        import os, signal, threading, time
        from pyv8bridge import Context
        ctx = Context()
        ctx.expose("sleep", time.sleep)
        ctx.expose("again", lambda: ctx.eval("for (;;);"))
        for script in ("try { sleep(30) } catch (e) {} for (;;);", "try { again() } catch (e) {} for (;;);"):
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
            start = time.monotonic()
            try:
                ctx.eval(script)
            except KeyboardInterrupt:
                print("interrupted", time.monotonic() - start < 3, ctx.eval("1"))
        """
    )
    assert out == "interrupted True 1\ninterrupted True 1\n"


# ---- threads and processes ----


def test_any_thread_runs_its_own_calls_functions(ctx: Context) -> None:
    ctx.expose("who", lambda: threading.get_ident())
    found: list[bool] = []

    def work() -> None:
        for _ in range(20):
            found.append(ctx.eval("who()") == threading.get_ident())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 80


def test_functions_of_contexts_in_one_isolate() -> None:
    with Isolate() as isolate:
        one, two = Context(isolate), Context(isolate)
        one.expose("f", lambda: two.eval("f()") + "1")
        two.expose("f", lambda: "2")
        assert one.eval("f()") == "21"
        assert one.eval("try { f() } finally {}") == "21"
        two.close()
        with pytest.raises(ClosedError):
            one.eval("f()")


def test_close_from_inside_raises(ctx: Context) -> None:
    ctx.expose("close", ctx.close)
    with pytest.raises(Error, match="from inside a call"):
        ctx.eval("close()")
    assert ctx.eval("1") == 1


def test_close_from_another_thread_waits_for_the_function() -> None:
    ctx = Context()
    inside = threading.Event()

    def f() -> None:
        inside.set()
        time.sleep(0.2)

    ctx.expose("f", f)
    closer = threading.Thread(target=lambda: (inside.wait(), ctx.close()))
    closer.start()
    with pytest.raises(JSCancelledError):
        ctx.eval("f(); for (;;);")
    closer.join()
    assert ctx.closed


def test_a_fork_inside_a_function() -> None:
    out = run_child(
        """
        import os
        from pyv8bridge import Context, ForkError
        ctx = Context()
        def fork():
            child = os.fork()
            if child == 0:
                try:
                    ctx.eval("1")
                except ForkError:
                    os._exit(7)
                os._exit(8)
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        ctx.expose("fork", fork)
        print(ctx.eval("fork()"))
        """
    )
    assert out == "7\n"


def test_a_forked_child_that_returns_to_javascript_says_so() -> None:
    out = run_child(
        """
        import os, sys
        from pyv8bridge import Context
        ctx = Context()
        reading, writing = os.pipe()
        def fork():
            child = os.fork()
            if child == 0:
                os.dup2(writing, 2)
                return 0
            os.close(writing)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            return [status, os.read(reading, 1000).decode()]
        ctx.expose("fork", fork)
        status, text = ctx.eval("fork()")
        print(status, "a child process was forked in a function" in text)
        """
    )
    assert out == "1 True\n"


def test_exit_with_a_thread_inside_a_function() -> None:
    start = time.monotonic()
    out = run_child(
        """
        import threading, time
        from pyv8bridge import Context
        ctx = Context()
        inside = threading.Event()
        def f():
            inside.set()
            while True:
                time.sleep(0.001)
        ctx.expose("f", f)
        threading.Thread(target=lambda: ctx.eval("try { f() } catch (e) {}"), daemon=True).start()
        inside.wait()
        print("bye")
        """
    )
    assert out == "bye\n"
    assert time.monotonic() - start < 30


def test_exit_from_inside_a_function() -> None:
    run_child(
        """
        import sys
        from pyv8bridge import Context
        ctx = Context()
        ctx.expose("leave", lambda: sys.exit(5))
        ctx.eval("leave()")
        """,
        status=5,
    )


# ---- lifetimes ----


def test_a_callable_goes_when_javascript_lets_go_of_it(ctx: Context) -> None:
    class Work:
        def __call__(self) -> int:
            return 1

    work = Work()
    alive = weakref.ref(work)
    assert ctx.eval("(f) => f()")(work) == 1
    ctx.eval("(f) => { globalThis.kept = f }")(work)
    del work
    settle(ctx)
    assert alive() is not None
    assert ctx.eval("kept()") == 1
    ctx.eval("delete globalThis.kept")
    settle(ctx)
    assert alive() is None
    assert len(ctx._host) == 0
    assert not ctx._host._numbers


def test_exceptions_go_when_javascript_lets_go_of_them(ctx: Context) -> None:
    class Held:
        pass

    def f() -> None:
        held = Held()
        alive.append(weakref.ref(held))
        raise RefusedError("no")

    alive: list[Any] = []
    ctx.expose("f", f)
    ctx.eval("try { f() } catch (e) {}")
    settle(ctx)
    gc.collect()
    assert alive[0]() is None
    assert len(ctx._host) == 1


def test_a_context_that_its_own_function_uses_is_collected() -> None:
    gc.collect()
    before = live_objects()

    def use() -> weakref.ref[Context]:
        ctx = Context()
        ctx.expose("f", lambda: ctx.eval("1"))
        assert ctx.eval("f()") == 1
        return weakref.ref(ctx)

    alive = use()
    gc.collect()
    assert alive() is None
    assert live_objects()["host_references"] == before["host_references"]
    assert live_objects()["isolates"] == before["isolates"]


def test_close_lets_go_of_everything() -> None:
    def f() -> None: ...

    alive = weakref.ref(f)
    ctx = Context()
    ctx.expose("f", f)
    del f
    ctx.close()
    assert alive() is None
    with pytest.raises(ClosedError):
        ctx.expose("g", lambda: 1)
    assert len(ctx._host) == 0


def test_failed_calls_leave_nothing(ctx: Context) -> None:
    with pytest.raises(EncodeError):
        ctx.call("Object", [lambda: 1, object()])
    with pytest.raises(DataCloneError):
        ctx.eval("f => [f]")(lambda: 1)
    settle(ctx)
    assert len(ctx._host) == 0
    assert ctx.isolate.heap_statistics().handles == 0


def test_100_000_callbacks_leave_memory_flat() -> None:
    out = run_child(
        """
        import gc, resource
        from pyv8bridge import Context
        from pyv8bridge._native import live_objects
        def rss():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * resource.getpagesize() / 2**20
        ctx = Context()
        def fails(): raise ValueError("no")
        ctx.expose("f", lambda x, g: g)
        ctx.expose("fails", fails)
        run = ctx.eval('''(n) => { for (let i = 0; i < n; i++) {
          f({i, a: [1, 2, 3]}, () => i);
          if (i % 10 == 0) try { fails() } catch (e) {}
        } }''')
        def settle():
            gc.collect()
            ctx.isolate.low_memory()
            return rss()
        run(5_000)
        before = settle()
        for _ in range(20):
            run(5_000)
        after = settle()
        live = live_objects()
        print(after - before < 15, len(ctx._host), live["host_references"], live["results"])
        """
    )
    assert out == "True 2 2 0\n"
