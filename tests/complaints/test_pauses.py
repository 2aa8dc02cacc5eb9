"""A clock stands still for a correction or an expert alone, as long as the pack allows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from complaints import actions, queries, tasks
from complaints.models import Complaint, PauseKind
from complaints.workflow import ComplaintStatus
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import Notification, User
from portal.core.queries import in_force, working_calendar
from tests import register
from tests.complaints import makers as make
from tests.complaints.makers import AT, DAY, actor

pytestmark = pytest.mark.django_db
S = ComplaintStatus
DAYS = {n: AT + dt.timedelta(days=n) for n in range(1, 90)}


@pytest.fixture
def handler() -> User:
    return make.handler()


@pytest.fixture
def waiting(handler: User) -> Complaint:
    """For an expert."""
    made = make.accepted(handler)
    return actions.pause_clock(made, "expert", "等检测结果", by=actor(handler), at=AT)


def fresh(case: Complaint) -> Complaint:
    return Complaint.objects.get(pk=case.pk)


@pytest.mark.proves("prod:K3", "prod:K4")
def test_the_answer_to_a_question_does_not_end_the_wait_for_an_expert(
    handler: User, waiting: Complaint
) -> None:
    due = waiting.finish_due
    asked = actions.ask_complainant(waiting, "票据还在吗？", by=actor(handler), at=DAYS[1])
    assert (asked.state, asked.pause_kind) == (S.AWAITING_COMPLAINANT, PauseKind.EXPERT)
    holder = Actor.code_holder(asked)
    actions.add_by_complainant(asked, "还在", by=holder, at=DAYS[2])
    told = fresh(waiting)
    assert (told.state, told.answer_due) == (S.INVESTIGATING, None)
    assert (told.pause_kind, told.pause_reason) == ("expert", "等检测结果")
    assert told.paused_on == DAY
    ended = actions.end_pause(told, by=actor(handler), at=DAYS[3])
    assert (ended.is_paused, ended.pause_kind, ended.pause_until) == (False, "", None)
    back = working_calendar().working_days_between(DAY, DAYS[3].date())
    assert ended.finish_due == working_calendar().add_working_days(due, back)


def test_the_answer_to_a_question_ends_the_pause_that_the_question_made(handler: User) -> None:
    asked = actions.ask_complainant(make.accepted(handler), "哪天？", by=actor(handler), at=AT)
    assert (asked.pause_kind, asked.pause_until) == (PauseKind.QUESTION, None)
    same = actions.end_pause(asked, by=actor(handler), at=AT)
    assert same.is_paused, "an open question is waited for until its own day"
    actions.add_by_complainant(asked, "上周五", by=Actor.code_holder(asked), at=DAYS[1])
    assert not fresh(asked).is_paused


def test_an_expert_who_writes_while_a_question_is_open_leaves_the_clock_to_the_question(
    handler: User, waiting: Complaint
) -> None:
    asked = actions.ask_complainant(waiting, "票据还在吗？", by=actor(handler), at=AT)
    still = actions.end_pause(asked, by=actor(handler), at=DAYS[1])
    assert (still.pause_kind, still.paused_on) == (PauseKind.QUESTION, DAY)
    assert still.answer_due == asked.answer_due
    newest = queries.steps_of(still)[0]
    assert (newest.kind, newest.text) == ("resumed", "仍等待投诉人补充")
    actions.go_on_without_answer(still, by=actor(handler), at=DAYS[2])
    assert not fresh(waiting).is_paused


def test_what_the_facility_writes_does_not_end_it_either(handler: User) -> None:
    facility = register.facility()
    operator = make.member_of(facility)
    made = make.accepted(handler, facility=facility)
    made = actions.pause_clock(made, "correction", "补收费依据", by=actor(handler), at=AT)
    asked = make.statement(handler, made)
    asked = actions.release_statement(asked, by=actor(make.handler()), at=AT)
    actions.answer_statement(asked, "收费按公示执行", by=actor(operator), at=DAYS[1])
    made = fresh(made)
    assert (made.state, made.pause_kind) == (S.INVESTIGATING, PauseKind.CORRECTION)


@pytest.mark.parametrize("kind", ["correction", "expert"])
def test_it_ends_by_itself_after_the_days_of_its_kind(handler: User, kind: str) -> None:
    made = make.accepted(handler)
    due = made.finish_due
    made = actions.pause_clock(made, kind, "等材料", by=actor(handler), at=AT)
    days = in_force(DAY).integer("complaints.pause_working_days", kind)
    until = working_calendar().add_working_days(DAY, days)
    assert made.pause_until == until
    last = dt.datetime.combine(until, AT.timetz())
    assert tasks.end_pauses(last) == 0
    after = last + dt.timedelta(days=1)
    assert tasks.end_pauses(after) == 1
    assert tasks.end_pauses(after) == 0
    made = fresh(made)
    assert not made.is_paused
    assert due is not None
    assert made.finish_due is not None
    assert made.finish_due > due
    outbox.drain(after)
    assert Notification.objects.filter(to=handler, kind="complaint.pause_over").count() == 1


def test_paused_again_its_days_count_from_the_first(handler: User, waiting: Complaint) -> None:
    lines = len(queries.steps_of(waiting))
    again = actions.pause_clock(waiting, "expert", "等检测结果", by=actor(handler), at=DAYS[5])
    assert again.pause_until == waiting.pause_until
    assert len(queries.steps_of(waiting)) == lines, "sent twice is one line"
    other = actions.pause_clock(waiting, "correction", "补材料", by=actor(handler), at=DAYS[5])
    days = in_force(DAY).integer("complaints.pause_working_days", "correction")
    assert other.paused_on == DAY
    assert other.pause_until == working_calendar().add_working_days(DAY, days)


def test_the_database_knows_no_pause_without_a_kind(waiting: Complaint) -> None:
    for columns in ({"pause_kind": ""}, {"paused_on": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Complaint.objects.filter(pk=waiting.pk).update(**columns)


def test_the_page_asks_for_what_and_offers_the_end(
    handler: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    case = make.accepted(handler)
    desk, pause = Client(), reverse("desk:complaint_pause", args=[case.pk])
    desk.force_login(handler)
    shown = desk.get(pause).content.decode()
    assert "检测、鉴定最多 30 个" in shown
    assert "等待投诉人补充" not in shown
    given: dict[str, Any] = {"reason": "太忙"}
    assert "请选择为什么暂停" in desk.post(pause, given).content.decode()
    given["kind"] = "question"
    assert desk.post(pause, given).status_code == 200
    assert not fresh(case).is_paused
    desk.post(pause, given | {"kind": "expert"})
    assert fresh(case).pause_kind == "expert"
    page = desk.get(reverse("desk:complaint", args=[case.pk])).content.decode()
    assert reverse("desk:complaint_end_pause", args=[case.pk]) in page
