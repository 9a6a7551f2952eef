"""Containers that change while they are encoded: an old value, a new one or an error, and never freed memory.

Each case runs in a child process, which a crash would end.
"""

from __future__ import annotations

import pytest
from children import run_child

PRELUDE = """
import sys, threading, time
from collections.abc import Sequence
from pyv8bridge import Error, wire
class Odd: pass
def dumps(value, default=None):
    try:
        return wire.loads(wire.dumps(value, default=default))
    except (Error, RuntimeError) as error:
        return error
"""

CASES = {
    "a hook that clears the list": """
items = [Odd(), 2, 3]
print(dumps(items, lambda odd: (items.clear(), 5)[1]))
""",
    "a hook that replaces the list's elements": """
items = [Odd()] + [[i] for i in range(100_000)]
def hook(odd):
    items.clear()
    items.extend("abc")
    return 5
dumps(items, hook)
""",
    "a hook that clears a dict around the value": """
table = {"odd": Odd(), **{f"k{i}": [i] for i in range(10_000)}}
def hook(odd):
    table.clear()
    return 5
dumps({"table": [table]}, hook)
""",
    "a Sequence whose length clears the list": """
items = []
class Trap(Sequence):
    def __len__(self):
        items.clear()
        return 1
    def __getitem__(self, index):
        if index:
            raise IndexError
        return 1
items[:] = [Trap(), [2], [3]]
dumps(items)
""",
    "a hook that puts a value for itself into a plain neighbour": """
neighbour = [[0] for _ in range(1000)]
def hook(odd):
    neighbour[:] = [Odd() for _ in range(1000)]
    return len(neighbour)
dumps([Odd(), neighbour], hook)
""",
    "another thread": """
stop, items = [], []
def change():
    while not stop:
        items.clear()
        items.extend([{1}, [2], {3}, [4]] * 20_000)
thread = threading.Thread(target=change)
thread.start()
sys.setswitchinterval(1e-5)
end = time.monotonic() + 3
while time.monotonic() < end:
    dumps(items)
stop.append(1)
thread.join()
""",
}


@pytest.mark.parametrize("case", CASES)
def test_the_process_survives(case: str) -> None:
    assert run_child(PRELUDE + CASES[case] + "\nprint('survived')").splitlines()[-1] == "survived"


def test_what_is_written_is_what_was_there_before_the_hook() -> None:
    assert run_child(PRELUDE + CASES["a hook that clears the list"]).strip() == "[5, 2, 3]"
