"""Cases as the tables of permissions and of questions need them: for each route, in its state."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

from django.http import HttpResponse

from complaints import actions
from complaints.actions import drafts, orders
from complaints.models import Complaint
from complaints.views.public import ground
from facilities.models import Department
from portal.core import attachments
from portal.core.actors import Actor
from portal.core.files import Accepted
from portal.core.models import User
from tests import makers, register
from tests.complaints import makers as make

AT = make.AT
RED_FIRST = ("acknowledge", "report")
INSPECTORS = ("take_over", "answer_discipline", "ask_discipline", "resume_discipline")


def for_route(world: Any, route: str, *, red: bool) -> dict[str, Any]:
    """The arguments of the route, about a case of the common lane or of the red one."""
    name = route.removeprefix("desk:complaint").removeprefix("_")
    if name in RED_FIRST:
        return {"id": make.complaint("C9" if red else "C1").pk}
    if name in INSPECTORS:
        return {"id": _of_the_inspectors(name).pk}
    viewer = world.people["red_lane" if red else "handler"]
    maker = MAKERS.get(name, _taken_on)
    made = maker(_other(red), viewer, "C1" if red else "C8")
    return made if isinstance(made, dict) else {"id": made.pk}


def _other(red: bool) -> User:
    """Somebody of the same lane, so that the viewer is the second of two."""
    return make.duty() if red else make.handler()


def _of_the_inspectors(name: str) -> Complaint:
    case = make.complaint("C12")
    if name == "take_over":
        return case
    auditor = make.actor(makers.user("auditor"))
    case = actions.take_over_discipline(case, by=auditor, at=AT)
    if name == "resume_discipline":
        case = actions.ask_complainant(case, "是哪一天？", by=auditor, at=AT)
    return case


def _taken_on(by: User, _viewer: User, category: str) -> Complaint:
    return make.accepted(by, category, facility=register.facility())


def _new(by: User, _viewer: User, category: str) -> Complaint:
    case = make.complaint(category)
    if case.is_red:
        actions.record_report(case, make.report(), by=make.actor(by), at=AT)
    return case


def _held(_by: User, viewer: User, category: str) -> Complaint:
    """The viewer's own."""
    return make.accepted(viewer, category)


def _asked(by: User, viewer: User, category: str) -> Complaint:
    case = _taken_on(by, viewer, category)
    return actions.ask_complainant(case, "票据还在吗？", by=make.actor(by), at=AT)


def _proposed(by: User, _viewer: User, category: str) -> Complaint:
    return make.proposed(by, category=category)


def _file(by: User, _viewer: User, category: str) -> dict[str, Any]:
    case = make.accepted(by, category, files=[_photo()])
    return {"id": case.pk, "file": case.files.get().pk}


def _photo() -> Accepted:
    return attachments.inspected(makers.jpeg())


def _letter(by: User, viewer: User, category: str) -> dict[str, Any]:
    case = _taken_on(by, viewer, category)
    to = Department.objects.earliest("position")
    letter = actions.refer_complaint(case, to, "收费没有公示", by=make.actor(by), at=AT)
    return {"id": case.pk, "letter": letter.pk}


def _statement(by: User, viewer: User, category: str) -> Any:
    return make.statement(by, _taken_on(by, viewer, category))


def _reveal(by: User, _viewer: User, category: str) -> Any:
    return make.reveal(by, make.accepted(by, category, contact=make.CONTACT))


def _granted(by: User, viewer: User, category: str) -> Any:
    asked = _reveal(viewer, viewer, category)
    return actions.grant_contact(asked, by=make.actor(by), at=AT)


def _tie(by: User, _viewer: User, category: str) -> dict[str, Any]:
    about = make.complaint(category)
    return {"id": actions.declare_tie("示例", complaint=about, by=make.actor(by), at=AT).pk}


