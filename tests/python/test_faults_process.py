"""Fork, exit and signals of the process, in any order with what V8 does: clear errors, quiet ends, the same codes."""

from __future__ import annotations

import pytest
from children import run_child

pytestmark = pytest.mark.faults

SPIN = """
import contextlib, os, signal, sys, threading, time
from pyv8bridge import *

def daemon(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    time.sleep(0.1)

def spin(ctx):
    def run():
        # Python tells of what a thread raises, unless it exits first.
        with contextlib.suppress(JSCancelledError):
            ctx.eval("for (;;);")
    daemon(run)
"""


class TestFork:
    def test_while_another_thread_is_in_javascript(self) -> None:
        """The lock of an isolate may be held by a thread that the child does not have."""
        out = run_child(
            SPIN
            + """
ctx = Context(timeout=30)
spin(ctx)
if os.fork() == 0:
    for use in (lambda: ctx.eval("1"), ctx.terminate, ctx.close, Context, Isolate, ctx.isolate.collect_garbage,
                ctx.isolate.low_memory, lambda: ctx.eval("1", timeout=1), lambda: ctx.ref("{}")):
        try:
            use()
            print("no error")
        except ForkError:
            pass
    print("child done", flush=True)
    sys.exit(9)
print(os.waitstatus_to_exitcode(os.wait()[1]))
ctx.terminate()
"""
        )
        assert out == "child done\n9\n"

    @pytest.mark.parametrize("before", ["pass", "Context().eval('1', timeout=5)", "Context(memory_limit=1 << 25)"])
    def test_a_child_of_a_child(self, before: str) -> None:
        run_child(
            SPIN
            + f"""
{before}
def down(n):
    if n == 0:
        return
    if os.fork() == 0:
        try:
            Context().eval("1")
        except ForkError:
            pass
        down(n - 1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
down(3)
"""
        )

    def test_multiprocessing_by_fork(self) -> None:
        out = run_child(
            """
            import multiprocessing
            from pyv8bridge import Context, ForkError
            def work(n):
                try:
                    return Context().eval(f"{n} * 2")
                except ForkError as error:
                    return "ForkError"
            if __name__ == "__main__":
                fork = multiprocessing.get_context("fork")
                with fork.Pool(2) as pool:
                    print(pool.map(work, [1, 2, 3]))
                Context().eval("1")
                with fork.Pool(2) as pool:
                    print(set(pool.map(work, [1, 2, 3])))
            """
        )
        assert out == "[2, 4, 6]\n{'ForkError'}\n"

    def test_programs_started_from_a_process_that_uses_v8(self) -> None:
        """fork and exec at once, with and without code of Python's in between."""
        out = run_child(
            SPIN
            + """
import subprocess
ctx = Context(timeout=30)
spin(ctx)
for options in ({}, {"preexec_fn": lambda: None}, {"start_new_session": True}):
    print(subprocess.run([sys.executable, "-c", "print(7)"], capture_output=True, text=True, **options).stdout, end="")
ctx.terminate()
"""
        )
        assert out == "7\n7\n7\n"

    def test_what_the_child_drops_and_collects(self) -> None:
        run_child(
            SPIN
            + """
import gc
isolate = Isolate(memory_limit=64 << 20)
ctx = Context(isolate, timeout=5)
things = [ctx.ref("{}") for _ in range(50)] + [ctx.eval("new Uint8Array(1e6)", transfer=True)]
if os.fork() == 0:
    ring = [things, ctx, isolate]
    ring.append(ring)
    del things, ctx, isolate, ring
    gc.collect()
    sys.exit(0)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
things.clear()
assert ctx.eval("1 + 1") == 2
"""
        )


class TestExit:
    @pytest.mark.parametrize(
        "state",
        [
            "spin(Context())",
            "spin(Context(timeout=60))",
            "spin(Context(cpu_timeout=60, memory_limit=1 << 26))",
            "contexts = [Context() for _ in range(8)]; [spin(c) for c in contexts]",
            "ctx = Context(); spin(ctx); daemon(lambda: ctx.eval('1'))",
            "ctx = Context(); daemon(lambda: [ctx.eval('1') for _ in iter(int, 1)])",
            "daemon(lambda: [Context().close() for _ in iter(int, 1)])",
            "ctx = Context(); ctx.eval('const f = () => Promise.resolve().then(f); 1'); keep = ctx.ref('f')",
            "ctx = Context(); sys.keep = [ctx, ctx.ref('{}'), ctx.eval('new Uint8Array(1e6)', transfer=True)]",
            "import atexit; ctx = Context(); atexit.register(lambda: print(ctx.eval('1 + 1')))",
            "import weakref; ctx = Context(); weakref.finalize(ctx, print, 'gone')",
            "ctx = Context(); ctx.close(); thing = ctx",
            "isolate = Isolate(); a, b = Context(isolate), Context(isolate); isolate.close()",
        ],
    )
    def test_is_quiet_and_keeps_its_code(self, state: str) -> None:
        run_child(SPIN + f"{state}\nsys.exit(5)\n", status=5)

    def test_by_an_exception(self) -> None:
        run_child(
            SPIN
            + """
import subprocess
code = "from pyv8bridge import Context; ctx = Context(); thing = ctx.ref('{}'); raise ValueError('mine')"
child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
assert child.returncode == 1, child
assert child.stderr.rstrip().endswith("ValueError: mine"), child.stderr
assert child.stderr.count("Traceback") == 1, child.stderr
"""
        )

    def test_from_a_handler_of_a_signal_in_the_middle_of_a_call(self) -> None:
        run_child(
            SPIN
            + """
signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(6))
threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGTERM)).start()
Context().eval("for (;;);")
""",
            status=6,
        )

    @pytest.mark.parametrize("number", ["SIGTERM", "SIGKILL", "SIGHUP"])
    def test_by_a_signal_nobody_handles(self, number: str) -> None:
        out = run_child(
            SPIN
            + f"""
import subprocess
code = "from pyv8bridge import Context; print('on', flush=True); Context().eval('for (;;);', timeout=60)"
child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
child.stdout.readline()
time.sleep(0.3)
child.send_signal(signal.{number})
out, err = child.communicate(timeout=20)
print(child.returncode == -signal.{number}, repr(err))
"""
        )
        assert out == "True ''\n"

    def test_os_exit_and_abrupt_ends(self) -> None:
        run_child(SPIN + "spin(Context(timeout=60))\nos._exit(4)\n", status=4)

    def test_calls_after_the_exit_began_are_refused_and_do_not_hang(self) -> None:
        out = run_child(
            SPIN
            + """
class Late:
    def __init__(self):
        self.ctx = Context()
    def __del__(self):
        try:
            self.ctx.eval("1")
        except Exception as error:
            os.write(1, type(error).__name__.encode() + b"\\n")
import builtins
builtins.late = Late()
"""
        )
        assert out in ("ClosedError\n", "")
