"""`BigInt`: an int that remembers being a JavaScript bigint, so that 10n comes back as 10n and not as 10."""

from __future__ import annotations


class BigInt(int):
    """An int of JavaScript's bigint type. It equals and hashes as the int, and arithmetic gives plain ints."""

    __slots__ = ()

    def __repr__(self) -> str:
        try:
            return f"BigInt({int.__repr__(self)})"
        except ValueError:
            # Python limits how many decimal digits it writes; a repr must not fail.
            return f"BigInt({self:#x})"

    def __str__(self) -> str:
        return int.__repr__(self)
