"""Supervision in the demo: certificates, a plan with its draw, visits in each state, findings."""

from __future__ import annotations

import datetime as dt
import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from facilities.models import Department, Facility, Membership
from inspections import actions
from inspections.models import DelegatedItem, Finding, Inspection
from inspections.queries import findings as finding_queries
from inspections.queries import visits as queries
from portal.core import attachments, publishing
from portal.core.actors import Actor
from portal.core.calendar import SHANGHAI
from portal.core.files import IMAGES, Accepted
from portal.core.models import User
from portal.core.queries import working_calendar

VISITS = 5  # facilities whose story is told
# working days ago, codes of the questions that failed, what became of it
STORIES: tuple[tuple[int, tuple[str, ...], str], ...] = (
    (30, (), "published"),
    (22, ("ZH-07", "ZH-09"), "closed"),
    (12, ("ZH-07",), "reported"),
    (6, ("ZH-02", "ZH-09"), "open"),
    (15, ("ZH-06",), "transferred"),
)
WORDS = {
    "ZH-02": "二楼走廊放有一辆电动自行车",
    "ZH-06": "留样冰箱里缺少昨天午餐的留样",
    "ZH-07": "本月有两天没有晨检记录",
    "ZH-09": "公示栏里的收费标准是去年的",
}


class Telling:
    """The people of the demo, and the moments at which they act."""

    def __init__(self, people: dict[str, User], now: dt.datetime) -> None:
        self.people, self.now = people, now
        self.calendar, self.today = working_calendar(), now.astimezone(SHANGHAI).date()

    def by(self, name: str) -> Actor:
        """A person by the name of the account."""
        return Actor.person(self.people[name])

    def at(self, days: int, hour: int, minute: int = 0) -> dt.datetime:
        """So many working days ago, never later than now."""
        day = self.calendar.add_working_days(self.today, -days)
        return min(dt.datetime.combine(day, dt.time(hour, minute), SHANGHAI), self.now)

    def owner(self, facility: Facility) -> Actor:
        """The person who files for a facility."""
        members = Membership.objects.filter(facility=facility, left_on=None)
        return Actor.person(members.select_related("user")[0].user)


def tell_visits(people: dict[str, User], now: dt.datetime) -> list[Inspection]:
    """Everything an inspector and a facility meet, in the order in which it happens."""
    told = Telling(people, now)
    places = list(Facility.objects.public().filter(registered_on__lt=told.at(40, 8).date()))
    places = sorted(places, key=lambda place: place.code)[:VISITS]
    _ground(told)
    stories = sorted(zip(places, STORIES, strict=False), key=lambda pair: -pair[1][0])
    made = [_visited(told, place, story) for place, story in stories]
    _plan(told)
    _ahead(told, places)
    return made


def _ground(told: Telling) -> None:
    """Certificates, a delegated matter two persons have confirmed, a declared tie."""
    clerk, start = told.by("clerk"), told.at(60, 9)
    for number, name in enumerate(("inspector", "clerk2"), start=1):
        actions.enter_certificate(
            told.people[name], f"豫D示例{number:04d}", "示例发证机关",
            told.today - dt.timedelta(days=300), told.today + dt.timedelta(days=400),
            by=clerk, at=start,
        )  # fmt: skip
    item = DelegatedItem.objects.get(code="fire-exits")
    item = actions.propose_delegated({}, item=item, by=clerk, at=start)
    actions.confirm_delegated(item, by=told.by("approver"), at=start)


