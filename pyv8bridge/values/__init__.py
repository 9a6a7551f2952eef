"""Classes for the JavaScript values that no Python type is an exact counterpart of. docs/values.md lists them all."""

from __future__ import annotations

from .arrays import JSArray, JSSparseArray
from .bigint import BigInt
from .binary import JSArrayBuffer, JSTypedArray
from .boxed import JSBoxed
from .dates import JSDate
from .keyed import JSMap, JSSet
from .regexp import JSRegExp
from .shared import SharedDatetime, SharedDict, SharedList
from .undefined import Hole, Undefined, hole, undefined

__all__ = [
    "BigInt",
    "Hole",
    "JSArray",
    "JSArrayBuffer",
    "JSBoxed",
    "JSDate",
    "JSMap",
    "JSRegExp",
    "JSSet",
    "JSSparseArray",
    "JSTypedArray",
    "SharedDatetime",
    "SharedDict",
    "SharedList",
    "Undefined",
    "hole",
    "undefined",
]
