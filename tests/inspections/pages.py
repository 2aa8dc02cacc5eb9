"""The objects the pages of supervision are about, in the state each page asks for."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from facilities.models import Department, Facility, Transfer
from inspections import actions
from inspections.models import (
    Checklist,
    ChecklistVersion,
    DelegatedItem,
    EnforcementCertificate,
)
from tests import makers
from tests.inspections import makers as make
from tests.inspections.makers import AT, DAY, LATER, actor

_BY_ID = (EnforcementCertificate, Transfer)
# Which state of which noun a route wants; the others want the first of their noun.
_STATES = {
    "desk:plan_approve": "plan proposed",
    "desk:plan_hand_back": "plan proposed",
    "desk:plan_schedule": "plan in_force",
    "desk:plan_draw": "plan in_force",
    "desk:plan_close": "plan in_force",
    "desk:draw": "plan drawn",
    "desk:inspection_propose": "visit authority",
    "desk:inspection_approve": "visit proposed",
    "desk:inspection_hand_back": "visit proposed",
    "desk:inspection_replace": "visit assigned",
    "desk:inspection_others": "visit under_way",
    "desk:inspection_answer": "visit completed",
    "desk:inspection_publish": "visit completed",
    "desk:inspection": "visit completed",
    "desk:finding_annul": "finding disputed",
    "desk:finding_uphold": "finding disputed",
    "desk:finding_settle": "finding transferred",
    "desk:finding_take_back": "finding transferred",
    "desk:finding_extend": "finding asked",
    "desk:finding_refuse": "finding asked",
    "desk:checklist_publish": "list proposed",
    "desk:checklist_hand_back": "list proposed",
    "desk:checklist": "list published",
    "desk:delegated_end": "matter confirmed",
    "desk:handed_over_receipt": "letter sent",
    "desk:handed_over_feedback": "letter sent",
}
_NOUNS = {
    "plan": "plan draft", "draw": "plan drawn", "inspection": "visit planned",
    "finding": "finding reported", "checklist": "list draft", "delegated": "matter proposed",
    "enforcement": "certificate valid", "tie": "tie standing", "handed": "letter sent",
    "self": "month submitted", "riskfact": "fact noted",
}  # fmt: skip
_WITHOUT = {
    "desk:plan_new", "desk:inspection_new", "desk:findings_board", "desk:findings_remind",
    "desk:checklist_new", "desk:delegated", "desk:delegated_new", "desk:enforcement",
    "desk:enforcement_new", "desk:tie_new", "desk:handed_over", "desk:self_checks",
    "desk:riskfact_new",
}  # fmt: skip


def is_about_one(route: str) -> bool:
    """Whether a route is about one object of supervision."""
    space, _, name = route.partition(":")
    noun = name.split("_")[0]
    return space == "desk" and noun in _NOUNS and route not in _WITHOUT


def state_of(route: str) -> str:
    """Noun and state a route wants."""
    return _STATES.get(route, _NOUNS[route.partition(":")[2].split("_")[0]])


def made(key: str, place: Facility) -> Any:
    """An object of that noun and state, about this facility where it is about one."""
    noun, _, state = key.partition(" ")
    make_one = {
        "plan": _plan, "visit": _visit, "finding": _finding, "list": _list, "matter": _matter,
        "certificate": _certificate, "tie": _tie, "letter": _letter,
        "month": _month, "fact": _fact,
    }[noun]  # fmt: skip
    return make_one(state, place)


def named(noun: Any) -> dict[str, Any]:
    """What the address of its page names it by."""
    if isinstance(noun, ChecklistVersion):
        return {"id": noun.pk, "code": noun.items.all()[0].code}
    number = "" if isinstance(noun, _BY_ID) else getattr(noun, "number", "")
    return {"number": number} if number else {"id": noun.pk}


def _plan(state: str, _place: Facility) -> Any:
    if state == "drawn":
        make.inspector()
        plan = make.plan_in_force()
        actions.draw_plan(plan, seed="示例", by=actor(makers.clerk()), at=AT)
        return plan
    if state == "in_force":
        return make.plan_in_force()
    plan = actions.start_plan(make.plan_values(), by=actor(makers.clerk()), at=AT)
    if state == "draft":
        return plan
    return actions.propose_plan(plan, by=actor(makers.clerk()), at=AT)


def _visit(state: str, place: Facility) -> Any:
    if state == "planned":
        return make.opened(place)
    if state == "authority":
        return make.opened(place, "administrative")
    if state == "assigned":
        return make.assigned(place=place)
    if state == "under_way":
        return make.on_site(place=place)
    if state == "proposed":
        team = [make.certified(), make.certified()]
        opened = make.opened(place, "administrative")
        return actions.assign_team(opened, team, by=actor(makers.clerk()), at=AT)
    return make.completed("ZH-07", "ZH-09", place=place)


def _finding(state: str, place: Facility) -> Any:
    finding = make.finding(place=place)
    owner = actor(make.member_of(place))
    if state == "disputed":
        return actions.dispute_finding(finding, "记录在另一本上", by=owner, at=LATER)
    if state == "asked":
        until = finding.due_on + (finding.due_on - DAY)
        return actions.ask_extension(finding, until, "等待配件", by=owner, at=LATER)
    if state == "transferred":
        to = Department.objects.get(slug="health")
        actions.transfer_finding(finding, to, "示例", by=actor(makers.clerk()), at=LATER)
        finding.refresh_from_db()
        return finding
    return actions.report_correction(
        finding, "已补齐记录", DAY, photos=[make.photo()], by=owner, at=LATER
    )


def _list(state: str, _place: Facility) -> Any:
    version = make.checklist("food")
    if state == "published":
        return version
    slug = "fire" if state == "draft" else "staff"
    version = actions.start_version(
        Checklist.objects.get(slug=slug), by=actor(makers.clerk()), at=AT
    )
    if state == "proposed" and version.state == "draft":
        version = actions.propose_version(version, by=actor(makers.clerk()), at=AT)
    return version


def _matter(state: str, _place: Facility) -> Any:
    if state == "confirmed":
        return make.confirmed("fire-ebikes")
    return DelegatedItem.objects.get(code="fire-lanes")


def _certificate(_state: str, _place: Facility) -> Any:
    return make.certified().enforcement_certificates.get()


def _tie(_state: str, place: Facility) -> Any:
    return actions.declare_tie(make.inspector(), place, "family", by=actor(makers.clerk()), at=AT)


def _letter(_state: str, place: Facility) -> Any:
    return _finding("transferred", place).transfer


def _month(_state: str, place: Facility) -> Any:
    """The check of a month ago, handed in."""
    by, before = actor(make.member_of(place)), AT - dt.timedelta(days=31)
    check = actions.start_self_check(place, by=by, at=before)
    for item in check.checklist.items.all():
        picture = make.photo() if item.wants_photo else None
        actions.answer_self_check(check, item, "pass", photo=picture, by=by, at=before)
    return actions.submit_self_check(check, by=by, at=before)


def _fact(_state: str, place: Facility) -> Any:
    given = {"kind": "incident", "severity": "major", "day": DAY, "reason": "示例",
             "token": uuid.uuid4()}  # fmt: skip
    return actions.note_risk_fact(place, given, by=actor(makers.clerk()), at=AT)