def _picture(text: str, size: tuple[int, int] = (640, 480)) -> Accepted:
    """A drawn photo: no place and no person in it."""
    picture = Image.new("RGB", size, (228, 236, 232))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((20, 20, size[0] - 20, size[1] - 20), outline=(60, 110, 90), width=4)
    pen.text((40, size[1] // 2), text, fill=(60, 60, 60))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70)
    upload = SimpleUploadedFile("photo.jpg", out.getvalue(), "image/jpeg")
    return attachments.inspected(upload, accept=IMAGES)


def _visited(told: Telling, place: Facility, story: tuple[int, tuple[str, ...], str]) -> Inspection:
    """One visit from the assignment to the signatures, and what became of its findings."""
    days, failed, end = story
    at, by = told.at(days, 9), told.by("inspector")
    team = [told.people["inspector"], told.people["clerk2"]]
    visit = actions.open_inspection(
        place, "visit", queries.checklist_in_use("composite"), by=told.by("clerk"), at=at,
        selection="planned",
    )  # fmt: skip
    visit = actions.assign_team(visit, team, by=told.by("clerk"), at=at)
    visit = actions.start_inspection(visit, by=by, at=told.at(days, 10))
    visit = actions.record_access(
        visit, "granted", certificate_shown=True, attendant_post="负责人", attendant=place.manager,
        by=by, at=told.at(days, 10, 5),
    )  # fmt: skip
    _looked(told, visit, failed, told.at(days, 10, 30))
    visit = _signed(told, visit, told.at(days, 11))
    _ended(told, visit, end, days)
    return visit


def _looked(told: Telling, visit: Inspection, failed: tuple[str, ...], at: dt.datetime) -> None:
    """Every question answered; those of the story are not as they should be."""
    by = told.by("inspector")
    for item in queries.items_of(visit):
        fails = item.code in failed
        measured = str(item.measure_min + 2) if item.measure_min else ""
        value = "fail" if fails else "pass"
        actions.answer_item(visit, item, value, measured=measured, by=by, at=at)
        if fails:
            actions.add_photo(visit, item, _picture(f"{visit.number} {item.code}"), by=by, at=at)
            actions.add_finding(
                visit, WORDS[item.code], item=item, requirement="请在期限内改正并反馈照片",
                by=by, at=at,
            )  # fmt: skip
    for item in queries.items_of(visit):
        if item.version_id != visit.checklist_id:
            actions.answer_item(visit, item, "pass", by=by, at=at)
    groups = [
        (group.name, group.class_type, group.enrolled, max(1, -(-group.enrolled // 3)))
        for group in visit.facility.classes.all()
    ]
    actions.count_heads(visit, groups, by=by, at=at)


def _signed(told: Telling, visit: Inspection, at: dt.datetime) -> Inspection:
    by = told.by("inspector")
    visit = actions.finish_inspection(visit, by=by, at=at)
    for member in queries.team_of(visit):
        picture = _picture("signed", (300, 120))
        actions.sign(visit, "inspector", picture, user=member.user, by=by, at=at)
    signer = f"负责人 {visit.facility.manager}"
    actions.sign(visit, "facility", _picture("signed", (300, 120)), signer=signer, by=by, at=at)
    return actions.complete_inspection(visit, by=by, at=at)


def _ended(told: Telling, visit: Inspection, end: str, days: int) -> None:
    """What the facility and the office have done since."""
    if end == "open":
        return
    at = told.at(days - 2, 10)
    owner = told.owner(visit.facility)
    actions.acknowledge_inspection(visit, by=owner, at=at)
    findings = list(visit.findings.order_by("number"))
    if end == "transferred":
        to = Department.objects.get(slug="market")
        facts = f"{findings[0].text}。"
        actions.transfer_finding(findings[0], to, facts, by=told.by("clerk"), at=at)
        return
    for finding in findings:
        _answered(told, finding, owner, days, close=end == "closed")
    if end in {"published", "closed"}:
        proposed = actions.propose_result(visit, by=told.by("clerk"), at=told.at(days - 5, 9))
        if not proposed.findings:
            publishing.publish(proposed, by=told.by("approver"), at=told.at(days - 5, 15))


def _answered(told: Telling, finding: Finding, owner: Actor, days: int, *, close: bool) -> None:
    at = told.at(days - 3, 10)
    done = actions.report_correction(
        finding, "已经补齐，并安排专人每天检查", at.astimezone(SHANGHAI).date(),
        photos=[_picture(f"{finding.number} {finding_queries.AFTER}")], by=owner, at=at,
    )  # fmt: skip
    if close:
        actions.close_finding(done, "复查属实", by=told.by("clerk"), at=told.at(days - 5, 9))


def _plan(told: Telling) -> None:
    """A plan approved by another person, and the draw that came of it."""
    clerk = told.by("clerk")
    values = {
        "name": f"{told.today.year}年综合检查（示例）",
        "kind": "visit",
        "selection": "random",
        "checklist": queries.checklist_in_use("composite"),
        "percent": 30,
        "starts_on": told.today,
        "ends_on": told.today + dt.timedelta(days=30),
    }
    plan = actions.start_plan(values, by=clerk, at=told.at(3, 9))
    plan = actions.propose_plan(plan, by=clerk, at=told.at(3, 10))
    plan = actions.approve_plan(plan, by=told.by("approver"), at=told.at(2, 9))
    actions.draw_plan(plan, by=clerk, at=told.at(1, 9))


def _ahead(told: Telling, places: list[Facility]) -> None:
    """What waits: a visit of today for the inspector, an inspection for the second person."""
    clerk, at = told.by("clerk"), told.at(0, 8)
    team = [told.people["inspector"], told.people["clerk2"]]
    visit = actions.open_inspection(
        places[0], "visit", queries.checklist_in_use("fire"), by=clerk, at=at,
        selection="planned", planned_on=told.today,
    )  # fmt: skip
    actions.assign_team(visit, team, by=clerk, at=at)
    inspection = actions.open_inspection(
        places[1], "administrative", queries.checklist_in_use("fire"), by=clerk, at=at,
        selection="planned", planned_on=told.today + dt.timedelta(days=3),
        delegated=DelegatedItem.objects.get(code="fire-exits"),
    )  # fmt: skip
    actions.assign_team(inspection, team, by=clerk, at=at)
