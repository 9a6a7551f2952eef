"""Python objects to messages: the first hop of a value on its way into JavaScript.

This is the fast path: a MessagePack library in compiled code writes trees of plain values, and asks
`_FastEncoder.default` about everything else. What it refuses (lone surrogates, cycles, great depth, keys that are no
str) and every error that needs a path is left to encode_exact.py, which gives the same result for every value that both
can write.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import ormsgpack

from ._look import binary_among_first, count_elements, may_hold_bin
from .bodies import checked_properties, error_body, view_body
from .encode_exact import encode_exact
from .errors import EncodeError
from .expansion import COPIES_LIMIT, any_met_twice, expands_too_far
from .lower import HOLE_EXT, LEAF_TYPES, LOOK, Ext, Lowering, node_kind
from .message import LEAF, MAX_BYTES, NODE, UINT32, graph
from .options import DEFAULTS, EncodeOptions
from .private_copies import PrivateCopies
from .values import JSTypedArray

__all__ = ["DEFAULTS", "EncodeOptions", "encode", "encode_arguments"]

_PLAIN: Final = (
    ormsgpack.OPT_PASSTHROUGH_SUBCLASS
    | ormsgpack.OPT_PASSTHROUGH_BIG_INT
    | ormsgpack.OPT_PASSTHROUGH_DATACLASS
    | ormsgpack.OPT_PASSTHROUGH_DATETIME
    | ormsgpack.OPT_PASSTHROUGH_ENUM
    | ormsgpack.OPT_PASSTHROUGH_UUID
)
# Nodes within nodes, and replacements of one container by another: beyond, the exact encoder looks more closely.
_NODE_LEVELS: Final = 100
_REPLACEMENTS: Final = 1 << 20


class _NeedExactError(Exception):
    """The fast path cannot write this value, or cannot tell whether it is right."""


def encode(value: object, options: EncodeOptions = DEFAULTS, attachments: list[memoryview] | None = None) -> bytes:
    """The message for `value`.

    Large binary data is appended to `attachments` when that is a list, else it lies in the message. Raises EncodeError,
    and whatever `options.default` raises.
    """
    return _encode(value, options, attachments, False)


def encode_arguments(
    arguments: Sequence[object], options: EncodeOptions = DEFAULTS, attachments: list[memoryview] | None = None
) -> bytes:
    """The message for a call's arguments: an array. Errors carry the argument's index, and the path inside it."""
    arguments = tuple(arguments)
    if not options.references:
        message = plain_message(arguments, options, attachments is not None)
        if message is not None:
            return message
    return _encode(arguments, options, attachments, True)


def plain_message(
    value: list[Any] | tuple[Any, ...],
    options: EncodeOptions = DEFAULTS,
    attaches: bool = True,
    # Bound here, as looking them up would take longer than using them.
    count: Any = count_elements,
    binary: Any = binary_among_first,
    pack: Any = ormsgpack.packb,
) -> bytes | None:
    """The message for a tree of nothing but plain values. None when there is more to it, or something else.

    Binary data is plain unless it `attaches`. Without any of what `_FastEncoder` provides for, there is no more to do.
    """
    if count(value, COPIES_LIMIT) > COPIES_LIMIT or (attaches and binary(value, LOOK, options.attach_from)):
        return None
    try:
        message: bytes = pack(value, option=_PLAIN)
    except ormsgpack.MsgpackEncodeError:
        # No more than the library's own: a signal handler's exception may come from between any two instructions.
        return None
    size = len(message)
    least = options.attach_from
    # Numbers may look like binary data: then look at each element.
    if attaches and size >= least and may_hold_bin(message, least) and binary(value, COPIES_LIMIT, least):
        return None
    return message if size <= MAX_BYTES else None


def _encode(value: object, options: EncodeOptions, attachments: list[memoryview] | None, are_arguments: bool) -> bytes:
    lowering = Lowering(options, attachments)
    message = None
    if not options.references:
        try:
            message = _FastEncoder(lowering).encode(value)
        except (_NeedExactError, EncodeError):
            lowering.restart()
    if message is None:
        message = encode_exact(value, lowering, are_arguments)
    if len(message) > MAX_BYTES:
        raise EncodeError("the message is larger than 4 GiB", "$")
    return message


# What the library and the look for binary data say of values that they cannot take, or that change meanwhile. Anything
# else is not about the value: a signal handler's exception, say.
_REFUSALS: Final = (
    ormsgpack.MsgpackEncodeError,
    EncodeError,
    _NeedExactError,
    RecursionError,
    RuntimeError,
    ValueError,
    BufferError,
)


class _FastEncoder:
    """One message."""

    def __init__(self, lowering: Lowering) -> None:
        self._lowering = lowering
        self._failure: BaseException | None = None
        self._replacements = 0
        # Buffers, dates … that turned out to be met twice, and so must be leaves.
        self._shared: set[int] = set()
        # Whether large binary data lies deeper than it was looked for at first.
        self._large_inside = False
        self._begin()

    def _begin(self) -> None:
        self._met: dict[int, object] = {}
        self._again = False
        self._kinds: list[str] = []
        self._nodes: list[tuple[Any, str, int]] = []
        self._node_exts: dict[int, Ext] = {}
        self._leaves: list[bytes] = []
        self._leaf_exts: dict[int, Ext] = {}
        self._level = 0
        self._copies = PrivateCopies()
        # A node that is met again inside of nodes may close a cycle: then nothing on it may be written twice.
        self._met_inside = False
        self._bodies: list[Any] = []

    def encode(self, value: object) -> bytes:
        """The message, or _NeedExactError."""
        while True:
            root = self._pack(value)
            bodies: list[bytes] = []
            # Bodies add nodes while they are packed.
            while len(bodies) < len(self._nodes):
                node, kind, self._level = self._nodes[len(bodies)]
                body = self._body(node, kind)
                self._bodies.append(body)
                bodies.append(self._pack(body))
            if self._met_inside and (self._replacements or any_met_twice([value, *self._bodies])):
                raise _NeedExactError
            if not self._again:
                return graph(self._kinds, self._leaves, root, bodies) if bodies or self._leaves else root
            # A leaf was written in place before it was met again, or large bytes were: once more, now that it is known.
            self._lowering.restart()
            self._begin()

    def _pack(self, value: object) -> bytes:
        if expands_too_far(value):
            raise _NeedExactError
        try:
            lowering = self._lowering
            without = lowering.without_any_large_bytes if self._large_inside else lowering.without_large_bytes
            data = self._pack_tree(without(value))
            if not self._large_inside and lowering.may_hold_large_bytes(data):
                self._large_inside = self._again = True
            return data
        except _REFUSALS:
            failure = self._failure
        # Outside the except clause: what `default` raised comes out as it was, without a context of ours.
        if failure is None or isinstance(failure, (EncodeError, _NeedExactError)):
            raise _NeedExactError
        raise failure

    def _pack_tree(self, value: object) -> bytes:
        # Without a hook nothing can change while it is written, so plain trees need no copies.
        with suppress(ormsgpack.MsgpackEncodeError):
            return ormsgpack.packb(value, option=_PLAIN)
        return ormsgpack.packb(self._copies.of(value), default=self._default, option=_PLAIN)

    def _default(self, value: Any) -> Any:
        # The library swallows what is raised here.
        try:
            if not self._copies.expects(value):
                raise _NeedExactError
            return self._replace(value)
        except BaseException as error:
            self._failure = error
            raise

    def _replace(self, value: Any) -> Any:
        found = node_kind(type(value))
        if found is not None:
            return self._node(value, *found)
        if isinstance(value, LEAF_TYPES):
            return self._leaf(value)
        if isinstance(value, JSTypedArray):
            return self._view(value)
        lowered = self._lowering.lower(value)
        kind = type(lowered)
        if kind is list or kind is dict or kind is tuple:
            self._replacements += 1
            if self._replacements > _REPLACEMENTS or expands_too_far(lowered):
                raise _NeedExactError
        elif lowered is HOLE_EXT:
            raise _NeedExactError  # Legal in an Array only, and the library does not say where we are.
        if kind is Ext:
            return lowered
        try:
            return self._copies.of(lowered)
        except RecursionError:
            raise _NeedExactError from None

    def _node(self, value: Any, kind: str, keeps_identity: bool) -> Ext:
        if keeps_identity:
            known = self._node_exts.get(id(value))
            if known is not None:
                self._met_inside = self._met_inside or self._level > 0
                return known
        else:
            self._replacements += 1
        if self._level >= _NODE_LEVELS or (len(self._nodes) >= _REPLACEMENTS and not keeps_identity):
            raise _NeedExactError
        ext = Ext(NODE, UINT32.pack(len(self._nodes)))
        self._nodes.append((value, kind, self._level + 1))
        self._kinds.append(kind)
        if keeps_identity:
            self._node_exts[id(value)] = ext
        return ext

    def _is_shared(self, value: object) -> bool:
        """Whether a leaf is known to be met twice; meeting it now counts."""
        if id(value) in self._shared:
            return True
        if id(value) in self._met:
            self._shared.add(id(value))
            self._again = True
        self._met[id(value)] = value
        return False

    def _leaf(self, value: Any) -> Ext:
        if not self._is_shared(value):
            return self._lowering.leaf_ext(value)
        known = self._leaf_exts.get(id(value))
        if known is None:
            known = Ext(LEAF, UINT32.pack(len(self._leaves)))
            self._leaf_exts[id(value)] = known
            self._leaves.append(ormsgpack.packb(self._lowering.leaf_ext(value)))
            self._met[id(value)] = value
        return known

    def _view(self, view: JSTypedArray) -> Ext:
        if view.buffer.resizable and id(view.buffer) not in self._shared:
            # Only a node can say that the buffer is one.
            self._shared.add(id(view.buffer))
            self._again = self._again or id(view.buffer) in self._met
            self._met[id(view.buffer)] = view.buffer
        if self._is_shared(view.buffer):
            return self._node(view, "v", True)
        return self._lowering.view_ext(view)

    def _body(self, value: Any, kind: str) -> Any:
        if kind == "m":
            return [part for entry in value.items() for part in entry]
        if kind in "ls":
            return list(value)
        if kind == "d":
            return dict(value)
        if kind == "a":
            return [list(value), _flat(checked_properties(value.properties))]
        if kind == "p":
            items = [part for entry in value.items() for part in entry]
            return [value.length, *items, *_flat(checked_properties(value.properties))]
        if kind == "e":
            return error_body(value)
        return [self._leaf(value.buffer), *view_body(value)]


def _flat(properties: dict[str, Any]) -> list[Any]:
    return [part for entry in properties.items() for part in entry]
