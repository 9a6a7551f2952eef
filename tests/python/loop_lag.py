"""How long an event loop was kept waiting, beyond what the machine did at the same time to one that does nothing.

A loop that is blocked is so each time; a machine that has something else to do is not: the best of a few runs counts.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

BARE_LOOP = """
import asyncio, threading, time
stop = threading.Event()
threading.Thread(target=lambda: (input(), stop.set()), daemon=True).start()
async def main():
    longest = 0.0
    while not stop.is_set():
        start = time.monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - start - 0.005)
    print(round(longest * 1000))
asyncio.run(main())
"""


def least_lag(lag_of_a_run: Callable[[], int], enough: int, runs: int = 5) -> int:
    """Milliseconds: of the first run with less than `enough`, or the best. `lag_of_a_run` says what its loop waited."""
    best = sys.maxsize
    for _ in range(runs):
        with subprocess.Popen(
            [sys.executable, "-c", BARE_LOOP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as bare:
            try:
                lag = lag_of_a_run()
                idle, _ = bare.communicate("\n", timeout=30)
            except BaseException:
                bare.kill()
                raise
        best = min(best, lag - int(idle))
        if best < enough:
            break
    return best


async def lag_while(job: Coroutine[Any, Any, object]) -> float:
    """Seconds that the loop was kept waiting at most while the job ran in it."""
    lag = 0.0
    task = asyncio.create_task(job)
    while not task.done():
        start = time.monotonic()
        await asyncio.sleep(0.01)
        lag = max(lag, time.monotonic() - start - 0.01)
    await task
    return lag
