"""What else Python may send: standard types, numpy, data classes, options, and errors that say where and what to do."""

from __future__ import annotations

import dataclasses
import enum
import re
import subprocess
import sys
import uuid
import warnings
from array import array
from collections import ChainMap, Counter, OrderedDict, UserDict, UserList, deque, namedtuple
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from io import BytesIO
from types import MappingProxyType
from typing import Any

import pytest

from pyv8bridge.decode import decode
from pyv8bridge.encode import EncodeOptions, encode, encode_arguments
from pyv8bridge.encode_exact import encode_exact, number_text
from pyv8bridge.errors import EncodeError, JSError
from pyv8bridge.lower import Lowering
from pyv8bridge.values import BigInt, JSArray, JSDate, JSMap, JSRegExp, JSSet, JSTypedArray, hole, undefined

INVALID = JSDate(float("nan"))
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Python 3.13 and newer would rather have "w"
    WIDE_TEXT = array("u", "a")
Point = namedtuple("Point", "x y")


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Text(str):
    __slots__ = ()


@dataclasses.dataclass
class Item:
    name: str
    tags: list[str]


def both(value: Any, **options: Any) -> Any:
    """The value read back; what the fast path and the exact encoder write must read the same."""
    chosen = EncodeOptions(**options)
    fast = decode(encode(value, chosen))
    assert fast == decode(encode_exact(value, Lowering(chosen, None)))
    return fast


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ((1, (2,)), [1, [2]]),
        (Point(1, 2), {"x": 1, "y": 2}),
        (range(3), [0, 1, 2]),
        (deque([1]), [1]),
        (UserList([1]), [1]),
        (UserDict(a=1), {"a": 1}),
        (OrderedDict(a=1), {"a": 1}),
        (Counter("aa"), {"a": 2}),
        (ChainMap({"a": 1}), {"a": 1}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        ({1, 2}, JSSet([1, 2])),
        (frozenset([frozenset([1])]), JSSet([JSSet([1])])),
        ({}.keys(), JSSet()),
        (Text("a"), "a"),
        ({Text("a"): 1}, {"a": 1}),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (2**53, 2**53),
        (2**64, BigInt(2**64)),
        (-(2**70), BigInt(-(2**70))),
        (bytearray(b"a"), b"a"),
        (memoryview(b"abcd")[::2], b"ac"),
        (array("h", [1, -1]), JSTypedArray("Int16Array", [1, -1])),
        (array("B", [1]), b"\x01"),
        (array("d", [0.5]), JSTypedArray("Float64Array", [0.5])),
        (array("Q", []), JSTypedArray("BigUint64Array", [])),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Item("a", ["b"]), {"name": "a", "tags": ["b"]}),
        (datetime(2020, 1, 1, 0, 0, 0, 1999, timezone.utc), datetime(2020, 1, 1, 0, 0, 0, 1000, timezone.utc)),
        (
            datetime(1969, 12, 31, 23, 59, 59, 999999, timezone.utc),
            datetime(1969, 12, 31, 23, 59, 59, 999000, timezone.utc),
        ),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))), JSDate(-62135614800000)),
        (re.compile("a"), JSRegExp("a", "u")),
        (re.compile("(?P<n>a.)(?P=n)]", re.I | re.S), JSRegExp(r"(?<n>a.)\k<n>\]", "isu")),
        (re.compile(r"\d/[]x]{,3}", re.A), JSRegExp(r"\d\/[\]x]{0,3}", "u")),
        (KeyError("k"), JSError("'k'", name="KeyError")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_standard_types(value: Any, expected: Any) -> None:
    read = both(value)
    assert read == expected
    assert type(read) is type(expected) or isinstance(expected, (int, datetime))
    assert both({"in": [value]}) == {"in": [expected]}


def test_naive_datetimes_are_local_time() -> None:
    code = (
        "from datetime import datetime; from pyv8bridge.encode import encode; from pyv8bridge.decode import decode;"
        "print(decode(encode(datetime(2020, 7, 1, 12))).isoformat())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"TZ": "Asia/Tokyo", "PYTHONPATH": ":".join(sys.path)}, capture_output=True,
        text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.strip() == "2020-07-01T03:00:00+00:00"


def test_exceptions_keep_their_cause() -> None:
    error = ValueError("outer")
    error.__cause__ = TypeError("inner")
    read = both(error)
    assert (read.name, read.message, read.cause.name, read.cause.message) == (
        "ValueError",
        "outer",
        "TypeError",
        "inner",
    )


def test_numpy() -> None:
    np = pytest.importorskip("numpy")
    kinds = {
        "int8": "Int8Array", "int16": "Int16Array", "uint16": "Uint16Array",
        "int32": "Int32Array", "uint32": "Uint32Array",
        "int64": "BigInt64Array", "uint64": "BigUint64Array", "float16": "Float16Array", "float32": "Float32Array",
        "float64": "Float64Array",
    }  # fmt: skip
    for dtype, kind in kinds.items():
        assert both(np.array([1, 2], dtype)) == JSTypedArray(kind, [1, 2])
        assert both(np.array([], dtype)) == JSTypedArray(kind, [])
        assert both(np.array([[1], [2]], dtype)) == [JSTypedArray(kind, [1]), JSTypedArray(kind, [2])]
        assert both(np.array(3, dtype)) == 3
        assert both(np.array([3], dtype)[0]) == 3
        assert both(np.arange(6).astype(dtype)[::2]) == JSTypedArray(kind, [0, 2, 4])
    assert both(np.array([1, 2], "uint8")) == b"\x01\x02"
    assert both(np.array([True, False])) == [True, False]
    assert both(np.array(["a", ""])) == ["a", ""]
    assert both(np.arange(3), big_ints="number") == JSTypedArray("Float64Array", [0, 1, 2])
    assert both(np.array(["1969-12-31T23:59:59.9999", "NaT"], "datetime64[us]")) == [
        datetime(1969, 12, 31, 23, 59, 59, 999000, timezone.utc), INVALID,
    ]  # fmt: skip
    assert both(np.datetime64("2020-01-01")) == datetime(2020, 1, 1, tzinfo=timezone.utc)
    assert both(np.array([10**12], "datetime64[Y]")) == [INVALID]
    for fine in ("ps", "fs", "as"):  # of which numpy makes no days
        assert both(np.array([10**18, "NaT"], f"datetime64[{fine}]"))[1] == INVALID
        assert both(np.datetime64(1, fine)) == datetime(1970, 1, 1, tzinfo=timezone.utc)
    assert both(np.float32(0.5)) == 0.5
    assert both(np.bool_(True)) is True
    assert JSMap({np.int64(1): "a"})[1] == "a"
    refused = [
        np.array([1], dtype=">i4"), np.array([1j]), np.array([None]), np.zeros(1, "i4,i4"), np.timedelta64(1, "s"),
        np.ma.masked_array([1, 2], [0, 1]), np.longdouble(1), np.array([1], np.longdouble),
    ]  # fmt: skip
    for value in refused:
        with pytest.raises(EncodeError, match=r"dtype|masked|byte order|longdouble|float128") as caught:
            encode({"a": value})
        assert caught.value.path == "$.a"


def test_arrays_of_numbers_stay_one_with_references() -> None:
    np = pytest.importorskip("numpy")
    for array_of_numbers in (np.arange(3.0), np.arange(3, dtype=np.uint8), array("d", [1.0]), np.zeros((2, 2))):
        once, again = decode(encode([array_of_numbers, [array_of_numbers]], EncodeOptions(references=True)))
        assert once is again[0]
    apart, other = both([np.arange(3.0)] * 2)
    assert apart is not other


def test_classes_of_other_libraries() -> None:
    attrs = pytest.importorskip("attrs")
    made = attrs.make_class("Made", ["a", "b"])
    assert both(made(1, [2])) == {"a": 1, "b": [2]}


def test_numbers_of_a_subclass_cross_as_what_they_are() -> None:
    class Ten(int):
        def __int__(self) -> int:
            return 10

        __index__ = __repr__ = __str__ = __int__  # type: ignore[assignment]

    class Half(float):
        def __float__(self) -> float:
            return 0.5

    assert both([Ten(3), Half(2.25), {"a": Ten(-1)}]) == [3, 2.25, {"a": -1}]
    assert both(JSMap([(Ten(3), 1), (Half(2.25), 2)])) == JSMap([(3, 1), (2.25, 2)])
    assert both({Ten(3): 1, Half(2.25): 2}, keys="string") == {"3": 1, "2.25": 2}


def test_a_root_model_is_what_it_holds() -> None:
    pydantic = pytest.importorskip("pydantic")
    assert both(pydantic.RootModel[list[int]]([1, 2])) == [1, 2]
    assert both([pydantic.RootModel[Any](None), pydantic.RootModel[Any]({"root": 1})]) == [None, {"root": 1}]


def test_what_stands_for_others_may_hold_more_than_the_stack_does() -> None:
    # The copies that are made of what a dataclass holds ran out of stack.
    deep: Any = 1
    for _ in range(20_000):
        deep = [deep]
    for value, options in [
        (Item("deep", deep), EncodeOptions()),
        (object(), EncodeOptions(default=lambda _: deep)),
        (JSMap([(1, Item("deep", deep))]), EncodeOptions()),
    ]:
        with pytest.raises(EncodeError, match="nested more than 500 levels deep"):
            encode([value], options)


def test_pydantic_and_msgspec() -> None:
    pydantic = pytest.importorskip("pydantic")
    msgspec = pytest.importorskip("msgspec")
    model = pydantic.create_model("Model", __config__=pydantic.ConfigDict(extra="allow"), a=(int, 1))
    assert both(model(b=2)) == {"a": 1, "b": 2}
    struct = msgspec.defstruct("Struct", [("a", int), ("b", Any, msgspec.UNSET)])
    assert both([struct(1), struct(1, 2)]) == [{"a": 1}, {"a": 1, "b": 2}]


def test_tables() -> None:
    pd = pytest.importorskip("pandas")
    from pyv8bridge.frames import columns, records

    frame = pd.DataFrame(
        {"i": [1, 2], "f": [0.5, None], "s": ["a", None], "t": pd.to_datetime(["2020-01-01", None], utc=True)}
    )
    with pytest.raises(EncodeError, match=r"records\(x\).*columns\(x\)"):
        encode(frame)
    # Those two would refuse a single column.
    for column in (frame["i"], frame.index, pd.array([1, None], dtype="Int64")):
        with pytest.raises(EncodeError, match=r"two forms: send x\.to_numpy\(\)"):
            encode(column)
    rows = decode(encode(records(frame)))
    assert rows[0] == {"i": 1, "f": 0.5, "s": "a", "t": datetime(2020, 1, 1, tzinfo=timezone.utc)}
    assert (rows[1]["s"], rows[1]["t"]) == (None, None)
    assert rows[1]["f"] != rows[1]["f"]
    read = decode(encode(columns(frame)))
    assert read["i"] == JSTypedArray("BigInt64Array", [1, 2])
    assert read["f"][0] == 0.5
    assert read["s"] == ["a", None]
    assert read["t"][1] is None
    nullable = pd.DataFrame({"n": pd.array([1, None], dtype="Int64")})
    assert records(nullable) == [{"n": 1}, {"n": None}]
    assert columns(nullable) == {"n": [1, None]}
    assert decode(encode([pd.NaT, pd.Timestamp("2020-01-01", tz="UTC")])) == [
        INVALID,
        datetime(2020, 1, 1, tzinfo=timezone.utc),
    ]
    with pytest.raises(ValueError, match="distinct strings"):
        records(pd.DataFrame({1: [1]}))
    with pytest.raises(TypeError, match="a table"):
        records([1])
    with pytest.raises(EncodeError, match=r"pandas\.NA"):
        encode(pd.NA)
    with pytest.raises(EncodeError, match="total_seconds"):
        encode(pd.Timedelta(1))


def test_arrow_tables() -> None:
    pa = pytest.importorskip("pyarrow")
    from pyv8bridge.frames import columns, records

    table = pa.table({"a": [1, 2], "b": ["x", None]})
    with pytest.raises(EncodeError, match="records"):
        encode(table)
    assert records(table) == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    assert decode(encode(columns(table))) == {"a": JSTypedArray("BigInt64Array", [1, 2]), "b": ["x", None]}


def test_polars_frames() -> None:
    pl = pytest.importorskip("polars")
    from pyv8bridge.frames import columns, records

    table = pl.DataFrame({"a": [1, 2], "f": [0.5, None], "s": ["x", None]})
    with pytest.raises(EncodeError, match="records"):
        encode(table)
    assert records(table) == [{"a": 1, "f": 0.5, "s": "x"}, {"a": 2, "f": None, "s": None}]
    assert decode(encode(columns(table))) == {
        "a": JSTypedArray("BigInt64Array", [1, 2]),
        "f": [0.5, None],
        "s": ["x", None],
    }
    with pytest.raises(TypeError, match="collect"):
        records(table.lazy())
    assert columns(pl.DataFrame({"d": [Decimal("1.5")]})) == {"d": [Decimal("1.5")]}


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (date(2020, 1, 1), "isoformat"),
        (time(1), "isoformat"),
        (timedelta(1), "total_seconds"),
        (Decimal(1), r"str\(d\)"),
        (1j, r"z\.real"),
        (object(), "default="),
        (iter([1]), "list"),
        (BytesIO(b"a"), r"read\(\)"),
        (int, "class int"),
        (hole, "undefined"),
        ({"a": hole}, "hole"),
        (JSMap({"a": hole}), "hole"),
        ({hole}, "hole"),
        ({1: 2}, "keys="),
        (re.compile("a", re.X), "VERBOSE"),
        (re.compile(b"a"), "bytes"),
        (re.compile(r"\w"), "ASCII"),
        (re.compile(r"(?i:a)"), "group"),
        (JSArray([], {"length": 1}), "length"),
        (JSArray([], {"0": 1}), "extra property"),
        (WIDE_TEXT, "tounicode"),
    ],
    ids=repr,
)
def test_what_cannot_cross_says_where_and_what_to_do(value: Any, advice: str) -> None:
    with pytest.raises(EncodeError, match=advice) as caught:
        encode({"rows": [1, {"two words": value}]})
    assert caught.value.path.startswith('$.rows[1]["two words"]')
    assert isinstance(caught.value, TypeError)
    with pytest.raises(EncodeError, match=advice) as caught:
        encode_arguments([1, value])
    assert caught.value.argument == 1
    assert caught.value.path.startswith("$")


