"""What is alive on the native side, for tests that look for leaks."""

from __future__ import annotations

from dataclasses import dataclass

from .. import _native


@dataclass(frozen=True)
class LiveObjects:
    """Native objects in this process."""

    isolates: int
    contexts: int
    handles: int
    """JavaScript objects and functions that are held on to."""
    results: int
    """Results that are not decoded to the end yet."""
    buffers: int
    """Binary data of results whose memory Python has taken over."""
    host_references: int
    """Python functions and exceptions that JavaScript holds, and promises that Python waits for. What is garbage counts
    until V8 has collected it."""


def live_objects() -> LiveObjects:
    """Counts them now. Handles that were dropped count until their isolate is entered, or closed."""
    return LiveObjects(**_native.live_objects())
