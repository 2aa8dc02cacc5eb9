"""Budgets in a real Valkey, which is then taken away: what is urgent goes through and rings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from complaints.actions import throttle
from complaints.models import Complaint
from portal.core.models import Notification, Outbox
from portal.core.queries import in_force
from portal.core.tasks import calendar_round
from portal.embedded import valkey
from tests.complaints import makers as cases
from tests.complaints.makers import AT, DAY
from tests.house.lives import Broker, calling_through

pytestmark = pytest.mark.django_db
HERE = "127.0.0.1"


@pytest.fixture
def broker(tmp_path: Path, settings: Any) -> Iterator[Broker]:
    """A server of its own: the cache of the budgets and the broker of the messages, as set up."""
    made = Broker(tmp_path)
    where = valkey.url(made.path)
    budgets = {"BACKEND": "django.core.cache.backends.redis.RedisCache",
               "LOCATION": f"unix://{made.path}?db=0"}  # fmt: skip
    settings.CACHES = {**settings.CACHES, "budgets": budgets}
    try:
        with calling_through(where), time_machine.travel(AT, tick=False):
            yield made
    finally:
        made.stop()


def page(name: str) -> str:
    return reverse(f"complaints:{name}")


def ready(category: str) -> Client:
    """All screens up to the last button."""
    browser = Client()
    browser.post(page("topic"), {"category": category})
    browser.post(page("facility"), {"choice": "other", "place_name": "某托育园"})
    browser.post(page("details"), {"happened": cases.TOLD["happened"]})
    browser.post(page("contact"), {"way": "anonymous"})
    return browser


@pytest.mark.proves("sec:S1", "prod:J12", "prod:K2")
def test_an_urgent_report_goes_through_with_the_budgets_spent_and_the_server_gone(
    broker: Broker, django_capture_on_commit_callbacks: Any
) -> None:
    duty, _handler = cases.duty(), cases.handler()
    law = in_force(DAY)
    for _ in range(law.integer("complaints.hourly_budgets", "submit_prefix")):
        assert throttle.price_of_submitting(HERE, at=AT).is_free
    assert not throttle.price_of_submitting(HERE, at=AT).is_free, "counted in the server"
    with django_capture_on_commit_callbacks(execute=True):
        cases.complaint("C9")
    assert broker.says("LLEN celery") != b":0\r\n", "the worker is called through the server"
    urgent, other = ready("C1"), ready("C8")
    caches["budgets"].clear()
    assert throttle.price_of_submitting(HERE, at=AT).is_free
    broker.stop()
    assert not throttle.price_of_submitting(HERE, at=AT).is_free, "gone counts as spent"
    with django_capture_on_commit_callbacks(execute=True):  # the worker is called, in vain
        assert urgent.post(page("check"))["Location"] == page("done")
    assert other.post(page("check")).status_code == 200, "what is not urgent costs work, no more"
    made = Complaint.objects.exclude(category="C9").get()
    assert (made.lane, made.is_suspect) == ("red", True)
    alarm = Outbox.objects.filter(kind="notify", payload__kind="complaint.alarm")
    assert [row.done_at for row in alarm] == [None]
    assert Outbox.objects.filter(kind="complaint.escalate").count() == 2
    calendar_round()
    assert Notification.objects.filter(to=duty, kind="complaint.alarm").count() == 1
    assert "TS-" in urgent.get(page("done")).content.decode()