def test_paths() -> None:
    for value, path in [
        (1j, "$"),
        (JSMap([(1, 2), (3, 1j)]), "$.values()[1]"),
        (JSMap([(1, 2), ((1j,), 1)]), "$.keys()[1][0]"),
        (JSSet([0, 1j]), "$.values()[1]"),
        (JSError("e", cause=[1j]), "$.cause[0]"),
        ({"": {"1a": {"é": 1j}}}, '$[""]["1a"]["é"]'),
        ({"\ud800": {"a\ud83d\ude00\udc00": 1j}}, '$["\\ud800"]["a\U0001f600\\udc00"]'),
    ]:
        with pytest.raises(EncodeError) as caught:
            encode(value)
        assert caught.value.path == path


def test_big_ints() -> None:
    assert encode(2**64, EncodeOptions(big_ints="number")) == encode(2.0**64)
    assert decode(encode(BigInt(5), EncodeOptions(big_ints="number"))) == BigInt(5)
    with pytest.raises(EncodeError, match=r"2\*\*53") as caught:
        encode({"id": 2**64}, EncodeOptions(big_ints="error"))
    assert caught.value.path == "$.id"
    with pytest.raises(EncodeError, match="too large"):
        encode(10**400, EncodeOptions(big_ints="number"))
    with pytest.raises(ValueError, match="big_ints"):
        EncodeOptions(big_ints="float")  # type: ignore[arg-type]


