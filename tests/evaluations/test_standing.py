"""What a grade rests on and what becomes of it: facts beside it, its certificate, its fall."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from evaluations import actions, papers, tasks
from evaluations.queries import results
from facilities.models import Facility
from inspections.actions import (
    end_inspection,
    record_access,
    record_risk_fact,
    start_inspection,
)
from inspections.models import Finding, Inspection
from portal.core.actors import Actor
from portal.core.models import OfficialPaper, Outbox, User
from portal.core.roles import Role
from tests.inspections import makers as visits

from . import makers as own
from .makers import actor

pytestmark = pytest.mark.django_db
AT, DAY = own.AT, own.DAY
LATER = AT + 40 * DAY


def desk(person: User) -> Client:
    made = Client()
    made.force_login(User.objects.get(pk=person.pk))
    return made


def closed_door(place: Facility, access: str) -> None:
    """A visit on which nobody came in."""
    made = visits.assigned(place=place)
    by = actor(visits.lead_of(made))
    made = start_inspection(made, by=by, at=AT)
    end_inspection(record_access(made, access, by=by, at=AT), by=by, at=AT)


@pytest.mark.proves("clause:二(五)2b")
def test_a_closed_door_is_no_visit_and_upheld_complaints_are_counted() -> None:
    place = visits.facility()
    stage = own.setup()
    stage.facilities = [place]
    stage.round = actions.choose_facilities(stage.round, [place], by=actor(stage.clerk), at=AT)
    evaluation = stage.evaluation()
    assert results.facts_beside(evaluation).visits == 0
    closed_door(place, "nobody")
    closed_door(place, "refused")
    assert Inspection.objects.done().filter(facility=place).count() == 2
    assert results.facts_beside(evaluation).last_visit is None
    visits.completed(place=place)
    told = {"by": Actor.calendar(), "at": AT}
    for once in ("case 1", "case 2", ""):
        record_risk_fact(place, "concern", "major", AT.date(), None, once=once, **told)  # type: ignore[arg-type]
    record_risk_fact(place, "self_check", "minor", AT.date(), None, **told)  # type: ignore[arg-type]
    old = AT.date() - dt.timedelta(days=500)
    record_risk_fact(place, "concern", "major", old, None, **told)  # type: ignore[arg-type]
    found = results.facts_beside(evaluation)
    assert (found.visits, found.complaints) == (1, 3)
    with time_machine.travel(AT, tick=False):
        url = f"{evaluation.url_for(stage.clerk)}?tab=process"
        shown = desk(stage.clerk).get(url).content.decode()
    assert "<dt>查实的投诉</dt><dd>3 件</dd>" in shown


def test_a_low_grade_told_as_a_fact_is_no_complaint() -> None:
    stage = own.finished(1, {0: own.marks("0.5")})
    assert stage.evaluation().facility.risk_facts.filter(kind="concern").count() == 1
    assert results.facts_beside(stage.evaluation()).complaints == 0


# --- the certificate ------------------------------------------------------------------------------


def certificates(stage: own.Stage) -> list[OfficialPaper]:
    return list(OfficialPaper.objects.filter(kind=papers.GRADE).order_by("serial"))


def checked(paper: OfficialPaper) -> str:
    """What anybody reads who scans the code."""
    with time_machine.travel(LATER + 9 * DAY, tick=False):
        answer = Client().get(f"/v/{paper.verify_code}/")
    assert answer.status_code == 200
    return answer.content.decode()


def changed(stage: own.Stage, kind: str, grade: str, why: str, at: dt.datetime) -> None:
    by = actor(stage.clerk)
    made = actions.propose_amendment(stage.evaluation(), kind, grade, why, by=by, at=at)
    actions.grant_amendment(made, by=actor(stage.approver), at=at)


@pytest.mark.proves("prod:I13")
def test_the_certificate_of_a_grade_stands_until_the_grade_changes() -> None:
    stage = own.finished(1, {0: own.marks("1")})
    (first,) = certificates(stage)
    assert (first.title, first.status) == (papers.GRADE_TITLE, "valid")
    assert first.number.startswith("寺街托级〔")
    assert "A级" in str(first.data)
    changed(stage, "correction", "A", "更正名称", LATER)
    assert [paper.status for paper in certificates(stage)] == ["valid"]  # the grade is the same
    changed(stage, "suspend", "A", "正在核查", LATER + DAY)
    (first,) = certificates(stage)
    assert (first.status, first.status_reason) == ("withdrawn", "正在核查")
    assert "已撤销" in checked(first)
    changed(stage, "restore", "A", "查无此事", LATER + 2 * DAY)
    changed(stage, "lower", "C", "查实", LATER + 3 * DAY)
    first, second, third = certificates(stage)
    assert [each.status for each in (first, second, third)] == ["withdrawn", "replaced", "valid"]
    assert second.replaced_by == third
    assert third.number in checked(second)
    assert "C级" in str(third.data)


def test_a_later_round_replaces_the_certificate_of_the_one_before() -> None:
    stage = own.finished(1, {0: own.marks("1")})
    (first,) = certificates(stage)
    evaluation = stage.evaluation()
    decision = results.decision_of(evaluation)
    assert decision is not None
    later = actions.create_round(
        "再次评估", "again", stage.facilities, by=actor(stage.clerk), at=LATER
    ).evaluations.get()
    made = papers.issue_grade(later, decision, LATER.date(), by=Actor.calendar(), at=LATER)
    first.refresh_from_db()
    assert (first.status, first.replaced_by) == ("replaced", made)


# --- a grave finding ------------------------------------------------------------------------------


@pytest.fixture(name="grave")
def _grave() -> Callable[..., Finding]:
    """Makes findings of the gravest kind, handed over to a facility on a day; one is real."""
    real = visits.finding()
    names = [field.attname for field in Finding._meta.concrete_fields]
    columns = {name: getattr(real, name) for name in names} | {"item_id": None}
    del columns["id"]

    def make(place: Facility, on: dt.date, **changes: Any) -> Finding:
        number = f"WT-{Finding.objects.count()}"
        columns.update(facility_id=place.pk, severity="critical", issued_on=on, number=number)
        return Finding.objects.create(**columns | changes)

    return make


def told() -> list[str]:
    """To whom it is owed to look at a grade, for which finding."""
    rows = Outbox.objects.filter(payload__kind="grade.asked")
    return sorted(row.payload["params"]["finding"] for row in rows)


@pytest.mark.proves("prod:I12", "clause:二(五)2c")
def test_a_proven_grave_finding_asks_for_the_grade_once(grave: Any) -> None:
    stage = own.finished(1, {0: own.marks("1")})
    place, evaluation = stage.facilities[0], stage.evaluation()
    day = LATER.date()
    grave(place, AT.date())  # known when the committee decided
    grave(place, day, severity="major")
    grave(place, day, annulled=True, state="closed", closed_on=day, dispute_answer="x")
    disputed = grave(place, day, state="disputed", dispute="不是这样")
    assert tasks.ask_for_grades(LATER) == 0
    finding = grave(place, day)
    office = User.objects.filter(
        role_assignments__role__in=[Role.CLERK, Role.APPROVER], is_active=True
    ).distinct()
    assert tasks.ask_for_grades(LATER) == office.count() > 1
    for later in (LATER, LATER + DAY, LATER + 30 * DAY):
        assert tasks.ask_for_grades(later) == 0
    assert set(told()) == {finding.number}
    file = evaluation.url_for(stage.clerk)
    with time_machine.travel(LATER, tick=False):
        shown = desk(stage.clerk).get(file).content.decode()
    assert f"确认了一个重大问题（{finding.number}）" in shown
    by, approver = actor(stage.clerk), actor(stage.approver)
    made = actions.propose_amendment(evaluation, "suspend", "A", "核查", by=by, at=LATER + DAY)
    assert results.grave_findings_since(evaluation, day + 2 * DAY) == []  # it is being weighed
    Finding.objects.filter(pk=disputed.pk).update(state="open", issued_on=day + 3 * DAY)
    assert tasks.ask_for_grades(LATER + 3 * DAY) == office.count()
    actions.grant_amendment(made, by=approver, at=LATER + 4 * DAY)
    assert not Facility.objects.get(pk=place.pk).quality_grade
    grave(place, day + 5 * DAY)
    assert tasks.ask_for_grades(LATER + 5 * DAY) == 0  # a grade that is suspended is not in use


def test_a_finding_asks_for_the_newest_grade_of_its_facility(grave: Any) -> None:
    stage = own.finished(1, {0: own.marks("1")})
    finding = grave(stage.facilities[0], LATER.date())
    evaluation, day = stage.evaluation(), LATER.date()
    assert results.grave_findings_since(evaluation, day) == [finding]
    other = own.finished(1, {0: own.marks("1")})
    assert results.grave_findings_since(other.evaluation(), day) == []
