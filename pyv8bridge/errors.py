"""Every error that pyv8bridge raises, under one base class, `Error`.

Errors about values carry where: a path into the value, or an offset into bytes. `JSError` is also the value of an Error
object in data; then nobody raises it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from .values.deep import Pairs, Part, equal, text_of
from .values.undefined import undefined

__all__ = [
    "ClosedError",
    "DataCloneError",
    "DecodeError",
    "EncodeError",
    "EngineError",
    "Error",
    "ForkError",
    "JSCancelledError",
    "JSError",
    "JSModuleNotFoundError",
    "JSSyntaxError",
    "JSTimeoutError",
    "MemoryLimitError",
    "NotFoundError",
    "SnapshotError",
    "TerminatedError",
]

_ABSENT: Final[Any] = object()


class Error(Exception):
    """The base of all errors of pyv8bridge."""

    # No value here: an Error of JavaScript may have a property of that name.
    item: int
    """Of an error that ends a `map` or `starmap`: the number of the item whose call it is, from 0."""


class JSError(Error):
    """A JavaScript exception, or an Error object in data.

    `name`, `message` and `stack` are those of the Error (stack: None when it has none); `cause` is its cause,
    `undefined` when it has none. `has_cause` tells that apart from an undefined one, and `has_message` an Error that
    was made without a message from one with an empty one. Of a thrown Error, `properties`
    holds the other own properties, which can also be read as attributes (`error.code`). `value` is what was thrown:
    this exception itself for an Error, else any value.

    Where the engine knows the script position, `filename`, `line` and `column` (both from 1; columns in UTF-16 code
    units) and `source_line` are set, and `str()` shows that line with a caret.

    Two of them are equal when class, name, message, stack, cause and properties are.
    """

    filename: str | None
    line: int | None
    column: int | None
    end_column: int | None
    source_line: str | None

    def __init__(
        self,
        message: str = _ABSENT,
        *,
        name: str = "Error",
        stack: str | None = None,
        cause: Any = _ABSENT,
        value: Any = _ABSENT,
        properties: Mapping[str, Any] | None = None,
        filename: str | None = None,
        line: int | None = None,
        column: int | None = None,
        end_column: int | None = None,
        source_line: str | None = None,
    ) -> None:
        self._message: Any = message
        super().__init__(self.message)
        self.name = name
        self.stack = stack
        self.properties: dict[str, Any] = dict(properties or {})
        self.filename = filename
        self.line = line
        self.column = column
        self.end_column = end_column
        self.source_line = source_line
        self._thrown = value
        self._cause: Any = _ABSENT
        if cause is not _ABSENT:
            self.cause = cause

    @property
    def message(self) -> str:
        """The Error's `message`; empty when it has none."""
        text: str = "" if self._message is _ABSENT else self._message
        return text

    @message.setter
    def message(self, message: str) -> None:
        self._message = message
        self.args = (message,)

    @property
    def has_message(self) -> bool:
        """Whether the Error has a `message` at all: `new Error()` has none."""
        return self._message is not _ABSENT

    @property
    def cause(self) -> Any:
        """The Error's `cause`; `undefined` when it has none."""
        return undefined if self._cause is _ABSENT else self._cause

    @cause.setter
    def cause(self, cause: Any) -> None:
        self._cause = cause
        if isinstance(cause, BaseException) and cause is not self:
            self.__cause__ = cause  # So that Python's traceback tells the story too.

    @property
    def has_cause(self) -> bool:
        """Whether the Error has a `cause` at all."""
        return self._cause is not _ABSENT

    @property
    def value(self) -> Any:
        """What was thrown."""
        return self if self._thrown is _ABSENT else self._thrown

    def __getattr__(self, name: str) -> Any:
        # Only asked for what is no attribute. During unpickling there are no properties yet.
        properties = self.__dict__.get("properties")
        if properties is not None and name in properties:
            return properties[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __str__(self) -> str:
        text = f"{self.name}: {self.message}" if self.name and self.message else self.name or self.message
        if self.filename is None and self.line is None:
            return text
        position = ":".join(str(part) for part in (self.filename, self.line, self.column) if part is not None)
        text += f"\n  at {position}"
        if self.source_line:
            text += f"\n    {self.source_line}"
            if self.column:
                text += f"\n    {_caret(self.source_line, self.column, self.end_column)}"
        return text

    def __repr__(self) -> str:
        return text_of(self)

    def __eq__(self, other: object) -> bool:
        return equal(self, other) if isinstance(other, JSError) else NotImplemented

    def _pairs_with(self, other: Any) -> Pairs | None:
        if type(self) is not type(other) or self._fields() != other._fields():
            return None
        causes = [(self._cause, other._cause)] if self.has_cause else []
        return [*causes, (self.properties, other.properties)]

    def _fields(self) -> tuple[Any, ...]:
        return self.name, self.message, self.stack, self.has_message, self.has_cause

    def _pieces(self) -> Iterator[str | Part]:
        yield f"{type(self).__name__}("
        parts: list[tuple[str, Any]] = [("", self.message)] if self.has_message else []
        if self.name != "Error":
            parts.append(("name=", self.name))
        if self.has_cause:
            parts.append(("cause=", self.cause))
        if self.properties:
            parts.append(("properties=", self.properties))
        for index, (label, part) in enumerate(parts):
            yield f", {label}" if index else label
            yield Part(part)
        yield ")"

    def _again(self) -> str:
        return "..."

    def __hash__(self) -> int:
        return hash((JSError, self.name, self.message))

    def __reduce__(self) -> tuple[Any, ...]:
        # Absent fields are left out of the state, as _ABSENT would not be the same object after unpickling.
        state = {key: item for key, item in self.__dict__.items() if item is not _ABSENT}
        return (type(self), (self.message,) if self.has_message else (), state)

    def __setstate__(self, state: dict[str, Any] | None) -> None:
        self.__dict__.update(state or {})
        if self.has_cause:
            self.cause = self._cause


class JSSyntaxError(JSError):
    """A script that does not compile."""

    def __init__(self, message: str = "", *, name: str = "SyntaxError", **fields: Any) -> None:
        super().__init__(message, name=name, **fields)


class NotFoundError(JSError, LookupError):
    """A name or path that leads nowhere, or to nothing that can be called or constructed.

    `name` is "ReferenceError" where the first name is not defined, else "TypeError", as JavaScript has them.
    """

    def __init__(self, message: str = "", *, name: str = "TypeError", **fields: Any) -> None:
        super().__init__(message, name=name, **fields)


class JSModuleNotFoundError(NotFoundError):
    """An import that leads to no module.

    `specifier` is what is imported, `referrer` the name of the module that imports it, None when that is Python; the
    position is that of the import.
    """

    def __init__(
        self,
        message: str = "",
        *,
        name: str = "TypeError",
        specifier: str = "",
        referrer: str | None = None,
        **fields: Any,
    ) -> None:
        super().__init__(message, name=name, **fields)
        self.specifier = specifier
        self.referrer = referrer


def _caret(line: str, column: int, end_column: int | None) -> str:
    """Carets under the columns, which count UTF-16 code units; tabs stay tabs so that they line up."""
    units = 0
    before: list[str] = []
    under = 0
    for char in line:
        units += 2 if ord(char) > 0xFFFF else 1
        if units < column:
            before.append("\t" if char == "\t" else " ")
        elif under == 0 or (end_column is not None and units < end_column):
            under += 1
        else:
            break
    return "".join(before) + "^" * max(under, 1)


class _ValueError(Error, TypeError):
    """An error about a part of a value, at `path`."""

    def __init__(self, message: str = "", path: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path

    def _place(self) -> str:
        return "" if self.path is None else f"at {_shortened(self.path)}"

    def __str__(self) -> str:
        place = self._place()
        return f"{place}: {self.message}" if place else self.message


def with_article(name: str) -> str:
    """The name of a class, as a sentence says it."""
    # Of the u's, few are spoken as vowels: Undefined is, and UUID, uint8 and UserDict are not.
    vowel = name.startswith(("a", "e", "i", "o", "A", "E", "I", "O", "un", "Un"))
    return f"{'an' if vowel else 'a'} {name}"


def _shortened(path: str) -> str:
    """A path as it is shown: that of a value nested deep would fill the screen. `path` itself has up to 4 KB."""
    return path if len(path) <= 120 else f"{path[:70]} … {path[-40:]}"


class DataCloneError(_ValueError):
    """A JavaScript value that cannot leave as data: a function, symbol, Promise, Proxy … inside it, or past a limit.

    `path` says where, as "$.rows[3].when"; None when it is not known.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.message, self.path))


class EncodeError(_ValueError):
    """A Python value that cannot become a JavaScript value.

    `path` says where, as "$.rows[3].when", "$" being the value itself; `argument` is the index of a call's argument, or
    "this".
    """

    def __init__(
        self, message: str = "", path: str | None = None, argument: int | Literal["this"] | None = None
    ) -> None:
        super().__init__(message, path)
        self.argument = argument

    def _place(self) -> str:
        if self.argument is None:
            return super()._place()
        where = "this" if self.argument == "this" else f"argument {self.argument}"
        return where if self.path in (None, "$") else f"{where}, at {_shortened(self.path)}"

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.message, self.path, self.argument))


class DecodeError(Error, ValueError):
    """Bytes that are no message, or no serialized value. `offset` is the byte where that showed, None if not known."""

    def __init__(self, message: str = "", offset: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset

    def __str__(self) -> str:
        return self.message if self.offset is None else f"{self.message} (at byte {self.offset})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.message, self.offset))


class TerminatedError(Error):
    """JavaScript was stopped from outside, for one of the reasons below. The context stays usable."""


class JSTimeoutError(TerminatedError, TimeoutError):
    """JavaScript was stopped because the time of the call, `timeout` or `cpu_timeout`, was up."""


class MemoryLimitError(TerminatedError, MemoryError):
    """JavaScript was stopped because the isolate's memory limit was reached."""


class JSCancelledError(TerminatedError):
    """JavaScript was stopped because somebody called terminate(), or closed the isolate."""


class ClosedError(Error):
    """Use of an isolate, context or handle that is closed."""


class ForkError(Error):
    """Use of V8 in a child process that was forked after V8 had been started."""


class EngineError(Error):
    """V8 or the native library failed, or is missing."""


class SnapshotError(Error):
    """A snapshot that V8 cannot write, or that it must not start from: damaged, or made by another V8."""
