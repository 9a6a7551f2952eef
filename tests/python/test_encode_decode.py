"""Messages without JavaScript: what encode writes, decode reads; the fast path and the exact encoder agree."""

from __future__ import annotations

import gc
import math
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import msgpack
import ormsgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyv8bridge.decode import decode
from pyv8bridge.encode import EncodeOptions, encode, encode_arguments
from pyv8bridge.encode_exact import encode_exact
from pyv8bridge.errors import DecodeError, JSError
from pyv8bridge.lower import Lowering
from pyv8bridge.testing import difference, same
from pyv8bridge.testing.strategies import shared_values, values
from pyv8bridge.values import (
    BigInt,
    JSArray,
    JSArrayBuffer,
    JSBoxed,
    JSDate,
    JSMap,
    JSRegExp,
    JSSet,
    JSSparseArray,
    JSTypedArray,
    SharedDatetime,
    SharedDict,
    SharedList,
    hole,
    undefined,
)


def exact(value: Any, options: EncodeOptions | None = None) -> bytes:
    return encode_exact(value, Lowering(options or EncodeOptions(), None))


def graph(kinds: str, rest: str) -> str:
    """A graph message without leaves."""
    payload = f"{len(kinds):08x}{kinds.encode().hex()}0000000190{rest}"
    return f"c9{len(payload) // 2:08x}0e{payload}"


@given(values())
def test_round_trip(value: Any) -> None:
    assert same(value, decode(encode(value)))


@given(shared_values())
def test_round_trip_keeps_what_is_shared(value: Any) -> None:
    assert same(value, decode(encode(value)))


@given(values() | shared_values())
def test_fast_and_exact_encoder_agree(value: Any) -> None:
    assert same(decode(exact(value)), decode(encode(value)))
    assert same(value, decode(exact(value)))


@dataclass(eq=False)
class Row:
    """A container that is replaced by another each time that it is met."""

    part: Any = None


@st.composite
def graphs(draw: st.DrawFn) -> Any:
    """Containers with and without identity that refer to each other in any way."""
    kinds = st.sampled_from([list, dict, SharedList, SharedDict, JSMap, JSArray, JSError, Row])
    nodes = [kind() for kind in draw(st.lists(kinds, min_size=1, max_size=5))]
    edges = st.tuples(st.sampled_from(nodes), st.sampled_from(nodes))
    for number, (start, end) in enumerate(draw(st.lists(edges, max_size=8))):
        if isinstance(start, list):
            start.append(end)
        elif isinstance(start, JSError):
            start.cause = [end]
        elif isinstance(start, Row):
            start.part = end
        else:
            start[str(number)] = end
    return nodes[0]


@given(graphs())
def test_both_encoders_agree_about_cycles(value: Any) -> None:
    assert difference(decode(exact(value)), decode(encode(value))) is None


@pytest.mark.parametrize("begin", [lambda node: [node], lambda node: {"part": node}, Row])
def test_a_cycle_through_a_node_and_a_plain_container_is_kept(begin: Any) -> None:
    node = SharedDict()
    root = begin(node)
    node["back"] = root
    read = decode(encode(root))
    inner = read[0] if isinstance(read, list) else read["part"]
    assert inner["back"] is read


def test_trees_with_links_to_parents_take_the_fast_path(monkeypatch: pytest.MonkeyPatch) -> None:
    root = SharedDict(children=[])
    for number in range(3):
        child = SharedDict(parent=root, number=number, children=[], root=[root])
        child["children"].append({"parent": child, "mark": JSMap([(child, root)])})
        root["children"].append(child)
    expected = decode(exact(root))
    monkeypatch.setattr("pyv8bridge.encode.encode_exact", None)
    assert difference(expected, decode(encode(root))) is None


@given(values())
def test_exact_encoder_with_references(value: Any) -> None:
    assert same(value, decode(encode(value, EncodeOptions(references=True))))


