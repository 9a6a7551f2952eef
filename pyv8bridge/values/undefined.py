"""`undefined` and `hole`: the two JavaScript absences that None is not.

Both are singletons, also after copy, deepcopy and pickle, so `is` is the right way to test for them.
"""

from __future__ import annotations

from typing import Final, final


class _Singleton:
    """A falsy object that exists once, equals only itself, and is pickled by its name."""

    __slots__ = ()
    _name: str

    def __repr__(self) -> str:
        return self._name

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        # A string tells pickle and copy: this is the global of that name in the class's module.
        return self._name


@final
class Undefined(_Singleton):
    """The type of `undefined`."""

    __slots__ = ()
    _name = "undefined"

    def __new__(cls) -> Undefined:
        return undefined


@final
class Hole(_Singleton):
    """The type of `hole`, which stands for a missing element of an Array: `[1,,3]` is `[1, hole, 3]`."""

    __slots__ = ()
    _name = "hole"

    def __new__(cls) -> Hole:
        return hole


undefined: Final[Undefined] = object.__new__(Undefined)
hole: Final[Hole] = object.__new__(Hole)
