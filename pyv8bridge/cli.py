"""The command line: run a function of a script over a file of data, or run a piece of code.

The way of the Python API, with files at both ends: JSON or MessagePack in; JSON, MessagePack or a readable tree out.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from .errors import DataCloneError, DecodeError, EncodeError, Error, JSError, NotFoundError
from .timings import Timings

EXIT_OK = 0
EXIT_JAVASCRIPT = 1
EXIT_USAGE = 2
EXIT_DATA = 3
EXIT_ENGINE = 4

_EXIT_CODES = """\
exit codes:
  0  the result was written
  1  JavaScript threw, or did not compile
  2  wrong usage, or a file that cannot be read or written
  3  data that cannot be read, or cannot cross between Python and JavaScript
  4  the engine failed
  Ctrl-C and a closed pipe end the command by their signal (130 and 141 in a shell)
"""


class _CommandError(Exception):
    """Ends the command with a message and an exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command with `argv` (default: the process's own arguments) and gives its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        _decode_arguments(arguments)
        run = {"call": _call, "eval": _eval}[arguments.command]
        timings = Timings() if arguments.time else None
        value = run(arguments, timings)
        _write(value, arguments.output)
        if timings is not None:
            sys.stderr.write(timing_report(timings))
    except _CommandError as failure:
        sys.stderr.write(f"pyv8bridge: {failure}\n")
        return failure.code
    except NotFoundError as error:
        sys.stderr.write(f"pyv8bridge: {error.message}\n")
        return EXIT_USAGE
    except JSError as error:
        sys.stderr.write(compiler_style(error))
        return EXIT_JAVASCRIPT
    except (DecodeError, EncodeError, DataCloneError) as error:
        sys.stderr.write(f"pyv8bridge: {type(error).__name__}: {error}\n")
        return EXIT_DATA
    except Error as error:
        sys.stderr.write(f"pyv8bridge: {type(error).__name__}: {error}\n")
        return EXIT_ENGINE
    return EXIT_OK


def _decode_arguments(arguments: argparse.Namespace) -> None:
    """Code, names and JSON are UTF-8 as files are, also where the locale cannot read them (C, without UTF-8 mode)."""
    for name in ("code", "function"):
        if getattr(arguments, name, None) is not None:
            setattr(arguments, name, _utf8(getattr(arguments, name), name.upper()))
    if hasattr(arguments, "arguments"):
        arguments.arguments = [
            (what, _utf8(value, "--arg") if what == "arg" else value) for what, value in arguments.arguments
        ]


def _utf8(argument: str, origin: str) -> str:
    # Bytes that the locale does not know arrive as surrogates; fsencode gives them back.
    if argument.isascii() or not any("\udc80" <= char <= "\udcff" for char in argument):
        return argument
    try:
        return os.fsencode(argument).decode("utf-8")
    except UnicodeError:
        raise _CommandError(f"{origin} is not valid UTF-8", EXIT_USAGE) from None


# ---- the two commands ----


def _call(arguments: argparse.Namespace, timings: Timings | None) -> Any:
    from .context import Context

    if [arguments.file, *(value for what, value in arguments.arguments if what == "data")].count("-") > 1:
        raise _CommandError("stdin (-) can be read only once", EXIT_USAGE)
    if not all(arguments.function.split(".")):
        raise _CommandError(f"{arguments.function!r} is no path: names with dots between them", EXIT_USAGE)
    values = [_read_data(value, arguments.input) if what == "data" else _parse_json(value, "--arg")
              for what, value in arguments.arguments]  # fmt: skip
    ctx = Context()
    ctx.eval(_read_text(arguments.file), _shown(arguments.file))
    return ctx.call(arguments.function, *values, timings=timings)


def _eval(arguments: argparse.Namespace, timings: Timings | None) -> Any:
    from .context import Context

    if (arguments.code is None) == (arguments.file is None):
        raise _CommandError("eval wants either CODE or -f FILE", EXIT_USAGE)
    if arguments.file is not None:
        return Context().eval(_read_text(arguments.file), _shown(arguments.file), timings=timings)
    return Context().eval(arguments.code, timings=timings)


# ---- in ----


def _shown(name: str) -> str:
    """The name of a file in messages: one that is no UTF-8 has its odd bytes escaped, and stdin its own name."""
    return "<stdin>" if name == "-" else name.encode("utf-8", "backslashreplace").decode()


def _read_bytes(name: str) -> bytes:
    if name == "-" and sys.stdin is None:
        raise _CommandError("stdin is closed", EXIT_USAGE)
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise _CommandError(f"{_shown(name)}: {error.strerror}", EXIT_USAGE) from None


def _read_text(name: str) -> str:
    try:
        return _read_bytes(name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _CommandError(f"{_shown(name)}: byte {error.start} is not valid UTF-8", EXIT_DATA) from None


def _parse_json(text: str, origin: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _CommandError(f"{origin}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}", EXIT_DATA) from None
    except ValueError as error:  # an int of more digits than Python is set to convert
        raise _CommandError(f"{origin}: {error}", EXIT_DATA) from None
    except RecursionError:
        raise _CommandError(f"{origin}: JSON nested too deeply", EXIT_DATA) from None


def _read_data(name: str, form: str | None) -> Any:
    if form is None:
        form = "msgpack" if Path(name).suffix in (".msgpack", ".mpk", ".mp") else "json"
    if form == "json":
        return _parse_json(_read_text(name), _shown(name))
    from . import wire
    from .decode import decode

    data = _read_bytes(name)
    try:
        # The decoder is made for our own messages. What came from elsewhere is checked by the strict reader first.
        wire.from_message(data)
        return decode(data)
    except DecodeError as error:
        raise _CommandError(f"{_shown(name)}: not a valid message: {error}", EXIT_DATA) from None


# ---- out ----


def _write(value: Any, form: str | None) -> None:
    from .values import undefined

    if form is None:
        if value is undefined:
            return
        form = "json" if _is_json_like(value) else "tree"
    if form == "msgpack":
        from .encode import encode
        from .options import EncodeOptions

        _write_bytes(encode(value, EncodeOptions()))
        return
    # Lone surrogates cannot be written as UTF-8; in JSON and in the tree their escape says the same.
    text = _json(value) if form == "json" else _tree(value)
    _write_bytes((text + "\n").encode("utf-8", "backslashreplace"))


def _write_bytes(data: bytes) -> None:
    if sys.stdout is None:
        raise _CommandError("stdout is closed", EXIT_USAGE)
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as error:
        sys.stdout = None  # or Python would try again when the process ends
        raise _CommandError(f"stdout: {error.strerror}", EXIT_USAGE) from None


def _is_json_like(value: Any) -> bool:
    """Whether JSON says the value completely, but for bigints, which it writes as numbers."""
    from .values import JSArray

    leave = object()
    around: set[int] = set()  # the containers that we are inside of: meeting one again is a cycle
    pending: list[Any] = [value]
    while pending:
        item = pending.pop()
        if item is leave:
            around.discard(pending.pop())
        elif isinstance(item, float):
            if not isfinite(item):
                return False
        elif isinstance(item, (list, dict)) and not isinstance(item, JSArray):
            if id(item) in around:
                return False
            around.add(id(item))
            pending += [id(item), leave, *(item.values() if isinstance(item, dict) else item)]
        elif item is not None and not isinstance(item, (str, int)):
            return False
    return True


def _json(value: Any) -> str:
    from datetime import datetime

    from .to_plain import plain

    def default(item: Any) -> Any:
        if isinstance(item, datetime):
            return item.isoformat().replace("+00:00", "Z")
        raise TypeError(f"JSON has no form for {item!r}")

    try:
        return json.dumps(plain(value), ensure_ascii=False, indent=2, allow_nan=False, default=default)
    except (TypeError, ValueError, RecursionError) as error:
        raise _CommandError(f"the result cannot be written as JSON: {error} (try --output tree)", EXIT_DATA) from None


def _tree(value: Any) -> str:
    from .tree import tree

    return tree(value)


# ---- reports ----


def compiler_style(error: JSError) -> str:
    """The error as compilers print theirs: place, what, the line of source with a caret, the calls that led there."""
    where = ":".join(str(part) for part in (error.filename, error.line, error.column) if part)
    what = f"{error.name}: {error.message}" if error.message else error.name
    lines = [f"{where}: {what}" if where else what]
    if error.source_line and error.line:
        # str(error) ends in the line of source and the carets below it.
        source, carets = (line[4:] for line in str(error).splitlines()[-2:])
        number = str(error.line)
        lines += [f" {number} | {source}", f" {' ' * len(number)} | {carets}"]
    lines += [line for line in (error.stack or "").splitlines() if line.lstrip().startswith("at ")]
    return "\n".join(lines).encode("utf-8", "backslashreplace").decode() + "\n"


_HOP_NAMES = {
    "encode": "encode           Python → MessagePack",
    "message_to_wire": "message → wire   MessagePack → wire bytes or tokens",
    "deserialize": "deserialize      wire bytes or tokens → JavaScript",
    "execute": "execute          JavaScript",
    "serialize": "serialize        JavaScript → wire bytes or tokens",
    "wire_to_message": "wire → message   wire bytes or tokens → MessagePack",
    "decode": "decode           MessagePack → Python",
}


def timing_report(timings: Timings) -> str:
    """One line a hop, in milliseconds."""
    lines = [f"{nanoseconds / 1e6:10.3f} ms  {_HOP_NAMES[hop]}" for hop, nanoseconds in timings.hops().items()]
    lines.append(f"{timings.total / 1e6:10.3f} ms  in all")
    return "\n".join(lines) + "\n"


# ---- arguments ----


class _Argument(argparse.Action):
    """Collects --data and --arg in the order given: that is the order of the function's arguments."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option: str | None = None) -> None:
        namespace.arguments = [*namespace.arguments, (self.const, values)]


class _Version(argparse.Action):
    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option: str | None = None) -> None:
        from . import _native

        print(f"pyv8bridge {_native.version()} with V8 {_native.v8_version()}")
        parser.exit()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pyv8bridge",
        description="Run JavaScript over structured data.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", nargs=0, action=_Version, help="show the versions of pyv8bridge and V8")
    commands = parser.add_subparsers(dest="command", required=True)

    out = argparse.ArgumentParser(add_help=False)
    out.add_argument(
        "-o",
        "--output",
        choices=("json", "msgpack", "tree"),
        help="form of the result (default: json when it is JSON-like, otherwise tree; undefined prints nothing)",
    )
    out.add_argument("--time", action="store_true", help="say on stderr where the time went")

    call = commands.add_parser(
        "call",
        parents=[out],
        help="call a function of a script with data",
        description="Runs FILE.js, then calls FUNCTION with what --data and --arg give, in their order.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    call.add_argument("file", metavar="FILE.js", help="the script that declares the function; - is stdin")
    call.add_argument("function", metavar="FUNCTION", help='its name, or a path such as "rules.score"')
    call.add_argument(
        "-d", "--data", metavar="FILE", action=_Argument, const="data", dest="arguments", default=[],
        help="an argument out of a JSON or MessagePack file; - is stdin",
    )  # fmt: skip
    call.add_argument(
        "-a", "--arg", metavar="JSON", action=_Argument, const="arg", dest="arguments",
        help="an argument as JSON, such as 10 or '\"text\"'",
    )  # fmt: skip
    call.add_argument(
        "-i",
        "--input",
        choices=("json", "msgpack"),
        help="form of the data files (default: msgpack for .msgpack, .mpk and .mp, otherwise json)",
    )

    evaluate = commands.add_parser(
        "eval",
        parents=[out],
        help="run code and show the value of its last expression",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    evaluate.add_argument("code", metavar="CODE", nargs="?", help="the code")
    evaluate.add_argument("-f", "--file", metavar="FILE", help="run this file instead; - is stdin")
    return parser
