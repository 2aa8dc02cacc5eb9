"""What the ground is asked: the law in force, the working days, the inbox."""

from __future__ import annotations

import datetime as dt
import json

from .calendar import WorkingCalendar
from .models import CalendarYear, CitationCheck, Holiday, Notification, RegulationPack, User
from .regulation import Regulation
from .regulation.loader import PackData, build, parse_pack


def in_force(day: dt.date) -> Regulation:
    """The regulation of `day`: the newest version of each pack, two-person checks included."""
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
    days = dict(Holiday.objects.values_list("date", "is_workday"))
    years = frozenset(CalendarYear.objects.values_list("year", flat=True))
    return WorkingCalendar(days, years)


def unread_count(user: User) -> int:
    """How many messages wait unread in the person's inbox."""
    return Notification.objects.visible_to(user).unread().count()


__all__ = ["in_force", "unread_count", "working_calendar"]
