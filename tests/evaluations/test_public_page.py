"""The page of a facility with everything on it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities.models import FeeItem
from inspections import actions as supervision
from portal.core import clock, publishing
from portal.core.actors import Actor
from portal.core.models import Publication
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
