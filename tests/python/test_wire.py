"""pyv8bridge.wire: V8's serialization format as bytes, without an isolate."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import Any

import pytest
from children import run_child

from pyv8bridge import (
    BigInt,
    DecodeError,
    EncodeError,
    JSBoxed,
    JSDate,
    JSError,
    JSMap,
    JSRegExp,
    JSSet,
    JSSparseArray,
    JSTypedArray,
    undefined,
    wire,
)
from pyv8bridge.decode import decode

VALUES = [
    undefined, None, True, False, 0, 1, -1, 2**31, -(2**31) - 1, 2**53 - 1, 1.5, math.inf, BigInt(0), BigInt(-(2**70)),
    "", "text", "é", "\N{GRINNING FACE}", "a\0b", "\ud800", [], [1, [2, []]], {}, {"a": {"b": [None]}},
    {"__proto__": 1, "": 2, "7": 3}, JSMap([(1, "a"), ("1", "b")]), JSSet([1, "1"]), JSDate(math.nan),
    datetime(2024, 2, 29, 12, 30, 45, 123000, timezone.utc), JSRegExp("a+", "gi"), JSBoxed("x"), b"", b"\x00\xff",
    JSTypedArray("Float64Array", [0.5, -1.0]), JSTypedArray("BigInt64Array", [-1, 2**62]),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: ascii(value)[:40])
def test_dumps_then_loads(value: Any) -> None:
    back = wire.loads(wire.dumps(value))
    assert back == value
    assert type(back) is type(value)


def test_nan_and_minus_zero() -> None:
    assert math.isnan(wire.loads(wire.dumps(math.nan)))
    assert math.copysign(1, wire.loads(wire.dumps(-0.0))) == -1


def test_an_error_and_its_cause() -> None:
    error = wire.loads(wire.dumps(JSError("no", name="RangeError", cause={"why": 1})))
    assert isinstance(error, JSError)
    assert (error.name, error.message) == ("RangeError", "no")


def test_identity_and_cycles() -> None:
    shared: dict[str, Any] = {"x": 1}
    back = wire.loads(wire.dumps([shared, shared], references=True))
    assert back[0] is back[1]
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    back = wire.loads(wire.dumps(cyclic))
    assert back[0] is back


def test_bytes_bytearray_and_memoryview_are_read() -> None:
    data = wire.dumps({"a": [1]})
    for form in (data, bytearray(data), memoryview(data), memoryview(b"xx" + data)[2:]):
        assert wire.loads(form) == {"a": [1]}


def test_options() -> None:
    assert wire.loads(wire.dumps(2**60)) == BigInt(2**60)
    assert wire.loads(wire.dumps(2**60, big_ints="number")) == float(2**60)
    with pytest.raises(EncodeError):
        wire.dumps([2**60], big_ints="error")
    assert wire.loads(wire.dumps({1: 2}, keys="map")) == JSMap({1: 2})
    assert wire.loads(wire.dumps([1j], default=str)) == ["1j"]
    with pytest.raises(EncodeError) as caught:
        wire.dumps({"a": [1, object()]})
    assert caught.value.path == "$.a[1]"


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b"", None),
        (b"\xff", None),
        (b"\xff\x10I\x02", None),
        (b"\xff\x0c0", None),
        (b"\xff\x0f", None),
        (b"\xff\x0fI\x02I\x02", 4),
        (b"\xff\x0fA\xff\xff\xff\xff\x0f", None),
    ],
)
def test_malformed_bytes_are_refused_with_an_offset(data: bytes, offset: int | None) -> None:
    with pytest.raises(DecodeError) as caught:
        wire.loads(data)
    assert caught.value.offset is not None
    assert 0 <= caught.value.offset <= len(data)
    if offset is not None:
        assert caught.value.offset == offset
    assert isinstance(caught.value, ValueError)


def test_every_truncation_is_an_error_and_no_crash() -> None:
    data = wire.dumps([{"a": 1.5, "b": "é"}, JSMap({1: BigInt(2**70)}), b"bytes", JSDate(math.nan)])
    for end in range(len(data)):
        with pytest.raises(DecodeError):
            wire.loads(data[:end])


def test_node_host_objects() -> None:
    # What node's v8.serialize(Buffer.from("hi")) writes: header, host object, type index of a Buffer, length, bytes.
    data = bytes.fromhex("ff0f5c0a026869")
    with pytest.raises(DecodeError):
        wire.loads(data)
    assert bytes(wire.loads(data, host_objects="node")) == b"hi"
    with pytest.raises(ValueError, match="node"):
        wire.loads(data, host_objects="deno")  # type: ignore[arg-type]


class TestMessages:
    def test_wire_bytes_to_a_message_and_back(self) -> None:
        data = wire.dumps({"a": [1, None, "x"]})
        message = wire.to_message(data)
        assert decode(message) == {"a": [1, None, "x"]}
        assert wire.from_message(message) == data

    def test_big_ints_in_a_message(self) -> None:
        message = b"\xcf" + (2**60).to_bytes(8, "big")
        assert wire.loads(wire.from_message(message)) == BigInt(2**60)
        assert wire.loads(wire.from_message(message, big_ints="number")) == float(2**60)
        with pytest.raises(EncodeError):
            wire.from_message(message, big_ints="error")
        with pytest.raises(ValueError, match="big_ints"):
            wire.from_message(message, big_ints="rounded")  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "message", [b"", b"\xc1", b"\x92\x01", b"\x01\x01", b"\x82\xa1a\x01\xa1a\x02", b"\x81\x01\x02"]
    )
    def test_a_malformed_message_is_refused_with_an_offset(self, message: bytes) -> None:
        with pytest.raises(DecodeError) as caught:
            wire.from_message(message)
        assert caught.value.offset is not None


def test_works_after_a_fork() -> None:
    """Bytes to bytes needs no V8, so a forked child may go on with it."""
    out = run_child(
        """
        import os
        from pyv8bridge import Context, wire
        Context().eval("1")
        if os.fork() == 0:
            print(wire.loads(wire.dumps([1, {"a": 2}])), flush=True)
            os._exit(0)
        print(os.wait()[1])
        """
    )
    assert out == "[1, {'a': 2}]\n0\n"


def test_a_value_over_a_limit_has_a_path() -> None:
    with pytest.raises(EncodeError, match="slots") as caught:
        wire.dumps({"s": [JSSparseArray(2**25), JSSparseArray(2**25)]})
    assert caught.value.path == "$.s[1]"


def test_an_array_in_a_cause_that_another_cause_replaces_is_met_once() -> None:
    # A fuzzer's: the Map's key is a view that the Error's first cause shows too, and the second cause takes its place.
    value = wire.loads(bytes.fromhex("ff0f 3b 5c 0a 01 78 72 63 5e 01 63 49 02 2e 3a 02"), host_objects="node")
    ((key, error),) = value.items()
    assert (key, error.cause) == (b"x", 1)
    assert wire.dumps(value) == wire.dumps(wire.loads(wire.dumps(value)))
