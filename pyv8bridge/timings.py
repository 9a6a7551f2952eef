"""Where the time of a crossing went, hop by hop along the way of a value.

Pass one as `timings=` to a call; it adds up over all the calls it is passed to.
"""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass
class Timings:
    """Nanoseconds spent in each hop, summed over the calls that were given this object.

    What the shape codec takes (docs/shape-codec.md) has hops of its own, which count as those in the same place: its
    tokens stand for V8's wire bytes, and its scripts for V8's serializer.

    >>> timings = Timings(encode=1_500, execute=2_000)
    >>> timings.total
    3500
    """

    encode: int = 0
    """Python objects to MessagePack."""
    message_to_wire: int = 0
    """MessagePack to V8's wire bytes."""
    deserialize: int = 0
    """Wire bytes to JavaScript values, by V8."""
    execute: int = 0
    """The JavaScript itself, compilation and microtasks included."""
    serialize: int = 0
    """The JavaScript result to wire bytes, by V8."""
    wire_to_message: int = 0
    """Wire bytes to MessagePack."""
    decode: int = 0
    """MessagePack to Python objects."""
    garbage_collection: int = 0
    """V8's garbage collections on the calling thread. No hop of its own: those that it fell into count it as well."""

    @property
    def total(self) -> int:
        """The sum of all hops."""
        return sum(self.hops().values())

    def hops(self) -> dict[str, int]:
        """Each hop's name and nanoseconds, in the order a value meets them."""
        names = (field.name for field in fields(self))
        return {name: int(getattr(self, name)) for name in names if name != "garbage_collection"}