def _upheld(by: User, viewer: User, category: str) -> Complaint:
    return make.upheld(viewer, _second(category), category=category, facility=register.facility())


def _second(category: str) -> User:
    return make.duty() if category == "C1" else makers.approver()


def _orders(_by: User, viewer: User, category: str) -> dict[str, Any]:
    """A list of work orders the viewer has uploaded, with a row at fault."""
    content = make.order_list([make.order(category=category), make.order(category="")])
    return {"id": orders.start_orders(content, by=make.actor(viewer), at=AT).pk}


MAKERS: dict[str, Callable[[User, User, str], Any]] = {
    "accept": _new, "reject": _new, "raise_alarm": _new, "resume": _asked,
    "approve_reply": _proposed, "hand_back": _proposed, "file": _file,
    "orders_job": _orders, "orders_errors": _orders, "outcome": _upheld,
    "pdf": _held, "tie_end": _tie, "receipt": _letter, "feedback": _letter,
    "statement_release": _statement, "statement_hand_back": _statement,
    "statement_rewrite": _statement,
    "contact_grant": _reveal, "contact_refuse": _reveal, "contact_open": _granted,
}  # fmt: skip


# Steps of a complaint: a browser holds the answers, then what was sent, then a case it opened.
TOLD = ("danger", "facility", "details", "evidence", "contact", "check")
SENT = ("done", "receipt")
OPENED = {"track": False, "add": False, "rate": True, "review": True, "withdraw": False}
STEPS = tuple(f"complaints:{name}" for name in (*TOLD, *SENT, *OPENED) if name != "track")


def held(route: str) -> SimpleCookie:
    """The cookies of a browser for which this step of a complaint is a page of its own."""
    name = route.removeprefix("complaints:")
    response = HttpResponse()
    if name in OPENED:
        by = make.handler()
        case = make.closed(by, makers.approver()) if OPENED[name] else make.accepted(by)
        ground.open_case(response, case, AT, AT.date())
        return response.cookies
    key = drafts.new_key()
    ground.keep_key(response, key)
    if name in SENT:
        make.complaint("C1", token=drafts.submit_token(key))
        return response.cookies
    told = {"category": "C8", "facility": "", "place": {"name": "路口托育园（示例）"}}
    drafts.keep_draft(key, told | {"happened": make.TOLD["happened"]}, at=AT)
    drafts.add_draft_file(key, _photo(), at=AT)
    return response.cookies


def grow(world: Any, rows: int) -> Complaint:
    """As many cases in the lists, and one with as much of everything that its pages show."""
    first, second = make.handler(), make.handler()
    case = make.accepted(first, facility=register.facility(), contact=make.CONTACT)
    to = Department.objects.earliest("position")
    for number in range(rows):
        twin = make.accepted(first, facility=register.facility())
        actions.merge_complaint(twin, case, by=make.actor(first), at=AT)
        actions.add_assistant(case, make.handler(), by=make.actor(first), at=AT)
        actions.write_to_complainant(case, f"示例{number}", by=make.actor(first), at=AT)
        actions.add_by_complainant(case, "", files=[_photo()], by=Actor.code_holder(case), at=AT)
        asked = make.statement(first, case, f"请说明第{number}项")
        actions.release_statement(asked, by=make.actor(second), at=AT)
        actions.ask_contact(case, "示例", by=make.actor(make.handler()), at=AT)
    case.refresh_from_db()
    actions.go_on_without_answer(case, by=make.actor(first), at=AT)
    for _ in range(rows):
        case.refresh_from_db()
        letter = actions.refer_complaint(case, to, "收费没有公示", by=make.actor(first), at=AT)
        actions.note_referral_result(case, letter, AT.date(), "已公示", by=make.actor(first), at=AT)
    actions.open_visit(case, by=make.actor(first), at=AT)
    for route in ("desk:complaint", "desk:complaint_print"):
        world.states["case", route, "own"] = {"id": case.pk}
    return case
