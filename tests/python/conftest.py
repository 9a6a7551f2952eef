"""After each test nothing native is left that was not there before it: no isolate, context, handle or buffer.

What lives as long as a module or a session is made before the first count. Handles that were dropped are let go of at
the next entry of their isolate, so a difference is looked at again after each isolate has been entered and Python's
garbage collected; most tests never come to that.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import signal
import time
import weakref
from collections.abc import Generator, Iterator
from typing import Any

import pytest

# Who starts the tests in the background of a shell, or with nohup, has them ignore these, and their children too. What
# is tested is what becomes of a process that does not.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

try:
    from pyv8bridge import ClosedError, Isolate
    from pyv8bridge.testing import LiveObjects, live_objects
except ImportError:  # not built: the tests that need it fail or are skipped by themselves
    pass
else:
    _isolates: weakref.WeakSet[Isolate] = weakref.WeakSet()
    _make = Isolate.__init__
    _FAILED = pytest.StashKey[bool]()

    @functools.wraps(_make)
    def _make_and_note(self: Isolate, *arguments: Any, **options: Any) -> None:
        _make(self, *arguments, **options)
        _isolates.add(self)

    Isolate.__init__ = _make_and_note  # type: ignore[method-assign]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if report.failed:
            item.stash[_FAILED] = True
        return report

    @pytest.fixture(autouse=True)
    def nothing_native_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
        before = live_objects()
        yield
        # The test's own fixtures are torn down by now; pytest would hold what they gave until the next test.
        request.node.funcargs.clear()
        after = live_objects()
        if not grew(before, after):
            return
        # A thread of the pool may still be on its way out of the last call that a loop waited for.
        for generation, pause in ((0, 0.0), (1, 0.0), (2, 0.0), (2, 0.02), (2, 0.3)):
            time.sleep(pause)
            gc.collect(generation)
            enter_isolates()
            after = live_objects()
            if not grew(before, after):
                return
        if request.node.stash.get(_FAILED, False):
            return  # its frames are kept for the report, with all that is in them
        pytest.fail(f"left behind: {after}, and before the test there were {before}")

    def grew(before: LiveObjects, after: LiveObjects) -> bool:
        return any(getattr(after, name) > getattr(before, name) for name in LiveObjects.__dataclass_fields__)

    def enter_isolates() -> None:
        for isolate in list(_isolates):
            with contextlib.suppress(ClosedError):
                # V8 tells of Python's functions and exceptions that it holds no more when it collects garbage.
                isolate.collect_garbage()
                isolate.heap_statistics()
