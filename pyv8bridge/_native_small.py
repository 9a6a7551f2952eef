"""Small calls: the same crossing as `Context._run` makes, with nothing on its way that a small call does not need.

Plain values go to a message without hooks, one C call does the rest, and a small result lands in a room that was there
before. Everything else (options, other values, large results, errors) ends in the general way, and
nothing is called twice for it: what comes after the C call only reads.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

import ormsgpack

from . import _native
from ._pyv8bridge import ffi, lib
from .crossing import CallOptions
from .decode import DATES
from .encode import plain_message
from .values import undefined

if TYPE_CHECKING:
    from .context import Context

_ROOM: Final = 4096
_UNDEFINED: Final = b"\xc7\x00\x01"
_MOST_PLANS: Final = 1024


class _Room:
    """Where one call's result goes: memory for a small one, and the pvb_result of any other, cleared when dropped."""

    __slots__ = ("memory", "result", "shown")

    def __init__(self) -> None:
        self.memory = ffi.new("uint8_t[]", _ROOM)
        self.shown = ffi.buffer(self.memory)
        self.result = ffi.gc(ffi.new("pvb_result *"), lib.pvb_result_clear)


# Those that nobody uses. A call takes one out and puts it back when it has read its result, so calls on other threads,
# and those inside of this one (of signal handlers, host functions, finalizers), take others. An exception that comes
# between costs a room, no more.
_rooms: deque[_Room] = deque()  # a list would give its memory back at each other step


def plan_of(options: CallOptions, base: int, path: str) -> _native.CallPlan | None:
    """The plan for small calls with a context's defaults; None when these need to look at every value."""
    if options.encode.references or options.timings is not None or options.transfer:
        return None
    return _native.shared_plan(
        _native.CALL,
        base,
        path,
        False,
        False,
        _native.RESULT_VALUE,
        options.encode.big_ints,
        False,
        options.timeout,
        options.cpu_timeout,
    )


class Plans(dict[str, "_native.CallPlan | None"]):
    """The plans of one context by path, made as they are asked for. Knows no context, which would be a cycle."""

    def __init__(self, options: CallOptions) -> None:
        super().__init__()
        self._options = options

    def __missing__(self, path: str) -> _native.CallPlan | None:
        if type(path) is not str:
            return None
        if len(self) >= _MOST_PLANS:
            self.clear()
        plan = self[path] = plan_of(self._options, 0, path)
        return plan


def call_small(
    context: Context,
    plan: _native.CallPlan,
    args: tuple[Any, ...],
    # Bound here, as looking them up would take longer than using them.
    encode: Any = plain_message,
    call_into: Any = lib.pvb_call_into,
    unpack: Any = ormsgpack.unpackb,
) -> Any:
    """Calls what the plan says, small or not."""
    message = encode(args)
    if message is None:
        return context._run(_native.CALL, plan.base, plan.path, args)
    try:
        room = _rooms.pop()
    except IndexError:
        room = _Room()
    size = call_into(context._native.pointer, plan.options, message, len(message), room.memory, _ROOM, room.result)
    if size < 0:
        return _conclude(context, room)
    data = room.shown[:size]
    _rooms.append(room)
    if data == _UNDEFINED:
        return undefined
    try:
        return unpack(data, option=DATES)
    except (ormsgpack.MsgpackDecodeError, SystemError):
        # No more than the library's own: a signal handler's exception may come from between any two instructions.
        pass
    return context._decode(data, ())


def _conclude(context: Context, room: _Room) -> Any:
    """The result that found no room, or the error."""
    try:
        return _native.concluded(room.result, context._decode)
    except _native.ThrownError as thrown:
        error = context._host.error(thrown)
    finally:
        lib.pvb_result_clear(room.result)
        _rooms.append(room)
    raise error
