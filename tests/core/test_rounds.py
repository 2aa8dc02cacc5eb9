"""A job of the calendar that fails, in whole or at one row, is seen and told, and then cleared."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from celery.signals import worker_ready
from django.db import DatabaseError, InterfaceError, connection
from django.test import Client

from portal.core import outbox, rounds
from portal.core.administration import standing, watch
from portal.core.models import Community, Heartbeat, Job, Notification, Outbox
from portal.core.models.jobs import JobState
from portal.core.roles import Role
from portal.core.statemachine import TransitionNotOpen
from portal.core.tasks import on_calendar, run_calendar
from tests import makers as make

AT = make.AT
ROUND = dt.timedelta(minutes=10)
SECRET = "张三 13800001111"  # what the words of a fault may hold
pytestmark = [pytest.mark.django_db, pytest.mark.proves("sec:F3")]


class Calendar:
    """One job that is really registered: it falls while it is told to, and counts its turns."""

    def __init__(self):
        self.fault: Exception | None = None
        self.turns = 0

    def mind(self, at: dt.datetime) -> int:
        self.turns += 1
        if self.fault:
            raise self.fault
        return 1


@pytest.fixture
def register():
    """Register jobs for this test alone; they come after all others."""
    known = list(rounds._jobs)
    yield on_calendar
    rounds._jobs[:] = known


@pytest.fixture
def job(register):
    """A job in the middle of the calendar: another one has its turn after it."""
    told = Calendar()

    @register
    def mind_a_deadline(at: dt.datetime) -> int:
        return told.mind(at)

    after = Calendar()

    @register
    def mind_another(at: dt.datetime) -> int:
        return after.mind(at)

    told.after = after
    return told


@pytest.fixture
def keeper():
    return make.user(Role.SYSADMIN)


def kept(name):
    return Heartbeat.objects.get(name__endswith=f".{name}")


def is_well(at):
    [check] = [each for each in watch.upkeep(at) if each.name == "rounds"]
    return check.is_well


def alarms(person):
    outbox.drain(AT + dt.timedelta(days=9))
    told = Notification.objects.filter(to=person, kind="house.alarm")
    return [each for each in told if "到期事项的自动办理" in each.title]


def test_a_job_that_went_through_is_noted_with_its_time(job):
    assert run_calendar(AT)["tests.core.test_rounds.mind_a_deadline"] == 1
    run_calendar(AT + ROUND)
    row = kept("mind_a_deadline")
    assert (row.at, row.failures, row.failed_at, row.fault) == (AT + ROUND, 0, None, "")
    assert row.waiting_since is None
    assert is_well(AT + ROUND)
    assert Heartbeat.objects.count() == len(rounds.jobs())


def test_a_job_that_raises_is_noted_told_once_a_day_and_cleared(job, keeper):
    job.fault = ValueError(SECRET)
    for n in range(4):
        assert run_calendar(AT + n * ROUND)["tests.core.test_rounds.mind_a_deadline"] == 0
    assert job.after.turns == 4
    row = kept("mind_a_deadline")
    assert (row.at, row.failures, row.fault) == (None, 4, "ValueError")
    assert row.failed_at == AT + 3 * ROUND
    assert not is_well(AT + 3 * ROUND)
    assert len(alarms(keeper)) == 1  # four rounds and one message

    run_calendar(AT + dt.timedelta(days=1))
    run_calendar(AT + dt.timedelta(days=1) + ROUND)
    assert len(alarms(keeper)) == 2  # the next day, once again

    job.fault = None
    run_calendar(AT + dt.timedelta(days=2))  # tells of the round before, then goes through
    row = kept("mind_a_deadline")
    assert (row.at, row.failures) == (AT + dt.timedelta(days=2), 0)
    assert is_well(AT + dt.timedelta(days=2))
    told = len(alarms(keeper))
    run_calendar(AT + dt.timedelta(days=3))
    assert len(alarms(keeper)) == told


def test_one_row_that_raises_is_noted_and_the_others_are_done(register, keeper):
    done = []
    places = list(Community.objects.order_by("pk")[:5])
    broken = {places[2]}

    def visit(place: Community, *, at: dt.datetime) -> int:
        if place in broken:
            raise RuntimeError(SECRET)
        done.append(place)
        return 1

    @register
    def visit_each(at: dt.datetime) -> int:
        return rounds.each(places, visit, at)

    assert run_calendar(AT)["tests.core.test_rounds.visit_each"] == 4
    assert done == [place for place in places if place not in broken]
    row = kept("visit_each")
    assert (row.at, row.failures, row.fault) == (None, 1, "RuntimeError")
    run_calendar(AT + ROUND)
    assert len(alarms(keeper)) == 1

    broken.clear()
    run_calendar(AT + 2 * ROUND)
    assert kept("visit_each").at == AT + 2 * ROUND
    assert is_well(AT + 2 * ROUND)


def test_a_row_that_fails_outside_a_round_is_nobodys_failure():
    def fall(_place: Community, *, at: dt.datetime) -> int:
        raise RuntimeError

    assert rounds.each(Community.objects.all()[:2], fall, AT) == 0
    assert not Heartbeat.objects.exists()


def waiting_job():
    """A row with a state, as the calendar's jobs have them."""
    person = make.clerk()
    return Job.objects.create(kind="x", title="x", requested_by=person, requested_at=AT,
                              state=JobState.WAITING)  # fmt: skip


