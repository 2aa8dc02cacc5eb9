"""What every installation starts with: rights, the law as shipped, holidays, communities, offices.

Loading is idempotent and never overwrites what was edited here (ruling R30).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

from django.apps import apps

from . import clock
from .actors import Actor
from .holidays import official_years, seed_days
from .models import (
    CalendarYear,
    Community,
    Grant,
    GrantChange,
    Holiday,
    Office,
    RegulationPack,
)
from .regulation.loader import PackData, shipped_packs
from .statemachine import machines
from .workflow import action, record

COMMUNITIES = (
    ("sipo", "寺坡村", True),
    ("jiujiushan", "九九山社区", False),
    ("longquan", "龙泉社区", False),
    ("dashimen", "大石门社区", False),
    ("fenfei", "奋飞社区", False),
    ("zhongxing", "中兴社区", False),
    ("xianghe", "祥和社区", False),
    ("xuancuiyuan", "玄翠园社区", False),
    ("yangjiaoshan", "羊角山社区", False),
    ("hubin", "湖滨社区", False),
)
OFFICES = (
    ("party-government", "党政办"),
    ("health", "卫健办"),
    ("party-building", "党建办"),
    ("culture", "文化站"),
    ("emergency", "应急所"),
    ("civil-affairs", "民政所"),
    ("city-management", "城管科"),
    ("social-security", "社保科"),
    ("governance", "综治办"),
    ("finance", "财务科"),
    ("discipline", "纪工委"),
    ("general", "综合科"),
)


_more: dict[str, Callable[[], int]] = {}


def also(name: str, load: Callable[[], int]) -> None:
    """What an app brings of its own: `load` adds what is missing and says how many rows are new."""
    _more[name] = load


@action
def load_reference(*, at: dt.datetime) -> dict[str, int]:
    """Load what is missing; returns how many rows of each kind are new."""
    done = {
        "grants": _grants(),
        "packs": _packs(at),
        "holidays": _holidays(clock.day_of(at).year),
        "communities": _communities(),
        "offices": _offices(),
        **{name: load() for name, load in _more.items()},
    }
    if any(done.values()):
        record(None, "reference.loaded", by=Actor.calendar(), at=at, **done)
    return done


def _grants() -> int:
    """The default matrix, once: a right taken away here must not come back with an upgrade.

    Known is what some role holds, and what was decided here: the last role may have lost it.
    """
    known = set(Grant.objects.values_list("right", flat=True))
    known |= set(GrantChange.objects.in_force().values_list("right", flat=True))
    new = [
        Grant(role=role, right=machine.right(row.name))
        for machine in machines().values()
        for row in machine
        if machine.right(row.name) not in known
        for role in sorted(row.by)
    ]
    return len(Grant.objects.bulk_create(new))


def _packs(at: dt.datetime) -> int:
    roots = [Path(app.path) for app in apps.get_app_configs()]
    return sum(_load_pack(pack, at) for pack in shipped_packs(roots))


def _load_pack(pack: PackData, at: dt.datetime) -> int:
    """A new version when the shipped text changed; an edited pack keeps the last word."""
    newest = RegulationPack.objects.filter(key=pack.key).order_by("-version").first()
    if newest and (newest.source == "edited" or newest.digest == pack.digest):
        return 0
    RegulationPack.objects.create(
        key=pack.key,
        version=newest.version + 1 if newest else 1,
        title=pack.title,
        content=json.dumps(pack.content, ensure_ascii=False),
        digest=pack.digest,
        loaded_at=at,
    )
    return 1


def _holidays(this_year: int) -> int:
    """Last year to next year; a year once loaded as official is left to the officials."""
    known = set(CalendarYear.objects.values_list("year", flat=True))
    wanted = [y for y in range(this_year - 1, this_year + 2) if y not in known]
    CalendarYear.objects.bulk_create(
        CalendarYear(year=year, is_official=True) for year in sorted(official_years(wanted))
    )
    before = Holiday.objects.count()
    Holiday.objects.bulk_create(
        [Holiday(**day._asdict()) for day in seed_days(wanted)], ignore_conflicts=True
    )
    return Holiday.objects.count() - before


def _communities() -> int:
    """Those of the street the portal was made for, unless the office has its own."""
    if Community.objects.exclude(slug__in=[slug for slug, _name, _village in COMMUNITIES]).exists():
        return 0
    return sum(
        Community.objects.get_or_create(
            slug=slug, defaults={"name": name, "is_village": is_village, "position": position}
        )[1]
        for position, (slug, name, is_village) in enumerate(COMMUNITIES, start=1)
    )


def _offices() -> int:
    return sum(
        Office.objects.get_or_create(slug=slug, defaults={"name": name, "position": position})[1]
        for position, (slug, name) in enumerate(OFFICES, start=1)
    )
