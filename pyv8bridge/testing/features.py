"""What values the V8 at hand can carry: versions differ, and generated values have to leave out what it lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..context import Context


@dataclass(frozen=True)
class Features:
    """Kinds of values that not every V8 has."""

    float16: bool = True
    """Float16Array."""
    resizable: bool = True
    """Resizable ArrayBuffers."""
    causes: bool = True
    """An Error's cause, on its way out of JavaScript."""

    @classmethod
    def of(cls, ctx: Context) -> Features:
        """Those of a context's engine."""
        return cls(
            float16=ctx.eval("typeof Float16Array === 'function'"),
            resizable=ctx.eval("'resizable' in ArrayBuffer.prototype"),
            causes=ctx.eval("new Error('', { cause: 1 })").has_cause,
        )


ALL_FEATURES = Features()
"""Everything: for values that do not go through an engine."""
