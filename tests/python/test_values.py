"""The value classes in daily use: repr, copies, pickles, comparison, and what each is like."""

from __future__ import annotations

import contextlib
import copy
import math
import operator
import pickle
import struct
from array import array
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyv8bridge.errors import JSError
from pyv8bridge.testing import same
from pyv8bridge.testing.strategies import values
from pyv8bridge.values import (
    BigInt,
    Hole,
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
    Undefined,
    hole,
    undefined,
)

nan = math.nan
NAMES = {
    name: item for name, item in globals().items() if name[:2] == "JS" or name in ("BigInt", "undefined", "hole", "nan")
}

EXAMPLES: list[Any] = [
    undefined,
    hole,
    BigInt(10),
    JSMap({1: "a", "b": JSMap()}),
    JSMap([(1, "a"), (True, "b"), ((1, 2), None)]),
    JSSet([1, True, "x", None, undefined]),
    JSArray([1, hole], {"index": 3}),
    JSSparseArray(2**32 - 1, {7: "x"}, {"name": 1}),
    JSDate(nan),
    JSDate(-8_640_000_000_000_000),
    JSRegExp(r"\d+/", "gi"),
    JSBoxed(True),
    JSBoxed(nan),
    JSBoxed(BigInt(1)),
    JSArrayBuffer(b"ab"),
    JSArrayBuffer(b"ab", 4),
    JSTypedArray("Uint8Array", b"ab"),
    JSTypedArray("Float16Array", [1.5, -0.0]),
    JSTypedArray("BigUint64Array", [2**64 - 1]),
    JSTypedArray("DataView", b"abc"),
    JSError("m", name="TypeError", cause=[1], properties={"code": 3}),
    SharedList([1, 2]),
    SharedDict(a=1),
]


@pytest.mark.parametrize("value", EXAMPLES, ids=repr)
def test_repr_says_everything_and_reads_back(value: Any) -> None:
    assert " at 0x" not in repr(value)
    assert eval(repr(value), dict(NAMES)) == value


