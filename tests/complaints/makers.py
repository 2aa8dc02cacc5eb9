"""Complaints as people make them: through the acts, with strings that are easy to look for."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import uuid
from typing import Any

from complaints import actions
from complaints.actions import Report, Submission
from complaints.models import Complaint, ContactReveal, StatementRequest
from complaints.queries import orders
from facilities.models import Department, Facility
from facilities.models.choices import MemberRole
from portal.core.actors import Actor
from portal.core.models import User
from portal.core.remembering import remembered
from portal.core.roles import Role
from portal.core.sheets import write_table
from tests import makers

AT = makers.AT
DAY = AT.date()
_orders = itertools.count(1)
TOLD = {
    "happened": "昨天下午接孩子时看到老师推搡小朋友，孩子回家后一直哭。",
    "when": "昨天下午",
    "wish": "希望尽快调查",
}
CONTACT = {"name": "示例家长", "phone": "13800001234", "times": "晚上"}


def actor(person: User) -> Actor:
    return Actor.person(person)


def handler(**fields: Any) -> User:
    return makers.user(Role.HANDLER, **fields)


def duty(**fields: Any) -> User:
    """A named person of the red lane."""
    return makers.user(Role.RED_LANE, **fields)


def complaint(
    category: str = "C8", *, at: dt.datetime = AT, token: uuid.UUID | None = None, **given: Any
) -> Complaint:
    """One sent from the public form by somebody without an account."""
    return submitted(category, at=at, token=token, **given)[0]


def submitted(
    category: str = "C8", *, at: dt.datetime = AT, token: uuid.UUID | None = None, **given: Any
) -> tuple[Complaint, str]:
    """The same, with its access code."""
    told = {**TOLD, **given.pop("told", {})}
    return actions.submit_complaint(
        Submission(category=category, told=told, **given),
        by=Actor.resident(), at=at, token=token or uuid.uuid4(),
    )  # fmt: skip


def report(**changes: Any) -> Report:
    given: dict[str, Any] = {
        "organ": "police", "unit": "示例派出所", "reference": "JJ-1", "reported_at": AT,
    } | changes  # fmt: skip
    return Report(**given)


@remembered()
def accepted(by: User, category: str = "C8", **given: Any) -> Complaint:
    """Taken on by `by`, who deals with it."""
    made = complaint(category, **given)
    if made.is_red:
        actions.record_report(made, report(), by=actor(by), at=AT)
    made = actions.accept_complaint(made, "major", by=actor(by), at=AT, title="收费问题")
    return actions.assign_complaint(made, by, by=actor(by), at=AT)


@remembered()
def proposed(by: User, **given: Any) -> Complaint:
    """With a reply that waits for a second person."""
    return actions.propose_reply(
        accepted(by, **given), "not_upheld", "查看了收费公示和票据", "经核查，收费与公示一致。",
        by=actor(by), at=AT,
    )  # fmt: skip


@remembered()
def closed(by: User, second: User, **given: Any) -> Complaint:
    """Answered."""
    return actions.approve_reply(proposed(by, **given), by=actor(second), at=AT)


@remembered()
def upheld(by: User, second: User, **given: Any) -> Complaint:
    """Answered: it was true, another authority has it too, and the days of a review are over."""
    made = accepted(by, **given)
    to = Department.objects.earliest("position")
    actions.refer_complaint(made, to, "请处理。", by=actor(by), at=AT)
    made.refresh_from_db()
    made = actions.propose_reply(made, "upheld", "票据", "属实。", by=actor(by), at=AT)
    made = actions.approve_reply(made, by=actor(second), at=AT)
    return actions.archive_complaint(made, at=AT)


def member_of(facility: Facility) -> User:
    """Somebody who works for the facility and files for it."""
    person = makers.operator()
    facility.memberships.create(user=person, role=MemberRole.MANAGER, since=DAY)
    return person


def statement(
    by: User, complaint: Complaint, text: str = "请说明本月收费的项目"
) -> StatementRequest:
    return actions.request_statement(complaint, text, by=actor(by), at=AT)


def reveal(by: User, complaint: Complaint) -> ContactReveal:
    return actions.ask_contact(complaint, "需要约定当面核实", by=actor(by), at=AT)


def released_statement(facility: Facility) -> StatementRequest:
    """A request that was checked a week ago, so that the facility's people see it."""
    made = statement(worker := handler(), accepted(worker, facility=facility))
    before = AT - dt.timedelta(days=7)
    return actions.release_statement(made, by=actor(handler()), at=before)


def order(number: str = "", **cells: Any) -> dict[str, Any]:
    """A row of a list of work orders of 12345; sound unless `cells` say otherwise."""
    return {
        "order": number or f"GD-{next(_orders)}", "category": "C8", "happened": TOLD["happened"],
    } | cells  # fmt: skip


def order_list(rows: list[dict[str, Any]]) -> bytes:
    """A workbook of these rows."""
    columns, out = orders.columns(), io.BytesIO()
    write_table(out, "12345 工单", columns, [[row.get(c.name) for c in columns] for row in rows])
    return out.getvalue()