def test_a_row_that_somebody_moved_meanwhile_is_nobodys_failure(register, keeper):
    """It was due when the round looked and was not when the round had locked it."""
    late, due = waiting_job(), waiting_job()

    def end(row: Job, *, at: dt.datetime) -> int:
        if row == late:  # the person at the desk is faster
            Job.objects.filter(pk=row.pk).update(state=JobState.CANCELLED)
        now = Job.objects.get(pk=row.pk)
        now.machine.check(now.state, "confirm")
        return 1

    @register
    def end_each(at: dt.datetime) -> int:
        return rounds.each([late, due], end, at)

    assert run_calendar(AT)["tests.core.test_rounds.end_each"] == 1
    row = kept("end_each")
    assert (row.at, row.failures, row.fault) == (AT, 0, "")
    assert is_well(AT)
    run_calendar(AT + ROUND)
    assert alarms(keeper) == []


def test_a_row_that_was_never_due_is_a_failure(register):
    """Nobody moved it: the round asks for rows that its act refuses, at every round."""

    def end(row: Job, *, at: dt.datetime) -> int:
        row.machine.check(row.state, "finish")
        return 1

    @register
    def end_each(at: dt.datetime) -> int:
        return rounds.each([waiting_job()], end, at)

    run_calendar(AT)
    assert kept("end_each").fault == "TransitionNotOpen"


def test_what_hangs_on_a_row_may_have_been_moved_too(register):
    def withdraw(_row: Job, *, at: dt.datetime) -> int:
        raise TransitionNotOpen("paper", "withdraw", JobState.WAITING)

    def settle(_row: Community, *, at: dt.datetime) -> int:
        raise TransitionNotOpen("paper", "withdraw", "x")

    @register
    def withdraw_each(at: dt.datetime) -> int:
        return rounds.each([waiting_job()], withdraw, at) + rounds.each(
            Community.objects.all()[:1], settle, at
        )

    assert run_calendar(AT)["tests.core.test_rounds.withdraw_each"] == 0
    assert kept("withdraw_each").failures == 0


def test_another_job_that_fails_the_same_day_is_told_too(job, keeper):
    job.fault = ValueError()
    run_calendar(AT)
    run_calendar(AT + ROUND)
    run_calendar(AT + 2 * ROUND)
    assert len(alarms(keeper)) == 1
    job.after.fault = KeyError()
    run_calendar(AT + 3 * ROUND)
    run_calendar(AT + 4 * ROUND)
    run_calendar(AT + 5 * ROUND)
    assert len(alarms(keeper)) == 2
    job.after.fault = None
    run_calendar(AT + 6 * ROUND)
    run_calendar(AT + 7 * ROUND)
    assert len(alarms(keeper)) == 2  # the first one alone again: that was told today


