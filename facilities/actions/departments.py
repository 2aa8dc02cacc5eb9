"""Keeping the departments: a new one, what one answers for from a day on, the last day of one."""

from __future__ import annotations

import datetime as dt

from django.db.models import Max

from facilities.models import Department, DepartmentMatter
from portal.core import clock, search
from portal.core.actors import Actor
from portal.core.workflow import action, lock, one_at_a_time, record

_SLUG_MAX = 40
DAY = dt.timedelta(days=1)


class DepartmentKnown(Exception):
    """There is a department of this name."""


class BeginsTooEarly(Exception):
    """The day lies before that of a row which has counted already; carries the first day open."""

    def __init__(self, first: dt.date) -> None:
        super().__init__(first.isoformat())
        self.first = first


class DepartmentEnded(Exception):
    """Nothing is handed to the department from that day on, so it answers for nothing new."""


class NotAnswering(Exception):
    """Nothing is handed to the department on the day."""


@action
def add_department(
    name: str, matter: str, since: dt.date, *, by: Actor, at: dt.datetime
) -> Department:
    """Write down a department and what it answers for from a day on.

    Raises DepartmentKnown where one of this name exists; the same form sent twice gives the same.
    """
    one_at_a_time("departments")
    if found := Department.objects.filter(name=name).first():
        first = found.matters.filter(text=matter, valid_from=since)
        if first.exists() and found.valid_until is None:
            return found
        raise DepartmentKnown(name)
    last = Department.objects.aggregate(last=Max("position"))["last"] or 0
    made = Department.objects.create(slug=_slug(name), name=name, position=last + 1)
    DepartmentMatter.objects.create(department=made, text=matter, valid_from=since)
    record(made, "department.add", by=by, at=at, since=since.isoformat(), matter=matter)
    return made


@action
def change_matter(
    department: Department, text: str, since: dt.date, *, by: Actor, at: dt.datetime
) -> Department:
    """From `since` on the department answers for something else; letters sent keep their words.

    A row that has not begun yet is replaced, and the trail keeps what it said. Raises
    BeginsTooEarly for a day on which a row that has counted already began, or before it, and
    DepartmentEnded where nothing is handed to it on that day any more.
    """
    fresh: Department = lock(department)
    rows = list(DepartmentMatter.objects.filter(department=fresh))  # the newest first
    newest = rows[0]
    if (newest.text, newest.valid_from) == (text, since):
        return fresh
    if fresh.is_over(since):
        raise DepartmentEnded(fresh.slug)
    replaced = {}
    if newest.valid_from and newest.valid_from > clock.day_of(at):
        replaced = {"replaced": newest.text, "replaced_since": newest.valid_from.isoformat()}
        newest.delete()
        rows = rows[1:]
    if rows:
        _end_before(rows[0], since)
    DepartmentMatter.objects.create(department=fresh, text=text, valid_from=since)
    record(
        fresh, "department.matter", by=by, at=at, since=since.isoformat(), matter=text, **replaced
    )
    return fresh


def _end_before(row: DepartmentMatter, since: dt.date) -> None:
    first = row.valid_from or dt.date.min
    if since <= first:
        raise BeginsTooEarly(first + DAY)
    row.valid_to = since - DAY
    row.save(update_fields=["valid_to"])


@action
def end_department(
    department: Department, last: dt.date | None, reason: str, *, by: Actor, at: dt.datetime
) -> Department:
    """Nothing is handed to it after `last`; None takes the end back."""
    fresh: Department = lock(department)
    if fresh.valid_until == last:
        return fresh
    fresh.valid_until = last
    fresh.save(update_fields=["valid_until"])
    until = last.isoformat() if last else ""
    record(fresh, "department.end", by=by, at=at, until=until, reason=reason)
    return fresh


def matter_of(department: Department, on: dt.date) -> str:
    """What a letter of that day says it answers for; it stays so until the letter is written.

    Raises NotAnswering where it is nothing.
    """
    fresh: Department = lock(department)
    matter = fresh.matter_on(on)
    if not matter:
        raise NotAnswering(department.slug)
    return matter


def _slug(name: str) -> str:
    """A name for checklists to point at: the initials of the pinyin, told apart by a number."""
    stem = search.initials(name)[:_SLUG_MAX] or "department"
    taken = set(Department.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(
        slug for n in range(len(taken) + 1) if (slug := f"{stem}-{n}" if n else stem) not in taken
    )
