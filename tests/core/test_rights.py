"""What a role may do is changed in the browser: by two persons, within bounds, and it stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from facilities.models import Filing
from inspections.models import Finding
from portal.core import acts, outbox, staffing
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Grant, GrantChange, Notification, User
from portal.core.reference import load_reference
from portal.core.roles import Role
from portal.core.staffing import holdings, roles
from portal.core.staffing import rights as changes
from portal.core.workflow import FactMissing, NotAllowed, TransitionNotOpen
from tests import makers as make
from tests.core.granting import (
    AT,
    PROPOSE,
    agree,
    audited,
    decided,
    holds,
    propose,
    refusal,
    signed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def admin():
    return make.user(Role.SYSADMIN)


@pytest.fixture
def approver():
    return make.approver()


# --- two persons --------------------------------------------------------------------------------


def test_a_change_counts_from_the_second_person_on_and_both_are_audited(admin, approver):
    change = propose(admin)
    assert change.state == "proposed"
    assert holds(Role.CLERK)
    done = agree(change, approver)
    assert (done.state, done.decided_by, done.decided_at) == ("in_force", approver, AT)
    assert not holds(Role.CLERK)
    agree(propose(admin, kind="give"), make.user(Role.SYSADMIN))
    assert holds(Role.CLERK)
    what = {"role": "clerk", "right": PROPOSE}
    assert audited("grantchange.propose") == [what | {"kind": "take"}, what | {"kind": "give"}]
    assert len(audited("grantchange.agree")) == 2
    assert (audited("grant.taken"), audited("grant.given")) == ([what], [what])
    keepers = AuditEvent.objects.filter(act__startswith="grantchange.").values_list("actor_id")
    assert {each for (each,) in keepers} > {admin.pk, approver.pk}


def test_nobody_decides_his_own_and_others_cannot_decide_at_all(admin, approver):
    change = propose(admin)
    for somebody in (admin, make.clerk(), make.user(Role.AUDITOR), make.user(Role.LEADER)):
        with pytest.raises(NotAllowed):
            agree(change, somebody)
        with pytest.raises(NotAllowed):
            changes.refuse(change, "不合适", by=Actor.person(somebody), at=AT)
    assert holds(Role.CLERK)
    assert agree(change, approver).state == "in_force"


def test_the_database_wants_two_persons(admin):
    change = propose(admin)
    own = {"state": "in_force", "decided_by": admin, "decided_at": AT}
    for wrong in (own, {"state": "in_force"}, {"state": "nothing"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            GrantChange.objects.filter(pk=change.pk).update(**wrong)


def test_only_the_administrator_proposes(approver):
    for somebody in (approver, make.clerk(), make.user(Role.AUDITOR), make.operator()):
        with pytest.raises(PermissionDenied):
            propose(somebody)


def test_refused_with_a_reason_or_taken_back_changes_nothing(admin, approver):
    change = propose(admin)
    with pytest.raises(FactMissing):
        changes.refuse(change, "", by=Actor.person(approver), at=AT)
    done = changes.refuse(change, "人手不够", by=Actor.person(approver), at=AT)
    assert (done.state, done.decision_reason) == ("refused", "人手不够")
    again = propose(admin)
    with pytest.raises(NotAllowed):
        changes.withdraw(again, by=Actor.person(make.user(Role.SYSADMIN)), at=AT)
    assert changes.withdraw(again, by=Actor.person(admin), at=AT).state == "withdrawn"
    with pytest.raises(TransitionNotOpen):
        agree(again, approver)
    assert holds(Role.CLERK)
    assert audited("grant.taken") == []


def test_the_same_form_twice_is_one_proposal_and_another_one_waits(admin, approver):
    first = propose(admin)
    assert propose(admin) == first
    assert len(audited("grantchange.propose")) == 1
    assert refusal(propose, admin, reason="别的理由") == "waits"
    assert refusal(propose, make.user(Role.SYSADMIN)) == "waits"
    agree(first, approver)
    assert refusal(propose, admin) == "missing"


def test_those_who_may_decide_are_told_once(admin, approver):
    other, gone = make.user(Role.SYSADMIN), make.approver(is_active=False)
    make.user(Role.AUDITOR)
    change = propose(admin)
    outbox.drain(AT)
    told = Notification.objects.filter(kind="grant.proposed")
    assert {each.to_id for each in told} == {approver.pk, other.pk}
    assert gone not in changes.deciders(change, AT.date())
    page = signed(approver).get("/messages/").content.decode()
    assert "待决定：收回权限：登记报送·提出意见（卫健办经办人）" in page
    # Who may decide is itself a matter of the grants.
    Grant.objects.filter(role=Role.SYSADMIN, right="grantchange.agree").delete()
    assert list(changes.deciders(change, AT.date())) == [approver]


# --- what cannot be -----------------------------------------------------------------------------


def test_what_is_there_is_not_given_and_what_is_not_there_not_taken(admin):
    assert refusal(propose, admin, kind="give") == "granted"
    assert refusal(propose, admin, Role.INSPECTOR) == "missing"
    for wrong in (("emperor", PROPOSE, "take"), (Role.CLERK, "filing.lapse", "give"),
                  (Role.CLERK, PROPOSE, "keep")):  # fmt: skip
        assert refusal(propose, admin, *wrong) == "unknown"


def test_a_proposal_is_looked_at_again_when_it_is_decided(admin, approver):
    change = propose(admin)
    Grant.objects.filter(role=Role.CLERK, right=PROPOSE).delete()
    assert refusal(agree, change, approver) == "missing"
    change.refresh_from_db()
    assert (change.state, change.decided_by) == ("proposed", None)


WORKERS = {
    Role.CLERK, Role.APPROVER, Role.COMMUNITY, Role.INSPECTOR, Role.HANDLER, Role.RED_LANE,
    Role.RESTRICTION_OFFICER,
}  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_a_right_stays_with_the_kind_of_person_it_is_for(role, admin):
    """Whoever is no caseworker may be given back what was his, and nothing else."""
    for key, right in holdings.rights().items():
        works = role in WORKERS and bool(WORKERS & right.roles)
        assert holdings.may_hold(role, right) is (works or role in right.roles), key
    for right in ("selfcheck.submit", "filing.register", "scoresheet.score", "erasure.withdraw"):
        own = role in holdings.rights()[right].roles
        works = role in WORKERS and right == "filing.register"
        wanted = "granted" if own else None if works else "kind"
        if wanted:
            assert refusal(propose, admin, role, right, "give") == wanted
        else:
            assert propose(admin, role, right, "give").state == "proposed"


KEPT = {
    (Role.APPROVER, "accountchange.grant"): "keepers",
    (Role.SYSADMIN, "accountchange.grant"): "keepers",
    (Role.APPROVER, "grantchange.agree"): "keepers",
    (Role.SYSADMIN, "grantchange.agree"): "keepers",
    (Role.RED_LANE, "complaint.acknowledge"): "red_lane",
    (Role.RED_LANE, "complaint.report"): "red_lane",
}


def test_what_nobody_could_go_on_without_is_not_taken(admin, approver):
    """Neither the approver is always there nor a second administrator; a right given is no such."""
    assert acts.kept() == set(KEPT)
    for (role, right), why in KEPT.items():
        assert holdings.is_kept(role, right)
        assert refusal(propose, admin, role, right) == why
        assert role in holdings.rights()[right].roles
    for right in ("accountchange.grant", "grantchange.agree", "complaint.report"):
        assert decided(admin, approver, Role.CLERK, right, "give").state == "in_force"
        assert decided(admin, approver, Role.CLERK, right, "take").state == "in_force"


def test_without_an_approver_the_administrators_give_the_role_anew(admin, approver):
    """His role has run out by its date: nothing may have been taken that would bring it back."""
    approver.role_assignments.update(valid_to=AT.date() - timedelta(days=1))
    second, newcomer = make.user(Role.SYSADMIN), make.user()
    wanted = staffing.Wanted(Role.APPROVER, AT.date())
    change = staffing.propose_role(newcomer, wanted, "接任", by=Actor.person(admin), at=AT)
    staffing.grant(change, by=Actor.person(second), at=AT)
    assert User.objects.get(pk=newcomer.pk).role_names == {Role.APPROVER}
    assert decided(admin, second).state == "in_force"


def test_what_is_for_administrators_an_approver_agrees_to(admin, approver):
    """Else they would give themselves back among themselves what he took from them."""
    withdraw, second = "grantchange.withdraw", make.user(Role.SYSADMIN)
    taken = decided(admin, approver, Role.SYSADMIN, withdraw)
    assert taken.state == "in_force"
    back = propose(admin, Role.SYSADMIN, withdraw, "give")
    assert list(changes.deciders(back, AT.date())) == [approver]
    assert refusal(agree, back, second) == "beneficiary"
    assert not holds(Role.SYSADMIN, withdraw)
    assert agree(back, approver).state == "in_force"
    assert decided(admin, second, Role.SYSADMIN, "erasure.withdraw").state == "in_force"
    assert second in changes.deciders(propose(admin), AT.date())


def test_of_an_account_they_hear_who_may_decide(admin, approver):
    """Whoever lost the right is told nothing, nor he whom it is about."""
    second, about = make.user(Role.SYSADMIN), make.user(Role.LEADER)
    wanted = staffing.Wanted(Role.CLERK, AT.date())
    change = staffing.propose_role(about, wanted, "岗位调整", by=Actor.person(admin), at=AT)
    assert set(roles.deciders(change, AT.date())) == {approver, second}
    Grant.objects.filter(role=Role.SYSADMIN, right="accountchange.grant").delete()
    assert list(roles.deciders(change, AT.date())) == [approver]


def test_whose_right_is_the_last_is_known(admin, approver):
    assert holdings.is_last(Role.APPROVER, "filing.register")
    assert not holdings.is_last(Role.CLERK, "filing.register")
    decided(admin, approver, Role.CLERK, "filing.register", "give")
    assert not holdings.is_last(Role.APPROVER, "filing.register")
    assert not holdings.is_last(Role.LEADER, "filing.remind")


def test_the_words_say_for_which_steps_the_same_person_may_come_again(admin):
    """As the nouns say themselves: a lesser finding, a cancellation the office began."""
    lesser, grave = (Finding(severity=each) for each in ("major", "critical"))
    counter = {"source": "counter", "community": make.community()}
    by_office, online = Filing(kind="closure", **counter), Filing(kind="closure", source="online")
    for key, right in holdings.rights().items():
        noun, _, act = key.partition(".")
        asked = {"finding": [lesser], "filing": [by_office]}.get(noun, [])
        columns = ["created_by" if noun == "filing" else "found_by"]
        again = any(each.admits_again(admin, act, columns) for each in asked)
        assert right.mostly_two is (again and right.wants_two), key
        assert not grave.admits_again(admin, act, columns)
        assert not online.admits_again(admin, act, columns)


def test_two_steps_in_one_role_still_want_two_persons(admin, approver):
    """The tables compare the people: that a role holds both rights lets nobody do both."""
    decided(admin, approver, Role.CLERK, "filing.register", "give")
    clerk, other = make.clerk(), make.clerk()
    filing = make.proposed_filing(clerk)
    page = reverse("desk:register", args=[filing.number])
    assert signed(clerk).get(page).status_code == 403
    assert signed(other).get(page).status_code == 200


# --- the tables and the reference data ----------------------------------------------------------


def test_every_right_has_words_and_every_word_a_right():
    keys = set(holdings.rights())
    assert keys == acts.named()
    for key in keys:
        assert str(acts.name_of(key)) != key
        assert acts.full_name(key) == f"{holdings.rights()[key].noun}·{acts.name_of(key)}"
    for gone in ("filing.nothing", "nothing.at_all"):
        assert acts.name_of(gone) == acts.full_name(gone) == gone


def test_by_default_the_grants_are_those_of_the_tables(admin):
    assert holdings.holders() == {key: each.roles for key, each in holdings.rights().items()}
    assert not any(row["given"] or row["taken"] for row in holdings.overview())


@pytest.mark.parametrize(
    ("role", "right"), [(Role.CLERK, PROPOSE), (Role.APPROVER, "filing.register")]
)
def test_an_upgrade_neither_brings_back_nor_takes_away(admin, approver, role, right):
    """Also where the role was the only one: no row is left that would tell the right is known."""
    decided(admin, approver, role, right, "take")
    decided(admin, approver, Role.INSPECTOR, "filing.note", "give")
    assert not Grant.objects.filter(right=right).exists()
    assert load_reference(at=AT)["grants"] == 0
    assert not holds(role, right)
    assert holds(Role.INSPECTOR, "filing.note")
    assert holds(Role.CLERK, "filing.note")


def test_a_proposal_that_came_to_nothing_keeps_no_default_away(admin, approver):
    changes.refuse(propose(admin), "不合适", by=Actor.person(approver), at=AT)
    Grant.objects.filter(right=PROPOSE).delete()
    assert load_reference(at=AT)["grants"] == 1
    assert holds(Role.CLERK)


# --- two at once --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_has_decided():
    admin = make.user(Role.SYSADMIN)
    people = [make.approver(), make.approver(), make.user(Role.SYSADMIN)]
    change = propose(admin)
    gate = Barrier(len(people) * 2, timeout=60)

    def decide(person, act):
        connection.ensure_connection()
        gate.wait()
        try:
            by = Actor.person(User.objects.get(pk=person.pk))
            if act == "agree":
                return changes.agree(change, by=by, at=AT).state
            return changes.refuse(change, "不合适", by=by, at=AT).state
        except TransitionNotOpen:
            return "late"
        finally:
            connection.close()

    calls = [(person, act) for person in people for act in ("agree", "refuse")]
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = list(pool.map(lambda call: decide(*call), calls))
    assert answers.count("late") == len(calls) - 1
    change.refresh_from_db()
    assert change.state in answers
    assert holds(Role.CLERK) is (change.state == "refused")
    assert len(audited("grant.taken")) == (0 if holds(Role.CLERK) else 1)


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_once_is_one_proposal():
    admin = make.user(Role.SYSADMIN)
    gate = Barrier(3, timeout=60)

    def send():
        connection.ensure_connection()
        gate.wait()
        try:
            return propose(User.objects.get(pk=admin.pk)).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        made = {each.result() for each in [pool.submit(send) for _ in range(3)]}
    assert made == set(GrantChange.objects.values_list("pk", flat=True))
    assert len(made) == 1
