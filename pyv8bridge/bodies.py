"""The bodies of nodes that are more than a list of what they contain, for both encoders (docs/format.md, Graphs)."""

from __future__ import annotations

from typing import Any

from .errors import EncodeError, JSError
from .values import JSTypedArray
from .values.binary import BY_NAME


def error_body(error: JSError) -> dict[str, Any]:
    """The body of an `e` node. Empty messages are left out, as an Error without one has none."""
    body: dict[str, Any] = {"name": error.name}
    if error.message:
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
            raise EncodeError(f"the property {name!r} of an Array is {with_article(name)}: names are strings")
        if name == "length" or (name.isascii() and name.isdigit() and str(int(name)) == name and int(name) < 2**32 - 1):
            raise EncodeError(f"{name!r} cannot be an extra property of an Array")
    return {str.__str__(name): item for name, item in properties.items()}


def with_article(key: object) -> str:
    """The name of a key's class, as a message says it."""
    name = type(key).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
