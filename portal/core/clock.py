"""The one place that reads the clock.

Views, tasks and commands take `at = clock.now()` and hand it down; rules, actions and queries get
it as an argument, so that every decision can be replayed on any day (ruling R17).
"""

from __future__ import annotations

import datetime as dt

from .calendar import shanghai_day


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)


def day_of(at: dt.datetime) -> dt.date:
    """The Shanghai calendar day of a moment: legal deadlines are days, not instants."""
    return shanghai_day(at)


def today() -> dt.date:
    """The present Shanghai day, for facts about the signed-in person (roles in force)."""
    return day_of(now())
