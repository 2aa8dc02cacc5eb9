"""A proposal about an account, a deputyship, a sign-in: what comes twice or late."""

import datetime as dt

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied

from portal.core import staffing
from portal.core.actors import Actor
from portal.core.models import RoleAssignment, UserSession
from portal.core.roles import Role
from portal.core.staffing import sessions
from portal.core.staffing.roles import Wanted
from portal.core.workflow import FactMissing, NotAllowed, TransitionNotOpen
from tests import makers as make

pytestmark = pytest.mark.django_db
AT = make.AT
DAY = AT.date()
WEEK = dt.timedelta(days=7)


@pytest.fixture
def admin():
    return Actor.person(make.user(Role.SYSADMIN))


@pytest.fixture
def approver():
    return Actor.person(make.approver())


def proposal(admin, person=None):
    wanted = Wanted(Role.CLERK, DAY)
    return staffing.propose_role(
        person or make.user(Role.LEADER), wanted, "岗位调整", by=admin, at=AT
    )


def code_of(function, *args, **kwargs):
    with pytest.raises(staffing.Refused) as caught:
        function(*args, **kwargs)
    return caught.value.code


def test_refused_with_a_reason_gives_no_role(admin, approver):
    change = proposal(admin)
    with pytest.raises(FactMissing):
        staffing.refuse(change, "", by=approver, at=AT)
    done = staffing.refuse(change, "编制已满", by=approver, at=AT)
    assert (done.state, done.decision_reason) == ("refused", "编制已满")
    assert not change.person.has_role(Role.CLERK)
    with pytest.raises(TransitionNotOpen):
        staffing.grant(change, by=approver, at=AT)


def test_only_the_proposer_takes_it_back(admin, approver):
    change = proposal(admin)
    with pytest.raises(NotAllowed):
        staffing.withdraw(change, by=Actor.person(make.user(Role.SYSADMIN)), at=AT)
    assert staffing.withdraw(change, by=admin, at=AT).state == "withdrawn"
    assert proposal(admin, change.person).state == "proposed"


def test_nothing_is_proposed_for_or_given_to_who_has_left(admin, approver):
    change = proposal(admin)
    staffing.mark_left(change.person, by=admin, at=AT)
    assert code_of(staffing.grant, change, by=approver, at=AT) == "left"
    assert code_of(proposal, admin, make.user(is_active=False)) == "left"


def test_who_has_left_leaves_once(admin):
    person = make.clerk()
    first = staffing.mark_left(person, by=admin, at=AT)
    again = staffing.mark_left(first, by=admin, at=AT + WEEK)
    assert again.role_assignments.get().valid_to == DAY


def test_a_role_does_not_end_before_today_nor_after_its_own_end(admin):
    held = make.clerk().role_assignments.get()
    yesterday = DAY - dt.timedelta(days=1)
    assert code_of(staffing.propose_end, held, yesterday, "调离", by=admin, at=AT) == "before"
    RoleAssignment.objects.filter(pk=held.pk).update(valid_to=DAY)
    held.refresh_from_db()
    assert code_of(staffing.propose_end, held, DAY + WEEK, "调离", by=admin, at=AT) == "ended"


def test_a_deputyship_ends_once_and_a_post_of_ones_own_not_at_all(admin, approver):
    held = approver.user.role_assignments.get()
    with pytest.raises(PermissionDenied):
        staffing.end_deputy(held, by=admin, at=AT)
    made = staffing.appoint_deputy(
        held, make.user(Role.LEADER), DAY, DAY + WEEK, by=approver, at=AT
    )
    staffing.end_deputy(made, by=admin, at=AT)
    staffing.end_deputy(made, by=admin, at=AT + WEEK)
    made.refresh_from_db()
    assert made.valid_to == DAY


def test_another_invitation_voids_the_first_and_ends_with_the_password(admin):
    person, first = staffing.invite("xin.ren", "新人", "经办", by=admin, at=AT)
    second = staffing.invite_again(person, by=admin, at=AT)
    use = staffing.use_code
    assert not use(person.username, first, make.PASSWORD, "invitation", at=AT)
    assert use(person.username, second, make.PASSWORD, "invitation", at=AT)
    person.refresh_from_db()
    with pytest.raises(PermissionDenied):
        staffing.invite_again(person, by=admin, at=AT)


def test_a_sign_in_is_seen_once_a_day_and_forgotten_with_its_key():
    person, session = make.clerk(), SessionStore()
    sessions.keep(session, person, AT)
    row = UserSession.objects.get(user=person)
    sessions.seen(session, person, AT)
    sessions.seen(session, person, AT + WEEK)
    row.refresh_from_db()
    assert (row.seen_on, row.created_at) == (DAY + WEEK, AT)
    sessions.forget(SessionStore())
    assert UserSession.objects.filter(user=person).exists()
    sessions.forget(session)
    assert not UserSession.objects.filter(user=person).exists()


def test_a_person_with_one_sign_in_ends_no_others():
    person, session = make.clerk(), SessionStore()
    sessions.keep(session, person, AT)
    by = Actor.person(person)
    assert sessions.end_others(session.session_key, by=by, at=AT) == 0
    assert sessions.drop(person) == 1
