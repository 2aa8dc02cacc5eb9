"""First fill of the `Holiday` table, from the package `holidays`.

The package knows the yearly notice of the State Council's General Office, moved working days
included. For a year not yet announced it has the statutory days and its own guess at the days
in lieu: everything of such a year is marked provisional, for officials to replace.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

import holidays

MOVED_WORKING_DAY = "调休上班"


class Source(StrEnum):
    """Where a seeded day comes from."""

    OFFICIAL = "official"
    PROVISIONAL = "provisional"


class SeedDay(NamedTuple):
    """One row for the `Holiday` table."""

    date: dt.date
    is_workday: bool
    name: str
    source: str


def official_years(years: Iterable[int]) -> frozenset[int]:
    """Those of `years` whose announced plan is in the package.

    Each announced plan since 2001 moves some working day; a year without one is only computed.
    """
    return frozenset(day.year for day in _moved(_china(set(years))))


def seed_days(years: Iterable[int]) -> list[SeedDay]:
    """The holidays and moved working days of `years` in order of date, named in Chinese."""
    china = _china(set(years))
    moved = _moved(china)
    announced = {day.year for day in moved}

    def source(day: dt.date) -> str:
        return (Source.OFFICIAL if day.year in announced else Source.PROVISIONAL).value

    free = [
        SeedDay(day, is_workday=False, name=name.replace("; ", "、"), source=source(day))
        for day, name in china.items()
    ]
    worked = [
        SeedDay(day, is_workday=True, name=MOVED_WORKING_DAY, source=source(day)) for day in moved
    ]
    return sorted(free + worked)


def _china(years: set[int]) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=years, language="zh_CN", expand=False)


def _moved(china: holidays.HolidayBase) -> list[dt.date]:
    return sorted(day for day in china.weekend_workdays if day.year in china.years)
