"""What the oracles of the rules stand on: figures read from the packs' own files, and law by hand.

Nothing here goes through the loader's idea of what is in force: a figure is the last of the file's
values that has begun. A law with other figures is the shipped one with those figures put in place.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from facilities.rules import ClassFacts, PremisesFacts, SafetyFacts, ServicesFacts
from portal.core.regulation import Regulation
from portal.core.regulation.loader import build, shipped_packs

ROOT = Path(__file__).resolve().parents[2]
TODAY = dt.date(2026, 11, 23)
# The day before, the day itself, the day after; the number below, the number itself, the one above.
BESIDE = (-1, 0, 1)


@functools.cache
def _file(pack: str) -> dict[str, Any]:
    text = (ROOT / "facilities" / "packs" / f"{pack}.yaml").read_text(encoding="utf-8")
    entries: dict[str, Any] = yaml.safe_load(text)["entries"]
    return entries


def figure(key: str, on: dt.date = TODAY) -> Any:
    """The value of a key such as "staff.majority_years" as its file has it on that day."""
    pack, _, name = key.partition(".")
    begun = [each["value"] for each in _file(pack)[name]["values"] if each["since"] <= on]
    return begun[-1]


@functools.cache
def _shipped(on: dt.date) -> Regulation:
    return build(on, shipped_packs([ROOT / "facilities"]))


def law_with(
    figures: Mapping[str, Any] | None = None, *, on: dt.date = TODAY, without: Iterable[str] = ()
) -> Regulation:
    """The law of a day in which some figures have other values, and some are not in force."""
    shipped = _shipped(TODAY)
    mine = {key: each for key, each in shipped.figures.items() if key not in set(without)}
    for key, value in (figures or {}).items():
        mine[key] = dataclasses.replace(shipped[key], value=value)
    return dataclasses.replace(shipped, as_of=on, figures=mine)


def about(key: str) -> st.SearchStrategy[int]:
    """The figure of the pack, most often, and numbers that the office might decide instead."""
    shipped = figure(key)
    return st.just(shipped) | st.integers(1, 2 * shipped + 2)


def months_on(day: dt.date, months: int) -> dt.date:
    """The same day so many months on or, negative, back; the month's last where it has none."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def begun_groups(children: int, size: int) -> int:
    """How many groups of that size hold the children, taken away one group at a time."""
    groups = 0
    while children > 0:
        groups, children = groups + 1, children - size
    return groups


def codes(misses: Iterable[Any]) -> list[str]:
    """The codes of remarks, in order of the alphabet."""
    return sorted(miss.code for miss in misses)


def of_code(misses: Iterable[Any], code: str) -> list[Any]:
    """The remarks of that code."""
    return [miss for miss in misses if miss.code == code]


# Answers of which no rule has anything to say, for one of them at a time to be changed.
PREMISES = PremisesFacts(
    facility_type="independent", community="longquan", address="龙泉路18号", floor_lowest=1,
    floor_highest=1, building_area=Decimal(400), indoor_area=Decimal(300),
    outdoor_area=Decimal(300), tenure="leased", lease_start=TODAY,
    lease_end=TODAY + dt.timedelta(days=2000), serves_meals=True,
    classes=(ClassFacts("toddler", "示例班", 15, 12),),
)  # fmt: skip
SERVICES = ServicesFacts(
    facility_type="independent", service_forms=("full_day",), age_from=12, age_to=36,
    open_days=("mon",), opens_at="08:00", closes_at="18:00", refund_rule="按天退", fees=1,
    priced_forms=("full_day",),
)  # fmt: skip
SAFETY = SafetyFacts(
    facility_type="independent", cameras=9, covers_entrance=True, covers_living=True,
    covers_activity=True, in_private_rooms=False, records_all_day=True, retention_days=90,
    alarm_armed=True, guards=1, guards_certified=1, guard_company="示例", fire_manager="full_time",
    smoke_detectors=True, extinguishers=True, plans=tuple(figure("safety.plans")), drills=2,
    last_drill_on=TODAY,
)  # fmt: skip