@given(values())
def test_another_library_reads_our_messages(value: Any) -> None:
    message = encode(value)
    read = msgpack.unpackb(message, ext_hook=msgpack.ExtType, strict_map_key=True, timestamp=0)
    if isinstance(read, msgpack.ExtType) and read.code == 14:
        count = int.from_bytes(read.data[:4], "big")
        leaves_at = 8 + count
        rest_at = leaves_at + int.from_bytes(read.data[4 + count : leaves_at], "big")
        assert isinstance(msgpack.unpackb(read.data[leaves_at:rest_at], ext_hook=msgpack.ExtType), list)
        assert len(msgpack.unpackb(read.data[rest_at:], ext_hook=msgpack.ExtType)) == 1 + count


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (undefined, "c70001"),
        (None, "c0"),
        (True, "c3"),
        (2**53 - 1, "cf001fffffffffffff"),
        (-0.0, "cb8000000000000000"),
        (BigInt(0), "c70003"),
        (BigInt(127), "d4037f"),
        (BigInt(128), "d5038000"),
        (BigInt(-128), "d40380"),
        (BigInt(-129), "d5037fff"),
        ("\ud800", "d50400d8"),
        ([1, hole], "9201c70002"),
        (b"\x01", "c40101"),
        (JSDate(math.nan), "d7057ff8000000000000"),
        (JSRegExp("a", "ig"), "c70506a161a26769"),
        (JSBoxed(True), "d407c3"),
        (JSTypedArray("Int16Array", [1]), "c7030877" + "0100"),
        (JSArrayBuffer(b"\x01\x02"), "d5090102"),
        (JSArrayBuffer(b"\x01", 3), "c7090a000000000000000301"),
        (JSMap({"a": 1}), graph("m", "92d60d00000000" + "92a16101")),
        (JSArray([hole], {"x": 1}), graph("a", "92d60d00000000" + "9291c7000292a17801")),
        (JSSparseArray(2000, {5: 0}), graph("p", "92d60d00000000" + "93cd07d00500")),
        (JSError("m"), graph("e", "92d60d00000000" + "82a46e616d65a54572726f72a76d657373616765a16d")),
        ({"\ud800": 1}, graph("o", "92d60d00000000" + "92d50400d801")),
    ],
)
def test_bytes_are_those_of_the_format(value: Any, message: str) -> None:
    assert encode(value).hex() == message
    assert exact(value).hex() == message
    assert same(value, decode(bytes.fromhex(message)))


def test_a_pair_of_surrogates_is_a_character() -> None:
    assert encode("\ud83d\ude00") == encode("\U0001f600") == b"\xa4\xf0\x9f\x98\x80"


def test_leaves_met_once_stay_in_place_and_met_twice_become_leaves() -> None:
    date = JSDate(math.nan)
    assert encode([date])[0] == 0x91
    again = decode(encode([date, {"d": date}]))
    assert again[0] is again[1]["d"]
    assert again[0] == date


def test_a_datetime_met_twice_in_a_message_is_a_shared_one() -> None:
    moment = SharedDatetime(2024, 5, 6, tzinfo=timezone.utc)
    first, second = decode(encode([moment, moment]))
    assert first is second
    assert type(first) is SharedDatetime
    assert first == datetime(2024, 5, 6, tzinfo=timezone.utc)
    plain = datetime(2024, 5, 6, tzinfo=timezone.utc)
    first, second = decode(encode([plain, plain]))
    assert type(first) is datetime
    assert first is not second


@pytest.mark.parametrize(
    "shared", [SharedList([1]), SharedDict(a=1), JSMap({1: 2}), JSSet([1]), JSArray([1]), JSError("e")]
)
def test_instances_of_our_classes_keep_identity(shared: Any) -> None:
    first, second = decode(encode([shared, shared]))
    assert first is second
    assert type(first) is type(shared)
    assert first == shared


def test_plain_containers_are_copied_unless_references_are_kept() -> None:
    inner = {"a": [1]}
    first, second = decode(encode([inner, inner]))
    assert first == second
    assert first is not second
    assert type(first) is dict
    first, second = decode(encode([inner, inner], EncodeOptions(references=True)))
    assert first is second
    members = {1}
    first, second = decode(encode([members, members]))
    assert first is not second
    first, second = decode(encode([members, members], EncodeOptions(references=True)))
    assert first is second


def test_arguments_share_what_they_share() -> None:
    m = JSMap()
    first, second = decode(encode_arguments([m, [m]]))
    assert second[0] is first


def test_cycles_are_kept() -> None:
    array: list[Any] = [1]
    array.append(array)
    read = decode(encode(array))
    assert read[1] is read
    obj: dict[str, Any] = {}
    obj["map"] = JSMap([(obj, obj)])
    read = decode(encode(obj))
    assert next(iter(read["map"])) is read
    m = JSMap()
    m[m] = JSSet([m])
    read = decode(encode(m))
    assert read in read[read]
    error = JSError("e")
    error.cause = [error]
    read = decode(encode(error))
    assert read.cause[0] is read
    one, two = ValueError("1"), ValueError("2")
    one.__cause__, two.__cause__ = two, one
    read = decode(encode(one))
    assert read.cause.cause is read


def test_views_of_one_buffer_show_the_same_bytes() -> None:
    buffer = JSArrayBuffer(bytes(range(16)))
    words = JSTypedArray("Uint16Array", buffer, 4, 3)
    read = decode(encode({"buffer": buffer, "words": words, "again": words}))
    assert read["words"].buffer is read["buffer"]
    assert read["again"] is read["words"]
    assert read["words"].byte_offset == 4
    assert read["words"] == words
    # Alone, only the bytes it shows travel.
    alone = decode(encode(words))
    assert (alone.byte_offset, len(alone.buffer)) == (0, 6)


