"""The objects the phone's pages and the facility's own pages are about, by route."""

from __future__ import annotations

from typing import Any

from django.db import models

from facilities.models import Facility
from inspections import actions
from portal.core.models import User
from tests.inspections import makers as make
from tests.inspections.makers import AT, actor

_ASSIGNED = {"desk:field_visit", "desk:field_start"}
_ENTERING = {"desk:field_door", "desk:field_end"}
_SIGNING = {"desk:field_sign", "desk:field_refuse", "desk:field_complete", "desk:field_reopen"}
_WITHOUT = {"desk:field", "my:inspections", "my:findings", "my:self_checks", "my:self_check_start"}
_MINE = ("my:inspection", "my:finding", "my:self_check")


def is_about_one(route: str) -> bool:
    """Whether a route is about one visit, finding or check."""
    return route not in _WITHOUT and route.startswith(("desk:field", *_MINE))


def state_of(route: str) -> str:
    """What the route wants to find."""
    if route.startswith("my:"):
        return next(noun for noun in _MINE if route.startswith(noun))
    if route in _ASSIGNED:
        return "field assigned"
    if route in _ENTERING:
        return "field refused" if route == "desk:field_end" else "field started"
    return "field signing" if route in _SIGNING else "field inside"


def made(key: str, place: Facility, team: list[User]) -> models.Model:
    """A visit of this team in that state; a result, finding or check of the facility."""
    if key == "my:inspection":
        return make.completed("ZH-07", place=place)
    if key == "my:finding":
        return make.finding(place=place)
    if key == "my:self_check":
        return actions.start_self_check(place, by=actor(make.member_of(place)), at=AT)
    return _visit(key.removeprefix("field "), place, team)


def _visit(state: str, place: Facility, team: list[User]) -> Any:
    if state == "assigned":
        return make.assigned(*team, place=place)
    if state in {"started", "refused"}:
        visit = make.assigned(*team, place=place)
        by = actor(make.lead_of(visit))
        visit = actions.start_inspection(visit, by=by, at=AT)
        if state == "refused":
            visit = actions.record_access(visit, "refused", note="示例", by=by, at=AT)
        return visit
    visit = make.on_site(*team, place=place)
    if state == "inside":
        actions.add_finding(visit, "示例", by=actor(make.lead_of(visit)), at=AT)
        return visit
    make.answered(visit, "ZH-07")
    return actions.finish_inspection(visit, by=actor(make.lead_of(visit)), at=AT)


def named(noun: Any) -> dict[str, Any]:
    """What the address of its page names it by."""
    number = getattr(noun, "number", "")
    if not number:
        return {"id": noun.pk}
    note = noun.findings.filter(item=None).first() if hasattr(noun, "findings") else None
    return {"number": number} | ({"id": note.pk} if note else {"id": noun.pk})
