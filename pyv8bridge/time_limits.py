"""How long a call may take: `timeout=` and `cpu_timeout=` as callers write them, and as the native side takes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, TypeAlias

Seconds: TypeAlias = float | timedelta

AS_DEFAULT: Final = 0
"""What the isolate has as its default."""
NO_LIMIT: Final = -1

_MOST: Final = (1 << 63) - 1


def nanoseconds(limit: Seconds | None, name: str, *, optional: bool = True) -> int:
    """A limit in seconds, or as a timedelta, in nanoseconds; `None` is NO_LIMIT, if it may be."""
    if limit is None and optional:
        return NO_LIMIT
    seconds: Any = limit.total_seconds() if isinstance(limit, timedelta) else limit
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        none = ", or None for no limit" if optional else ""
        raise TypeError(f"{name} is a number of seconds, a timedelta{none}, not {limit!r:.80}")
    if not seconds > 0:
        raise ValueError(f"{name} must be above 0 seconds, not {limit!r}{' (None is no limit)' * optional}")
    # What is too small to be counted still is a limit.
    return max(1, int(seconds * 1e9)) if seconds < _MOST / 1e9 else _MOST
