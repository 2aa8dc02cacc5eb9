"""The last seconds of a year whose successor nobody has announced, and a clock that is set back."""

from __future__ import annotations

import datetime as dt
import logging

import pytest
import time_machine
from django.test import Client

from portal.core import clock, outbox
from portal.core.models import Holiday, Notification
from portal.core.tasks import run_calendar
from tests import makers as make

pytestmark = pytest.mark.django_db
EVE = dt.datetime(2026, 12, 31, 15, 59, 50, tzinfo=dt.UTC)  # 23:59:50 in Shanghai


@pytest.fixture
def clerks():
    Holiday.objects.filter(date__year=2027).delete()
    return make.clerk(on=EVE.date()), make.clerk(on=EVE.date())


@pytest.mark.proves("sec:F5", "sec:F6")
def test_the_year_turns_in_shanghai_and_nothing_stops(clerks, caplog):
    with time_machine.travel(EVE, tick=False) as time:
        old = make.lead(clerks[0], at=clock.now())
        time.shift(20)
        new = make.lead(clerks[0], at=clock.now())
        with caplog.at_level(logging.ERROR):
            run_calendar(clock.now())
            outbox.drain(clock.now())
        desk = Client()
        desk.force_login(clerks[0])
        for client, address in ((Client(), "/"), (Client(), "/readyz"), (desk, "/desk/")):
            assert client.get(address).status_code == 200
    assert "2026" in old.number
    assert "2027" in new.number
    assert (old.reported_on, new.reported_on) == (dt.date(2026, 12, 31), dt.date(2027, 1, 1))
    assert new.due_on > new.reported_on
    assert caplog.records == []


@pytest.mark.proves("sec:F5")
def test_a_clock_that_is_set_back_doubles_nothing(clerks):
    with time_machine.travel(EVE, tick=False) as time:
        make.lead(clerks[0], at=clock.now())
        outbox.drain(clock.now())
        told = Notification.objects.count()
        time.shift(-86_400)
        run_calendar(clock.now())
        outbox.drain(clock.now())
        make.lead(clerks[0], at=clock.now())
        time.shift(2 * 86_400)
        outbox.drain(clock.now())
    assert told == 1
    assert Notification.objects.filter(kind="lead.new").count() == 2
