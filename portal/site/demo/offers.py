"""What the made-up facilities offer and how they are kept safe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from facilities.models.choices import (
    EmergencyPlan,
    FacilityType,
    FeeUnit,
    FireManager,
    MealSource,
    ServiceForm,
    Weekday,
)

from .plans import INFANT, MIXED, OLDER, TODDLER, Plan

FULL, HALF, HOURLY, TEMPORARY = (
    ServiceForm.FULL_DAY, ServiceForm.HALF_DAY, ServiceForm.HOURLY, ServiceForm.TEMPORARY,
)  # fmt: skip
OFFERS = ((FULL,), (FULL, HALF), (FULL, HALF, TEMPORARY), (FULL, HOURLY))
_AGES = {INFANT: (6, 12), TODDLER: (12, 24), OLDER: (24, 36), MIXED: (18, 36)}
_UNITS = {FULL: FeeUnit.MONTH, HALF: FeeUnit.MONTH, HOURLY: FeeUnit.HOUR, TEMPORARY: FeeUnit.DAY}
_SHARES = {FULL: 1.0, HALF: 0.6, HOURLY: 0.02, TEMPORARY: 0.08}
REFUND = (
    "请假满 5 个工作日的，按天退餐费；当月出勤不足一半的，退一半保育费。退托在 7 个工作日内退清。"
)


def services_answers(plan: Plan) -> dict[str, Any]:
    """Forms, ages after the classes, hours, prices: affordable ones cost less."""
    offered = (FULL,) if plan.kind == FacilityType.FAMILY else OFFERS[plan.number % len(OFFERS)]
    price = (900 if plan.affordable else 1600) + 40 * (plan.number % 7)
    bands = [_AGES[kind] for kind, *_ in plan.classes]
    days = list(Weekday)[: 6 if plan.number % 5 == 0 else 5]
    fees = [_fee(form, "保育费", price * _SHARES[form], _UNITS[form]) for form in offered]
    if plan.meals:
        fees.append(_fee(FULL, "餐费", 15, FeeUnit.DAY))
    return {
        "service_forms": [str(form) for form in offered],
        "age_from": min(first for first, _last in bands),
        "age_to": max(last for _first, last in bands),
        "open_days": [str(day) for day in days],
        "opens_at": "07:30" if plan.number % 2 else "08:00",
        "closes_at": "17:30",
        "extended_until": "18:30" if plan.number % 3 == 0 else None,
        "meal_source": _meal_source(plan),
        "is_accessible": plan.number % 4 != 0,
        "refund_rule": REFUND,
        "introduction": f"{plan.name}是一家示例机构，用来演示平台，内容不代表任何真实机构。",
        "fees": fees,
    }


def _meal_source(plan: Plan) -> str:
    if not plan.meals:
        return ""
    return str(MealSource.OWN_KITCHEN if plan.number % 3 else MealSource.CATERED)


def _fee(form: ServiceForm, name: str, amount: float, unit: FeeUnit) -> dict[str, str]:
    return {
        "service_form": str(form),
        "name": name,
        "amount": f"{amount:.2f}",
        "unit": str(unit),
    }


def safety_answers(plan: Plan, on: dt.date, asked: Sequence[str]) -> dict[str, Any]:
    """Sound answers to what this kind of facility is asked."""
    guards = 1 if plan.kind == FacilityType.INDEPENDENT else 0
    said: dict[str, Any] = {
        "cameras": 4 + 3 * len(plan.classes),
        "covers_entrance": True,
        "covers_living": True,
        "covers_activity": True,
        "in_private_rooms": False,
        "records_all_day": True,
        "retention_days": 90 + 30 * (plan.number % 2),
        "alarm_armed": True,
        "guards": guards,
        "fire_manager": str(FireManager.FULL_TIME if guards else FireManager.PART_TIME),
        "smoke_detectors": True,
        "extinguishers": True,
        "plans": [str(each) for each in EmergencyPlan],
        "drills": 2 + plan.number % 2,
    }
    beside: dict[str, dict[str, Any]] = {
        "guards": {
            "guards_certified": guards or None,
            "guard_company": "示例保安服务有限公司" if guards else "",
        },
        "drills": {"last_drill_on": (on - dt.timedelta(days=20 + plan.number)).isoformat()},
    }
    found = {name: value for name, value in said.items() if name in asked}
    for name, more in beside.items():
        found.update(more if name in asked else {})
    return found
