"""The list of the office's people tells who holds an enforcement certificate and until when."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inspections.models import EnforcementCertificate
from inspections.queries.people import held_by
from portal.core.models import User
from portal.core.roles import Role
from tests import makers
from tests.inspections import makers as make

AT = makers.AT
DAY = AT.date()
pytestmark = [pytest.mark.django_db, pytest.mark.proves("prod:T2")]


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def keeper() -> Client:
    client = Client()
    client.force_login(makers.user(Role.SYSADMIN), backend="portal.core.accounts.SignedIn")
    return client


def held(person: User) -> EnforcementCertificate:
    return person.enforcement_certificates.get()


def cell(client: Client, person: User) -> str:
    """What the list says in the row of the person about the certificate."""
    page = client.get("/desk/users/").content.decode()
    row = page.split(f'/desk/users/{person.pk}/"')[1].split("</tr>")[0]
    found = re.search(r'<td data-label="行政执法证">(.*?)</td>', row, re.DOTALL)
    assert found
    return html.unescape(re.sub(r"<[^>]+>", " ", found[1]))


def test_number_masked_and_last_day_with_its_badge(keeper: Client) -> None:
    good, over, soon = make.certified(200), make.certified(-3), make.certified(0)
    nobody, back = make.inspector(), make.certified(200)
    EnforcementCertificate.objects.filter(user=back).update(revoked_on=DAY)
    number = held(good).number
    assert "剩 200 天" in cell(keeper, good)
    assert f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}" in cell(keeper, good)
    assert "已过期 3 天" in cell(keeper, over)
    assert "今天到期" in cell(keeper, soon)
    page = keeper.get("/desk/users/").content.decode()
    for person in (good, over, soon, back):
        assert held(person).number not in page
    for person in (nobody, back):
        assert "*" not in cell(keeper, person)
        assert "无" in cell(keeper, person)


def test_of_two_certificates_the_one_that_lasts_longest(keeper: Client) -> None:
    person = make.certified(-30)
    EnforcementCertificate.objects.create(
        user=person, number="16040599887766", issuer="舞钢市人民政府", valid_from=DAY,
        valid_until=DAY + dt.timedelta(days=90), entered_by=person,
    )  # fmt: skip
    assert "1604******7766" in cell(keeper, person)
    assert "剩 90 天" in cell(keeper, person)
    assert "已过期" not in cell(keeper, person)


def test_the_list_asks_as_much_for_many_as_for_few(keeper: Client) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as questions:
            assert keeper.get("/desk/users/").status_code == 200
        return len(questions)

    make.certified()
    keeper.get("/desk/users/")  # the first page of a session notes that it was used
    few = asked()
    for _ in range(12):
        make.certified()
    assert asked() == few


# --- a certificate that has not begun is none yet ---


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