def test_a_round_that_died_with_its_worker_rings_no_alarm_at_the_next_start(job):
    """It was killed in the middle; the portal stood still for the night and begins anew."""
    job.fault = ValueError()
    run_calendar(AT - ROUND)
    standing.begin(rounds.jobs(), at=AT)
    morning = AT + dt.timedelta(hours=9)
    assert not is_well(morning)
    with time_machine.travel(morning, tick=False):
        worker_ready.send(sender=None)
    assert not Heartbeat.objects.exclude(waiting_since=None).exists()
    assert kept("mind_another").at == AT - ROUND  # nothing else is forgotten
    assert not is_well(morning)
    assert kept("mind_a_deadline").failures == 1
    job.fault = None
    run_calendar(morning)
    assert is_well(morning)
    # One that hangs from now on is seen as ever.
    standing.begin(rounds.jobs(), at=morning)
    assert not is_well(morning + watch.STANDS_STILL_AFTER + dt.timedelta(seconds=1))


def test_a_worker_starts_though_the_database_does_not_answer(job, caplog):
    def shut(execute, text, params, many, context):
        raise InterfaceError

    with connection.execute_wrapper(shut):
        worker_ready.send(sender=None)
    assert "was not noted" in caplog.text


def test_who_waits_too_long_for_his_turn_is_behind(job):
    """A job that hangs says nothing: the round set out and did not come to it."""
    standing.begin(rounds.jobs(), at=AT)
    assert is_well(AT + watch.STANDS_STILL_AFTER)
    late = AT + watch.STANDS_STILL_AFTER + dt.timedelta(seconds=1)
    assert not is_well(late)
    standing.begin(rounds.jobs(), at=late)  # the next round does not make it younger
    assert kept("mind_another").waiting_since == AT
    run_calendar(late)
    assert is_well(late + dt.timedelta(days=1))  # that no round sets out is the beat's alarm


def test_a_job_of_another_version_is_nobodys_business(job):
    job.fault = KeyError("x")
    run_calendar(AT)
    assert not is_well(AT)
    rounds._jobs[:] = [each for each in rounds._jobs if each.__name__ != "mind_a_deadline"]
    assert is_well(AT)
    assert kept("mind_a_deadline").failures == 1


def test_a_long_name_of_a_fault_is_cut(job):
    job.fault = type("F" * 200, (Exception,), {})()
    run_calendar(AT)
    assert kept("mind_a_deadline").fault == "F" * 80


@pytest.mark.parametrize("fault", [DatabaseError, InterfaceError])
def test_a_round_that_cannot_be_noted_is_made_all_the_same(job, caplog, fault):
    def shut(execute, text, params, many, context):
        if "core_heartbeat" in text:
            raise fault
        return execute(text, params, many, context)

    with connection.execute_wrapper(shut):
        assert run_calendar(AT)["tests.core.test_rounds.mind_another"] == 1
    assert "was not noted" in caplog.text


def test_the_page_shows_kind_and_time_and_nothing_the_fault_said(
    job, keeper, django_assert_max_num_queries
):
    job.fault = ValueError(SECRET)
    run_calendar(AT)
    client = Client()
    client.force_login(keeper)
    with time_machine.travel(AT + ROUND, tick=False):
        client.get("/desk/system/")  # the first page of a session notes that it was used
        with django_assert_max_num_queries(15 + 1):  # and the frame of the transaction
            page = client.get("/desk/system/").content.decode()
    assert "mind_a_deadline" in page
    assert "ValueError" in page
    assert "连续 1 轮没有办成" in page
    assert page.index("mind_a_deadline") < page.index("mind_another")  # who is behind stands first
    assert SECRET not in page
    row = kept("mind_a_deadline")
    assert not any(SECRET in str(value) for value in vars(row).values())
    assert not Outbox.objects.filter(payload__icontains=SECRET).exists()
