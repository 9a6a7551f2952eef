"""Handles: JavaScript objects and functions that stay where they are, seen from Python.

A handle holds a number, which names an entry in its context's handle table; every method is one crossing. Dropping
the handle only queues its entry for release, so the garbage collector may do that on any thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import index
from typing import TYPE_CHECKING, Any, Literal, overload

from . import _native
from ._native_small import call_small, plan_of
from .errors import ClosedError, NotFoundError
from .values import undefined

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .context import Context
    from .crossing import CallKeywords, ManyKeywords, SetKeywords

# Stands for "no `this` given", as every Python value, None included, is a possible `this`.
NO_THIS: Any = object()

# The id of a handle that was let go: never given, so that later use is an error (0 would be the global object).
RELEASED = 2**64 - 1


class JSObject:
    """A JavaScript object, symbol or promise that stays in its context.

    It keeps its methods, prototype and identity, which values that are copied out do not. `ctx.ref("expression")` gives
    one, and so does a result that is a function or cannot be copied.

    Each result is a handle of its own, so two handles of one object are not equal; whether they hold the same object,
    JavaScript knows: ``ctx.call("Object.is", a, b)``.
    """

    __slots__ = ("__weakref__", "_context", "_id", "_kind")

    def __init__(self, context: Context, kind: str, handle: int) -> None:
        self._id = handle
        self._kind = kind
        self._context = context

    @property
    def context(self) -> Context:
        """The context that the object lives in."""
        return self._context

    @property
    def __pvb_handle__(self) -> tuple[str, int]:
        return self._kind, self._id

    def value(self, **options: Unpack[CallKeywords]) -> Any:
        """A copy of the object as a Python value. What cannot be copied as a whole comes as a new handle."""
        return self._context._run(_native.GET, self._id, "", keywords=options)

    def get(self, name: str | int, default: Any = undefined) -> Any:
        """The property's value, or `default` when there is no such property."""
        try:
            return self._context._run(_native.GET, self._id, _key(name), path_is_name=True)
        except NotFoundError:
            return default

    def set(self, name: str | int, value: Any, **options: Unpack[SetKeywords]) -> None:
        """Sets a property."""
        self._context._run(
            _native.SET, self._id, _key(name), (value,), path_is_name=True, mode=_native.RESULT_NONE, keywords=options
        )

    def ref(self, name: str | int) -> JSObject:
        """A handle to the object that the property holds. KeyError without it, TypeError when it is no object."""
        try:
            found = self._context._run(_native.GET, self._id, _key(name), path_is_name=True, mode=_native.RESULT_HANDLE)
        except NotFoundError:
            raise KeyError(name) from None
        return as_handle(found, f"the property {name!r}")

    def call(self, method: str, /, *args: Any, **options: Unpack[CallKeywords]) -> Any:
        """Calls a method of the object, which is its `this`. With a path ("a.b"), `this` is the path's last object."""
        return self._context._run(_native.CALL, self._id, method, args, keywords=options)

    def new(self, /, *args: Any, **options: Unpack[SetKeywords]) -> JSObject:
        """``new object(...args)``: a handle to what a class or constructor makes."""
        made = self._context._run(_native.CONSTRUCT, self._id, "", args, mode=_native.RESULT_HANDLE, keywords=options)
        return as_handle(made, "what was constructed")

    def keys(self) -> list[str]:
        """The names that JavaScript's Object.keys gives: own, enumerable, in JavaScript's order."""
        names: list[str] = self._context._run(_native.KEYS, self._id, "")
        return names

    def close(self) -> None:
        """Lets go of the object before the garbage collector would. Fine to repeat."""
        handle, self._id = self._id, RELEASED
        if handle != RELEASED:
            self._context._native.release(handle)

    def __getitem__(self, name: str | int) -> Any:
        try:
            return self._context._run(_native.GET, self._id, _key(name), path_is_name=True)
        except NotFoundError:
            raise KeyError(name) from None

    def __setitem__(self, name: str | int, value: Any) -> None:
        self.set(name, value)

    def __delitem__(self, name: str | int) -> None:
        if name not in self:
            raise KeyError(name)
        if not self._context._run(_native.DELETE, self._id, _key(name), path_is_name=True):
            raise TypeError(f"JavaScript refuses to delete the property {name!r}")

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, str | int):
            return False
        return bool(self._context._run(_native.HAS, self._id, _key(name), path_is_name=True))

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __enter__(self) -> JSObject:
        if self._id == RELEASED:
            raise ClosedError("the handle was let go of with close()")
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, JSObject):
            return NotImplemented
        return self._id == other._id and self._context is other._context

    def __hash__(self) -> int:
        return hash((self._id, id(self._context)))

    def __reduce__(self) -> Any:
        raise TypeError(f"a {type(self).__name__} lives in its context and cannot be copied or pickled; use .value()")

    def __copy__(self) -> JSObject:
        return self

    def __del__(self) -> None:
        # Nothing here may look at a global: at interpreter exit the module may be half gone. Unknown ids are fine.
        self._context._native.release(self._id)

    def __repr__(self) -> str:
        kind = {"p": "promise", "s": "symbol"}.get(self._kind, "object")
        state = "released" if self._id == RELEASED else f"#{self._id}"
        return f"<{type(self).__name__} {kind} {state}>"


