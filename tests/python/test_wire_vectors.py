"""tests/vectors/wire-vectors.json: bytes that four versions of V8 wrote and read, and what they made of them.

A stream is accepted if any of the versions accepts it; the exceptions are named here, with the reason that docs/wire.md
gives. What is accepted is written again, and read again by us and by the V8 at hand, without change.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pyv8bridge import (
    BigInt,
    Context,
    DecodeError,
    EncodeError,
    JSArray,
    JSArrayBuffer,
    JSBoxed,
    JSDate,
    JSError,
    JSMap,
    JSRegExp,
    JSSparseArray,
    JSTypedArray,
    hole,
    wire,
)
from pyv8bridge.testing import difference
from pyv8bridge.values.dates import ms_of

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "wire-vectors.json").read_text("utf-8"))

STRICTER = {
    "i_6": "a varint32 whose fifth byte exceeds 0x0F",
    "u_bigbits": "a varint32 whose fifth byte exceeds 0x0F",
    "trailing": "bytes behind the value",
    "trailingJunk": "bytes behind the value",
}
ONLY_AN_ENGINE_CAN_TELL = {"R_badpat": "whether a RegExp's pattern compiles"}
NOT_IN_EVERY_V8 = {"V_f16", "rab_ok", "rab_trk", "rab_rab", "E_selfcauseNew"}
# Bytes that V8 wrote and that no V8 can read: without a delegate of the embedder's it leaves modules out.
UNREADABLE = {"wasmModIn"}


def outcomes(case: dict[str, Any]) -> list[dict[str, Any]]:
    """What the versions did; one entry where they agree."""
    return list(case["by_v8"].values()) if "by_v8" in case else [case]


ACCEPTED = {
    name: next(outcome["show"] for outcome in outcomes(case) if outcome["ok"])
    for name, case in VECTORS["decode"].items()
    if any(outcome["ok"] for outcome in outcomes(case))
}
# By name, and the version where they differ: what V8 wrote.
WRITTEN = {
    name if version is None else f"{name} {version}": (case["source"], data)
    for name, case in VECTORS["encode"].items()
    for version, data in (case["bytes"].items() if isinstance(case["bytes"], dict) else [(None, case["bytes"])])
    if not data.startswith("!") and name not in UNREADABLE
}


@pytest.fixture(scope="module")
def ctx() -> Iterator[Context]:
    with Context() as context:
        yield context


def data_of(name: str) -> bytes:
    return bytes.fromhex(VECTORS["decode"][name]["hex"])


def shown(value: Any) -> str:
    """A value as the vectors show it."""
    if isinstance(value, JSError):
        cause = "-" if not value.has_cause else "<self>" if value.cause is value else shown(value.cause)
        text = json.dumps(value.message, ensure_ascii=False)
        return f"Error({value.name}) message={text} stack={json.dumps(value.stack)} cause={cause}"
    if isinstance(value, JSDate):
        return f"Date {int(value.ms) if value.valid else 'NaN'}"
    if hasattr(value, "utcoffset"):
        return f"Date {ms_of(value)}"
    if isinstance(value, JSRegExp):
        return f"RegExp {value.source} flags={value.flags}"
    if isinstance(value, JSBoxed):
        kind = {bool: "Boolean", str: "String", BigInt: "BigInt"}.get(type(value.value), "Number")
        return f"[{kind}: {shown(value.value)}]"
    if isinstance(value, bytes):
        return f"Uint8Array off 0 len {len(value)} of {len(value)}"
    if isinstance(value, JSArrayBuffer):
        return f"ArrayBuffer {len(value)} max {value.max_byte_length}"
    if isinstance(value, JSTypedArray):
        return f"{value.kind} off {value.byte_offset} len {value.byte_length} of {len(value.buffer)}"
    if isinstance(value, JSMap):
        return f"Map({len(value)}) {{ {', '.join(f'{shown(k)} => {shown(v)}' for k, v in value.items())} }}"
    if isinstance(value, JSSparseArray):
        parts = [shown(item) for _, item in value.items()]
        missing = value.length - len(parts)
        return f"[ {', '.join([f'<{missing} empty items>', *parts])} ]"
    if isinstance(value, list):
        return f"[ {', '.join(list_parts(value))} ]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name(key)}: {shown(item)}' for key, item in value.items())} }}"
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, BigInt):
        return f"{value}n"
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else "-0" if value == 0 else repr(value)
    return {"None": "null", "True": "true", "False": "false"}.get(repr(value), repr(value))


def list_parts(value: list[Any]) -> list[str]:
    parts: list[str] = []
    holes = 0
    for item in [*value, None]:
        if item is hole:
            holes += 1
            continue
        if holes:
            parts.append(f"<{holes} empty item{'s' if holes > 1 else ''}>")
        holes = 0
        parts.append(shown(item))
    properties = value.properties if isinstance(value, JSArray) else {}
    return parts[:-1] + [f"{name(key)}: {shown(item)}" for key, item in properties.items()]


def name(key: str) -> str:
    return key if key.isidentifier() and key.isascii() else f"'{key}'"


# What the vectors show in another way than `shown` does.
SHOWN_BY_HAND = {
    "V_dv": JSTypedArray("DataView", b"\x02"),
    "rab_ok": JSArrayBuffer(b"\x01\x02", 4),
    # V8 escapes a line end when it compiles the pattern.
    "R_nl": JSRegExp("\n"),
}


def test_there_are_enough_of_each() -> None:
    assert len(ACCEPTED) >= 50
    assert len(VECTORS["decode"]) - len(ACCEPTED) >= 40
    assert len(WRITTEN) >= 70
    assert set(STRICTER) | set(ONLY_AN_ENGINE_CAN_TELL) <= set(VECTORS["decode"])


@pytest.mark.parametrize("case", VECTORS["decode"])
def test_streams_are_read_or_refused_as_v8_does(case: str) -> None:
    data = data_of(case)
    if case in ONLY_AN_ENGINE_CAN_TELL:
        assert case not in ACCEPTED
        wire.loads(data)
    elif case in ACCEPTED and case not in STRICTER:
        value = wire.loads(data)
        if case in SHOWN_BY_HAND:
            assert difference(value, SHOWN_BY_HAND[case]) is None
        elif case == "ref_self":
            assert value["a"] is value
        elif case == "V_viewref":
            assert value[0].buffer is value[1].buffer
            assert [view.tolist() for view in value] == [[1, 2], [1]]
        else:
            assert shown(value) == ACCEPTED[case]
    else:
        with pytest.raises(DecodeError) as caught:
            wire.loads(data)
        assert caught.value.offset is not None
        assert 0 <= caught.value.offset <= len(data)


@pytest.mark.parametrize("case", STRICTER)
def test_what_is_refused_although_v8_reads_it_would_be_accepted_otherwise(case: str) -> None:
    assert case in ACCEPTED
    reason = STRICTER[case]
    page = (Path(__file__).parent.parent.parent / "docs" / "wire.md").read_text("utf-8")
    assert f"| {reason} |" in page


@pytest.mark.parametrize("case", ONLY_AN_ENGINE_CAN_TELL)
def test_an_engine_refuses_what_only_it_can_tell(ctx: Context, case: str) -> None:
    with pytest.raises(EncodeError):
        ctx.eval("x => x")(wire.loads(data_of(case)))


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_v8_cannot_read_is_refused(case: str) -> None:
    with pytest.raises(DecodeError):
        wire.loads(bytes.fromhex(VECTORS["encode"][case]["bytes"]))


@pytest.mark.parametrize("case", WRITTEN)
def test_what_v8_wrote_is_what_its_source_makes(ctx: Context, case: str) -> None:
    source, data = WRITTEN[case]
    value = wire.loads(bytes.fromhex(data))
    assert difference(value, wire.loads(wire.dumps(value))) is None
    if case.startswith("errSelf"):
        assert value.cause is value
        return
    if case.startswith("rabView "):
        # The source makes a view of a plain buffer where V8 knows no resizable ones: the writer, or the V8 at hand.
        if isinstance(value, JSTypedArray):
            assert (bytes(value), value.byte_length, value.buffer.resizable) == (bytes(2), 2, True)
        else:
            assert value == bytes(2)
        return
    if case.startswith("rab ") and value.resizable != ctx.eval("'resizable' in ArrayBuffer.prototype"):
        assert value == JSArrayBuffer(bytes(2), 8 if value.resizable else None)
        return
    made = ctx.eval(f"({source})()")
    if isinstance(made, JSError):
        # Written with the stack "S", whatever it was.
        assert (made.name, made.message, value.stack) == (value.name, value.message, "S")
    else:
        assert difference(made, value) is None
    assert difference(value, ctx.eval("x => x")(value)) is None


@pytest.mark.parametrize("case", [case for case in ACCEPTED if case not in STRICTER])
def test_what_is_read_is_written_and_read_again(ctx: Context, case: str) -> None:
    value = wire.loads(data_of(case))
    assert difference(value, wire.loads(wire.dumps(value))) is None
    if case == "R_nl":
        value = JSRegExp("\\n")
    if case in NOT_IN_EVERY_V8:
        with contextlib.suppress(EncodeError):
            assert difference(value, ctx.eval("x => x")(value)) is None
        return
    assert difference(value, ctx.eval("x => x")(value)) is None
