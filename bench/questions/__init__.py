"""The questions, one file each: what is asked, and the cases that answer it."""

from __future__ import annotations

ORDER = (
    "call_latency",
    "small_rule",
    "records",
    "documents",
    "large_string",
    "large_buffer",
    "floats",
    "wide_and_deep",
    "maps_and_dates",
    "first_call",
    "start",
    "large_script",
    "memory_per_isolate",
    "threads",
    "cost_against_size",
    "codec_library",
)