@pytest.mark.parametrize("value", EXAMPLES, ids=repr)
def test_copies_and_pickles_are_equal(value: Any) -> None:
    copies = [copy.copy(value), copy.deepcopy(value)]
    copies += [pickle.loads(pickle.dumps(value, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    for other in copies:
        assert type(other) is type(value)
        assert other == value
        assert not operator.ne(other, value)
    if value in (undefined, hole):
        assert all(other is value for other in copies)


@given(values())
def test_deepcopy_and_pickle_keep_any_value(value: Any) -> None:
    assert same(value, copy.deepcopy(value))
    assert same(value, pickle.loads(pickle.dumps(value)))


def test_copies_are_independent() -> None:
    for value, change in [
        (JSMap({1: 2}), lambda x: x.clear()),
        (JSSet([1]), lambda x: x.clear()),
        (JSSparseArray(9, {1: 1}), lambda x: x.__setitem__(1, 2)),
        (JSArray([1], {"a": 1}), lambda x: x.properties.clear()),
        (JSArrayBuffer(bytearray(b"a")), lambda x: x.__setitem__(0, 0)),
    ]:
        twin = copy.copy(value)
        assert twin == value
        change(twin)
        assert twin != value


def test_containers_that_contain_themselves_survive_copy_pickle_and_repr() -> None:
    m = JSMap()
    m[m] = m
    s = JSSet()
    s.add(s)
    a = JSArray()
    a.append(a)
    p = JSSparseArray(3)
    p[1] = p
    e = JSError("e")
    e.cause = e
    for value in (m, s, a, p, e):
        assert "..." in repr(value)
        for twin in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
            assert twin is not value
            inner = twin.cause if value is e else twin[1] if value is p else next(iter(twin))
            assert inner is twin


def test_absences() -> None:
    assert not undefined
    assert not hole
    assert undefined is Undefined()
    assert hole is Hole()
    assert undefined != hole
    assert undefined is not None


def test_bigint_is_an_int() -> None:
    assert BigInt(10) == 10
    assert hash(BigInt(10)) == hash(10)
    assert type(BigInt(10) + 1) is int
    assert f"{BigInt(10)} {BigInt(255):x} {BigInt(7)!s}" == "10 ff 7"


KEYS: list[Any] = [
    1,
    True,
    BigInt(1),
    "1",
    0,
    False,
    None,
    undefined,
    1.5,
    nan,
    math.inf,
    2**53,
    float(2**53),
    "",
    b"",
    (1,),
    (1,),
]


def test_map_keys_are_told_apart_as_javascript_does() -> None:
    keys = [copy.deepcopy(key) if isinstance(key, bytes) else key for key in KEYS]
    keys[-1] = tuple([1])  # noqa: C409 - another tuple object
    m = JSMap((key, index) for index, key in enumerate(keys))
    assert list(m) == keys
    assert [m[key] for key in keys] == list(range(len(keys)))
    assert m[1.0] == 0
    assert m[-0.0] == 4
    assert m[float("nan")] == 9
    assert tuple([1]) not in m  # noqa: C409
    assert len(JSSet(keys)) == len(keys)


def test_map_keeps_the_first_of_equal_keys_and_no_negative_zero() -> None:
    m = JSMap([(1, "a"), (1.0, "b"), (-0.0, "c")])
    assert repr(m) == "JSMap({1: 'b', 0: 'c'})"


def test_map_is_a_mutable_mapping() -> None:
    m = JSMap({"a": 1})
    m["b"] = 2
    assert m.pop("a") == 1
    assert m.setdefault("c", 3) == 3
    assert list(reversed(m)) == ["c", "b"]
    assert m.to_dict() == {"b": 2, "c": 3}
    assert m == {"c": 3, "b": 2}
    assert JSMap({1: "a"}) != {True: "a"}
    with pytest.raises(KeyError, match="x"):
        m["x"]
    with pytest.raises(KeyError, match="x"):
        del m["x"]
    with pytest.raises(ValueError, match="equal in Python"):
        JSMap([(1, 1), (True, 2)]).to_dict()
    with pytest.raises(TypeError):
        JSMap([([], 1)]).to_dict()
    with pytest.raises(TypeError):
        hash(m)


def test_maps_and_sets_with_object_keys_compare_by_structure() -> None:
    assert JSMap([({}, [1])]) == JSMap([({}, [1])])
    assert JSMap([({}, [1])]) != JSMap([({}, [2])])
    assert JSSet([[1], [2]]) == JSSet([[1], [2]])
    assert JSSet([[1], [2]]) != JSSet([[1], [3]])
    assert JSSet([1, 2]) == {2, 1}
    assert JSSet([1]) != {True}
    assert JSSet([1, 2]) & {2, 3} == {2}


def test_jsarray() -> None:
    a = JSArray([1, 2], {"index": 0})
    assert a != [1, 2]
    assert JSArray([1, 2]) == [1, 2]
    assert a == JSArray([1, 2], {"index": 0})
    assert isinstance(a, list)


def test_sparse_array() -> None:
    a = JSSparseArray(2**32 - 1, {5: "x"})
    assert a.length == len(a) == 2**32 - 1
    assert (a[5], a[6], a[-1]) == ("x", hole, hole)
    a[2**32 - 2] = "last"
    assert a.items() == [(5, "x"), (2**32 - 2, "last")]
    assert a.indices() == [5, 2**32 - 2]
    a.length = 6
    assert list(a) == [hole] * 5 + ["x"]
    assert hole in a
    assert "x" in a
    del a[5]
    assert a[5] is hole
    with pytest.raises(IndexError):
        a[6]
    for length in (-1, 2**32):
        with pytest.raises(ValueError, match="length"):
            JSSparseArray(length)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (8_640_000_000_000_000, "+275760-09-13T00:00:00.000Z"),
        (-8_640_000_000_000_000, "-271821-04-20T00:00:00.000Z"),
        (-62_198_755_200_000, "-000001-01-01T00:00:00.000Z"),
        (253_402_300_800_000, "+010000-01-01T00:00:00.000Z"),
    ],
)
def test_dates_are_written_as_javascript_writes_them(ms: int, text: str) -> None:
    assert JSDate(ms).isoformat() == text


def test_dates() -> None:
    assert JSDate(1500).to_datetime() == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=timezone.utc)
    assert JSDate(nan) == JSDate(math.inf) == JSDate(8_640_000_000_000_001)
    assert hash(JSDate(nan)) == hash(JSDate(nan))
    assert JSDate(-1.5) == JSDate(-1)
    for date in (JSDate(nan), JSDate(253_402_300_800_000)):
        with pytest.raises(ValueError, match=r"invalid|1-9999"):
            date.to_datetime()
    moment = SharedDatetime(2020, 1, 1, tzinfo=timezone.utc)
    assert isinstance(moment, datetime)
    assert pickle.loads(pickle.dumps(moment)) == moment == moment.plain()
    assert type(copy.deepcopy(moment)) is SharedDatetime


