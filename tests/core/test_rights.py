"""What a role may do is changed in the browser: by two persons, within bounds, and it stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from portal.core import acts, outbox, staffing
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Grant, GrantChange, Notification, User
from portal.core.reference import load_reference
from portal.core.roles import Role
from portal.core.staffing import holdings
from portal.core.staffing import rights as changes
from portal.core.workflow import FactMissing, NotAllowed, TransitionNotOpen
from tests import makers as make

pytestmark = pytest.mark.django_db
AT = make.AT
PROPOSE = "filing.propose"


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


def signed(person):
    client = Client()
    client.force_login(person, backend="portal.core.accounts.SignedIn")
    return client


def propose(by, role=Role.CLERK, right=PROPOSE, kind="take", reason="岗位分工调整"):
    return changes.propose(role, right, kind, reason, by=Actor.person(by), at=AT)


def agree(change, by):
    return changes.agree(change, by=Actor.person(by), at=AT)


def decided(by, second, *what):
    return agree(propose(by, *what), second)


def refusal(function, *args, **kwargs):
    with pytest.raises(staffing.Refused) as caught:
        function(*args, **kwargs)
    return caught.value.code


def holds(role, right=PROPOSE):
    return Grant.objects.filter(role=role, right=right).exists()


def audited(act):
    return list(AuditEvent.objects.filter(act=act).order_by("seq").values_list("detail", flat=True))


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
    assert "待决定：收回权限：提出意见（卫健办经办人）" in page
    # Who may decide is itself a matter of the grants.
    decided(admin, approver, Role.SYSADMIN, "grantchange.agree")
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


def test_somebody_can_always_decide(admin, approver):
    """The approver keeps it: a second administrator may be missing, an approver never is."""
    for right in sorted(holdings.KEPT):
        assert refusal(propose, admin, Role.APPROVER, right) == "keepers"
        decided(admin, approver, Role.SYSADMIN, right)
        assert refusal(propose, admin, Role.APPROVER, right) == "keepers"
    back = propose(admin, Role.SYSADMIN, "grantchange.agree", "give")
    with pytest.raises(NotAllowed):
        agree(back, make.user(Role.SYSADMIN))
    assert agree(back, approver).state == "in_force"


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
    assert acts.name_of("filing.nothing") == "filing.nothing"


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


# --- the pages ----------------------------------------------------------------------------------


@pytest.mark.proves("prod:T2", "prod:V8")
def test_a_clerk_loses_a_right_and_gets_it_back(admin, approver):
    """Journey: taken by two persons, felt by the clerk at once, restored by two persons."""
    clerk = make.clerk()
    step = reverse("desk:propose", args=[make.taken_filing(clerk).number])
    works, first, second = signed(clerk), signed(admin), signed(approver)
    take, back = (f"/desk/rights/clerk/{PROPOSE}/{kind}/" for kind in ("take", "give"))
    assert take in first.get("/desk/rights/clerk/").content.decode()
    first.post(take, {"reason": "改由另一科室提出"})
    assert works.get(step).status_code == 200

    second.post(f"/desk/rights/changes/{GrantChange.objects.get().pk}/agree/")
    refused = works.get(step)
    assert refused.status_code == 403
    assert "您的岗位不办理这一项" in refused.content.decode()
    assert works.post(step, {}).status_code == 403

    page = first.get("/desk/rights/clerk/?which=changed").content.decode()
    assert "恢复默认" in page
    assert "（和默认不同）" in page
    assert back in page
    assert "同意以后就是平台的默认" in first.get(back).content.decode()
    first.post(back, {"reason": "试行结束"})
    second.post(f"/desk/rights/changes/{GrantChange.objects.get(kind='give').pk}/agree/")
    assert works.get(step).status_code == 200
    history = second.get("/desk/rights/").content.decode()
    for words in ("改由另一科室提出", "试行结束", admin.signature_label, approver.signature_label):
        assert words in history


def test_the_proposer_is_not_offered_the_decision_and_the_second_is(admin, approver):
    first, second = signed(admin), signed(approver)
    wanted = {"reason": "改由另一科室提出"}
    told = first.post(f"/desk/rights/clerk/{PROPOSE}/take/", wanted, follow=True).content.decode()
    here = f"/desk/rights/changes/{GrantChange.objects.get().pk}/"
    assert "须由另一人决定" in told
    assert f"{here}withdraw/" in told
    assert f"{here}agree/" not in told
    for act in ("agree", "refuse"):
        assert first.post(f"{here}{act}/", wanted).status_code == 403
    page = second.get(here).content.decode()
    assert "改由另一科室提出" in page
    assert f"{here}agree/" in page
    assert f"{here}withdraw/" not in page
    assert second.get(f"{here}agree/").status_code == 200
    assert holds(Role.CLERK)


def test_the_overview_tells_what_waits_and_what_differs(admin, approver):
    decided(admin, approver)
    decided(admin, approver, Role.INSPECTOR, PROPOSE, "give")
    waiting = propose(admin, Role.CLERK, "filing.take")
    answer = signed(make.user(Role.AUDITOR)).get("/desk/rights/")
    rows = {row["role"]: row for row in answer.context["roles"]}
    assert (rows["clerk"]["given"], rows["clerk"]["taken"]) == (0, 1)
    assert (rows["inspector"]["given"], rows["inspector"]["taken"]) == (1, 0)
    assert [each["change"] for each in answer.context["waiting"]] == [waiting]
    assert len(answer.context["history"]) == 2


def test_the_page_of_a_role_shows_what_is_asked_for(admin, approver):
    decided(admin, approver)
    decided(admin, approver, Role.CLERK, "filing.register", "give")
    waiting = propose(admin, Role.CLERK, "filing.take")
    client = signed(admin)

    def shown(query="", role="clerk"):
        page = client.get(f"/desk/rights/{role}/{query}")
        return {line.right.key: line for part in page.context["sections"] for line in part["lines"]}

    held = shown()
    assert PROPOSE not in held
    assert held["filing.register"].differs
    assert held["filing.take"].waiting == waiting
    assert shown("?which=nonsense").keys() == held.keys()
    assert set(shown("?which=changed")) == {PROPOSE, "filing.register"}
    every = shown("?which=all")
    assert {PROPOSE, "filing.decline"} < set(every)
    assert "selfcheck.submit" not in every
    assert shown("", "approver")["grantchange.agree"].is_kept
    assert shown("?which=changed", "leader") == {}
    page = client.get("/desk/rights/approver/").content.decode()
    assert "不能收回" in page
    assert "两人办理" in page


def test_only_the_administrator_is_offered_a_change(admin, approver):
    for role in ("clerk", "approver"):
        mine = signed(admin).get(f"/desk/rights/{role}/").content.decode()
        other = signed(approver).get(f"/desk/rights/{role}/").content.decode()
        assert "/take/" in mine
        assert "/take/" not in other


def test_what_is_not_there_is_not_found(admin):
    client = signed(admin)
    for path in ("emperor/", f"emperor/{PROPOSE}/take/", "clerk/filing.nothing/take/",
                 f"clerk/{PROPOSE}/keep/"):  # fmt: skip
        assert client.get(f"/desk/rights/{path}").status_code == 404


def test_a_refusal_is_said_in_words(admin, approver):
    client = signed(admin)
    for path, word in (
        ("clerk/selfcheck.submit/give/", "不和经办的角色互换"),
        ("operator/filing.register/give/", "不和经办的角色互换"),
        ("approver/grantchange.agree/take/", "总要有一位审定人能决定"),
        (f"clerk/{PROPOSE}/give/", "已经有这项权限"),
    ):
        page = client.post(f"/desk/rights/{path}", {"reason": "示例理由"}).content.decode()
        assert word in page
        assert "示例理由" in page
    assert not GrantChange.objects.exists()
    change = propose(admin)
    Grant.objects.filter(role=Role.CLERK, right=PROPOSE).delete()
    late = signed(approver).post(f"/desk/rights/changes/{change.pk}/agree/")
    assert "现在没有这项权限" in late.content.decode()


def test_the_second_press_of_a_decision_tells_where_it_stands(admin, approver):
    change = propose(admin)
    client = signed(approver)
    where = f"/desk/rights/changes/{change.pk}/"
    assert "岗位分工调整" in client.get(f"{where}refuse/").content.decode()
    assert client.post(f"{where}refuse/", {"reason": "不合适"}).headers["Location"] == where
    again = client.post(f"{where}agree/", follow=True)
    assert "不用再办理这一步" in again.content.decode()
    assert "不合适" in again.content.decode()
    taken = propose(admin)
    here = f"/desk/rights/changes/{taken.pk}/"
    assert "岗位分工调整" in signed(admin).get(f"{here}withdraw/").content.decode()
    assert signed(admin).post(f"{here}withdraw/").headers["Location"] == here
    assert holds(Role.CLERK)


def test_a_right_no_table_has_any_more_keeps_its_history(admin, approver):
    change = decided(admin, approver)
    GrantChange.objects.filter(pk=change.pk).update(right="filing.long_gone")
    client = signed(admin)
    for path in ("", f"changes/{change.pk}/"):
        assert "filing.long_gone" in client.get(f"/desk/rights/{path}").content.decode()


def test_the_pages_ask_the_same_number_of_questions(
    admin, approver, django_assert_num_queries, django_assert_max_num_queries
):
    """Few changes or many, a role with few rights or with many."""
    client = signed(admin)
    keys = sorted(key for key, each in holdings.rights().items() if Role.CLERK in each.roles)
    client.get("/desk/rights/")

    def counted(path):
        with django_assert_max_num_queries(12) as asked:
            client.get(path)
        return len(asked)

    paths = ("/desk/rights/", "/desk/rights/clerk/?which=all", "/desk/rights/leader/")
    decided(admin, approver, Role.CLERK, keys[0])
    propose(admin, Role.CLERK, keys[1])
    few = [counted(path) for path in paths]
    for number, key in enumerate(keys[2:22]):
        change = propose(admin, Role.CLERK, key)
        if number % 2:
            agree(change, approver)
    assert [counted(path) for path in paths] == few


# --- two at once --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_has_decided():
    admin = make.user(Role.SYSADMIN)
    people = [make.approver(), make.approver(), make.user(Role.SYSADMIN)]
    change = propose(admin)
    gate = Barrier(len(people) * 2)

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
    gate = Barrier(3)

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
