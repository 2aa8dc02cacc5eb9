"""Telling the stories: the acts of all filings in the order of their moments, by the actions."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db import transaction

from facilities import actions, rules
from facilities.models import Filing
from facilities.models.choices import Proposal
from facilities.workflow import StatutoryFilingStatus
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.calendar import SHANGHAI
from portal.core.models import User
from portal.core.queries import in_force, working_calendar
from portal.core.tasks import run_calendar

from . import drawing
from .cases import tell_cases
from .evaluations import tell_evaluations
from .offers import safety_answers, services_answers
from .people import open_accounts
from .places import tell_places
from .plans import PLANS, Plan
from .rosters import staff_rows
from .stories import SCRIPTS
from .visits import tell_visits

SEED = 7
DECLARATION = "以上内容和材料真实、完整、有效，愿意接受监督。（示例）"
FILED = (StatutoryFilingStatus.FILED, StatutoryFilingStatus.CHANGED)


@dataclass
class Story:
    """One filing and the people in it."""

    plan: Plan
    operator: Actor
    clerk: Actor
    approver: Actor
    dice: random.Random
    filing: Any = None

    # --- the operator -----------------------------------------------------------------------

    def start(self, at: dt.datetime) -> None:
        token = uuid.UUID(int=self.dice.getrandbits(128), version=4)
        self.filing = actions.start_filing(token, by=self.operator, at=at)

    def registration(self, at: dt.datetime) -> None:
        self._save("registration", self.plan.registration(clock.day_of(at)), at)

    def premises(self, at: dt.datetime) -> None:
        self._save("premises", self.plan.premises_answers(clock.day_of(at)), at)

    def services(self, at: dt.datetime) -> None:
        self._save("services", services_answers(self.plan), at)

    def safety(self, at: dt.datetime) -> None:
        asked = rules.safety_questions(str(self.plan.kind), in_force(clock.day_of(at)))
        self._save("safety", safety_answers(self.plan, clock.day_of(at), asked), at)

    def staff(self, at: dt.datetime) -> None:
        rows = staff_rows(self.plan, clock.day_of(at))
        actions.import_staff_rows(self.filing, rows, by=self.operator, at=at)
        actions.finish_staff(self.filing, by=self.operator, at=at)

    def begin_premises(self, at: dt.datetime) -> None:
        typed = {"community": self.plan.community, "address": self.plan.address}
        self._save("premises", None, at, draft=typed)

    def papers(self, at: dt.datetime) -> None:
        day = clock.day_of(at)
        plan = self.plan
        needed = rules.required_materials(
            str(plan.kind), str(plan.tenure), plan.meals, in_force(day)
        )
        for material in (each for each in needed if each.required):
            self._hand_in(material, at)

    def _hand_in(self, material: rules.Material, at: dt.datetime) -> None:
        day = clock.day_of(at)
        issued = day - dt.timedelta(days=self.dice.randrange(60, 190))
        values: dict[str, Any] = {
            "number": f"示例{self.dice.randrange(10**6):06d}" if material.number_expected else "",
            "issuer": "示例发证机关",
            "issued_on": issued,
            "valid_until": self._valid_until(material, day),
        }
        actions.save_certificate(
            self.filing, material.code, values, version=0, by=self.operator, at=at
        )
        rows = [("名称", self.plan.full_name), ("编号", values["number"] or "—"),
                ("发证日期", issued.isoformat())]  # fmt: skip
        self._attach(material.code, material.name, rows, at)

    def _attach(self, code: str, title: str, rows: list[tuple[str, str]], at: dt.datetime) -> None:
        photo = code == "business_licence"
        upload = drawing.paper(title.removeprefix("评价为“合格”的"), rows, as_picture=photo)
        actions.attach_file(self.filing, code, upload, by=self.operator, at=at)

    def _valid_until(self, material: rules.Material, day: dt.date) -> dt.date | None:
        if not material.validity_expected:
            return None
        if material.code == "premises_proof":
            return self.plan.lease_end(day)
        return day + dt.timedelta(days=self.dice.randrange(300, 1400))

    def submit(self, at: dt.datetime) -> None:
        self.filing = actions.submit_filing(
            self.filing, self.plan.person, DECLARATION, by=self.operator, at=at
        )

    def fix(self, at: dt.datetime) -> None:
        self.premises(at)
        rows = [("名称", self.plan.full_name), ("说明", "补传盖章页")]
        self._attach("fire_certificate", "消防安全检查合格证明（补）", rows, at)

    def withdraw(self, at: dt.datetime) -> None:
        actions.withdraw_filing(self.filing, by=self.operator, at=at)

    def _save(self, key: str, answers: Any, at: dt.datetime, *, draft: Any = None) -> None:
        section = self.filing.sections.get(key=key)
        actions.save_section(
            self.filing, key, draft or answers, answers,
            version=section.version, by=self.operator, at=at,
        )  # fmt: skip

    # --- the office -------------------------------------------------------------------------

    def take(self, at: dt.datetime) -> None:
        self.filing = actions.take_filing(self.filing, by=self.clerk, at=at)

    def note(self, at: dt.datetime) -> None:
        for section, item, reason in (
            ("premises", "outdoor_area", "室外活动场地面积与场地证明不一致，请核对后重新填写"),
            ("certificates", "fire_certificate", "扫描件缺盖章页，请补传"),
        ):
            actions.add_correction(self.filing, section, item, reason, by=self.clerk, at=at)

    def ask(self, at: dt.datetime) -> None:
        self.filing = actions.request_correction(self.filing, by=self.clerk, at=at)

    def propose(self, at: dt.datetime) -> None:
        self._propose(Proposal.REGISTER, "材料齐全，内容与证照一致", at)

    def propose_decline(self, at: dt.datetime) -> None:
        self._propose(Proposal.DECLINE, "托育用房设在地下室，与设置要求不一致", at)

    def _propose(self, proposal: str, reason: str, at: dt.datetime) -> None:
        self.filing = actions.propose_decision(self.filing, proposal, reason, by=self.clerk, at=at)

    def hand_back(self, at: dt.datetime) -> None:
        reason = "请再核对租赁合同的截止日期"
        self.filing = actions.hand_back_filing(self.filing, reason, by=self.approver, at=at)

    def register(self, at: dt.datetime) -> None:
        self.filing = actions.register_filing(self.filing, by=self.approver, at=at)
        if self.filing.facility:
            actions.mark_place(self.filing.facility, self.plan.door, by=self.operator, at=at)

    def decline(self, at: dt.datetime) -> None:
        reason = "托育用房与设置要求不一致，请另选场所后重新报送"
        self.filing = actions.decline_filing(self.filing, reason, by=self.approver, at=at)

    def mirror(self, at: dt.datetime) -> None:
        status = self.plan.statutory
        if status is None:
            return
        is_filed = status in FILED
        day = clock.day_of(at)
        values = {
            "status": status,
            "number": f"示例{clock.day_of(at).year}{self.plan.number:04d}" if is_filed else "",
            "filed_on": day - dt.timedelta(days=30) if is_filed else None,
            "reason": "室外活动场地不足" if status == StatutoryFilingStatus.NONCONFORMING else "",
        }
        actions.record_statutory_filing(self.filing.facility, values, by=self.clerk, at=at)


@transaction.atomic
def tell(now: dt.datetime) -> list[Filing]:
    """Load the demo as of `now`: all or nothing, told twice on the same day it reads the same."""
    people = open_accounts([plan.username for plan in PLANS if not plan.operator], at=now)
    stories = [_story(plan, people, now) for plan in PLANS]
    for moment, act in _in_order(stories, now):
        act(moment)
        outbox.drain(moment)
    tell_places(people, now)
    tell_visits(people, now)
    tell_cases(people, now)
    tell_evaluations(people, now)
    run_calendar(now)
    while outbox.drain(now):
        pass
    return [story.filing for story in stories]


def _story(plan: Plan, people: dict[str, User], now: dt.datetime) -> Story:
    return Story(
        plan=plan,
        operator=Actor.person(people[plan.operator or plan.username]),
        clerk=Actor.person(people["clerk2" if plan.number % 3 == 0 else "clerk"]),
        approver=Actor.person(people["approver"]),
        dice=random.Random(SEED * 1000 + plan.number),  # noqa: S311 - repeatable, guards nothing
    )


def _in_order(
    stories: list[Story], now: dt.datetime
) -> list[tuple[dt.datetime, Callable[[dt.datetime], None]]]:
    """Every act of every story with its moment, the earliest first."""
    calendar, today = working_calendar(), clock.day_of(now)
    acts = []
    for story in stories:
        for days, hour, name in SCRIPTS[story.plan.script](story.plan.days):
            day = calendar.add_working_days(today, -days)
            minute = story.dice.randrange(60)
            moment = dt.datetime.combine(day, dt.time(hour, minute), SHANGHAI)
            acts.append((min(moment, now), getattr(story, name)))
    return sorted(acts, key=itemgetter(0))
