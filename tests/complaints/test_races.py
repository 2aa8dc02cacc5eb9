"""Two officials at the same moment, through the pages: one is first, the other reads a sentence."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from complaints.models import Complaint
from portal.core import clock
from portal.core.models import User
from tests import makers
from tests.complaints import makers as make

pytestmark = pytest.mark.django_db(transaction=True)
AT = makers.AT
ROUNDS = 4


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def at_once(*calls: Callable[[], str]) -> list[str]:
    """Run the calls in threads that start together; their pages in order. A fault is raised."""
    gate = Barrier(len(calls))

    def run(call: Callable[[], str]) -> str:
        try:
            connection.ensure_connection()
            gate.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def send(client: Client, route: str, data: dict[str, str], *args: object) -> str:
    response = client.post(reverse(f"desk:{route}", args=args), data, follow=True)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.proves("prod:J11", "sec:G9")
def test_the_same_work_order_entered_twice_at_once_is_one_case() -> None:
    first, second = (signed_in(make.handler()) for _ in range(2))
    for turn in range(ROUNDS):
        told = {
            "channel": "hotline", "category": "C8", "external_number": f"WG-{turn}",
            "happened": "开学交的餐费和公示的不一样，问了几次都没有说法。",
        }  # fmt: skip
        forms = [told | {"token": str(uuid.uuid4())} for _ in range(2)]
        pages = at_once(
            lambda forms=forms: send(first, "complaint_new", forms[0]),
            lambda forms=forms: send(second, "complaint_new", forms[1]),
        )
        assert sum("投诉举报回单" in page for page in pages) == 1
        assert sum("这个工单号已经登记过" in page for page in pages) == 1
        assert Complaint.objects.filter(external_number=f"WG-{turn}").count() == 1


@pytest.mark.proves("sec:G9")
def test_two_cases_merged_into_each_other_at_once_become_one() -> None:
    """Neither waits for the other for ever: the rows are locked in one order."""
    people = [make.handler(), make.handler()]
    first, second = map(signed_in, people)
    for _ in range(ROUNDS):
        one, other = (make.accepted(person) for person in people)
        pages = at_once(
            lambda one=one, other=other: send(
                first, "complaint_merge", {"number": other.number}, one.pk
            ),
            lambda one=one, other=other: send(
                second, "complaint_merge", {"number": one.number}, other.pk
            ),
        )
        assert sum("这两件不能合并" in page for page in pages) == 1
        merged = Complaint.objects.filter(pk__in=[one.pk, other.pk]).exclude(parent=None)
        assert merged.count() == 1
