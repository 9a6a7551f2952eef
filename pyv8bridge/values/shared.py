"""Containers and dates that JavaScript showed more than once in one message.

They equal plain ones and are used like them; that they are of these classes makes the encoder keep their identity when
they go back, while plain values pay nothing for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any


class SharedList(list[Any]):
    """A list that was met twice, or that contains itself."""

    __slots__ = ()


class SharedDict(dict[str, Any]):
    """A dict that was met twice, or that contains itself."""

    __slots__ = ()


class SharedDatetime(datetime):
    """A datetime whose Date object was met twice."""

    __slots__ = ()

    @classmethod
    def of(cls, moment: datetime) -> SharedDatetime:
        """A new one of the same instant and time zone."""
        return cls.combine(moment.date(), moment.timetz())

    def __repr__(self) -> str:
        return repr(self.plain())

    def plain(self) -> datetime:
        """The same moment as a plain datetime."""
        return datetime.combine(self.date(), self.timetz())
