"""What the calendar does: warnings, batches, archives, destruction; twice is once."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from complaints import actions, tasks
from complaints.models import Complaint, ErasureProof
from complaints.queries import public as figures
from portal.core import outbox
from portal.core.actors import Actor
from portal.core.models import Notification
from portal.core.queries import in_force, working_calendar
from tests import makers, register

from . import makers as cases
from .makers import AT, DAY, actor

pytestmark = pytest.mark.django_db


def working(days):
    """The moment so many working days after the first."""
    day = working_calendar().add_working_days(DAY, days)
    return AT + (day - DAY)


def kinds(person):
    outbox.drain(AT + dt.timedelta(days=20_000))
    return [n.kind for n in Notification.objects.filter(to=person).order_by("at", "kind")]


@pytest.fixture
def handler(db):
    return cases.handler()


@pytest.fixture
def approver(db):
    return makers.approver()


@pytest.mark.proves("prod:K3", "prod:K4")
def test_warnings_at_half_and_four_fifths_and_after_the_day(handler, approver):
    made = cases.accepted(handler, "C9")
    assert made.finish_due == working_calendar().add_working_days(DAY, 10)
    assert tasks.warn_of_clocks(working(4)) == 0
    assert tasks.warn_of_clocks(working(5)) == 1
    assert tasks.warn_of_clocks(working(5)) == 0
    assert tasks.warn_of_clocks(working(8)) == 1
    assert tasks.warn_of_clocks(working(11)) == 2
    assert tasks.warn_of_clocks(working(12)) == 0
    assert kinds(handler).count("complaint.due") == 2
    assert kinds(approver) == ["complaint.late"]


def test_a_clock_that_stands_still_warns_nobody(handler):
    made = cases.accepted(handler, "C9")
    actions.pause_clock(made, "expert", "等待鉴定", by=actor(handler), at=AT)
    assert tasks.warn_of_clocks(working(9)) == 0
    red = cases.complaint("C1")
    assert tasks.warn_of_clocks(AT) == 0
    assert red.finish_due is None


def test_silence_of_complainant_and_facility_does_not_stop_a_case(handler):
    facility = register.facility()
    asked = cases.accepted(handler, facility=facility)
    actions.ask_complainant(asked, "是哪一天？", by=actor(handler), at=AT)
    assert tasks.go_on_unanswered(working(5)) == 0
    assert tasks.go_on_unanswered(working(6)) == 1
    worker = cases.handler()
    waiting = cases.statement(worker, cases.accepted(worker, facility=facility))
    actions.release_statement(waiting, by=actor(cases.handler()), at=AT)
    assert tasks.send_statements(AT) == 0
    assert tasks.send_statements(working(1)) == 1
    assert tasks.send_statements(working(1)) == 0
    assert tasks.lapse_statements(working(4)) == 0
    assert tasks.lapse_statements(working(5)) == 1
    states = set(Complaint.objects.values_list("state", flat=True))
    assert states == {"investigating"}
    assert waiting.number.startswith("QK-")


@pytest.mark.proves("sec:C4")
def test_everything_checked_today_goes_out_in_tomorrows_batch(handler):
    facility = register.facility()
    hours = (0, 3, 7)
    for hour in hours:
        made = cases.statement(handler, cases.accepted(handler, facility=facility))
        released = actions.release_statement(
            made, by=actor(cases.handler()), at=AT + dt.timedelta(hours=hour)
        )
        assert released.release_on == working(1).date()
    tasks.send_statements(working(1))
    outbox.drain(working(1))
    times = set(Notification.objects.filter(kind="statement.asked").values_list("at", flat=True))
    assert times == {working(1)}


def test_a_case_is_archived_when_its_review_is_over(handler, approver):
    cases.closed(handler, approver)
    assert tasks.archive_cases(AT + dt.timedelta(days=15)) == 0
    assert tasks.archive_cases(AT + dt.timedelta(days=16)) == 1
    assert tasks.archive_cases(AT + dt.timedelta(days=16)) == 0


@pytest.mark.proves("prod:L7", "prod:L9", "prod:L12")
def test_contacts_go_after_a_year_and_contents_after_five(handler, approver):
    made = cases.closed(handler, approver, contact=cases.CONTACT)
    held = cases.closed(handler, approver, contact=cases.CONTACT)
    actions.hold_complaint(held, "进入诉讼", by=actor(handler), at=AT)
    year, five = AT + dt.timedelta(days=366), AT + dt.timedelta(days=1827)
    assert tasks.erase_contacts(AT + dt.timedelta(days=365)) == 0
    assert tasks.erase_contacts(year) == 1
    assert tasks.erase_contacts(year) == 0
    assert tasks.warn_of_erasures(five - dt.timedelta(days=40)) == 0
    assert tasks.warn_of_erasures(five - dt.timedelta(days=10)) == 1
    assert "complaint.erasure" in kinds(handler)
    assert tasks.erase_contents(five - dt.timedelta(days=1)) == 0
    assert tasks.erase_contents(five) == 1
    assert tasks.erase_contents(five) == 0
    made.refresh_from_db()
    held.refresh_from_db()
    assert (made.data_key, bool(held.told)) == (None, True)
    assert ErasureProof.objects.filter(complaint=made).count() == 2


def test_grants_and_wishes_end_by_themselves(handler, approver):
    made = cases.accepted(handler, contact=cases.CONTACT)
    actions.grant_contact(cases.reveal(handler, made), by=actor(approver), at=AT)
    cases.reveal(cases.handler(), made)
    assert tasks.end_reveals(AT + dt.timedelta(days=1)) == 0
    assert tasks.end_reveals(AT + dt.timedelta(days=2)) == 2


def test_an_account_that_ends_has_its_open_cases_named(handler):
    cases.accepted(handler)
    assert tasks.complaints_of(handler)[0] == 1
    assert tasks.complaints_of(cases.handler())[0] == 0


# --- the office measures itself -------------------------------------------------------------------


def closed_in_a_row(handler, approver, count, category="C9"):
    return [cases.closed(handler, approver, category=category) for _ in range(count)]


@pytest.mark.proves("sec:C6", "diff:17", "prod:N8")
def test_small_numbers_are_kept_back(handler, approver):
    law = in_force(DAY)
    closed_in_a_row(handler, approver, 4)
    few = figures.quarter_figures([(2026, 4)], law)[0]
    assert few["totals"]["all"].is_hidden
    assert all(cell.is_hidden for _label, cell in few["categories"])
    closed_in_a_row(handler, approver, 2)
    assert figures.quarter_figures([(2026, 4)], law)[0]["totals"]["all"].count == 6
    closed_in_a_row(handler, approver, 3, "C8")
    mixed = figures.quarter_figures([(2026, 4)], law)[0]
    assert mixed["totals"]["all"].count == 9
    assert all(cell.is_hidden for _label, cell in mixed["categories"]), "9 - 6 would tell the 3"
    empty = figures.quarter_figures([(2025, 1)], law)[0]
    assert empty["totals"]["all"].count == 0
    both = figures.quarter_figures([(2026, 4), (2025, 1)], law)
    assert both == [mixed, empty], "each quarter as if it were asked for alone"


def test_one_unsatisfied_person_is_not_told_by_taking_away(handler, approver):
    for number, made in enumerate(closed_in_a_row(handler, approver, 6)):
        word = "poor" if number == 0 else "good"
        actions.rate_complaint(
            made, is_solved=True, satisfaction=word, by=Actor.code_holder(made), at=AT
        )
    totals = figures.quarter_figures([(2026, 4)], in_force(DAY))[0]["totals"]
    assert totals["rated"].count == 6
    assert totals["satisfied"].is_hidden


def test_only_quarters_that_are_over_are_shown():
    assert figures.last_quarters(dt.date(2026, 11, 23), 4) == [
        (2026, 3), (2026, 2), (2026, 1), (2025, 4),
    ]  # fmt: skip
    assert figures.quarter_days(2026, 4) == (dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    assert Client().get(reverse("complaints:statistics")).status_code == 200


def test_a_facilitys_page_may_tell_upheld_cases_of_harmless_kinds_alone(handler, approver):
    facility = register.facility()
    made = cases.accepted(handler, "C9", facility=facility)
    actions.open_visit(made, by=actor(handler), at=AT)
    made.refresh_from_db()
    made = actions.propose_reply(made, "upheld", "现场", "属实", by=actor(handler), at=AT)
    actions.approve_reply(made, by=actor(approver), at=AT)
    cases.closed(handler, approver, facility=facility)
    duty = cases.duty()
    cases.closed(duty, cases.duty(), category="C1", facility=facility)
    assert list(figures.outcomes_of(facility, in_force(DAY))) == [made]
