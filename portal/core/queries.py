"""What the ground is asked: the law in force, the working days, the inbox."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db import Error, connection
from django.db.models import BooleanField, DateField, IntegerField, QuerySet, UUIDField, Value
from django.db.models.functions import JSONObject

from .calendar import WorkingCalendar
from .models import (
    CalendarYear,
    CitationCheck,
    Holiday,
    Notification,
    OfficeSetting,
    Outbox,
    RegulationPack,
    User,
    office_words,
    with_assignments,
)
from .regulation import Regulation
from .regulation.loader import PackData, build, parse_pack
from .remembering import once, remembered


def in_force(day: dt.date) -> Regulation:
    """The regulation of `day`: the newest version of each pack, two-person checks included."""
    return once(day, lambda: _in_force(day))


PackId = tuple[str, int, str]


@lru_cache(maxsize=1)
def _newest_packs() -> tuple[str, tuple[Any, ...]]:
    """The newest packs, the checks and the office's words, put into SQL once: it never varies."""
    checked = CitationCheck.objects.exclude(second_by=None).order_by()
    twice = ArraySubquery(checked.values(one=JSONObject(key="figure_key", since="since")))
    decided = OfficeSetting.objects.order_by().values(one=JSONObject(key="name", value="value"))
    newest = RegulationPack.objects.order_by("key", "-version").distinct("key")
    newest = newest.annotate(twice=twice, words=ArraySubquery(decided))
    asked = newest.values_list("key", "version", "digest", "twice", "words")
    sql, params = asked.query.sql_with_params()
    return sql, tuple(params)


@dataclass(frozen=True, slots=True)
class _Newest:
    """The newest packs; the figures two people checked; the office's words, None before any."""

    packs: tuple[PackId, ...]
    twice: list[dict[str, str]]
    words: dict[str, str] | None


def _newest() -> _Newest:
    """What almost every page asks for, in one question; checks and words stand in every row."""
    with connection.cursor() as cursor:
        cursor.execute(*_newest_packs())
        rows = cursor.fetchall()
    if not rows:
        return _Newest((), [], None)
    twice, words = ([json.loads(one) for one in column] for column in rows[0][3:])
    packs = tuple((key, version, digest) for key, version, digest, _twice, _words in rows)
    return _Newest(packs, twice, {each["key"]: each["value"] for each in words})


def _in_force(day: dt.date) -> Regulation:
    """One question in a process that has read these versions before: contents never change."""
    newest = once("newest", _newest)
    verified = frozenset(
        (each["key"], dt.date.fromisoformat(each["since"])) for each in newest.twice
    )
    return _built(day, newest.packs, verified)


_PARSED: dict[PackId, PackData] = {}


@lru_cache(maxsize=64)
def _built(
    day: dt.date, packs: tuple[PackId, ...], verified: frozenset[tuple[str, dt.date]]
) -> Regulation:
    """The regulation these versions make on that day; each version is parsed once a process."""
    if not set(packs) <= _PARSED.keys():
        for row in RegulationPack.objects.filter(key__in=[key for key, _v, _d in packs]):
            known = (row.key, row.version, row.digest)
            if known in packs and known not in _PARSED:
                _PARSED[known] = parse_pack(json.loads(row.content), version=row.version)
    return build(day, [_PARSED[each] for each in packs], verified=verified)


def working_calendar() -> WorkingCalendar:
    """The calendar of working days as the Holiday table has it now."""
    return once("calendar", _working_calendar)


def _working_calendar() -> WorkingCalendar:
    """One question for both tables: a row is a day, or a year."""
    none = Value(None, output_field=IntegerField())
    no_day = Value(None, output_field=DateField())
    nothing = Value(None, output_field=BooleanField())
    days = Holiday.objects.order_by().values_list("date", "is_workday", none)
    years = CalendarYear.objects.order_by().values_list(no_day, nothing, "year")
    rows = list(days.union(years, all=True))
    return WorkingCalendar(
        {date: is_workday for date, is_workday, _year in rows if date},
        frozenset(year for _date, _is_workday, year in rows if year),
    )


def office() -> dict[str, str]:
    """What the office says of itself; the environment's words when the database does not answer.

    Pages of faults ask as well, so nothing here may fail.
    """
    return once("office", _office)


def _office() -> dict[str, str]:
    try:
        return office_words(once("newest", _newest).words)
    except Error:
        return {name: str(value) for name, value in settings.SITE.items()}


def factor_roles() -> frozenset[str]:
    """The roles that must have a second factor."""
    return frozenset(filter(None, office().get("mfa_roles", "").split(",")))


def failed_letters() -> QuerySet[Outbox]:
    """Letters that were given up, the newest first."""
    given_up = Outbox.objects.filter(kind="email", done_at=None, failed_at__isnull=False)
    return given_up.order_by("-failed_at", "-id")


def with_people(letters: Iterable[Outbox]) -> list[dict[str, Any]]:
    """Letters with the person each is for, in one query more."""
    letters = list(letters)
    people = User.objects.in_bulk([uuid.UUID(each.payload["to"]) for each in letters])
    return [
        {"letter": each, "person": people.get(uuid.UUID(each.payload["to"]))} for each in letters
    ]


def unread_count(user: User) -> int:
    """How many messages wait unread in the person's inbox."""
    return Notification.objects.visible_to(user).unread().count()


__all__ = ["in_force", "office", "remembered", "unread_count", "working_calendar"]


def who_see(noun: Any, people: Iterable[User]) -> list[User]:
    """Those of the people within whose reach the noun is, asked in one question for all."""
    found = with_assignments(people)
    if not found:
        return []
    every = type(noun).objects
    first, *others = (
        every.visible_to(person)
        .filter(pk=noun.pk)
        .order_by()
        .values_list(Value(person.pk, output_field=UUIDField()))
        for person in found
    )
    seeing = {pk for (pk,) in first.union(*others, all=True)}
    return [person for person in found if person.pk in seeing]
