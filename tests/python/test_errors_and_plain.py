"""The error classes as Python sees them, and `plain`."""

from __future__ import annotations

import copy
import json
import math
import pickle
from datetime import datetime, timezone

import pytest

from pyv8bridge import Context, errors
from pyv8bridge.errors import DataCloneError, DecodeError, EncodeError, JSError, JSSyntaxError
from pyv8bridge.to_plain import plain
from pyv8bridge.values import (
    BigInt,
    JSArrayBuffer,
    JSDate,
    JSMap,
    JSRegExp,
    JSSet,
    JSSparseArray,
    JSTypedArray,
    SharedDict,
    SharedList,
    hole,
    undefined,
)


def test_classes() -> None:
    for name in errors.__all__:
        assert issubclass(getattr(errors, name), errors.Error)
    for error, base in [
        (EncodeError, TypeError), (DataCloneError, TypeError), (DecodeError, ValueError),
        (errors.JSTimeoutError, TimeoutError), (errors.MemoryLimitError, MemoryError),
        (errors.JSTimeoutError, errors.TerminatedError), (JSSyntaxError, JSError),
    ]:  # fmt: skip
        assert issubclass(error, base)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (EncodeError("no", "$.a"), "at $.a: no"),
        (EncodeError("no", "$", 2), "argument 2: no"),
        (EncodeError("no", "$.a", 2), "argument 2, at $.a: no"),
        (DataCloneError("no"), "no"),
        (DecodeError("no", 7), "no (at byte 7)"),
        (JSError("m", name="TypeError"), "TypeError: m"),
        (JSSyntaxError("bad"), "SyntaxError: bad"),
        (
            JSError("m", filename="f.js", line=2, column=4, end_column=6, source_line="\t\U0001f600xy"),
            "Error: m\n  at f.js:2:4\n    \t\U0001f600xy\n    \t ^^",
        ),
    ],
)
def test_text_copies_and_pickles(error: errors.Error, text: str) -> None:
    for twin in (error, copy.copy(error), copy.deepcopy(error), pickle.loads(pickle.dumps(error))):
        assert str(twin) == text
        assert type(twin) is type(error)
        assert twin.__dict__.keys() == error.__dict__.keys()


def test_a_long_path_is_shown_in_part_and_kept_whole() -> None:
    path = "$" + "[0]" * 500
    error = errors.DataCloneError("too deep", path)
    assert error.path == path
    assert len(str(error)) < 160
    assert str(error).startswith("at $[0][0]")
    assert str(error).endswith("[0]: too deep")


def test_js_error() -> None:
    error = JSError("m", name="HttpError", cause=JSError("inner"), properties={"code": 404, "name": "shadowed"})
    assert error.code == 404
    assert error.name == "HttpError"
    assert error.value is error
    assert error.__cause__ is error.cause
    assert not JSError("m").has_cause
    assert JSError("m").cause is undefined
    assert JSError("m", cause=undefined).has_cause
    assert JSError("m", value=5).value == 5
    assert JSError("m") != JSError("m", cause=undefined)
    assert len({JSError("m"), JSError("m")}) == 1
    assert pickle.loads(pickle.dumps(error)) == error
    with pytest.raises(AttributeError, match="nothing"):
        error.nothing  # noqa: B018


def test_plain_is_json_like() -> None:
    moment = datetime(2020, 1, 1, tzinfo=timezone.utc)
    value = {
        "undefined": undefined, "holes": [hole], "bigint": BigInt(2**70), "map": JSMap({"a": JSSet([1])}),
        "bytes": b"ab", "typed": JSTypedArray("BigInt64Array", [1]), "buffer": JSArrayBuffer(b"a"),
        "regexp": JSRegExp("a", "g"), "invalid": JSDate(math.nan), "far": JSDate(8.64e15),
        "sparse": JSSparseArray(5000, {3: 4}), "error": JSError("m", cause=BigInt(1)),
        "shared": SharedList([SharedDict()]),
    }  # fmt: skip
    expected = {
        "undefined": None, "holes": [None], "bigint": 2**70, "map": {"a": [1]}, "bytes": [97, 98], "typed": [1],
        "buffer": [97], "regexp": "/a/g", "invalid": None, "far": "+275760-09-13T00:00:00.000Z", "sparse": {3: 4},
        "error": {"name": "Error", "message": "m", "cause": 1}, "shared": [{}],
    }  # fmt: skip
    result = plain(value)
    assert result == expected
    assert type(result["bigint"]) is type(result["typed"][0]) is type(result["error"]["cause"]) is int
    assert type(result["shared"]) is list
    assert type(result["shared"][0]) is dict
    json.dumps(result)
    assert plain([moment]) == [moment]
    assert plain(JSMap([(1, "a"), (True, "b")])) == [[1, "a"], [True, "b"]]
    assert plain(JSMap([({}, 1)])) == [[{}, 1]]


def test_plain_refuses_cycles_but_not_sharing() -> None:
    inner = [1]
    assert plain([inner, inner]) == [[1], [1]]
    inner.append(inner)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="contains itself"):
        plain(inner)
    with pytest.raises(TypeError, match="object"):
        plain(object())


def test_an_error_without_a_message() -> None:
    without, empty = errors.JSError(), errors.JSError("")
    assert (without.message, without.has_message, repr(without)) == ("", False, "JSError()")
    assert (empty.message, empty.has_message, repr(empty)) == ("", True, "JSError('')")
    assert without != empty
    for error in (without, empty):
        assert copy.copy(error) == copy.deepcopy(error) == pickle.loads(pickle.dumps(error)) == error
    without.message = "now"
    assert (without.has_message, without.args, str(without)) == (True, ("now",), "Error: now")


def test_plain_refuses_handles() -> None:
    ctx = Context()
    for value in (ctx.eval("() => 1"), [ctx.ref("({})")]):
        with pytest.raises(TypeError, match="stays in JavaScript"):
            plain(value)
