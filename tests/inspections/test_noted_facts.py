"""Incidents and untrue reports a person notes: counted, struck, never with their reason."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from facilities.models import Facility
from inspections import actions
from inspections.models import FacilityRisk, RiskFact
from inspections.models.choices import TieKind
from portal.core.actors import Actor
from portal.core.models import AuditEvent, User
from tests import makers
from tests.inspections import makers as make
from tests.inspections.makers import AT, DAY, actor

pytestmark = pytest.mark.django_db


def given(**more: Any) -> dict[str, Any]:
    base = {"kind": "incident", "severity": "critical", "day": DAY, "reason": "消防车到场",
            "token": uuid.uuid4()}  # fmt: skip
    return base | more


def points(place: Facility) -> int:
    return FacilityRisk.objects.get(facility=place).points


@pytest.mark.parametrize(
    ("kind", "severity", "left"),
    [("incident", "critical", 70), ("incident", "minor", 95), ("untrue", "major", 80)],
)
def test_what_is_noted_counts_by_the_pack(kind: str, severity: str, left: int) -> None:
    place, told = make.facility(), given(kind=kind, severity=severity)
    for _ in range(2):
        actions.note_risk_fact(place, told, by=actor(makers.clerk()), at=AT)
    assert points(place) == left
    assert RiskFact.objects.filter(facility=place).count() == 1
    line = AuditEvent.objects.get(act="risk.noted")
    assert line.detail["reason"] == "消防车到场"


def test_what_was_struck_counts_no_longer() -> None:
    place, by, told = make.facility(), actor(makers.clerk()), given()
    made = actions.note_risk_fact(place, told, by=by, at=AT)
    for _ in range(2):
        actions.strike_risk_fact(made, "记错机构", by=by, at=AT)
    assert points(place) == 100
    assert AuditEvent.objects.filter(act="risk.struck").count() == 1
    with pytest.raises(actions.FactStruck):  # an old form, sent from the page before
        actions.note_risk_fact(place, told, by=by, at=AT)


def test_the_form_sent_again_with_something_else_is_something_else() -> None:
    place, by, told = make.facility(), actor(makers.clerk()), given(severity="minor")
    for kind in ("incident", "untrue", "untrue"):
        actions.note_risk_fact(place, told | {"kind": kind}, by=by, at=AT)
    assert points(place) == 100 - 5 - 20
    other = make.facility()
    actions.note_risk_fact(other, told, by=by, at=AT)
    assert points(other) == 95


def test_what_the_office_was_told_otherwise_is_not_struck_by_hand() -> None:
    place, by = make.facility(), actor(makers.clerk())
    told = actions.record_risk_fact(
        place, "incident", "major", DAY, None, by=Actor.calendar(), at=AT
    )
    with pytest.raises(ValueError, match="incident"):
        actions.strike_risk_fact(told, "示例", by=by, at=AT)
    with pytest.raises(ValueError, match="concern"):
        actions.note_risk_fact(place, given(kind="concern"), by=by, at=AT)


def test_whoever_is_tied_notes_nothing() -> None:
    place, clerk, boss = make.facility(), makers.clerk(), makers.approver()
    actions.declare_tie(clerk, place, TieKind.FAMILY, by=actor(boss), at=AT)
    with pytest.raises(actions.Tied):
        actions.note_risk_fact(place, given(), by=actor(clerk), at=AT)


def test_whoever_is_tied_is_offered_nothing() -> None:
    place, clerk = make.facility(), makers.clerk()
    actions.declare_tie(clerk, place, TieKind.FAMILY, by=actor(makers.approver()), at=AT)
    with time_machine.travel(AT, tick=False):
        here = reverse("desk:facility_risk", args=[place.code])
        new = reverse("desk:riskfact_new", args=[place.code])
        assert new in signed_in(makers.clerk()).get(here).content.decode()
        answer = signed_in(clerk).get(here)
    assert answer.status_code == 200
    assert new not in answer.content.decode()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="portal.core.accounts.SignedIn")
    return client


@pytest.mark.proves("prod:H2")
def test_the_pages_note_and_strike_and_never_show_the_reason() -> None:
    place, desk = make.facility(), signed_in(makers.clerk())
    with time_machine.travel(AT, tick=False):
        here = reverse("desk:facility_risk", args=[place.code])
        new = reverse("desk:riskfact_new", args=[place.code])
        assert new in desk.get(here).content.decode()
        late = (DAY + dt.timedelta(days=1)).isoformat()
        told = {name: str(value) for name, value in given().items()}
        page = desk.post(new, told | {"day": late}).content.decode()
        assert "日期不能晚于今天" in page
        assert "消防车到场" in page
        page = desk.post(new, told | {"day": "2016-11-20"}).content.decode()
        assert "的情况不再计分" in page
        page = desk.post(new, told | {"reason": "13800000001 报告"}).content.decode()
        assert "不要写个人的证件号码、电话" in page
        page = desk.post(new, told, follow=True).content.decode()
        assert "已记下，风险等级已重新计算。" in page
        assert "消防车到场" not in page
        noted = RiskFact.objects.get(facility=place)
        strike = reverse("desk:riskfact_strike", args=[noted.pk])
        assert strike in page
        page = desk.post(strike, {"reason": "记错机构"}, follow=True).content.decode()
        assert "没有扣分。" in page
        page = desk.post(strike, {"reason": "再按一次"}, follow=True).content.decode()
    assert "这条情况已经撤销。" in page
