"""Two of everything at once: one winner, one row, one alarm; not so when the lock is taken out."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection

from complaints.actions import intake
from facilities import actions
from facilities.actions import filing as filing_acts
from facilities.actions import review as review_acts
from facilities.models import Filing
from facilities.workflow import FilingStatus
from portal.core import workflow
from portal.core.actors import Actor
from portal.core.models import AuditEvent, OfficialPaper, Outbox
from portal.core.workflow import TransitionNotOpen
from tests import makers as make
from tests.complaints import makers as cases

pytestmark = pytest.mark.django_db(transaction=True)
AT = make.AT
OFFICIALS = 4


def at_once(calls):
    """Run the calls in threads that start together; their results or errors in order."""
    gate = Barrier(len(calls))

    def run(call):
        connection.ensure_connection()
        gate.wait()
        try:
            return call()
        except (TransitionNotOpen, actions.AlreadyRegistered) as fault:
            return fault
        except IntegrityError as fault:  # a 500 for the person: never what a loser should see
            return repr(fault)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def proposals(count, start=0):
    """Filings proposed for declining, made without their papers to be quick."""
    owner, clerk = make.operator(), make.clerk()
    return Filing.objects.bulk_create(
        Filing(
            number=f"DJ-2026-9{start + n:03d}",
            state=FilingStatus.PROPOSED,
            created_by=owner,
            created_at=AT,
            facility_name="示例",
            submitted_at=AT,
            answer_due=AT.date(),
            draft_until=AT.date(),
            proposal="decline",
            proposed_by=clerk,
            proposed_at=AT,
            round=1,
        )
        for n in range(count)
    )


def decide(filings):
    """Every filing is declined by four officials at once; how many believed they had done it."""
    approvers = [Actor.person(make.approver()) for _ in range(OFFICIALS)]
    winners = []
    for filing in filings:
        calls = [
            lambda by=by, filing=filing: actions.decline_filing(filing, "理由", by=by, at=AT)
            for by in approvers
        ]
        done = at_once(calls)
        assert not any(isinstance(answer, str) for answer in done), done
        winners.append(sum(isinstance(answer, Filing) for answer in done))
    return winners


def replay(times):
    """The same form sent `times` at once; the distinct numbers that were answered."""
    me, token = Actor.person(make.operator()), uuid.uuid4()
    done = at_once([lambda: actions.start_filing(token, by=me, at=AT)] * times)
    return [answer.number if isinstance(answer, Filing) else None for answer in done]


@pytest.mark.proves("sec:W7")
@pytest.mark.full
def test_fifty_filings_by_four_officials_have_one_winner_each():
    assert decide(proposals(50)) == [1] * 50
    assert OfficialPaper.objects.count() == 50
    assert AuditEvent.objects.filter(act="filing.decline").count() == 50


@pytest.mark.proves("sec:G9")
def test_one_winner():
    assert decide(proposals(5)) == [1] * 5


@pytest.mark.proves("sec:W11", "sec:G9")
def test_twenty_replays_make_one_row():
    assert replay(20) == ["DJ-2026-0001"] * 20
    assert Filing.objects.count() == 1


def test_without_the_row_lock_there_would_be_two_winners(monkeypatch):
    def unlocked(noun):
        return type(noun).objects.get(pk=noun.pk)

    monkeypatch.setattr(workflow, "lock", unlocked)
    monkeypatch.setattr(review_acts, "lock", unlocked)
    tries = (decide(proposals(10, start)) for start in range(0, 50, 10))
    assert any(winners != [1] * 10 for winners in tries)


def test_without_the_key_lock_replays_would_fail(monkeypatch):
    monkeypatch.setattr(filing_acts, "one_at_a_time", lambda _key: None)
    assert any(None in replay(20) for _ in range(15))


def test_two_filings_of_one_credit_code_enter_the_register_once():
    """Decided at the same moment by two people: one enters, the other is told in words."""
    clerk = make.clerk()
    for _ in range(3):
        code = make.uscc()
        rivals = [make.proposed_filing(clerk, registration={"uscc": code}) for _ in range(2)]
        calls = [
            lambda filing=filing: actions.register_filing(
                filing, by=Actor.person(make.approver()), at=AT
            )
            for filing in rivals
        ]
        done = at_once(calls)
        kinds = sorted(type(answer).__name__ for answer in done)
        assert kinds == ["AlreadyRegistered", "Filing"], done


def spikes(together):
    """So many complaints about one facility at once: how often those above were told."""
    place = make.facility()
    cases.handler()
    approver = make.approver()
    mine = Outbox.objects.filter(payload__kind="complaint.spike", payload__to=str(approver.pk))
    at_once([lambda: cases.complaint(facility=place)] * together)
    return mine.count()


def test_of_several_at_once_about_one_facility_one_raises_the_alarm():
    assert [spikes(3) for _ in range(5)] == [1] * 5


def test_without_the_lock_none_would_see_the_others(monkeypatch):
    locked = intake.one_at_a_time

    def but_not_for_spikes(key):
        if "spike" not in key:
            locked(key)

    monkeypatch.setattr(intake, "one_at_a_time", but_not_for_spikes)
    assert any(spikes(3) != 1 for _ in range(15))
