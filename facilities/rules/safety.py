"""Pre-check of cameras, alarm, guards, fire safety and plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

from portal.core.regulation import Regulation

from .facts import FAMILY, SAFETY, Miss, SafetyFacts, required_misses


def safety_questions(facility_type: str | None, regulation: Regulation) -> tuple[str, ...]:
    """The questions of the section for a kind of facility: short for a family childcare point."""
    if facility_type == FAMILY:
        return regulation.texts("safety.family_fields")
    return (*regulation.texts("safety.required_fields"), "plans")


def check_safety(facts: SafetyFacts, regulation: Regulation) -> list[Miss]:
    """What will come back from the safety section: articles 18, 22, 31 and 32 of the standards.

    A family childcare point follows its own measures. Days are judged on `regulation.as_of`.
    """
    rules = _FAMILY_RULES if facts.facility_type == FAMILY else _CENTRE_RULES
    rules += _RULES
    found = (rule(facts, regulation, key) for key, rule in rules if key in regulation)
    return list(chain.from_iterable(found))


def _required(facts: SafetyFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    return required_misses(facts, regulation, key, SAFETY)


def _retention(facts: SafetyFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    limit = regulation.integer(key)
    if facts.retention_days is not None and facts.retention_days < limit:
        params = {"days": facts.retention_days, "limit": limit}
        yield Miss("retention_too_short", SAFETY, "retention_days", params, key)


def _answered_no(code: str) -> _Rule:
    """Each question of the figure's list that is answered with no."""

    def rule(facts: SafetyFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
        for name in regulation.texts(key):
            if getattr(facts, name) is False:
                yield Miss(code, SAFETY, name, {}, key)

    return rule


def _no_cameras_there(facts: SafetyFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    for name in regulation.texts(key):
        if getattr(facts, name):
            yield Miss("camera_in_private_room", SAFETY, name, {}, key)


def _guards(facts: SafetyFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    kind = facts.facility_type or ""
    if kind not in regulation.table(key) or facts.guards is None:
        return
    limit = regulation.integer(key, kind)
    if facts.guards < limit:
        params = {"guards": facts.guards, "limit": limit}
        yield Miss("too_few_guards", SAFETY, "guards", params, key)


def _guard_papers(facts: SafetyFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    if not facts.guards:
        return
    held = facts.guards_certified or 0
    if held < facts.guards:
        params = {"missing": facts.guards - held, "paper": regulation.text(key, "guard")}
        yield Miss("guards_not_certified", SAFETY, "guards_certified", params, key)
    if not facts.guard_company.strip():
        params = {"paper": regulation.text(key, "company")}
        yield Miss("guard_company_missing", SAFETY, "guard_company", params, key)


def _fire_manager(facts: SafetyFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    if facts.fire_manager and facts.fire_manager not in regulation.texts(key):
        yield Miss("fire_manager_missing", SAFETY, "fire_manager", {}, key)


def _plans(facts: SafetyFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    missing = tuple(plan for plan in regulation.texts(key) if plan not in facts.plans)
    if missing:
        yield Miss("plans_missing", SAFETY, "plans", {"plans": missing}, key)


def _drills(facts: SafetyFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    limit = regulation.integer(key)
    if facts.drills is not None and facts.drills < limit:
        params = {"drills": facts.drills, "limit": limit}
        yield Miss("too_few_drills", SAFETY, "drills", params, key)


def _last_drill(facts: SafetyFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    day = facts.last_drill_on
    if day is None or not facts.drills:
        return
    limit = regulation.integer(key)
    if day > regulation.as_of:
        yield Miss("drill_in_future", SAFETY, "last_drill_on", {"day": day}, None)
    elif (regulation.as_of - day).days > limit:
        params = {"day": day, "limit": limit}
        yield Miss("drill_too_old", SAFETY, "last_drill_on", params, key)


_Rule = Callable[[SafetyFacts, Regulation, str], Iterator[Miss]]
_RULES: tuple[tuple[str, _Rule], ...] = (("safety.without_cameras", _no_cameras_there),)
_CENTRE_RULES: tuple[tuple[str, _Rule], ...] = (
    ("safety.required_fields", _required),
    ("safety.retention_days", _retention),
    ("safety.covered_areas", _answered_no("area_not_covered")),
    ("safety.street_covered_areas", _answered_no("area_not_covered")),
    ("safety.all_day", _answered_no("not_all_day")),
    ("safety.guards_min", _guards),
    ("safety.guard_papers", _guard_papers),
    ("safety.fire_managers", _fire_manager),
    ("safety.fire_equipment", _answered_no("fire_equipment_missing")),
    ("safety.plans", _plans),
    ("safety.drills_per_year", _drills),
    ("safety.drill_days", _last_drill),
)
_FAMILY_RULES: tuple[tuple[str, _Rule], ...] = (
    ("safety.family_fields", _required),
    ("safety.family_retention_days", _retention),
    ("safety.family_covered_areas", _answered_no("area_not_covered")),
    ("safety.family_fire_equipment", _answered_no("fire_equipment_missing")),
)
