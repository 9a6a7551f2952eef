"""Scripts that want more memory than there is, by the way they go about it; as a program, one of them in this process.

    python tests/python/memory_bombs.py NAME LIMIT_IN_MB

runs one and prints what became of it as JSON. That process may crash, so whoever wants to know starts one for each
(bomb_runner.py). Those in JavaScript stand in tests/bombs; each goes on until it is stopped, or asks at once for far
more than the largest limit. Expected is that the limit ends it, or that JavaScript gets a RangeError;
and that the context works on. `Bomb.known` names what V8 does not let us keep to that.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyv8bridge import Context

FOLDER = Path(__file__).resolve().parent.parent / "bombs"
MB = 1 << 20
LIMITS_MB = (32, 64, 256)
EXPECTED = ("MemoryLimitError", "RangeError")
# For what takes long to go off, and for what V8 does not let go of.
DEADLINE_SECONDS = 60


@dataclass(frozen=True)
class Bomb:
    name: str
    group: str
    code: str = ""
    """JavaScript, unless the bomb is in Python."""
    python: Callable[[Context], object] | None = None
    result: bool = False
    """Whether the script's value is handed over to Python."""
    known: tuple[str, ...] = ()
    """What V8, or the bomb itself, leaves no choice about: "fatal", "hangs" (no deadline ends it), "JSTimeoutError",
    "value" (it went through), and "full": nothing that it made is garbage, so that calls go on to find no memory."""
    needs: str = ""
    """An expression that is false where the V8 at hand has not what the bomb uses."""


def read_bombs(path: Path) -> list[Bomb]:
    """The bombs of a file: after a title, each has a line `// == name`, maybe notes such as `// known:`, and code."""
    head, *parts = re.split(r"^// == ", path.read_text("utf-8"), flags=re.MULTILINE)
    title = head.splitlines()[0].removeprefix("// ")
    bombs = []
    for part in parts:
        name, _, code = part.partition("\n")
        notes: dict[str, Any] = dict(re.findall(r"^// (known|needs): (.*)$", code, re.MULTILINE))
        if "known" in notes:
            notes["known"] = tuple(notes["known"].split(", "))
        bombs.append(Bomb(name, title, code, result=path.stem == "leaving", **notes))
    return bombs


# ---- those that take Python ----

KEEPER = "(() => { const all = []; return (x) => { all.push(x) } })()"


def _arguments_that_are_kept(ctx: Context) -> None:
    keep = ctx.eval(KEEPER)
    numbers = [1.5] * 1_000_000
    while True:
        keep(numbers)


def _bytes_that_are_kept(ctx: Context) -> None:
    keep = ctx.eval(KEEPER)
    data = bytes(100_000)
    while True:
        keep(data)


def _an_argument_of_texts(ctx: Context) -> None:
    ctx.call("Array.of", ["x" * 100_000 + str(i) for i in range(5000)], result="none")


def _an_argument_of_bytes(ctx: Context) -> None:
    ctx.call("Array.of", bytes(1 << 29), result="none")


def _an_argument_of_objects(ctx: Context) -> None:
    ctx.call("Array.of", [{"i": i, "b": [i]} for i in range(3_000_000)], result="none")


def _handles(ctx: Context) -> None:
    make = ctx.eval("() => new Array(1000).fill(0)")
    handles = []
    while True:
        handles.append(make(result="handle"))


def _globals(ctx: Context) -> None:
    number = 0
    while True:
        number += 1
        ctx.globals[f"name{number}"] = [number] * 1000


def _scripts(ctx: Context) -> None:
    number = 0
    while True:
        number += 1
        ctx.eval(f"var f{number} = () => [{', '.join(map(str, range(2000)))}]; f{number}().length")


def _a_long_source(ctx: Context) -> None:
    ctx.eval("[" + "[1.5]," * 20_000_000 + "].length")


def _contexts(ctx: Context) -> None:
    from pyv8bridge import Context

    contexts = []
    while True:
        contexts.append(Context(ctx.isolate))


_GROUP = "From Python"
FROM_PYTHON = [
    Bomb("arguments that JavaScript keeps", _GROUP, python=_arguments_that_are_kept),
    Bomb("small bytes that JavaScript keeps", _GROUP, python=_bytes_that_are_kept),
    Bomb("an argument of 500 MB of texts", _GROUP, python=_an_argument_of_texts),
    Bomb("an argument of 512 MB of bytes", _GROUP, python=_an_argument_of_bytes),
    Bomb("an argument of 3,000,000 objects", _GROUP, python=_an_argument_of_objects),
    Bomb("handles that Python keeps", _GROUP, python=_handles),
    Bomb("globals set from Python", _GROUP, python=_globals),
    Bomb("scripts", _GROUP, python=_scripts),
    Bomb("120 MB of source text", _GROUP, python=_a_long_source, known=("fatal", "value", "JSTimeoutError")),
    Bomb("contexts", _GROUP, python=_contexts),
]

_FILES = ("piling_up", "builtins", "code", "leaving")
BOMBS = {bomb.name: bomb for name in _FILES for bomb in read_bombs(FOLDER / f"{name}.js")}
BOMBS |= {bomb.name: bomb for bomb in FROM_PYTHON}


# ---- one of them in this process ----


def explode(bomb: Bomb, limit_mb: int) -> dict[str, Any]:
    """What became of it: the error's name or "value"; whether the context works; the memory it took at most."""
    from pyv8bridge import Context, Error, JSError

    ctx = Context(memory_limit=limit_mb * MB, timeout=DEADLINE_SECONDS)
    ctx.eval("var before = [1, 2, 3]")
    if bomb.needs and not ctx.eval(bomb.needs):
        return {"outcome": "not there", "works": True, "peak_mb": 0}
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = "value"
    try:
        if bomb.python is not None:
            bomb.python(ctx)
        else:
            ctx.eval(f"{{ {bomb.code} }}" if bomb.result else f"{{ {bomb.code} }} 0", "bomb.js")
    except JSError as error:
        outcome = error.name
    except Error as error:
        outcome = type(error).__name__
    peak_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) // 1024
    return {"outcome": outcome, "works": works(ctx), "peak_mb": peak_mb}


def works(ctx: Context) -> bool:
    """Whether a context is whole: old globals, new objects, values both ways, errors."""
    from pyv8bridge import JSError, TerminatedError

    try:
        for _ in range(3):
            if ctx.eval("before.concat(new Array(1000).fill(0).map((_, i) => ({ i }))).length") != 1003:
                return False
        if ctx.call("Array.of", {"a": [1.5, "x"]}) != [{"a": [1.5, "x"]}]:
            return False
        ctx.eval("null.x")
    except JSError as error:
        return error.name == "TypeError"
    except TerminatedError:
        pass
    return False


if __name__ == "__main__":
    print(json.dumps(explode(BOMBS[sys.argv[1]], int(sys.argv[2]))))