def test_keys() -> None:
    value = {1: "a", "b": {None: {True: 1}}}
    assert both(value, keys="map") == JSMap([(1, "a"), ("b", JSMap([(None, JSMap([(True, 1)]))]))])
    assert both(value, keys="string") == {"1": "a", "b": {"null": {"true": 1}}}
    assert both({"a": 1}, keys="map") == {"a": 1}
    with pytest.raises(EncodeError, match="two keys"):
        encode({1: 1, "1": 2}, EncodeOptions(keys="string"))
    with pytest.raises(EncodeError, match="tuple"):
        encode({(1,): 1}, EncodeOptions(keys="string"))
    # As the same values would cross elsewhere.
    np = pytest.importorskip("numpy")
    odd = {Colour.RED: 1, Level.HIGH: 2, uuid.UUID(int=5): 3, np.int64(7): 4, np.float32(0.5): 5, np.True_: 6}
    names = [Colour.RED.value, "3", str(uuid.UUID(int=5)), "7", "0.5", "true"]
    assert list(both(odd, keys="string")) == names
    with pytest.raises(EncodeError, match="datetime64"):
        encode({np.datetime64("2020"): 1}, EncodeOptions(keys="string"))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"), (-0.0, "0"), (1.5, "1.5"), (-0.001, "-0.001"), (1e21, "1e+21"), (1e20, "100000000000000000000"),
        (123456789012345680000.0, "123456789012345680000"), (1e-6, "0.000001"), (1e-7, "1e-7"), (1.5e-9, "1.5e-9"),
        (5e-324, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"), (float("inf"), "Infinity"),
        (float("nan"), "NaN"), (100.25, "100.25"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_javascript_writes_them(number: float, text: str) -> None:
    assert number_text(number) == text


def test_default_is_asked_last_and_its_errors_come_out_as_they_are() -> None:
    assert both([Decimal("1.5"), 2], default=str) == ["1.5", 2]
    assert both({"a": object}, default=lambda _: [undefined]) == {"a": [undefined]}

    class MyError(Exception):
        pass

    cause = KeyError("why")

    def fail(value: Any) -> Any:
        raise MyError("mine") from cause

    for value in ([1j], [1j, "\ud800"], {1: 1j}):
        with pytest.raises(MyError) as caught:
            encode(value, EncodeOptions(default=fail, keys="map"))
        assert caught.value.__cause__ is cause
    with pytest.raises(EncodeError, match="returned"):
        encode(1j, EncodeOptions(default=lambda value: value))
    with pytest.raises(EncodeError, match="never"):
        encode(1j, EncodeOptions(default=lambda value: value + 1))
    with pytest.raises(KeyboardInterrupt):
        encode(1j, EncodeOptions(default=_interrupt))


def _interrupt(value: Any) -> Any:
    raise KeyboardInterrupt


def test_default_is_asked_once_an_object_even_if_the_exact_encoder_takes_over() -> None:
    items = iter([1, 2])
    assert decode(encode([items, "\ud800"], EncodeOptions(default=list))) == [[1, 2], "\ud800"]


def test_a_path_of_long_names_is_cut() -> None:
    """As that of what V8 refuses."""
    value: object = object()
    for _ in range(400):
        value = {"k" * 100_000: value}
    with pytest.raises(EncodeError) as caught:
        encode(value)
    path = caught.value.path
    assert path is not None
    assert path.startswith("$" + ("." + "k" * 200 + "…") * 5)
    assert path.endswith("……")
    assert len(path.encode()) <= 4096 + len("…".encode())
    with pytest.raises(EncodeError) as caught:
        encode({"é" * 201: {"n" * 200: [object()]}})
    assert caught.value.path == '$["' + "é" * 200 + '…"].' + "n" * 200 + "[0]"


def test_depth_is_limited_with_a_path() -> None:
    value: Any = 1
    for _ in range(501):
        value = [value]
    with pytest.raises(EncodeError, match="500 levels") as caught:
        encode(value)
    assert caught.value.path == "$" + "[0]" * 500
    for _ in range(100_000):
        value = {"a": value}
    with pytest.raises(EncodeError, match="500 levels"):
        encode(value)
    nested = JSMap()
    for _ in range(1000):
        nested = JSMap({1: nested})
    with pytest.raises(EncodeError, match="500 levels"):
        encode(nested)


@pytest.mark.parametrize(
    "code",
    [
        "value = []\nfor _ in range(100): value = [value, value]",
        "value = {}\nfor _ in range(100): value = {'a': value, 'b': value}",
        "import types\nvalue = 1\nfor _ in range(100): value = types.MappingProxyType({'a': value, 'b': value})",
        "class A:\n  def __init__(self, v): self.v = v\nvalue = 1\nfor _ in range(100): value = {A(value), A(value)}"
        "\noptions['default'] = lambda a: a.v",
        "value = [[1] * 10**5] * 10**5",
        "value = [[i] for i in range(10**5)]\nfor _ in range(60): value = [value, value]",
    ],
)
def test_copies_without_end_are_refused_and_references_help(code: str) -> None:
    script = f"""
import resource
resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))
from pyv8bridge.encode import encode, EncodeOptions
from pyv8bridge.errors import EncodeError
options = {{}}
{code}
try:
    encode(value, EncodeOptions(**options))
except EncodeError as error:
    assert "references=True" in str(error), error
else:
    raise SystemExit("encoded")
encode(value, EncodeOptions(references=True, **options))
print("fine")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True, text=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    assert done.stdout == "fine\n", done.stderr


def test_ordinary_sharing_is_no_blow_up() -> None:
    row = [0] * 1000
    assert len(decode(encode([row] * 1000))) == 1000
