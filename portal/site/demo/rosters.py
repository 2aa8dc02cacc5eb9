"""Who works in the made-up facilities: synthetic identity numbers, names that say example."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from stdnum.cn import ric

from facilities.models.choices import EmploymentKind, FacilityType, StaffPost

from .plans import INFANT, MIXED, OLDER, TODDLER, Plan

_PER_CARER = {INFANT: 3, TODDLER: 5, OLDER: 7, MIXED: 5}
_LETTERS = "甲乙丙丁戊己庚辛壬癸"
_QUALIFICATIONS = {
    StaffPost.MANAGER: "大专，学前教育",
    StaffPost.CARER: "育婴员三级",
    StaffPost.HEALTH: "卫生保健培训合格证",
    StaffPost.GUARD: "保安员证",
    StaffPost.COOK: "",
}
TRAINED = (StaffPost.MANAGER, StaffPost.CARER, StaffPost.HEALTH)


def staff_rows(plan: Plan, on: dt.date) -> list[dict[str, Any]]:
    """Enough people for the classes; in every fifth facility one carer is missing."""
    carers = sum(
        math.ceil(taken / _PER_CARER[kind]) for kind, _name, _places, taken in plan.classes
    )
    posts = [StaffPost.MANAGER, *[StaffPost.CARER] * max(carers - (plan.number % 5 == 0), 1)]
    if plan.kind != FacilityType.FAMILY:
        posts.append(StaffPost.HEALTH)
    if plan.kind == FacilityType.INDEPENDENT:
        posts.append(StaffPost.GUARD)
    if plan.meals:
        posts.append(StaffPost.COOK)
    return [_person(plan, number, post, on) for number, post in enumerate(posts)]


def _person(plan: Plan, number: int, post: StaffPost, on: dt.date) -> dict[str, Any]:
    label = str(post.label).removesuffix("人员")
    name = plan.person if post == StaffPost.MANAGER else f"示例{label}{_LETTERS[number % 10]}"
    return {
        "name": name,
        "post": str(post),
        "identity": identity(plan.number, number),
        "employment": str(EmploymentKind.FULL_TIME),
        "qualification": _QUALIFICATIONS[post],
        "number": f"示例-{plan.number:03d}{number:02d}" if _QUALIFICATIONS[post] else "",
        "experience_years": 3 + number,
        "is_trained": post in TRAINED,
        "health_until": (on + dt.timedelta(days=265 + 13 * (number % 7))).isoformat(),
        "letter_on": (on - dt.timedelta(days=9 * (number % 8))).isoformat(),
        "has_food_duty": post == StaffPost.COOK,
    }


def identity(plan: int, number: int) -> str:
    """A made-up number of this city; born in the seventies to nineties, check digit right."""
    born = dt.date(1975, 1, 1) + dt.timedelta(days=(plan * 211 + number * 97) % 8000)
    body = f"410481{born:%Y%m%d}{(plan * 13 + number) % 1000:03d}"
    return body + ric.calc_check_digit(f"{body}0")
