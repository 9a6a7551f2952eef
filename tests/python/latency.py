"""How late a call ends after its deadline, on a machine that may be busy with other things.

A thread that only sleeps as long says how late this machine is by itself; that is subtracted. And since a scheduler's
whim hits one attempt and a fault of ours hits all, the best of a few attempts counts.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# How soon after its deadline a call has to end.
BOUND = 0.1


def lateness(seconds: float, call: Callable[[], object]) -> float:
    """How much later than `seconds` after its beginning `call` ended, beyond how late a bare timer was.

    Fails when it ended long before.
    """
    woken: list[float] = []

    def sleep() -> None:
        # The thread itself may begin late.
        time.sleep(max(0, start + seconds - time.monotonic()))
        woken.append(time.monotonic())

    timer = threading.Thread(target=sleep)
    start = time.monotonic()
    timer.start()
    call()
    end = time.monotonic()
    timer.join()
    # By the clock: beside a timer that was late, a call in time seems early.
    assert end - start > seconds / 2, f"ended {start + seconds - end} seconds too early"
    return end - woken[0]


def assert_ends_in_time(seconds: float, call: Callable[[], object], attempts: int = 4) -> None:
    """Fails unless `call`, which has to end `seconds` after its beginning, does so within BOUND."""
    late = []
    for _ in range(attempts):
        late.append(lateness(seconds, call))
        if late[-1] <= BOUND:
            return
    raise AssertionError(f"late by {late} seconds")
