"""What is owed is delivered once, whoever dies on the way."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from portal.core import outbox
from portal.core.models import Notification, Outbox
from tests import makers as make

AT = make.AT
delivered: list[str] = []


@outbox.handles("test.note")
def _note(payload, at):
    delivered.append(payload["word"])


@outbox.handles("test.fails")
def _fails(payload, at):
    Notification.objects.create(
        to_id=payload["to"], dedup_key="half", kind="x", title="half", at=at
    )
    raise OSError("the gateway is away")


@pytest.fixture(autouse=True)
def _empty():
    delivered.clear()


@pytest.mark.django_db
def test_a_promise_made_twice_is_one_row():
    assert outbox.post("test.note", {"word": "a"}, dedup_key="k", at=AT)
    assert not outbox.post("test.note", {"word": "b"}, dedup_key="k", at=AT)
    assert outbox.drain(AT) == 1
    assert outbox.drain(AT) == 0
    assert delivered == ["a"]


@pytest.mark.django_db
def test_nothing_leaves_before_it_is_due():
    outbox.post("test.note", {"word": "later"}, dedup_key="k", at=AT + dt.timedelta(hours=1))
    assert outbox.drain(AT) == 0
    assert outbox.drain(AT + dt.timedelta(hours=1)) == 1


@pytest.mark.proves("sec:F1")
@pytest.mark.django_db
def test_a_dead_workers_row_is_taken_again_after_its_lease():
    outbox.post("test.note", {"word": "a"}, dedup_key="k", at=AT)
    assert outbox._claim(AT) is not None  # this worker dies here
    assert outbox.drain(AT + outbox.LEASE / 2) == 0
    assert outbox.drain(AT + outbox.LEASE) == 1


@pytest.mark.django_db
def test_a_slow_worker_whose_lease_ran_out_delivers_nothing():
    outbox.post("test.note", {"word": "a"}, dedup_key="k", at=AT)
    slow = outbox._claim(AT)
    assert outbox.drain(AT + outbox.LEASE) == 1
    assert not outbox._deliver(slow, AT + outbox.LEASE)
    assert delivered == ["a"]


@pytest.mark.django_db
def test_a_failure_leaves_no_half_effect_and_waits_longer_each_time(caplog):
    to = make.user()
    outbox.post("test.fails", {"to": str(to.pk)}, dedup_key="k", at=AT)
    assert outbox.drain(AT) == 0
    row = Outbox.objects.get()
    assert (row.attempts, row.last_error) == (1, "OSError")
    assert row.claimed_until > AT + outbox.BACKOFF
    assert not Notification.objects.exists()
    assert "the gateway is away" not in str(row.last_error)
    assert outbox.standing_still(AT + dt.timedelta(hours=1), dt.timedelta(minutes=10)) == 1


@pytest.mark.proves("sec:F3")
@pytest.mark.django_db(transaction=True)
def test_four_workers_deliver_each_row_once():
    for n in range(40):
        outbox.post("test.note", {"word": str(n)}, dedup_key=f"k{n}", at=AT)
    gate = Barrier(4)

    def work(_):
        gate.wait()
        try:
            return outbox.drain(AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 40
    assert sorted(delivered, key=int) == [str(n) for n in range(40)]


@pytest.mark.django_db
def test_the_same_occasion_is_told_once_a_person():
    people = [make.clerk(), make.clerk()]
    filing = make.submitted_filing()
    before = Outbox.objects.count()
    assert outbox.notify(people, "filing.due_soon", filing, at=AT, once="1", due="2026-11-30") == 2
    assert outbox.notify(people, "filing.due_soon", filing, at=AT, once="1", due="2026-11-30") == 0
    assert outbox.notify(people, "filing.due_soon", filing, at=AT, once="2", due="2026-11-30") == 2
    assert Outbox.objects.count() == before + 4