def test_boxed_values_are_of_their_type() -> None:
    assert JSBoxed(1) == JSBoxed(1.0)
    assert JSBoxed(1) != JSBoxed(True)
    assert JSBoxed(1) != JSBoxed(BigInt(1))
    assert JSBoxed(nan) == JSBoxed(nan)
    assert len({JSBoxed("a"), JSBoxed("a"), JSBoxed(1)}) == 2
    with pytest.raises(TypeError):
        JSBoxed(None)  # type: ignore[arg-type]


def test_array_buffer() -> None:
    data = bytearray(b"abc")
    buffer = JSArrayBuffer(data)
    data[0] = 0x7A
    assert (bytes(buffer), buffer[0], buffer[1:], list(buffer), len(buffer)) == (b"zbc", 0x7A, b"bc", [0x7A, 98, 99], 3)
    assert JSArrayBuffer(4).tolist() == [0] * 4
    assert JSArrayBuffer(b"", 3).resizable
    assert JSArrayBuffer(b"a").max_byte_length == 1
    with pytest.raises(ValueError, match="max_byte_length"):
        JSArrayBuffer(b"ab", 1)
    with pytest.raises(TypeError):
        JSArrayBuffer(b"a")[0] = 1
    with pytest.raises(TypeError):
        hash(buffer)


@pytest.mark.parametrize(
    ("kind", "items", "data"),
    [
        ("Int8Array", [-1, 2], b"\xff\x02"),
        ("Uint8Array", [1], b"\x01"),
        ("Uint8ClampedArray", [255], b"\xff"),
        ("Int16Array", [-2], b"\xfe\xff"),
        ("Uint16Array", [65535], b"\xff\xff"),
        ("Int32Array", [-2], b"\xfe\xff\xff\xff"),
        ("Uint32Array", [1], b"\x01\0\0\0"),
        ("Float16Array", [1.0], b"\x00\x3c"),
        ("Float32Array", [0.5], struct.pack("<f", 0.5)),
        ("Float64Array", [-0.0, 0.1], struct.pack("<2d", -0.0, 0.1)),
        ("BigInt64Array", [-1], b"\xff" * 8),
        ("BigUint64Array", [2**64 - 1], b"\xff" * 8),
        ("DataView", [1, 2], b"\x01\x02"),
    ],
)
def test_typed_arrays_of_each_kind(kind: str, items: list[Any], data: bytes) -> None:
    array = JSTypedArray(kind, items)
    assert bytes(array) == data
    assert array == JSTypedArray(kind, data)
    assert array.tolist() == list(array) == items == [array[i] for i in range(len(items))]
    assert (array.kind, array.byte_length, array.byte_offset) == (kind, len(data), 0)
    assert isinstance(array[0], BigInt) == kind.startswith("Big")
    if kind != "Float16Array":
        assert array.view.tolist() == items
    assert array.view.nbytes == len(data)
    numpy = pytest.importorskip("numpy")
    assert array.numpy().tolist() == items
    assert numpy.asarray(array).dtype == array.numpy().dtype
    assert numpy.array(array, dtype="float64").tolist() == [float(item) for item in items]


