"""The msgpack package, and a reader written from docs/format.md alone, read every message that we write."""

from __future__ import annotations

from typing import Any

import pytest
from format_reader import read
from hypothesis import given

from pyv8bridge import Context, wire
from pyv8bridge.encode import encode
from pyv8bridge.options import EncodeOptions
from pyv8bridge.testing import JS_POSITIONS, JS_SOURCES, difference
from pyv8bridge.testing.sources import placed
from pyv8bridge.testing.strategies import cyclic_values, shared_values, values

SOURCES = [(kind, source) for kind, sources in JS_SOURCES.items() for source in sources if kind != "deep"]
CTX = Context()


@given(values() | shared_values() | cyclic_values())
def test_messages_of_the_encoders(value: Any) -> None:
    assert difference(value, read(encode(value))) is None
    assert difference(value, read(encode(value, EncodeOptions(references=True)))) is None


@given(values() | shared_values() | cyclic_values())
def test_messages_of_the_native_transcoder(value: Any) -> None:
    assert difference(value, read(wire.to_message(wire.dumps(value)))) is None


@pytest.mark.parametrize(("kind", "source"), SOURCES)
def test_messages_from_javascript(kind: str, source: str) -> None:
    for position in JS_POSITIONS:
        value = CTX.ref(f"({{ value: ({placed(position, source)}) }})").get("value")
        message = wire.to_message(wire.dumps(value))
        if b"\xc4\x00" in message or b"\xc4\x01" in message:
            continue  # Short Uint8Arrays as keys: a rule of pyv8bridge's JSMap, not of the format.
        assert difference(value, read(message)) is None, position
