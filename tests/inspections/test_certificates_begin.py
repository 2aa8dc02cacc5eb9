"""A certificate that has not begun is none yet: the list of people does not show it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine

from inspections.models import EnforcementCertificate
from inspections.queries.people import held_by
from tests import makers
from tests.inspections import makers as make

AT = makers.AT
DAY = AT.date()
pytestmark = [pytest.mark.django_db, pytest.mark.proves("prod:T2")]


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def test_the_next_certificate_shows_from_its_first_day() -> None:
    person = make.certified(30)
    now = EnforcementCertificate.objects.get(user=person)
    following = EnforcementCertificate.objects.create(
        user=person, number="豫D00000001", issuer=now.issuer, entered_by=now.entered_by,
        valid_from=DAY + dt.timedelta(days=1), valid_until=DAY + dt.timedelta(days=400),
    )  # fmt: skip
    assert held_by([person.pk])[person.pk].number == now.number
    with time_machine.travel(AT + dt.timedelta(days=1), tick=False):
        assert held_by([person.pk])[person.pk].number == following.number


def test_who_has_none_but_one_to_come_has_none() -> None:
    person = make.certified(30)
    EnforcementCertificate.objects.filter(user=person).update(valid_from=DAY + dt.timedelta(days=1))
    assert held_by([person.pk]) == {}
    EnforcementCertificate.objects.filter(user=person).update(valid_from=DAY)
    assert person.pk in held_by([person.pk])
