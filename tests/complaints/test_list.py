"""The office's list asks the database as often for thirty cases as for five."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints import actions
from complaints.views.desk import lists
from portal.core import clock, paging
from tests import makers
from tests.complaints import makers as make
from tests.journeys.test_query_counts import FRAME, LIST

pytestmark = [pytest.mark.django_db, pytest.mark.proves("ux:36")]
AT = makers.AT
FEW, MANY = 5, 30


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(clock, "now", lambda: AT)
    made = Client()
    made.force_login(make.handler())
    return made


def grow(rows: int) -> None:
    """Cases of several people about several places, every third of them merged into another."""
    parent = make.accepted(make.handler(), facility=makers.facility())
    for number in range(1, rows):
        by = make.handler()
        case = make.accepted(by, facility=makers.facility() if number % 2 else None)
        if number % 3 == 0:
            actions.merge_complaint(case, parent, by=make.actor(by), at=AT)


def asked(client: Client, query: str) -> tuple[int, int]:
    """How often the page asks when everything is warm, and how many rows it shows."""
    url = reverse("desk:complaints") + query
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        page = client.get(url)
    asks = [each for each in seen.captured_queries if not each["sql"].startswith(FRAME)]
    return len(asks), len(page.context["rows"])


@pytest.mark.parametrize("query", ["?size=50", "?size=50&state=every&q=收费&category=C8&due=week"])
def test_the_list_asks_no_more_for_more_rows(client: Client, query: str) -> None:
    grow(FEW)
    few, rows = asked(client, query)
    grow(MANY - FEW)
    many, more_rows = asked(client, query)
    assert rows < more_rows or "due" in query
    assert few == many <= LIST


def test_what_has_ended_is_counted_only_so_far(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The years fill the tab of what has ended; it says there are more and turns no further."""
    by, second = make.handler(), makers.approver()
    for _ in range(3):
        make.closed(by, second)
    make.accepted(by)
    tab = reverse("desk:complaints") + "?state=ended"
    assert "已结束（3）" in client.get(tab).content.decode()
    monkeypatch.setattr(lists, "STAFF_MOST", 2)
    monkeypatch.setattr(paging, "STAFF_MOST", 2)
    page = client.get(f"{tab}&page=9").content.decode()
    assert "已结束（2+）" in page
    assert "在办（1）" in page
    assert "全部（2+）" in page
    assert "超过 2 件，请用条件缩小范围" in page
