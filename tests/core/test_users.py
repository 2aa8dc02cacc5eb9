"""Accounts of the office: two persons, excluded pairs, the last one, deputies, people who leave."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client

from portal.core import outbox, staffing
from portal.core.accounts import SignedIn
from portal.core.actors import Actor
from portal.core.identifiers import uuid7
from portal.core.models import AccountChange, AuditEvent, Notification, RoleAssignment, User
from portal.core.roles import WRITING_ROLES, Role, excluded_by
from portal.core.staffing.roles import GIVEN, Wanted
from portal.core.workflow import NotAllowed, TransitionNotOpen
from tests import makers as make

pytestmark = pytest.mark.django_db
AT = make.AT
DAY = AT.date()
WEEK = dt.timedelta(days=7)


@pytest.fixture
def sysadmin():
    return make.user(Role.SYSADMIN)


@pytest.fixture
def approver():
    return make.approver()


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(AT, tick=False):
        yield


def fresh(person):
    """The person as the next request reads him."""
    return User.objects.get(pk=person.pk)


def propose(person, role, by, **more):
    wanted = Wanted(role, more.pop("first", DAY), **more)
    return staffing.propose_role(person, wanted, "岗位调整", by=Actor.person(by), at=AT)


def grant(change, by):
    return staffing.grant(change, by=Actor.person(by), at=AT)[0]


def refusal(function, *args, **kwargs):
    with pytest.raises(staffing.Refused) as caught:
        function(*args, **kwargs)
    return caught.value.code


# --- the rule of excluded pairs -----------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_the_excluded_pairs_go_both_ways_and_are_those_of_the_ruling(role):
    for other in Role:
        assert (other in excluded_by(role)) == (role in excluded_by(other))
    assert role not in excluded_by(role)
    assert (Role.AUDITOR in excluded_by(role)) == (role in WRITING_ROLES)
    assert (Role.SYSADMIN in excluded_by(role)) == (role != Role.SYSADMIN)


# --- two persons --------------------------------------------------------------------------------


def test_a_role_counts_from_the_second_person_on(sysadmin, approver):
    person = make.user()
    change = propose(person, Role.CLERK, sysadmin)
    assert not fresh(person).has_role(Role.CLERK)
    grant(change, approver)
    assert fresh(person).has_role(Role.CLERK)
    given = RoleAssignment.objects.get(user=person)
    assert (given.valid_from, given.valid_to, given.given_by) == (DAY, None, sysadmin)


def test_the_proposer_the_person_and_others_cannot_decide(sysadmin, approver):
    about_approver = propose(approver, Role.LEADER, sysadmin)
    for somebody in (sysadmin, approver, make.clerk(), make.user(Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            grant(about_approver, somebody)
    grant(about_approver, make.user(Role.SYSADMIN))
    assert fresh(approver).has_role(Role.LEADER)


def test_the_database_wants_two_persons(sysadmin):
    person = make.user()
    change = propose(person, Role.CLERK, sysadmin)
    for somebody in (sysadmin, person):
        decided = {"state": "granted", "decided_by": somebody, "decided_at": AT}
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountChange.objects.filter(pk=change.pk).update(**decided)


def test_a_decision_is_made_once(sysadmin, approver):
    change = propose(make.user(), Role.CLERK, sysadmin)
    grant(change, approver)
    with pytest.raises(TransitionNotOpen):
        grant(change, approver)
    assert RoleAssignment.objects.filter(user=change.person).count() == 1


@pytest.mark.proves("prod:V8")
def test_nobody_changes_his_own_account(sysadmin, approver):
    make.user(Role.SYSADMIN)
    own = sysadmin.role_assignments.get()
    me = {"by": Actor.person(sysadmin), "at": AT}
    assert refusal(propose, sysadmin, Role.SYSADMIN, sysadmin) == "own"
    assert refusal(staffing.propose_end, own, DAY, "x", **me) == "own"
    assert refusal(staffing.propose_recovery, sysadmin, "x", resets_factor=True, **me) == "own"
    assert refusal(staffing.mark_left, sysadmin, **me) == "own"
    held = approver.role_assignments.get()
    assert refusal(staffing.appoint_deputy, held, sysadmin, DAY, DAY, **me) == "own"


def test_only_the_administrator_proposes_roles(approver):
    for somebody in (approver, make.clerk(), make.user(Role.AUDITOR), make.operator()):
        with pytest.raises(PermissionDenied):
            propose(make.user(), Role.LEADER, somebody)


def test_an_operator_is_never_made_here(sysadmin):
    assert Role.OPERATOR not in GIVEN
    assert refusal(propose, make.user(), Role.OPERATOR, sysadmin) == "reach"


@pytest.mark.parametrize(
    ("held", "role"),
    [(h, r) for h in Role for r in sorted(GIVEN) if r in excluded_by(h) and Role.SYSADMIN in {h, r}]
    + [(Role.AUDITOR, Role.CLERK), (Role.HANDLER, Role.AUDITOR)],
)
def test_excluded_roles_are_refused(sysadmin, held, role):
    community = make.community()
    assert refusal(propose, make.user(held), role, sysadmin, community=community) == "excluded"


def test_what_was_free_at_the_proposal_is_looked_at_again(sysadmin, approver):
    person = make.user()
    first, second = propose(person, Role.AUDITOR, sysadmin), propose(person, Role.CLERK, sysadmin)
    grant(first, approver)
    assert refusal(grant, second, approver) == "excluded"
    second.refresh_from_db()
    assert second.state == "proposed"


def test_roles_that_follow_each_other_do_not_exclude(sysadmin, approver):
    person = make.user()
    grant(propose(person, Role.CLERK, sysadmin, last=DAY + WEEK), approver)
    assert refusal(propose, person, Role.AUDITOR, sysadmin, first=DAY + WEEK) == "excluded"
    later = DAY + WEEK + dt.timedelta(days=1)
    grant(propose(person, Role.AUDITOR, sysadmin, first=later), approver)
    assert fresh(person).role_names == {Role.CLERK}


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted(Role.CLERK, DAY - WEEK), "before"),
        (Wanted(Role.CLERK, DAY + WEEK, DAY), "dates"),
        (Wanted(Role.COMMUNITY, DAY), "reach"),
    ],
)
def test_dates_and_reach(sysadmin, wanted, code):
    by = Actor.person(sysadmin)
    assert refusal(staffing.propose_role, make.user(), wanted, "x", by=by, at=AT) == code


def test_the_same_twice(sysadmin, approver):
    person = make.user()
    change = propose(person, Role.CLERK, sysadmin)
    assert refusal(propose, person, Role.CLERK, sysadmin) == "proposed"
    grant(change, approver)
    assert refusal(propose, person, Role.CLERK, sysadmin) == "held"


def test_a_decision_that_comes_late_gives_the_role_from_that_day(sysadmin, approver):
    change = propose(make.user(), Role.CLERK, sysadmin)
    staffing.grant(change, by=Actor.person(approver), at=AT + WEEK)
    assert RoleAssignment.objects.get(user=change.person).valid_from == DAY + WEEK


def test_the_others_are_told(sysadmin, approver):
    person = make.user()
    propose(person, Role.CLERK, sysadmin)
    outbox.drain(AT)
    told = Notification.objects.filter(kind="account.proposed")
    assert [n.to for n in told] == [approver]


# --- the end of a role --------------------------------------------------------------------------


def end(assignment, last_day, by, approver):
    actor = Actor.person(by)
    change = staffing.propose_end(assignment, last_day, "调离", by=actor, at=AT)
    return grant(change, approver)


@pytest.mark.proves("prod:T2")
def test_a_role_ends_by_its_date_and_stays_in_the_history(sysadmin, approver):
    clerk = make.clerk()
    held = clerk.role_assignments.get()
    end(held, DAY, sysadmin, approver)
    held.refresh_from_db()
    assert held.valid_to == DAY
    assert fresh(clerk).has_role(Role.CLERK)
    with time_machine.travel(AT + dt.timedelta(days=1), tick=False):
        assert not fresh(clerk).has_role(Role.CLERK)


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.APPROVER])
def test_the_last_one_stays(sysadmin, approver, role):
    """He can neither be ended nor leave until another holds the role on the next day."""
    last, second = make.user(role), make.user(role)
    by, deciding = make.user(Role.SYSADMIN), make.approver()
    for person in User.objects.exclude(pk__in=[last.pk, second.pk, by.pk, deciding.pk]):
        RoleAssignment.objects.filter(user=person).update(valid_to=DAY)
    other = by if role == Role.SYSADMIN else deciding
    RoleAssignment.objects.filter(user=second).update(valid_to=DAY)
    RoleAssignment.objects.filter(user=other).update(valid_to=DAY)
    held = last.role_assignments.get()
    actor = Actor.person(fresh(by))
    assert refusal(staffing.propose_end, held, DAY, "x", by=actor, at=AT) == "last"
    RoleAssignment.objects.filter(user=second).update(valid_to=None)
    staffing.propose_end(held, DAY, "x", by=actor, at=AT)


def test_the_last_approver_cannot_leave(sysadmin, approver):
    by = Actor.person(sysadmin)
    assert refusal(staffing.mark_left, approver, by=by, at=AT) == "last"
    make.approver(is_active=False)
    assert refusal(staffing.mark_left, approver, by=by, at=AT) == "last"
    make.approver()
    assert not staffing.mark_left(approver, by=by, at=AT).is_active


# --- deputies -----------------------------------------------------------------------------------


def test_a_deputy_acts_for_his_days(sysadmin, approver):
    stand_in = make.user(Role.LEADER)
    held = approver.role_assignments.get()
    by = Actor.person(approver)
    made = staffing.appoint_deputy(held, stand_in, DAY, DAY + WEEK, by=by, at=AT)
    assert fresh(stand_in).deputised(Role.APPROVER) == made
    staffing.end_deputy(made, by=Actor.person(sysadmin), at=AT)
    made.refresh_from_db()
    assert made.valid_to == DAY
    with time_machine.travel(AT + WEEK, tick=False):
        assert not fresh(stand_in).has_role(Role.APPROVER)


def test_a_deputyship_taken_back_before_it_begins_never_was(sysadmin, approver):
    auditor = make.user(Role.AUDITOR)
    RoleAssignment.objects.filter(user=auditor).update(valid_to=DAY + WEEK)
    held, by = approver.role_assignments.get(), Actor.person(approver)
    first, last = DAY + 2 * WEEK, DAY + 3 * WEEK
    made = staffing.appoint_deputy(held, auditor, first, last, by=by, at=AT)
    staffing.end_deputy(made, by=Actor.person(sysadmin), at=AT)
    for days in range(30):
        day = DAY + dt.timedelta(days=days)
        deputies = RoleAssignment.objects.in_force(day).filter(user=auditor, role=Role.APPROVER)
        assert not deputies.exists()
    made.refresh_from_db()
    assert made.valid_from == first
    staffing.appoint_deputy(held, auditor, first, last, by=by, at=AT)


def test_who_cannot_be_a_deputy(sysadmin, approver):
    held, by = approver.role_assignments.get(), Actor.person(sysadmin)

    def why(deputy, first=DAY, last=DAY + WEEK):
        return refusal(staffing.appoint_deputy, held, deputy, first, last, by=by, at=AT)

    assert why(approver) == "deputy"
    assert why(make.user(Role.AUDITOR)) == "excluded"
    assert why(make.user(Role.SYSADMIN)) == "excluded"
    assert why(make.user(is_active=False)) == "left"
    assert why(make.clerk(), last=DAY - WEEK) == "dates"
    assert why(make.approver()) == "held"
    RoleAssignment.objects.filter(pk=held.pk).update(valid_to=DAY)
    held.refresh_from_db()
    assert why(make.clerk()) == "beyond"


# --- leaving ------------------------------------------------------------------------------------


def test_who_has_left_is_out_at_once(sysadmin):
    person = make.clerk(password=make.PASSWORD)
    client = Client()
    client.force_login(person, backend="portal.core.accounts.SignedIn")
    assert client.get("/desk/").status_code == 200
    RoleAssignment.objects.create(user=person, role=Role.LEADER, valid_from=DAY + WEEK)
    staffing.mark_left(person, by=Actor.person(sysadmin), at=AT)
    assert client.get("/desk/").status_code == 302
    assert person.sessions.count() == 0
    assert {each.valid_to for each in person.role_assignments.all()} == {DAY}
    client.post("/accounts/login/", {"login": person.username, "password": make.PASSWORD})
    assert "_auth_user_id" not in client.session
    assert AuditEvent.objects.filter(act="account.left", object_id=str(person.pk)).exists()


def test_a_session_is_read_with_its_roles_in_one_question(django_assert_num_queries):
    """Whoever holds nothing costs one question more; whoever has left is nobody."""
    clerk, idle, gone = make.clerk(), make.user(), make.user(Role.CLERK, is_active=False)
    backend = SignedIn()
    with django_assert_num_queries(1):
        read = backend.get_user(clerk.pk)
        assert (read, read.role_names) == (clerk, {Role.CLERK})
        assert read.rights
    assert read.rights == fresh(clerk).rights
    with django_assert_num_queries(2):
        assert backend.get_user(idle.pk).role_names == frozenset()
    assert backend.get_user(gone.pk) is None
    assert backend.get_user(uuid7()) is None


def test_the_work_that_is_left_is_counted(sysadmin, approver):
    clerk = make.clerk()
    make.taken_filing(clerk)
    staffing.mark_left(clerk, by=Actor.person(sysadmin), at=AT)
    page = signed(approver).get(f"/desk/users/{clerk.pk}/")
    (work,) = page.context["work"]
    assert work.count == 1
    listed = signed(approver).get(work.url)
    assert listed.context["page"].paginator.count == 1
    assert work.url not in signed(sysadmin).get(f"/desk/users/{clerk.pk}/").content.decode()


# --- the pages ----------------------------------------------------------------------------------


def signed(person):
    client = Client()
    client.force_login(person, backend="portal.core.accounts.SignedIn")
    return client


@pytest.mark.proves("prod:V8", "clause:附件2", "prod:T2")
def test_from_the_invitation_to_the_first_sign_in(sysadmin, approver):
    """Journey: invited, role proposed, decided by another, password by the code, signed in."""
    admin, second, new = signed(sysadmin), signed(approver), Client()
    typed = {"display_name": "新经办人", "post": "卫健办经办人", "username": "xin.jingban"}
    shown = admin.post("/desk/users/invite/", typed)
    code, person = shown.context["code"], User.objects.get(username="xin.jingban")
    assert code in shown.content.decode()
    wanted = {"role": "clerk", "valid_from": DAY.isoformat(), "reason": "到岗"}
    assert admin.post(f"/desk/users/{person.pk}/role/", wanted).status_code == 302
    change = AccountChange.objects.get(person=person)
    page = second.get(f"/desk/users/changes/{change.pk}/").content.decode()
    assert f"/desk/users/changes/{change.pk}/grant/" in page
    assert admin.post(f"/desk/users/changes/{change.pk}/grant/").status_code == 403
    second.post(f"/desk/users/changes/{change.pk}/grant/")
    data = {"username": person.username, "code": code, "password1": make.PASSWORD,
            "password2": make.PASSWORD}  # fmt: skip
    answer = new.post("/accounts/invited/", data)
    assert answer.headers["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in new.session
    new.post("/accounts/login/", {"login": person.username, "password": make.PASSWORD})
    assert new.get("/desk/").status_code == 200


def test_a_name_that_is_taken_is_told(sysadmin):
    taken = User.objects.create(username="zhong.jie", display_name="某").username
    page = signed(sysadmin).post(
        "/desk/users/invite/", {"display_name": "某", "post": "某", "username": taken}
    )
    assert "已经有人用" in page.content.decode()


def test_the_list_is_found_by_name_role_and_state(sysadmin):
    clerk, gone = make.clerk(), make.user(Role.INSPECTOR, is_active=False)
    operator = make.operator()
    client = signed(sysadmin)

    def found(query):
        return {row["person"] for row in client.get(f"/desk/users/?{query}").context["rows"]}

    assert found("") == {sysadmin, clerk, gone}
    assert found("role=clerk") == {clerk}
    assert found("active=no") == {gone}
    assert found(f"q={clerk.display_name}") == {clerk}
    assert found("role=nothing") == {sysadmin, clerk, gone}
    assert client.get(f"/desk/users/{operator.pk}/").status_code == 404


def test_the_list_asks_the_same_number_of_questions(sysadmin, django_assert_max_num_queries):
    for _ in range(15):
        make.clerk()
    client = signed(sysadmin)
    client.get("/desk/users/")  # the first page of a session notes that it was used
    with django_assert_max_num_queries(12):
        client.get("/desk/users/")
    one = f"/desk/users/{make.clerk().pk}/"
    with django_assert_max_num_queries(15):
        client.get(one)


def test_a_refusal_is_said_on_the_form(sysadmin):
    auditor = make.user(Role.AUDITOR)
    wanted = {"role": "clerk", "valid_from": DAY.isoformat(), "reason": "示例理由"}
    page = signed(sysadmin).post(f"/desk/users/{auditor.pk}/role/", wanted)
    assert "不能兼任" in page.content.decode()
    assert "示例理由" in page.content.decode()
