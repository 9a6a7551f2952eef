"""A module's namespace, seen from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .handles import RELEASED, JSObject

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .context import Context
    from .crossing import SetKeywords


class JSModule(JSObject):
    """An imported ES module: its exports are attributes and items.

    Exports are live, as in JavaScript: each look gives the present value, by the rules for results. An export whose
    name is that of a method here ("get", "keys" …) is an item only: ``module["get"]``.

    >>> ctx = Context(modules={"math.js": "export const half = (n) => n / 2; export let calls = 7"})
    >>> math = ctx.import_module("math.js")
    >>> math.half(3), math["calls"], math.keys()
    (1.5, 7, ['calls', 'half'])
    """

    __slots__ = ("_name",)

    def __init__(self, context: Context, kind: str, handle: int, name: str) -> None:
        super().__init__(context, kind, handle)
        self._name = name

    def __getattr__(self, name: str) -> Any:
        # Python looks up names of its own protocols on every object.
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"module {self._name!r} has no export {name!r}") from None

    def set(self, name: str | int, value: Any, **options: Unpack[SetKeywords]) -> None:
        """A TypeError: only the module itself changes its exports."""
        raise TypeError(f"only module {self._name!r} itself can change its exports")

    def __delitem__(self, name: str | int) -> None:
        self.set(name, None)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(name for name in self.keys() if name.isidentifier())})

    def __repr__(self) -> str:
        return f"<JSModule {self._name!r}{' released' if self._id == RELEASED else ''}>"
