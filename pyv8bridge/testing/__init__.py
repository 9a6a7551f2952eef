"""For tests of code that crosses the boundary: exact comparison in both languages, and generated values.

`same` and `difference` compare Python values as JavaScript tells values apart; `deep_equal` gives a context the same
comparison as a JavaScript function; `crossing_difference` says what a JavaScript value lost on its way to Python and
back; `live_objects` counts what is alive on the native side. `pyv8bridge.testing.strategies` has the hypothesis
strategies; only that module needs hypothesis.

    from pyv8bridge.testing import same, strategies
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .compare import difference, same
from .features import ALL_FEATURES, Features
from .in_javascript import DEEP_EQUAL, crossing_difference, deep_equal
from .sources import JS_POSITIONS, JS_SOURCES

if TYPE_CHECKING:
    from . import strategies as strategies
    from .live import LiveObjects, live_objects

__all__ = [
    "ALL_FEATURES",
    "DEEP_EQUAL",
    "JS_POSITIONS",
    "JS_SOURCES",
    "Features",
    "LiveObjects",
    "crossing_difference",
    "deep_equal",
    "difference",
    "live_objects",
    "same",
]


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "strategies":
        return import_module(".strategies", __name__)
    if name in ("LiveObjects", "live_objects"):  # which load V8
        return getattr(import_module(".live", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
