"""Rights, reach, persons and dates."""

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction

from facilities.models import Facility, Filing
from portal.core import clock
from portal.core.models import Grant, RoleAssignment, User
from portal.core.permissions import can
from portal.core.roles import Role
from tests import makers as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(make.AT, tick=False):
        yield


def test_a_button_shows_when_the_act_would_succeed():
    clerk, filing = make.clerk(), make.submitted_filing()
    assert can(clerk, "take", filing)
    assert not can(clerk, "register", filing)
    assert not can(make.approver(), "take", filing)
    assert not can(make.operator(), "withdraw", filing)
    assert can(filing.created_by, "withdraw", filing)


def test_a_right_taken_away_is_gone_at_once():
    clerk, filing = make.clerk(), make.submitted_filing()
    Grant.objects.filter(right="filing.take").delete()
    assert not can(clerk, "take", filing)


@pytest.mark.proves("sec:W8")
def test_two_roles_of_one_person_are_one_person():
    both = make.user(Role.CLERK, Role.APPROVER)
    assert not can(both, "register", make.proposed_filing(both))
    assert can(make.approver(), "register", make.proposed_filing(both))


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [(-1, 1, True), (0, 0, True), (1, 9, False), (-9, -1, False), (-9, None, True)],
)
def test_a_role_holds_between_its_dates(first, last, holds):
    person, day = make.user(), clock.today()
    RoleAssignment.objects.create(
        user=person,
        role=Role.CLERK,
        valid_from=day + dt.timedelta(days=first),
        valid_to=None if last is None else day + dt.timedelta(days=last),
    )
    assert person.has_role(Role.CLERK) is holds


def test_a_left_person_may_nothing():
    clerk, filing = make.clerk(), make.submitted_filing()
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    left = User.objects.get(pk=clerk.pk)
    assert not can(left, "take", filing)
    assert left.role_names == frozenset()


@pytest.mark.proves("clause:二(五)1a", "prod:T3")
def test_a_community_sees_what_was_sent_from_its_own_ground():
    own = make.submitted_filing()
    foreign = make.submitted_filing(premises={"community": "hubin"})
    person = make.user(Role.COMMUNITY, community=make.community("longquan"))
    assert set(Filing.objects.visible_to(person)) == {own}
    assert foreign not in Filing.objects.visible_to(person)


def test_the_office_sees_no_drafts():
    make.complete_filing()
    assert not Filing.objects.visible_to(make.clerk()).exists()


@pytest.mark.proves("sec:W1")
def test_operators_see_their_own():
    mine, other = make.submitted_filing(), make.submitted_filing()
    assert list(Filing.objects.visible_to(mine.created_by)) == [mine]
    facility = make.facility()
    assert not Facility.objects.visible_to(other.created_by).exists()
    owner = facility.memberships.get().user
    assert list(Facility.objects.visible_to(owner)) == [facility]


def test_a_member_who_left_sees_it_no_more():
    facility = make.facility()
    membership = facility.memberships.get()
    membership.left_on = clock.today()
    membership.save()
    assert not Facility.objects.visible_to(membership.user).exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"role": "emperor"},
        {"valid_to": dt.date(2000, 1, 1)},
        {"deputy_for": "self", "valid_to": dt.date(2030, 1, 1)},
        {"deputy_for": "other"},
    ],
)
def test_an_assignment_that_makes_no_sense_is_refused(fields):
    person, other = make.user(), make.user()
    people = {"self": person, "other": other}
    values = {k: people.get(v, v) if isinstance(v, str) else v for k, v in fields.items()}
    given = {"role": Role.CLERK, "valid_from": dt.date(2026, 1, 1)} | values
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleAssignment.objects.create(user=person, **given)


def test_a_clerk_of_one_community_sees_that_community():
    own = make.submitted_filing()
    make.submitted_filing(premises={"community": "hubin"})
    local = make.clerk(community=make.community("longquan"))
    assert list(Filing.objects.visible_to(local)) == [own]
    assert Filing.objects.visible_to(make.clerk()).count() == 2