def test_typed_array_shows_a_part_of_a_buffer() -> None:
    buffer = JSArrayBuffer(bytearray(range(16)))
    words = JSTypedArray("Uint16Array", buffer, 2, 3)
    assert words.tolist() == [0x0302, 0x0504, 0x0706]
    assert words[1:].tolist() == [0x0504, 0x0706]
    assert words[1:].buffer is buffer
    assert words[::2].tolist() == [0x0302, 0x0706]
    assert words[-1] == 0x0706
    assert words[5:2].tolist() == []
    words[0] = 1
    assert buffer[2] == 1
    assert JSTypedArray("Uint8Array", buffer, 14).tolist() == [14, 15]
    for offset, length in [(1, 1), (0, 9), (18, None), (-2, 1), (0, -1)]:
        with pytest.raises(ValueError, match=r"outside|multiple"):
            JSTypedArray("Uint16Array", buffer, offset, length)
    with pytest.raises(ValueError, match="multiple"):
        JSTypedArray("Uint16Array", b"abc")
    with pytest.raises(ValueError, match="no kind"):
        JSTypedArray("Float128Array")
    with pytest.raises(ValueError, match="elements"):
        JSTypedArray("Int8Array", [200])
    with pytest.raises(IndexError):
        words[3]
    with pytest.raises(TypeError):
        JSTypedArray("Int8Array", 5)


def test_views_that_share_still_share_after_pickling() -> None:
    buffer = JSArrayBuffer(bytearray(4))
    one, two = pickle.loads(pickle.dumps([JSTypedArray("Int8Array", buffer), JSTypedArray("Int8Array", buffer, 1, 2)]))
    assert one.buffer is two.buffer
    one[1] = 9
    assert two[0] == 9


@pytest.mark.parametrize(
    ("source", "flags", "matches", "differs"),
    [
        (r"^\d+$", "", ["12"], ["12\n", "\u0661", "a"]),
        (r"^a.c$", "m", ["x\nabc\u2028"], ["a\u2028c"]),
        ("a.c", "s", ["a\nc"], ["ac"]),
        ("ab", "gi", ["xAB"], ["ba"]),
        (r"\w\b", "", ["é a"], ["é"]),
        ("(?<year>[0-9]{4})-\\k<year>", "", ["2020-2020"], ["2020-2021"]),
        ("a{,3}", "", ["a{,3}"], ["aaa"]),
        ("[^]", "", ["\n"], [""]),
        ("[]", "", [], ["", "a"]),
        ("[[a]", "", ["["], ["b"]),
        (r"\u{1F600}", "u", ["\U0001f600"], ["u"]),
        (r"[\w\-]+\/", "", ["a-/"], ["/"]),
        (r"\s", "", ["\u00a0", "\ufeff"], ["\x1c"]),
        ("(?<=a)b(?!c)", "", ["ab"], ["abc", "b"]),
    ],
)
def test_regexps_compile_where_re_can_say_the_same(
    source: str, flags: str, matches: list[str], differs: list[str]
) -> None:
    pattern = JSRegExp(source, flags).compile()
    assert all(pattern.search(text) for text in matches)
    assert not any(pattern.search(text) for text in differs)


