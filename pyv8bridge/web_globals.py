"""What a context can have besides the language's own builtins: parts of the web platform, each asked for by name.

Each part is a script in globals/ that gives a function; called with Python functions for what JavaScript cannot do
itself, it defines the names.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import unquote_to_bytes

from . import _native, _native_host
from .handles import JSFunction
from .text_encodings import encode, make_decoder, well_formed
from .timers import Timers

if TYPE_CHECKING:
    from .context import Context

Part = Literal["timers", "console", "queueMicrotask", "structuredClone", "encoding", "url"]

_console_log = logging.getLogger("pyv8bridge.console")
_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def install(context: Context, parts: Iterable[str]) -> None:
    """Gives a context the parts. ValueError for a name that is none, ImportError for what a part needs."""
    if not isinstance(parts, Iterable):
        raise TypeError(f"globals is a list of names, not {parts!r:.80}")
    names = [parts] if isinstance(parts, str) else list(parts)
    for name in names:
        if name not in _PARTS:
            raise ValueError(f"globals are {', '.join(map(repr, _PARTS))}, not {name!r}")
    for name in dict.fromkeys(names):
        _PARTS[name](context)


@cache
def _source(name: str) -> str:
    return (files(__package__) / "globals" / f"{name}.js").read_text(encoding="utf-8")


def _run(context: Context, name: str, *functions: Callable[..., Any]) -> Any:
    define = context._evaluate(_source(name), f"pyv8bridge/{name}.js", 0, _native.RESULT_HANDLE, {})
    assert isinstance(define, JSFunction)
    try:
        return define(*functions)
    finally:
        define.close()


def _timers(context: Context) -> None:
    timers = Timers(context._host)
    context._host.timers = timers
    timers.installed(_run(context, "timers", timers.schedule, timers.unschedule))


def _console(context: Context) -> None:
    _run(context, "console", _print)


def _print(level: str, text: str) -> None:
    # Handlers write files, and no encoding of theirs has lone surrogates.
    _console_log.log(_LEVELS[level], "%s", well_formed(text))


def _queue_microtask(context: Context) -> None:
    _run(context, "queue_microtask")


def _structured_clone(context: Context) -> None:
    with _native_host.structured_clone(context._native, context._host) as clone:
        _run(context, "structured_clone", clone)


def _encoding(context: Context) -> None:
    _run(context, "encoding", encode, make_decoder)


_URL_PARTS: Final = (
    "href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"
)  # fmt: skip


def _url(context: Context) -> None:
    try:
        from ada_url import URL
    except ImportError:
        raise ImportError("globals=['url'] needs the package ada-url: pip install pyv8bridge[url]") from None

    def parts(url: Any) -> dict[str, str]:
        return {name: getattr(url, name) for name in _URL_PARTS}

    def parse(text: str, base: str | None) -> dict[str, str] | None:
        try:
            return parts(URL(text, base) if base is not None else URL(text))
        except ValueError:
            return None

    def change(href: str, name: str, value: str) -> dict[str, str] | None:
        url = URL(href)
        try:
            setattr(url, name, value)
        except ValueError:
            return None
        return parts(url)

    _run(context, "url", parse, change, _form_pairs)


def _form_pairs(query: str) -> list[list[str]]:
    """Names and values of an application/x-www-form-urlencoded text."""

    def decoded(text: bytes) -> str:
        return unquote_to_bytes(text.replace(b"+", b" ")).decode("utf-8", "replace")

    pairs = (part.partition(b"=") for part in query.encode().split(b"&") if part)
    return [[decoded(name), decoded(value)] for name, _, value in pairs]


_PARTS: Final[dict[str, Callable[[Context], None]]] = {
    "timers": _timers,
    "console": _console,
    "queueMicrotask": _queue_microtask,
    "structuredClone": _structured_clone,
    "encoding": _encoding,
    "url": _url,
}
