"""The comparison that runs inside JavaScript, where a value can be kept while its copy goes to Python and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..context import Context
    from ..handles import JSFunction

DEEP_EQUAL: Final = (Path(__file__).parent / "deep_equal.js").read_text("utf-8")
"""JavaScript source of an expression: a function of two values that gives null when they are the same, else a text
that says where they differ and how. It runs in any engine from 2022 on."""

_KEEP: Final = f"""
(() => {{
  const difference = {DEEP_EQUAL};
  const evaluate = eval;
  let original, expected;
  return {{
    make(source, wanted) {{
      original = evaluate(`(${{source}})`);
      expected = wanted === undefined ? original : evaluate(`(${{wanted}})`);
      return original;
    }},
    raise(source, wanted) {{
      throw this.make(source, wanted);
    }},
    compare: (back) => difference(expected, back),
  }};
}})()
"""


def deep_equal(ctx: Context) -> JSFunction:
    """The function of DEEP_EQUAL in a context.

    >>> from pyv8bridge import Context
    >>> ctx = Context()
    >>> difference = deep_equal(ctx)
    >>> difference([1, {"a": -0.0}], [1, {"a": 0}])
    '$[1].a: -0 is not 0'
    """
    function: JSFunction = ctx.eval(DEEP_EQUAL)
    return function


def crossing_difference(ctx: Context, source: str, *, expected: str | None = None, thrown: bool = False) -> str | None:
    """What the value of a JavaScript expression loses on its way to Python and back; None when nothing.

    The value stays in JavaScript, its copy goes out and comes back, and JavaScript compares them. `expected` is an
    expression for what should come back where that is another value. With `thrown`, the value goes out as an exception.

    >>> from pyv8bridge import Context
    >>> ctx = Context()
    >>> crossing_difference(ctx, "new Map([[NaN, [1, , -0]]])")
    >>> crossing_difference(ctx, "{ get x() { return 1 } }")
    '$.x: an accessor in one only'
    """
    from ..errors import JSError

    keep = ctx.ref(_KEEP)
    try:
        if not thrown:
            value = keep.call("make", source, *([expected] if expected else []))
        else:
            try:
                keep.call("raise", source, *([expected] if expected else []))
            except JSError as error:
                value = error.value
        found: str | None = keep.call("compare", value)
    finally:
        keep.close()
    return found
