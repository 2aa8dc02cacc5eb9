"""Figures that actions, queries and pages read beside the rules, each struck from both sides.

Another figure is decided by two persons, as the office would; whoever wrote the shipped number into
the code would still go by that one. The oracle is the figure and the days beside it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from facilities import actions, queries, tasks
from facilities.actions import importing
from facilities.models import Facility, Filing
from facilities.queries import leads as lead_queries
from facilities.queries.duplicates import Reason, twins
from portal.core import clock, publishing
from portal.core.actors import Actor
from portal.core.calendar import SHANGHAI
from portal.core.models import Outbox, User
from portal.core.queries import in_force
from tests import makers
from tests.facilities.deciding import decide
from tests.facilities.oracles import BESIDE, figure, law_with
from tests.facilities.test_import import imported
from tests.facilities.test_oracles_clocks import counted

pytestmark = pytest.mark.django_db
AT = makers.AT
DAY = AT.date()
YEAR = "2026-01-01"  # the other figure is in force long before


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


def in_law(key: str, other: int | None) -> int:
    """The figure that counts: the shipped one, or another that was decided on."""
    if other is None:
        shipped: int = figure(key)
        return shipped
    decide(key, other, since=YEAR)
    return other


def last_minute(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(23, 59), SHANGHAI)


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def facility() -> Facility:
    return makers.facility()


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def manager_of(facility: Facility) -> Actor:
    return Actor.person(facility.memberships.get().user)


# --- members ------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", [None, 1, 20])
def test_a_code_works_to_the_end_of_its_last_day(facility: Facility, other: int | None) -> None:
    most = in_law("members.invitation_days", other)
    for offset in BESIDE:
        _made, code = actions.invite(facility, "editor", by=manager_of(facility), at=AT)
        late = last_minute(DAY + days(most + offset))
        someone = Actor.person(makers.operator())
        if offset <= 0:
            assert actions.join_by_code(code, by=someone, at=late).role == "editor"
        else:
            with pytest.raises(actions.NoSuchInvitation):
                actions.join_by_code(code, by=someone, at=late)
        facility.memberships.filter(role="editor").delete()


@pytest.mark.parametrize("other", [None, 1, 7])
def test_so_many_codes_stand_open_and_no_more(facility: Facility, other: int | None) -> None:
    most = in_law("members.open_invitations", other)
    by = manager_of(facility)
    made = [actions.invite(facility, "editor", by=by, at=AT)[0] for _ in range(most)]
    with pytest.raises(actions.TooManyInvitations):
        actions.invite(facility, "editor", by=by, at=AT)
    actions.take_back_invitation(made[0], by=by, at=AT)
    assert actions.invite(facility, "editor", by=by, at=AT)
    assert queries.open_invitations(facility, DAY).count() == most


# --- the list of the county, brought in ---------------------------------------------------------


@pytest.mark.parametrize("other", [None, 1, 20])
def test_an_import_is_taken_back_within_its_days(
    settings: Any, tmp_path: Path, other: int | None
) -> None:
    settings.PRIVATE_MEDIA_ROOT = tmp_path
    most = in_law("imports.undo_days", other)
    job = imported(makers.national_rows(1))
    by = Actor.person(makers.clerk())
    asked = [importing.may_be_undone(job, DAY + days(most + offset)) for offset in BESIDE]
    assert asked == [True, True, False]
    with pytest.raises(actions.UndoTooLate):
        actions.undo_import(job, by=by, at=last_minute(DAY + days(most + 1)))
    done = actions.undo_import(job, by=by, at=last_minute(DAY + days(most)))
    assert done.report["removed"] == 1


# --- review -------------------------------------------------------------------------------------

# No generic word of names stands in them, and no character twice: a pair is common only in front.
CHARACTERS = "春夏秋冬梅兰竹菊松柏桃李杏荷桂枫云霞露霜"


def names(common: int, one: int, other: int) -> tuple[str, str]:
    """Two names of so many pairs of characters, of which so many are common."""
    front, rest = CHARACTERS[: common + 1], CHARACTERS[common + 1 :]
    return front + rest[: one - common], front + rest[len(rest) - (other - common) :]


@pytest.mark.parametrize(
    ("common", "one", "other", "percent"),
    [(5, 8, 9, 59), (3, 5, 5, 60), (7, 11, 12, 61), (2, 8, 8, 25), (9, 10, 10, 90)],
)
def test_names_are_alike_from_the_figure_on(
    common: int, one: int, other: int, percent: int
) -> None:
    """Twice the common pairs over all pairs: 10/17, 6/10, 14/23, 4/16 and 18/20."""
    theirs, mine = names(common, one, other)
    near = makers.facility(facility_name=f"{theirs}托育园", short_name="")
    filing = makers.submitted_filing(
        registration={"facility_name": f"{mine}托育中心", "short_name": ""}
    )
    clerk = makers.clerk()
    key = "review.alike_percent"
    figures = [None, *(percent + n for n in BESIDE)]
    for most in figures:
        law = in_force(DAY) if most is None else law_with({key: most})
        found = [twin for twin in twins(filing, clerk, law) if twin.number == near.code]
        is_alike = percent >= (figure(key) if most is None else most)
        assert [twin.reasons for twin in found] == ([(Reason.NEAR_NAME,)] if is_alike else [])


@pytest.mark.parametrize("other", [1, 3])
def test_a_clerk_holds_so_many_open_cases_and_no_more(other: int) -> None:
    most = in_law("review.open_cases", other)
    clerk, by = makers.clerk(), Actor.person(makers.approver())
    for _ in range(most):
        actions.assign_filing(makers.taken_filing(makers.clerk()), clerk, by=by, at=AT)
    more = makers.taken_filing(makers.clerk())
    with pytest.raises(actions.CannotHandle) as refusal:
        actions.assign_filing(more, clerk, by=by, at=AT)
    assert refusal.value.reason == "full"
    one = Filing.objects.filter(handler=clerk).earliest("pk")
    actions.assign_filing(one, makers.clerk(), by=by, at=AT)
    assert actions.assign_filing(more, clerk, by=by, at=AT)


@pytest.mark.parametrize("other", [None, 1, 40])
def test_papers_came_to_the_counter_so_many_days_ago_at_most(other: int | None) -> None:
    most = in_law("review.counter_days", other)
    clerk = signed_in(makers.clerk())
    answers = {}
    for offset in BESIDE:
        received = (DAY - days(most + offset)).isoformat()
        data = {"token": uuid.uuid4(), "brought_by": "agent", "received_on": received}
        answer = clerk.post(reverse("desk:counter_new"), data)
        answers[offset] = answer.status_code
        if offset > 0:
            assert f"收到日期超过 {most} 天" in answer.content.decode()
    assert answers == {-1: 302, 0: 302, 1: 200}


# --- the report ---------------------------------------------------------------------------------


def test_the_usual_price_is_the_one_of_the_law() -> None:
    filing, key = makers.filing(), "services.usual_fee"
    for usual in (figure(key), {"name": "托育费", "unit": "学期"}):
        law = law_with({key: usual})
        assert queries.usual_services(filing, law)["fees"] == [usual]
    assert queries.usual_services(filing, in_force(DAY))["fees"] == [figure(key)]


@pytest.mark.parametrize("where", ["staff", "staff_ledger_import"])
@pytest.mark.parametrize("other", [None, 1, 5])
def test_so_many_people_come_in_at_once_and_no_more(where: str, other: int | None) -> None:
    """On the page of the report and on that of the people of a facility; each line is faulty."""
    most = in_law("staff.rows_max", other)
    person = makers.operator()
    made = makers.registered_filing_of(person) if "ledger" in where else makers.filing(person)
    place = made.facility.code if made.facility else made.number
    web, url = signed_in(person), reverse(f"my:{where}", args=[place])
    refused = []
    for count in (most + offset for offset in BESIDE if most + offset):
        lines = "\n".join(f"示例{n}\t保育员\t1" for n in range(count))
        text = web.post(url, {"import": "1", "pasted": lines}).content.decode()
        if f"超过 {most} 行" in text:
            refused.append(count)
        else:
            assert f"示例{count - 1}" in text
    assert refused == [most + 1]


# --- hints of places that are not in the register -----------------------------------------------


@pytest.mark.parametrize("other", [None, 1, 400])
def test_a_place_stands_named_to_the_end_of_its_last_day(other: int | None) -> None:
    most = in_law("leads.publication_days", other)
    clerk = makers.clerk()
    lead = makers.lead(clerk, "verified")
    made = actions.propose_unregistered(lead, by=Actor.person(clerk), at=AT)
    later = AT + days(3)  # its days are counted from the day it is named
    publishing.publish(made, by=Actor.person(makers.approver()), at=later)
    first = later.date()
    standing = [len(lead_queries.named_places(first + days(most + n))) for n in BESIDE]
    assert standing == [1, 1, 0]


@pytest.mark.parametrize("offset", BESIDE)
@pytest.mark.parametrize("other", [None, 2, 3])
def test_a_hint_is_reminded_of_so_many_days_before(other: int | None, offset: int) -> None:
    """Working days, written out by hand: from a Friday the Monday after it is one day away."""
    before = in_law("leads.reminder_working_days", other)
    lead = makers.lead(makers.clerk())
    due = counted(DAY, figure("leads.verify_working_days"))
    assert lead.due_on == due
    day = counted(due, -before) + days(offset)
    is_told = counted(day, before) >= due
    assert is_told is (offset >= 0)
    noon = dt.datetime.combine(day, dt.time(12), SHANGHAI)
    assert (tasks.remind_about_leads(noon) > 0) is is_told


# --- papers that end ----------------------------------------------------------------------------


@pytest.mark.parametrize("other", [None, 0, 7, 22])
def test_nothing_is_delivered_before_the_hour(facility: Facility, other: int | None) -> None:
    """A minute before it, at it and a minute after it."""
    hour = in_law("expiry.from_hour", other)
    Facility.objects.filter(pk=facility.pk).update(lease_end=DAY + days(30))
    office_begins = dt.datetime.combine(DAY, dt.time(hour), SHANGHAI)
    for minutes in BESIDE if hour else BESIDE[1:]:  # a minute before midnight is another day
        Outbox.objects.all().delete()
        moment = office_begins + dt.timedelta(minutes=minutes)
        assert actions.remind_of_expiry(at=moment)
        due = set(Outbox.objects.values_list("due_at", flat=True))
        assert due == {max(moment, office_begins)}
