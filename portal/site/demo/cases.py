"""Complaints to try casework with: each lane, each waiting state, made up and told by the acts."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from complaints import actions
from complaints.actions import Report, Submission
from complaints.models import Complaint
from facilities.models import Facility
from portal.core import outbox
from portal.core.actors import Actor
from portal.core.models import User

# All words are made up and name nobody.
PUSHED = "（示例）昨天接孩子时看到老师拉扯小朋友，孩子回家一直哭。"
REFUND = "（示例）合同没到期，机构要搬走，剩下的三个月保育费一直不退。"
CROWDED = "（示例）早上送孩子的时候门口停满了车，路堵住了，很不安全。"
MEALS = "（示例）这周的午餐和公示的食谱不一样，孩子吃得很少。"
CAMERA = "（示例）活动室的监控坏了两个星期，问了几次都说在修。"


@dataclass
class Case:
    """One complaint and the people who deal with it."""

    people: dict[str, User]
    facility: Facility | None
    now: dt.datetime
    number: int
    complaint: Complaint | None = None

    def by(self, name: str) -> Actor:
        return Actor.person(self.people[name])

    def at(self, days: int) -> dt.datetime:
        return self.now - dt.timedelta(days=days)

    def tell(self, category: str, happened: str, days: int, **given: object) -> Complaint:
        told = {"happened": happened, "when": "最近"}
        token = uuid.UUID(int=self.number + 1, version=4)
        submission = Submission(category, told, facility=self.facility, **given)  # type: ignore[arg-type]
        made, _code = actions.submit_complaint(
            submission, by=Actor.resident(), at=self.at(days), token=token
        )
        return made

    def taken(self, category: str, happened: str, days: int, title: str) -> Complaint:
        made = self.tell(category, happened, days)
        by, at = self.by("handler"), self.at(days - 1)
        made = actions.accept_complaint(made, made.severity, by=by, at=at, title=title)
        return actions.assign_complaint(made, self.people["handler"], by=by, at=at)


def _alarm(case: Case) -> None:
    case.tell("C1", PUSHED, 0)


def _reported(case: Case) -> None:
    made = case.tell("C1", PUSHED, 2)
    by, at = case.by("red_lane"), case.at(2)
    report = Report("police", "示例派出所", "示例编号 1", at)
    actions.record_report(made, report, by=by, at=at)
    made.refresh_from_db()
    made = actions.accept_complaint(made, "critical", by=by, at=case.at(1), title="看护方式")
    actions.assign_complaint(made, case.people["red_lane"], by=by, at=case.at(1))


def _new(case: Case) -> None:
    contact = {"name": "示例家长", "phone": "13800000000", "times": "晚上"}
    case.tell("C7", MEALS, 1, contact=contact)


def _asked(case: Case) -> None:
    made = case.taken("C8", REFUND, 4, "退费争议")
    actions.ask_complainant(made, "请问合同是哪一天签的？", by=case.by("handler"), at=case.at(1))


def _heard(case: Case) -> None:
    made = case.taken("C6", CAMERA, 5, "监控没有录像")
    text = "请说明活动室监控设备的运行和维修情况"
    asked = actions.request_statement(made, text, by=case.by("handler"), at=case.at(3))
    actions.release_statement(asked, by=case.by("approver"), at=case.at(3))


def _waits(case: Case) -> None:
    _propose(case, case.taken("C9", CROWDED, 6, "接送时段拥堵"), 1)


def _propose(case: Case, made: Complaint, days: int) -> Complaint:
    return actions.propose_reply(
        made, "cannot_tell", "两次到现场查看", "已请机构错开接送时间，并会再去查看。",
        by=case.by("handler"), at=case.at(days),
    )  # fmt: skip


def _closed(case: Case) -> None:
    made = _propose(case, case.taken("C9", CROWDED, 20, "接送时段拥堵"), 12)
    made = actions.approve_reply(made, by=case.by("approver"), at=case.at(11))
    holder = Actor.code_holder(made)
    actions.rate_complaint(made, is_solved=True, satisfaction="good", by=holder, at=case.at(10))


STORIES: tuple[Callable[[Case], None], ...] = (
    _alarm, _reported, _new, _asked, _heard, _waits, _closed,
)  # fmt: skip


def tell_cases(people: dict[str, User], now: dt.datetime) -> None:
    """One case of each kind, about the first facilities of the register."""
    facilities = list(Facility.objects.public().order_by("code")[:4])
    for number, story in enumerate(STORIES):
        facility = facilities[number % len(facilities)] if facilities else None
        story(Case(people, facility, now, number))
        outbox.drain(now)
