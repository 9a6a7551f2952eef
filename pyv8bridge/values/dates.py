"""`JSDate`: a Date that datetime cannot hold, because its year is outside 1 to 9999 or because it is invalid."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from math import isfinite, nan
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
# Date.prototype reaches 100,000,000 days either way; datetime the years 1 to 9999.
MAX_MS: Final = 8_640_000_000_000_000
FIRST_MS: Final = -62_135_596_800_000
LAST_MS: Final = 253_402_300_799_999
_MILLISECOND: Final = timedelta(milliseconds=1)


def ms_of(moment: datetime) -> int:
    """Milliseconds since 1970, floored; a naive datetime is local time, as in `datetime.timestamp()`.

    Raises OverflowError or ValueError when the platform cannot place a naive one in time.
    """
    if moment.utcoffset() is None:
        moment = moment.astimezone(timezone.utc)
    return (moment - EPOCH) // _MILLISECOND


def datetime_of(ms: float) -> datetime | None:
    """The aware UTC datetime of a whole number of milliseconds, or None outside the years 1 to 9999."""
    if not FIRST_MS <= ms <= LAST_MS:
        return None
    return EPOCH + timedelta(milliseconds=int(ms))


class JSDate:
    """A Date by its milliseconds since 1970; `nan` is the invalid Date, and so is what Date itself refuses.

    Two invalid Dates are equal, so that values can be compared.
    """

    __slots__ = ("__weakref__", "_ms")

    def __init__(self, ms: float) -> None:
        value = float(ms)
        self._ms = float(int(value)) if isfinite(value) and abs(value) <= MAX_MS else nan

    @property
    def ms(self) -> float:
        """Milliseconds since 1970, a whole number, or nan."""
        return self._ms

    @property
    def valid(self) -> bool:
        """Whether this is a moment at all."""
        return self._ms == self._ms

    def to_datetime(self) -> datetime:
        """The aware UTC datetime. Raises ValueError when it is invalid or outside the years 1 to 9999."""
        moment = datetime_of(self._ms)
        if moment is None:
            raise ValueError("an invalid Date" if not self.valid else f"{self!r} is outside the years 1-9999")
        return moment

    def isoformat(self) -> str:
        """As Date.prototype.toISOString writes it, years outside 0 to 9999 with a sign and six digits.

        Raises ValueError when it is invalid.
        """
        if not self.valid:
            raise ValueError("an invalid Date")
        # The Gregorian calendar repeats every 400 years, which are 146,097 days.
        cycles, rest = divmod(int(self._ms) - FIRST_MS, 146_097 * 86_400_000)
        moment = EPOCH + timedelta(milliseconds=rest + FIRST_MS)
        year = moment.year + 400 * cycles
        number = f"{year:04}" if 0 <= year <= 9999 else f"{'-' if year < 0 else '+'}{abs(year):06}"
        return f"{number}-{moment:%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, JSDate):
            return NotImplemented
        return self._ms == other._ms or not (self.valid or other.valid)

    def __hash__(self) -> int:
        return hash((JSDate, self._ms if self.valid else None))

    def __repr__(self) -> str:
        return f"JSDate({int(self._ms) if self.valid else 'nan'})"

    def __reduce__(self) -> tuple[type[JSDate], tuple[float]]:
        return (JSDate, (self._ms,))
