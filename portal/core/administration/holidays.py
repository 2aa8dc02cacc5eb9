"""The calendar of working days, kept by hand once the yearly notice is out."""

from __future__ import annotations

import datetime as dt

from portal.core.actors import Actor
from portal.core.holidays import official_years, seed_days
from portal.core.models import CalendarYear, Holiday
from portal.core.remembering import forget
from portal.core.roles import Role
from portal.core.staffing.codes import refuse_unless
from portal.core.workflow import action, one_at_a_time, record

KEEPERS = frozenset({Role.CLERK, Role.SYSADMIN})
_KEY = "holidays"
_COLUMNS = ("is_workday", "name", "source")


class NotAnnounced(Exception):
    """The package knows no announced plan for that year yet."""


@action
def keep_day(
    date: dt.date, *, is_workday: bool, name: str, source: str, by: Actor, at: dt.datetime
) -> Holiday:
    """A day that differs from its weekday, new or changed; the trail keeps what it was."""
    refuse_unless(by, *KEEPERS)
    one_at_a_time(_KEY)
    before = Holiday.objects.filter(date=date).values(*_COLUMNS).first()
    now = {"is_workday": is_workday, "name": name, "source": source}
    day, _new = Holiday.objects.update_or_create(date=date, defaults=now)
    forget()
    if before != now:
        record(None, "holiday.kept", by=by, at=at, date=date, old=before, new=now)
    return day


@action
def remove_day(date: dt.date, *, by: Actor, at: dt.datetime) -> bool:
    """The day is again what its weekday says; False when it was so already."""
    refuse_unless(by, *KEEPERS)
    one_at_a_time(_KEY)
    before = Holiday.objects.filter(date=date).values(*_COLUMNS).first()
    if before is None:
        return False
    Holiday.objects.filter(date=date).delete()
    forget()
    record(None, "holiday.removed", by=by, at=at, date=date, old=before)
    return True


@action
def confirm_year(year: int, *, by: Actor, at: dt.datetime) -> None:
    """Somebody has compared the year with the notice: it counts as announced from now on."""
    refuse_unless(by, *KEEPERS)
    one_at_a_time(_KEY)
    CalendarYear.objects.update_or_create(year=year, defaults={"is_official": True})
    forget()
    record(None, "holiday.year_confirmed", by=by, at=at, year=year)


@action
def import_year(year: int, *, by: Actor, at: dt.datetime) -> int:
    """Take the announced plan of a year from the package; returns its days.

    The whole year is replaced, days kept by hand included: the page says so. Raises NotAnnounced.
    """
    refuse_unless(by, *KEEPERS)
    one_at_a_time(_KEY)
    if year not in official_years([year]):
        raise NotAnnounced(year)
    gone, _by_model = Holiday.objects.filter(date__year=year).delete()
    days = Holiday.objects.bulk_create(Holiday(**day._asdict()) for day in seed_days([year]))
    CalendarYear.objects.update_or_create(year=year, defaults={"is_official": True})
    forget()
    record(None, "holiday.year_imported", by=by, at=at, year=year, days=len(days), before=gone)
    return len(days)