class JSFunction(JSObject):
    """A JavaScript function: call it as one of Python's.

    >>> ctx = Context()
    >>> double = ctx.eval("x => x * 2")
    >>> double(21)
    42
    """

    __slots__ = ("_plan",)

    def __init__(self, context: Context, kind: str, handle: int) -> None:
        super().__init__(context, kind, handle)
        self._plan: _native.CallPlan | None = None

    @property
    def name(self) -> str:
        """The function's name in JavaScript; empty when it has none."""
        name = self.get("name", "")
        return name if isinstance(name, str) else ""

    def __call__(self, /, *args: Any, this: Any = NO_THIS, **options: Unpack[CallKeywords]) -> Any:
        """Calls it, with `this` as JavaScript's `this` when given."""
        if this is NO_THIS and not options:
            plan = self._plan or self._plan_for_small()
            if plan is not None:
                return call_small(self._context, plan, args)
        return self._context._run(_native.CALL, self._id, "", args, this=this, keywords=options)

    @overload
    def map(
        self, items: Iterable[Any], /, *, this: Any = ..., lazy: Literal[False] = ..., **options: Unpack[ManyKeywords]
    ) -> list[Any]: ...
    @overload
    def map(
        self, items: Iterable[Any], /, *, this: Any = ..., lazy: Literal[True], **options: Unpack[ManyKeywords]
    ) -> Iterator[Any]: ...
    def map(
        self, items: Iterable[Any], /, *, this: Any = NO_THIS, lazy: bool = False, **options: Unpack[ManyKeywords]
    ) -> list[Any] | Iterator[Any]:
        """Calls it with each item, many in one crossing: what a call costs in itself is paid once for many.

        Gives the list of the results, or with `lazy` an iterator that takes items, and calls, as results are asked for,
        a batch ahead. An error that ends it has the number of its item as `item`; calls before that one have run.
        Options are those of a call; `timeout` and `cpu_timeout` are for all calls together, `item_timeout` for each.

        >>> ctx = Context()
        >>> ctx.eval("x => x * 2").map(range(5))
        [0, 2, 4, 6, 8]
        """
        return self._many(zip(items, strict=False), this, lazy, options)

    @overload
    def starmap(
        self,
        items: Iterable[Iterable[Any]],
        /,
        *,
        this: Any = ...,
        lazy: Literal[False] = ...,
        **options: Unpack[ManyKeywords],
    ) -> list[Any]: ...
    @overload
    def starmap(
        self,
        items: Iterable[Iterable[Any]],
        /,
        *,
        this: Any = ...,
        lazy: Literal[True],
        **options: Unpack[ManyKeywords],
    ) -> Iterator[Any]: ...
    def starmap(
        self,
        items: Iterable[Iterable[Any]],
        /,
        *,
        this: Any = NO_THIS,
        lazy: bool = False,
        **options: Unpack[ManyKeywords],
    ) -> list[Any] | Iterator[Any]:
        """As `map`, with each item unpacked into several arguments.

        >>> ctx = Context()
        >>> ctx.eval("(a, b) => a - b").starmap([(5, 1), (7, 2)])
        [4, 5]
        """
        return self._many(map(tuple, items), this, lazy, options)

    def _many(
        self, calls: Iterable[tuple[Any, ...]], this: Any, lazy: bool, options: ManyKeywords
    ) -> list[Any] | Iterator[Any]:
        from .many_calls import call_many

        return call_many(self._context, self, "", calls, this, lazy, options)

    def _plan_for_small(self) -> _native.CallPlan | None:
        handle = self._id
        if handle == RELEASED:
            return None
        self._plan = plan = plan_of(self._context._defaults, handle, "")
        return plan

    def close(self) -> None:
        """Lets go of the function before the garbage collector would. Fine to repeat."""
        super().close()
        self._plan = None

    async def call_async(self, /, *args: Any, this: Any = NO_THIS, **options: Unpack[CallKeywords]) -> Any:
        """Calls it without blocking the event loop; a promise is waited for. See Context.eval_async."""
        return await self._context._run_async(self._id, "", args, options, this)

    def __repr__(self) -> str:
        return f"<JSFunction {'released' if self._id == RELEASED else f'#{self._id}'}>"


def _key(name: str | int) -> str:
    if isinstance(name, str):
        return name
    try:
        return str(index(name))
    except TypeError:
        raise TypeError(f"a property's name is a str or an int, not {type(name).__name__}") from None


def as_handle(found: Any, what: str) -> JSObject:
    """`found` when it is a handle, TypeError with its type otherwise."""
    if isinstance(found, JSObject):
        return found
    raise TypeError(f"{what} is no object but {found!r}, which crosses as a value: there is nothing to hold on to")
