"""The msgpack package, and a reader written from docs/format.md alone, read every message that we write."""

from __future__ import annotations

from collections.abc import Sequence
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


@given(values() | shared_values() | cyclic_values())
def test_messages_with_attachments_of_the_encoders(value: Any) -> None:
    for options in (EncodeOptions(attach_from=1), EncodeOptions(attach_from=1, references=True)):
        attachments: list[memoryview] = []
        message = encode(value, options, attachments)
        assert difference(value, read(message, attachments)) is None


class Recording(Context):
    """Keeps what the native side gave last."""

    seen: tuple[bytes, list[Any]]

    def _decode(self, message: memoryview, attachments: Sequence[Any]) -> Any:
        self.seen = bytes(message), list(attachments)
        return super()._decode(message, attachments)


def as_pair(kind: str, number: int) -> tuple[str, int]:
    return kind, number


@pytest.mark.parametrize("transfer", [False, True])
@pytest.mark.parametrize(
    "source",
    [
        "new Uint8Array(1e5).fill(7)",
        "[new Float64Array(1e5).fill(0.5), 'text', new Uint8Array(3)]",
        "(() => { const b = new ArrayBuffer(1e5); return [b, new Uint8Array(b, 8), new DataView(b, 3, 5)] })()",
        "new Map([[new ArrayBuffer(1e5), new BigInt64Array(1e4)]])",
        "(() => { const b = new Uint8Array(1e5); return { once: b, again: b } })()",
    ],
)
def test_messages_with_attachments_from_javascript(source: str, transfer: bool) -> None:
    ctx = Recording()
    value = ctx.eval(source, transfer=transfer)
    message, attachments = ctx.seen
    assert attachments
    assert difference(value, read(message, attachments)) is None


@pytest.mark.parametrize(("source", "kind"), [("() => 1", "f"), ("Symbol('s')", "s"), ("new Proxy({}, {})", "o")])
def test_handles(source: str, kind: str) -> None:
    ctx = Recording()
    handle = ctx.eval(source)
    assert read(*ctx.seen, as_pair) == handle.__pvb_handle__
    assert read(encode([handle], EncodeOptions(handle_of=lambda found: found.__pvb_handle__)), (), as_pair) == [
        (kind, handle.__pvb_handle__[1])
    ]
