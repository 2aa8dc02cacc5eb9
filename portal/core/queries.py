"""What the ground is asked: the law in force, the working days, the inbox."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

from .calendar import WorkingCalendar
from .models import CalendarYear, CitationCheck, Holiday, Notification, RegulationPack, User
from .regulation import Regulation
from .regulation.loader import PackData, build, parse_pack

T = TypeVar("T")
# What one request has read: the law and the calendar do not change while a page is made.
_memo: ContextVar[dict[object, Any] | None] = ContextVar("memo", default=None)


@contextmanager
def remembered() -> Generator[None, None, None]:
    """Within it the regulation of a day and the calendar are read once, not at every question."""
    token = _memo.set({})
    try:
        yield
    finally:
        _memo.reset(token)


def _once(key: object, read: Callable[[], T]) -> T:
    memo = _memo.get()
    if memo is None:
        return read()
    if key not in memo:
        memo[key] = read()
    return cast("T", memo[key])


def in_force(day: dt.date) -> Regulation:
    """The regulation of `day`: the newest version of each pack, two-person checks included."""
    return _once(day, lambda: _in_force(day))


def _in_force(day: dt.date) -> Regulation:
    rows = RegulationPack.objects.order_by("key", "-version").distinct("key")
    packs = [_parsed(row) for row in rows]
    verified = frozenset(
        CitationCheck.objects.exclude(second_by=None).values_list("figure_key", "since")
    )
    return build(day, packs, verified=verified)


_PARSED: dict[tuple[str, int, str], PackData] = {}


def _parsed(row: RegulationPack) -> PackData:
    """A pack version never changes, so each is parsed once a process."""
    key = (row.key, row.version, row.digest)
    if key not in _PARSED:
        _PARSED[key] = parse_pack(json.loads(row.content), version=row.version)
    return _PARSED[key]


def working_calendar() -> WorkingCalendar:
    """The calendar of working days as the Holiday table has it now."""
    return _once("calendar", _working_calendar)


def _working_calendar() -> WorkingCalendar:
    days = dict(Holiday.objects.values_list("date", "is_workday"))
    years = frozenset(CalendarYear.objects.values_list("year", flat=True))
    return WorkingCalendar(days, years)


def unread_count(user: User) -> int:
    """How many messages wait unread in the person's inbox."""
    return Notification.objects.visible_to(user).unread().count()


__all__ = ["in_force", "unread_count", "working_calendar"]
