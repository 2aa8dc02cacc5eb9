"""Makers of supervision: through the acts, as people do it."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from facilities.models import Facility, Membership
from inspections import actions
from inspections.models import (
    ChecklistVersion,
    DelegatedItem,
    Finding,
    Inspection,
    InspectionPlan,
)
from inspections.queries import visits
from portal.core import attachments
from portal.core.actors import Actor
from portal.core.files import IMAGES, Accepted
from portal.core.models import User
from portal.core.remembering import remembered
from portal.core.roles import Role
from tests import makers, register

AT = makers.AT
DAY = AT.date()
LATER = AT + dt.timedelta(hours=1)


def actor(person: User) -> Actor:
    return Actor.person(person)


def inspector(**fields: Any) -> User:
    """A person who goes out."""
    return makers.user(Role.INSPECTOR, **fields)


def certified(days: int = 365, **fields: Any) -> User:
    """A person who goes out with a certificate valid from a year ago for `days` from today."""
    person = inspector(**fields)
    certificate(person, days)
    return person


def certificate(person: User, days: int = 365) -> None:
    actions.enter_certificate(
        person, f"豫D{person.pk.hex[-8:]}", "舞钢市人民政府", DAY - dt.timedelta(days=400),
        DAY + dt.timedelta(days=days), by=actor(makers.clerk()), at=AT,
    )  # fmt: skip


def confirmed(code: str = "fire-exits") -> DelegatedItem:
    """A delegated matter that two persons have confirmed."""
    item = DelegatedItem.objects.get(code=code)
    if item.state == "proposed":
        item = actions.propose_delegated({}, item=item, by=actor(makers.clerk()), at=AT)
        item = actions.confirm_delegated(item, by=actor(makers.approver()), at=AT)
    return item


def checklist(slug: str = "composite") -> ChecklistVersion:
    return visits.checklist_in_use(slug)


def facility(**registration: Any) -> Facility:
    return register.facility(**registration)


def member_of(place: Facility) -> User:
    """The person who filed for the facility."""
    return Membership.objects.filter(facility=place).select_related("user")[0].user


@remembered()
def opened(place: Facility | None = None, kind: str = "visit", **values: Any) -> Inspection:
    if kind == "administrative" and "delegated" not in values:
        values["delegated"] = confirmed()
    slug = values.pop("slug", "fire" if kind == "administrative" else "composite")
    return actions.open_inspection(
        place or facility(), kind, checklist(slug), by=actor(makers.clerk()), at=AT, **values
    )


@remembered()
def assigned(*team: User, place: Facility | None = None, **values: Any) -> Inspection:
    """A visit that may be started by the team."""
    people = team or (inspector(),)
    made = actions.assign_team(opened(place, **values), people, by=actor(makers.clerk()), at=AT)
    if made.kind == "administrative":
        made = actions.approve_inspection(made, by=actor(makers.approver()), at=AT)
    return made


@remembered()
def on_site(*team: User, place: Facility | None = None, **values: Any) -> Inspection:
    """A visit whose team is inside."""
    return inside(assigned(*team, place=place, **values))


def inside(made: Inspection) -> Inspection:
    """The team of an assigned visit goes in."""
    by = actor(lead_of(made))
    made = actions.start_inspection(made, by=by, at=AT)
    return actions.record_access(
        made, "granted", certificate_shown=True, attendant_post="负责人", attendant="示例负责人",
        by=by, at=AT,
    )  # fmt: skip


def lead_of(inspection: Inspection) -> User:
    return visits.team_of(inspection)[0].user


def photo() -> Accepted:
    return attachments.inspected(makers.jpeg(), accept=IMAGES)


def signature() -> Accepted:
    out = io.BytesIO()
    Image.new("RGB", (120, 50), "white").save(out, "PNG")
    return attachments.inspected(
        SimpleUploadedFile("signature.png", out.getvalue(), "image/png"), accept=IMAGES
    )


@remembered()
def answered(inspection: Inspection, *failed: str, fixed: bool = False) -> Inspection:
    """Every question answered; those of these codes fail, with photo and finding."""
    by = actor(lead_of(inspection))
    for item in visits.items_of(inspection):
        value = "fail" if item.code in failed else "pass"
        actions.answer_item(inspection, item, value, by=by, at=AT)
        if value == "fail":
            actions.add_photo(inspection, item, photo(), by=by, at=AT)
            actions.add_finding(
                inspection, f"{item.text}：不符合", item=item, fixed_on_site=fixed, by=by, at=AT
            )
    for item in visits.items_of(inspection):  # those that came along
        actions.answer_item(
            inspection, item, "fail" if item.code in failed else "pass", by=by, at=AT
        )
    return inspection


@remembered()
def signed(inspection: Inspection) -> Inspection:
    by = actor(lead_of(inspection))
    made = actions.finish_inspection(inspection, by=by, at=LATER)
    for member in visits.team_of(made):
        actions.sign(made, "inspector", signature(), user=member.user, by=by, at=LATER)
    actions.sign(made, "facility", signature(), signer="负责人 示例", by=by, at=LATER)
    return made


@remembered()
def completed(
    *failed: str, place: Facility | None = None, team: tuple[User, ...] = (), fixed: bool = False,
    **values: Any,
) -> Inspection:  # fmt: skip
    """A visit that is over; the questions of these codes failed."""
    made = signed(answered(on_site(*team, place=place, **values), *failed, fixed=fixed))
    return actions.complete_inspection(made, by=actor(lead_of(made)), at=LATER)


@remembered()
def over(visit: Inspection, *failed: str) -> Inspection:
    """A visit that somebody else opened is gone to and ended."""
    made = actions.assign_team(visit, [inspector()], by=actor(makers.clerk()), at=AT)
    made = signed(answered(inside(made), *failed))
    return actions.complete_inspection(made, by=actor(lead_of(made)), at=LATER)


def finding(code: str = "ZH-07", **values: Any) -> Finding:
    """A finding the facility has been told of."""
    return completed(code, **values).findings.get(item_code=code)


@remembered()
def reported(code: str = "ZH-07", **values: Any) -> Finding:
    """A finding the facility says it has put right."""
    made = finding(code, **values)
    return actions.report_correction(
        made, "已补齐记录", DAY, photos=[photo()], by=actor(member_of(made.facility)), at=LATER
    )


def plan_values(**values: Any) -> dict[str, Any]:
    return {
        "name": "年度综合检查（示例）",
        "kind": "visit",
        "selection": "random",
        "checklist": checklist(),
        "percent": 50,
        "starts_on": DAY,
        "ends_on": DAY + dt.timedelta(days=30),
    } | values


def plan_in_force(**values: Any) -> InspectionPlan:
    first, second = actor(makers.clerk()), actor(makers.approver())
    made = actions.start_plan(plan_values(**values), by=first, at=AT)
    made = actions.propose_plan(made, by=first, at=AT)
    return actions.approve_plan(made, by=second, at=AT)
