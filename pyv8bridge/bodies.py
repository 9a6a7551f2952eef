"""The bodies of nodes that are more than a list of what they contain, for both encoders (docs/format.md, Graphs)."""

from __future__ import annotations

from typing import Any

from .errors import EncodeError, JSError, with_article
from .values import JSTypedArray
from .values.binary import BY_NAME
from .values.same_value import joined


def error_body(error: JSError) -> dict[str, Any]:
    """The body of an `e` node."""
    body: dict[str, Any] = {"name": error.name}
    if error.has_message:
        body["message"] = error.message
    if error.stack is not None:
        body["stack"] = error.stack
    if error.has_cause:
        body["cause"] = error.cause
    return body


def view_body(view: JSTypedArray) -> list[Any]:
    """What follows the buffer in the body of a `v` node."""
    return [ord(BY_NAME[view.kind].letter), view.byte_offset, None if view.tracks_length else view.byte_length]


def checked_properties(properties: Any) -> dict[str, Any]:
    """An Array's extra properties, which are named by strings that are neither an index nor "length"."""
    for name in properties:
        if not isinstance(name, str):
            raise EncodeError(
                f"the property {shown(name)} of an Array is {with_article(type(name).__name__)}: names are strings"
            )
        if name == "length" or _is_index(name):
            raise EncodeError(f"{name!r} cannot be an extra property of an Array")
    named = {joined(str.__str__(name)): item for name, item in properties.items()}
    if len(named) != len(properties):
        raise EncodeError("two properties of this Array have the same name")
    return named


def _is_index(name: str) -> bool:
    # Python refuses to make an int of thousands of digits.
    return len(name) <= 10 and name.isascii() and name.isdigit() and str(int(name)) == name and int(name) < 2**32 - 1


def shown(key: object) -> str:
    """A key's repr; of an int too large for one, its size."""
    return f"of {key.bit_length()} bits" if isinstance(key, int) and key.bit_length() > 10_000 else repr(key)
