"""The page of a facility with everything on it."""

from __future__ import annotations

import datetime as dt
import html as escaping
import re
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluations import actions
from evaluations.models import Evaluation
from facilities.models import Facility, FeeItem
from inspections import actions as supervision
from portal.core import clock, publishing
from portal.core.actors import Actor
from portal.core.models import Publication, User
from tests import makers
from tests.evaluations import makers as own
from tests.inspections import makers as visits
from tests.journeys.test_query_counts import FRAME, SEARCH

pytestmark = pytest.mark.django_db


@pytest.mark.proves("ux:36")
def test_with_visits_and_grades_it_asks_no_more_than_a_search(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = own.finished()
    (place,) = stage.facilities
    FeeItem.objects.create(facility=place, name="保育费", amount=Decimal(1680), unit="month")
    approver = Actor.person(makers.approver())
    done = visits.completed("ZH-07", place=place)
    text = supervision.propose_result(done, by=Actor.person(makers.clerk()), at=visits.LATER)
    assert isinstance(text, Publication)
    makers.pause(place)
    seen_at = own.AT + dt.timedelta(days=30)
    for found in text.standing_findings:
        publishing.put_aside(text, found["key"], "示例", by=approver, at=seen_at)
    publishing.publish(text, by=approver, at=seen_at)
    monkeypatch.setattr(clock, "now", lambda: seen_at)
    url = reverse("public:facility", args=[place.code])
    client = Client()
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(url).content.decode()
    for word in ("保育费", "1680", "暂停运营", "质量评估", "检查"):
        assert word in page
    questions = [q["sql"] for q in asked.captured_queries if not q["sql"].startswith(FRAME)]
    assert len(questions) <= SEARCH, "\n".join(questions)


def read(at: dt.datetime, name: str, *args: object, by: User | None = None) -> str:
    """A page as somebody reads it at some time, without its tags."""
    reader = Client()
    with time_machine.travel(at, tick=False):
        if by is not None:
            reader.force_login(User.objects.get(pk=by.pk))
        answer = reader.get(reverse(name, args=args))
    assert answer.status_code == 200
    return escaping.unescape(re.sub(r"<[^>]*>", "", answer.content.decode()))


def shown_on(place: Facility, at: dt.datetime) -> str:
    """The page of the facility as a guest reads it."""
    return read(at, "public:facility", place.code)


def rated(stage: own.Stage, n: int, share: str, at: dt.datetime) -> Decimal:
    """A later round of one facility of a round, to the published result; its total."""
    again = own.finished(1, {0: own.marks(share)}, at=at)
    found = Evaluation.objects.filter(round=again.round)
    found.update(facility=stage.facilities[n])
    return found.get().total or Decimal(0)


def test_a_result_is_shown_beside_the_newest_of_the_whole_street() -> None:
    stage = own.finished(3, {0: own.marks("0.9"), 1: own.marks("0.8"), 2: own.marks("0.5")})
    first, second, third = (Decimal(stage.evaluation(n).total or 0) for n in range(3))
    assert first > second > third
    at = own.AT + dt.timedelta(days=31)
    assert f"总分中位数 {second.normalize():f} 分" in shown_on(stage.facilities[2], at)
    # Rated again in a round of its own, it is not compared with itself.
    best = rated(stage, 2, "1", own.AT + dt.timedelta(days=60))
    at = own.AT + dt.timedelta(days=100)
    page = shown_on(stage.facilities[2], at)
    assert f"{best} 分（满分 1000 分）" in page
    assert f"总分中位数 {first.normalize():f} 分" in page
    assert "全街道中位数" in page
    # What it was before stands below, with its day.
    assert f"D级，{third}，2026年12月23日" in page
    # A version changes the median once the public reads it.
    by, approver = Actor.person(stage.clerk), Actor.person(stage.approver)
    made = actions.propose_amendment(
        stage.evaluation(), "correction", "B", "加错了", by=by, at=at, total=Decimal(850)
    )
    actions.grant_amendment(made, by=approver, at=at)
    assert f"总分中位数 {first.normalize():f} 分" in shown_on(stage.facilities[2], at)
    text = Publication.objects.get(noun_id=stage.round.pk, state="proposed")
    publishing.publish(text, by=approver, at=at)
    assert "总分中位数 850 分" in shown_on(stage.facilities[2], at)
    # Who has left the register counts no more.
    Facility.objects.filter(pk=stage.facilities[0].pk).update(registration="cancelled")
    halfway = (best + second) / 2
    assert f"总分中位数 {halfway.normalize():f} 分" in shown_on(stage.facilities[2], at)


def test_a_result_that_stands_alone_has_no_median() -> None:
    stage = own.finished()
    at = own.AT + dt.timedelta(days=31)
    assert "中位数 " not in shown_on(stage.facilities[0], at)


@pytest.mark.proves("prod:I13", "clause:二(五)2d")
def test_whoever_reads_a_result_reads_what_it_is_and_why_it_is_that() -> None:
    stage = own.finished(
        2, {0: own.marks("1", _7_1_1={"points": Decimal(0), "is_met": False}), 1: own.marks("1")}
    )
    failed, best = stage.facilities
    at = own.AT + dt.timedelta(days=31)
    what_it_is = "街道组织的质量评估结果，非行政许可，也不替代卫健部门评估"
    capped = "触发一票否决：7.1.1，等级最高为D级"
    number = stage.round.number
    counted = read(at, "public:evaluation_round", number)
    for words in ("A级：1 家，B级：0 家，C级：0 家，D级：1 家", capped, what_it_is):
        assert words in counted
    assert "卫生保健得分率 50.00%，低于 60%，等级最高为C级" in shown_on(failed, at)
    assert capped in shown_on(failed, at)
    assert "等级最高为" not in shown_on(best, at)
    by, approver = Actor.person(stage.clerk), Actor.person(stage.approver)
    made = actions.propose_amendment(stage.evaluation(1), "suspend", "A", "正在核查", by=by, at=at)
    actions.grant_amendment(made, by=approver, at=at)
    text = Publication.objects.get(noun_id=stage.round.pk, state="proposed")
    publishing.publish(text, by=approver, at=at)
    assert "D级：1 家，等级暂停使用：1 家" in read(at, "public:evaluation_round", number)
    changed = "第 2 版，变更原因：正在核查"
    assert changed in shown_on(best, at)
    own_page = read(at, "my:evaluation", stage.evaluation(1).pk, by=stage.operators[1])
    assert changed in own_page
    assert what_it_is in own_page
    for page in (
        read(at, "desk:facility_evaluation", best.code, by=stage.clerk),
        read(at, "desk:evaluation", number, by=stage.clerk),
    ):
        assert what_it_is in page
    assert "还没有等级" not in read(at, "desk:facility_evaluation", best.code, by=stage.clerk)
