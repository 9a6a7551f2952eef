"""`BigInt`: an int that remembers being a JavaScript bigint, so that 10n comes back as 10n and not as 10."""

from __future__ import annotations


class BigInt(int):
    """An int of JavaScript's bigint type. It equals and hashes as the int, and arithmetic gives plain ints."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"BigInt({int.__repr__(self)})"

    def __str__(self) -> str:
        return int.__repr__(self)