@pytest.mark.parametrize(
    ("source", "flags"), [("a", "v"), (r"\p{L}", "u"), (r"\cA", ""),
    ("(?i:a)", ""), ("a++", ""), ("[\\D]", ""), ("é", "i"),
    ("(", ""), (r"\1(a)", ""), ("\U0001f600", "")]
)  # fmt: skip
def test_regexps_that_re_reads_otherwise_do_not_compile(source: str, flags: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        JSRegExp(source, flags).compile()


@pytest.mark.parametrize("flags", ["x", "gg", "uv", "G"])
def test_regexp_flags_are_checked(flags: str) -> None:
    with pytest.raises(ValueError, match="flag"):
        JSRegExp("a", flags)


@given(
    st.text(st.sampled_from("ab(){}[]*+?.^$|\\/-,1dwsSbk<>:=!"), max_size=8), st.sampled_from(["", "i", "m", "s", "u"])
)
def test_compile_gives_a_pattern_or_a_value_error(source: str, flags: str) -> None:
    with contextlib.suppress(ValueError):
        JSRegExp(source, flags).compile()


def nested(make: Any, levels: int = 600) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = make(value)
    return value


@pytest.mark.parametrize(
    "make",
    [
        lambda inside: JSMap([("a", inside)]),
        lambda inside: JSMap([(inside, 1)]),
        lambda inside: JSSet([inside]),
        lambda inside: JSArray([], {"a": inside}),
        lambda inside: JSArray([inside], {"a": 1}),
        lambda inside: JSSparseArray(2000, {7: inside}),
        lambda inside: JSError("m", cause=inside),
        lambda inside: JSMap({"a": {"b": [(inside,)]}}),
    ],
)
def test_depth_is_no_matter_to_repr_and_equality(make: Any) -> None:
    value = nested(make)
    assert value == nested(make)
    assert value != nested(make, 601)
    assert len(repr(value)) > 5 * 600
    assert eval(repr(nested(make, 20)), NAMES | {"JSError": JSError}) == nested(make, 20)


def test_values_that_contain_themselves_compare() -> None:
    def cyclic(inside: int) -> JSMap:
        made = JSMap({"x": [inside]})
        made["self"] = made["list"] = [made]
        return made

    assert cyclic(1) == cyclic(1)
    assert cyclic(1) != cyclic(2)
    one, other = JSError("a"), JSError("a")
    one.cause, other.cause = one, other
    assert one == other


def test_containers_compare_with_what_stands_for_them() -> None:
    assert JSMap({1: [JSMap({2: (3,)})]}) == {1: [{2: (3,)}]}
    assert {1: JSSet([2])} == {1: {2}}
    assert JSMap({1: JSMap()}) != {1: []}
    assert JSMap({"a": nan}) == JSMap({"a": nan})
    assert JSMap() != JSSet()
    assert JSArray([JSMap({1: 2})]) == [{1: 2}]
    assert JSArray([1], {"a": 1}) != [1]


def test_typed_arrays_take_numbers_from_memory_of_another_kind() -> None:
    np = pytest.importorskip("numpy")
    assert JSTypedArray("Float64Array", np.arange(3)).tolist() == [0.0, 1.0, 2.0]
    assert JSTypedArray("Int16Array", array("d", [])).tolist() == []
    assert JSTypedArray("Float32Array", array("h", [1, -1])).tolist() == [1.0, -1.0]
    with pytest.raises(ValueError, match="elements of a"):
        JSTypedArray("Int8Array", np.array([0.5]))
    # Memory of the same numbers, or of bytes, is shown and not copied.
    for kind, source in [
        ("Float64Array", np.arange(3.0)), ("BigInt64Array", np.arange(3)), ("BigUint64Array", array("L", [1])),
        ("Int32Array", array("i", [1])), ("Uint16Array", bytearray(2)), ("Float16Array", np.zeros(2, np.float16)),
    ]:  # fmt: skip
        view = JSTypedArray(kind, source).memory
        before = bytes(view)
        memoryview(source).cast("B")[0] ^= 1
        assert bytes(view) != before


def test_typed_arrays_can_be_set_by_slices() -> None:
    array_of_floats = JSTypedArray("Float32Array", [1, 2, 3, 4])
    array_of_floats[1:3] = [5, 6]
    array_of_floats[::-3] = (8, 7)
    assert array_of_floats.tolist() == [7.0, 5.0, 6.0, 8.0]
    with pytest.raises(ValueError, match="keeps its length"):
        array_of_floats[:2] = [1]


def test_a_uint8_array_equals_bytes_as_it_is_mostly_bytes() -> None:
    assert JSTypedArray("Uint8Array", b"ab") == b"ab"
    data = b"ab"
    assert data == JSTypedArray("Uint8Array", b"xabx", 1, 2)
    assert JSTypedArray("Uint8Array", b"ab") == bytearray(b"ab")
    assert JSTypedArray("Uint8Array", b"ab") != b"abc"
    assert JSTypedArray("Int8Array", b"ab") != b"ab"


def test_sets_take_several_updates_at_once() -> None:
    members = JSSet([1])
    members.update([2], {3: None})
    assert members == {1, 2, 3}


def test_a_shared_datetime_reads_like_a_datetime() -> None:
    moment = datetime(2020, 1, 1, tzinfo=timezone.utc)
    assert repr(SharedDatetime.of(moment)) == repr(moment)
