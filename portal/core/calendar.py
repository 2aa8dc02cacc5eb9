"""Days as the law counts them: working days with holidays and moved working days.

Pure values; the rows come from the `Holiday` table or, in tests, from `portal.core.holidays`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_SATURDAY = 5
_ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class WorkingCalendar:
    """Which days are worked.

    `days` holds the days that differ from their weekday (True = worked); `years_known` the years
    whose holidays have been announced. A day in no table is worked from Monday to Friday, so a
    year without data never stops an answer; `crosses_unknown_year` tells that it may be wrong.
    """

    days: Mapping[dt.date, bool]
    years_known: frozenset[int]

    def is_working_day(self, day: dt.date) -> bool:
        """Whether offices work on `day`."""
        return self.days.get(day, day.weekday() < _SATURDAY)

    def add_working_days(self, start: dt.date, n: int) -> dt.date:
        """The n-th working day after `start`, which is not counted; before it if n is negative.

        n = 0 gives `start` itself, worked or not.
        """
        step = _ONE_DAY if n > 0 else -_ONE_DAY
        day = start
        left = abs(n)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def working_days_between(self, a: dt.date, b: dt.date) -> int:
        """Working days left from `a` until `b`: `a` is not counted, `b` is; negative if b < a."""
        if b < a:
            return -self.working_days_between(b, a)
        days = (a + dt.timedelta(days=offset) for offset in range(1, (b - a).days + 1))
        return sum(self.is_working_day(day) for day in days)

    def next_working_day(self, day: dt.date) -> dt.date:
        """`day` itself if it is worked, else the first working day after it."""
        return day if self.is_working_day(day) else self.add_working_days(day, 1)

    def crosses_unknown_year(self, start: dt.date, end: dt.date) -> bool:
        """Whether the days from `start` to `end` touch a year whose holidays are not announced."""
        first, last = sorted((start.year, end.year))
        return not self.years_known.issuperset(range(first, last + 1))


def shanghai_day(at: dt.datetime) -> dt.date:
    """The calendar day in Shanghai at the instant `at`; ValueError if it has no time zone."""
    if at.utcoffset() is None:
        raise ValueError("an instant without a time zone has no day")
    return at.astimezone(SHANGHAI).date()
