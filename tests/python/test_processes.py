"""Import, fork and exit: what a process sees of the engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from children import run_child

import pyv8bridge

ROOT = Path(__file__).resolve().parent.parent.parent


def test_import_does_not_load_v8() -> None:
    out = run_child(
        """
        import pyv8bridge
        loaded = lambda: any("libnode" in line or "libpyv8bridge" in line for line in open("/proc/self/maps"))
        print(loaded(), pyv8bridge.BigInt(1), pyv8bridge.JSMap({1: 2}))
        pyv8bridge.Context
        print(loaded())
        """
    )
    assert out == "False 1 JSMap({1: 2})\nTrue\n"


def test_asyncio_is_imported_by_who_awaits() -> None:
    out = run_child(
        """
        import sys
        from pyv8bridge import Context
        ctx = Context(globals=["timers", "queueMicrotask"], modules={"a.js": "export default 1"})
        ctx.expose("f", lambda n: n + 1)
        promise = ctx.eval("new Promise((done) => setTimeout(done, 1, f(1)))")
        print(promise.result(timeout=10), ctx.import_module("a.js")["default"], "asyncio" in sys.modules)
        import asyncio
        async def main():
            return await ctx.eval_async("f(2)")
        print(asyncio.run(main()))
        """
    )
    assert out == "2 1 False\n3\n"


def test_every_name_of_all_exists() -> None:
    for name in pyv8bridge.__all__:
        assert getattr(pyv8bridge, name) is not None
    assert set(pyv8bridge.__all__) <= set(dir(pyv8bridge))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = pyv8bridge.nothing


def test_the_versions_agree() -> None:
    header = (ROOT / "native" / "include" / "pyv8bridge.h").read_text(encoding="utf-8")
    found = re.search(r'#define PVB_VERSION "(.+)"', header)
    assert found
    assert pyv8bridge.__version__ == found[1]
    assert re.match(r"\d+\.\d+\.\d+", pyv8bridge.v8_version())


def test_a_native_library_of_another_version_is_refused() -> None:
    out = run_child(
        """
        import pyv8bridge._version
        pyv8bridge._version.__version__ = "9.9.9"
        try:
            from pyv8bridge import Context
        except ImportError as error:
            print(error)
        """
    )
    assert out.startswith("pyv8bridge 9.9.9 found its")
    assert pyv8bridge.__version__ in out


def test_fork_before_the_first_use_works() -> None:
    out = run_child(
        """
        import os, sys, pyv8bridge
        from pyv8bridge import Context
        if os.fork() == 0:
            print(Context().eval("1 + 1"), flush=True)
            os._exit(0)
        _, status = os.wait()
        print(status, Context().eval("2 + 2"))
        """
    )
    assert out == "2\n0 4\n"


def test_fork_after_the_first_use_is_a_fork_error_in_the_child() -> None:
    out = run_child(
        """
        import os, gc
        from pyv8bridge import Context, ForkError, Isolate
        ctx = Context()
        function, thing = ctx.eval("() => 1"), ctx.ref("{}")
        if os.fork() == 0:
            for use in (lambda: ctx.eval("1"), function, lambda: ctx.globals["a"], lambda: thing.value(), ctx.terminate,
                        Isolate, Context, lambda: ctx.isolate.heap_statistics(), ctx.close):
                try:
                    use()
                    print("no error", use)
                except ForkError as error:
                    pass
            del function, thing
            ctx = None
            gc.collect()
            print("child done", flush=True)
            os._exit(0)
        _, status = os.wait()
        print(status, function(), ctx.eval("1 + 1"))
        """
    )
    assert out == "child done\n0 1 2\n"


def test_a_forked_child_exits_cleanly() -> None:
    out = run_child(
        """
        import os, sys
        from pyv8bridge import Context
        ctx = Context()
        handle = ctx.ref("{}")
        if os.fork() == 0:
            sys.exit(7)
        _, status = os.wait()
        print(os.waitstatus_to_exitcode(status))
        """
    )
    assert out == "7\n"


@pytest.mark.parametrize(
    "ending",
    [
        "pass",
        "ctx.close()",
        "isolate.close()",
        "del ctx",
        "del ctx, function, thing, isolate",
        "threading.Thread(target=lambda: ctx.eval('while (true);'), daemon=True).start(); time.sleep(0.05)",
        "cycle = [ctx, thing]; cycle.append(cycle); del ctx, thing",
        "sys.modules['keep'] = (ctx, function, thing)",
    ],
)
def test_exit_with_everything_alive_is_quiet(ending: str) -> None:
    run_child(
        f"""
        import sys, threading, time
        from pyv8bridge import Context, Isolate
        isolate = Isolate()
        ctx = Context(isolate)
        function, thing = ctx.eval("() => 1"), ctx.ref("{{}}")
        other = Context()
        {ending}
        sys.exit(5)
        """,
        status=5,
    )