def test_a_view_that_follows_its_buffer_still_does() -> None:
    view = JSTypedArray("Int16Array", JSArrayBuffer(bytes(5), 8), 2)
    read = decode(encode(view))
    assert read.tracks_length
    assert (read.byte_length, read.buffer.max_byte_length) == (2, 8)
    fixed = decode(encode(JSTypedArray("Int8Array", JSArrayBuffer(b"abc", 8), 1, 1)))
    assert not fixed.tracks_length
    assert fixed.tolist() == [ord("b")]


def test_deep_values() -> None:
    value: Any = 1
    for _ in range(500):
        value = [value]
    read = decode(encode(value))
    for _ in range(500):
        (read,) = read
    assert read == 1


def test_attachments_carry_large_binary_data_and_are_shown_without_a_copy() -> None:
    options = EncodeOptions(attach_from=8)
    attachments: list[memoryview] = []
    data = bytearray(8)
    shared = JSArrayBuffer(bytes(9))
    value = [
        JSTypedArray("Float64Array", data),
        JSArrayBuffer(data),
        JSArrayBuffer(data, 9),
        JSArrayBuffer(b"in"),
        shared,
        shared,
    ]
    message = encode(value, options, attachments)
    assert sorted(memory.nbytes for memory in attachments) == [8, 8, 8, 9]
    read = decode(message, attachments=attachments)
    assert same(value, read)
    data[0] = 1
    assert read[1][0] == 1
    with pytest.raises(DecodeError, match="attachment"):
        decode(message, attachments=[memoryview(b"")] * 4)
    with pytest.raises(DecodeError):
        decode(message)


@pytest.mark.parametrize(
    ("what", "data", "value"), [("x", b"ab", b"ab"), ("s", "é".encode(), "é"), ("S", b"\0\xd8", "\ud800")]
)
def test_attachments_of_text_and_bytes(what: str, data: bytes, value: Any) -> None:
    ext = ormsgpack.Ext(11, bytes([ord(what)]) + (0).to_bytes(4, "big") + len(data).to_bytes(8, "big"))
    assert decode(ormsgpack.packb(ext), attachments=[data]) == value


def test_handles_go_through_the_callbacks() -> None:
    class Handle:
        __pvb_handle__ = True

    handle = Handle()
    options = EncodeOptions(handle_of=lambda found: ("f", 7) if found is handle else ("o", 8))
    assert encode(handle, options).hex() == "c7090f66" + "0000000000000007"
    assert decode(encode([handle], options), lambda kind, number: (kind, number)) == [("f", 7)]
    with pytest.raises(DecodeError, match="handle"):
        decode(encode(handle, options))

    def refuse(kind: str, number: int) -> Any:
        raise KeyError(number)

    with pytest.raises(KeyError):
        decode(encode({"a": handle}, options), refuse)


@pytest.mark.parametrize("seconds", [0, 1, -1, 2**32, 2**34, -62135596800, 253402300799])
def test_timestamps(seconds: int) -> None:
    message = msgpack.packb(msgpack.Timestamp(seconds, 5_000_000))
    expected = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds, milliseconds=5)
    assert decode(message) == expected


def test_timestamps_outside_of_datetime() -> None:
    assert decode(msgpack.packb([msgpack.Timestamp(-62135596801, 0)])) == [JSDate(-62135596801000)]
    assert decode(msgpack.packb(msgpack.Timestamp(2**62, 0))) == JSDate(math.nan)


@pytest.mark.parametrize("enabled", [True, False])
def test_decoding_leaves_the_garbage_collector_as_it_was(enabled: bool) -> None:
    message = encode([[i] for i in range(20_000)])
    was = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        decode(message)
        assert gc.isenabled() is enabled
        with pytest.raises(DecodeError):
            decode(message[:-1])
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()


@pytest.mark.parametrize("leaf", [JSDate(math.nan), JSTypedArray("Int8Array", [1]), JSArrayBuffer(b"x"), JSBoxed(1)])
def test_a_leaf_in_a_container_that_is_copied_stays_one_object(leaf: Any) -> None:
    row = {"leaf": leaf, "deeper": [[leaf]]}
    for encoder in (encode, exact):
        first, second = decode(encoder([row, (row,)]))
        assert first is not second[0]
        assert first["leaf"] is second[0]["leaf"] is second[0]["deeper"][0][0]
    once = [leaf]
    cycle: list[Any] = [once, once]
    cycle.append(cycle)
    read = decode(encode(cycle))
    assert read[0][0] is read[1][0]


def test_an_exception_that_is_not_about_the_value_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal handler may raise between any two instructions."""

    class SignalError(Exception):
        pass

    def interrupted(*_: object) -> object:
        raise SignalError

    value = [datetime(2024, 1, 1, tzinfo=timezone.utc), {1}]
    assert encode(value)
    for name in ("without_large_bytes", "may_hold_large_bytes", "lower"):
        with monkeypatch.context() as patch:
            patch.setattr(Lowering, name, interrupted)
            with pytest.raises(SignalError):
                encode(value)
