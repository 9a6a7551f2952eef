"""What a context can have besides the language's own builtins: parts of the web platform, each asked for by name.

Each part is a script in globals/ that gives a function; called with Python functions for what JavaScript cannot do
itself, it defines the names.
"""

from __future__ import annotations

import codecs
import logging
from collections.abc import Callable, Iterable
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal

from . import _native
from .handles import JSFunction
from .timers import Timers

if TYPE_CHECKING:
    from .context import Context

Part = Literal["timers", "console", "queueMicrotask", "structuredClone", "encoding", "url"]

_console_log = logging.getLogger("pyv8bridge.console")
_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

# Labels of the encoding standard that Python's codecs do not have as names of the same.
_ENCODINGS: Final = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8"), "utf-8"),
    **dict.fromkeys(("utf-16", "utf-16le", "ucs-2", "unicode", "csunicode", "unicodefeff"), "utf-16le"),
    **dict.fromkeys(("utf-16be", "unicodefffe"), "utf-16be"),
    **dict.fromkeys(
        ("windows-1252", "cp1252", "x-cp1252", "latin1", "l1", "iso-8859-1", "iso8859-1", "ascii", "us-ascii", "cp819"),
        "windows-1252",
    ),
    **{f"windows-{n}": f"windows-{n}" for n in (1250, 1251, 1253, 1254, 1255, 1256, 1257, 1258)},
    **{f"iso-8859-{n}": f"iso-8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis"), "shift_jis"),
    **dict.fromkeys(("gbk", "gb2312"), "gbk"),
    "koi8-r": "koi8-r", "euc-jp": "euc-jp", "euc-kr": "euc-kr", "big5": "big5", "gb18030": "gb18030",
}  # fmt: skip


def install(context: Context, parts: Iterable[str]) -> None:
    """Gives a context the parts. ValueError for a name that is none, ImportError for what a part needs."""
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
    _run(context, "console", lambda level, text: _console_log.log(_LEVELS[level], "%s", text))


def _queue_microtask(context: Context) -> None:
    _run(context, "queue_microtask")


def _structured_clone(context: Context) -> None:
    _run(context, "structured_clone", lambda value: value)


def _encoding(context: Context) -> None:
    _run(context, "encoding", _encode, _make_decoder)


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text).encode()


def _make_decoder(label: str, fatal: bool, keep_bom: bool) -> Callable[..., Any] | None:
    name = _ENCODINGS.get(label)
    if name is None:
        return None
    make = codecs.getincrementaldecoder(name)
    decoder: codecs.IncrementalDecoder | None = None
    at_start = True

    def decode(data: Any, stream: bool) -> str | None:
        nonlocal decoder, at_start
        if data == "name":
            return name
        if decoder is None:
            decoder, at_start = make("strict" if fatal else "replace"), True
        try:
            text = decoder.decode(data, final=not stream)
        except UnicodeDecodeError:
            decoder = None
            return None
        if at_start and text:
            at_start = False
            if not keep_bom and text[0] == "\ufeff" and name.startswith("utf"):
                text = text[1:]
        if not stream:
            decoder = None
        return text

    return decode


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

    _run(context, "url", parse, change)


_PARTS: Final[dict[str, Callable[[Context], None]]] = {
    "timers": _timers,
    "console": _console,
    "queueMicrotask": _queue_microtask,
    "structuredClone": _structured_clone,
    "encoding": _encoding,
    "url": _url,
}
