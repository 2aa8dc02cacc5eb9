"""The pages on which the rights of roles are seen, proposed and decided."""

from __future__ import annotations

import pytest
import time_machine
from django.urls import reverse

from portal.core.models import Grant, GrantChange
from portal.core.roles import Role
from portal.core.staffing import holdings
from tests import makers as make
from tests.core.granting import AT, PROPOSE, agree, decided, holds, propose, signed

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
        ("approver/grantchange.agree/take/", "审定人和系统管理员都要能决定"),
        ("red_lane/complaint.report/take/", "由紧急专线值守人确认收到和报告"),
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


LAST = "收回以后没有任何角色能办这一步。"


def test_that_nobody_is_left_is_said_before_it_is_proposed_and_before_it_is_decided(
    admin, approver
):
    first, second = signed(admin), signed(approver)
    propose_it = "/desk/rights/approver/filing.register/take/"
    assert LAST in first.get(propose_it).content.decode()
    change = propose(admin, Role.APPROVER, "filing.register")
    pages = [f"/desk/rights/changes/{change.pk}/{act}" for act in ("", "agree/", "refuse/")]
    for page in pages:
        assert LAST in second.get(page).content.decode()
    Grant.objects.create(role=Role.CLERK, right="filing.register")
    for client, page in ((first, propose_it), *((second, page) for page in pages)):
        assert LAST not in client.get(page).content.decode()
    Grant.objects.filter(role=Role.CLERK, right="filing.register").delete()
    agree(change, approver)
    assert LAST not in second.get(pages[0]).content.decode()
    assert LAST not in first.get("/desk/rights/clerk/filing.register/give/").content.decode()


def test_what_is_for_administrators_is_offered_to_an_approver_only(admin, approver):
    withdraw, words = "erasure.withdraw", "这项权限是给系统管理员的，由审定人决定。"
    decided(admin, approver, Role.SYSADMIN, withdraw)
    change = propose(admin, Role.SYSADMIN, withdraw, "give")
    here = f"/desk/rights/changes/{change.pk}/"
    other, second = signed(make.user(Role.SYSADMIN)), signed(approver)
    page = other.get(here).content.decode()
    assert words in page
    assert f"{here}agree/" not in page
    assert words in other.post(f"{here}agree/").content.decode()
    assert not holds(Role.SYSADMIN, withdraw)
    page = second.get(here).content.decode()
    assert words not in page
    assert f"{here}agree/" in page
    second.post(f"{here}agree/")
    assert holds(Role.SYSADMIN, withdraw)
    assert words not in other.get(here).content.decode()


def test_how_many_persons_a_step_takes_is_said(admin):
    client = signed(admin)
    strict = client.get("/desk/rights/approver/filing.register/take/").content.decode()
    usual = client.get("/desk/rights/clerk/filing.take/take/").content.decode()
    free = client.get("/desk/rights/clerk/filing.assign/take/").content.decode()
    assert "这一步要两人办理" in strict
    assert "这一步一般两人办理" in usual
    assert "两人办理" not in free
    assert "一般两人办理" in client.get("/desk/rights/clerk/").content.decode()


def test_the_page_of_the_county_goes_with_the_right_to_look_there(admin, approver):
    """Taken from the clerk and given to the inspector: so are the link and the page."""
    facility = make.facility()
    file = reverse("desk:facility", args=[facility.code])
    page = reverse("desk:statutory", args=[facility.code])
    check = "statutoryfiling.check"

    def offered(role):
        client = signed(make.user(role))
        return f'href="{page}"' in client.get(file).content.decode(), client.get(page).status_code

    assert offered(Role.CLERK) == (True, 200)
    assert offered(Role.INSPECTOR) == (False, 403)
    decided(admin, approver, Role.CLERK, check)
    decided(admin, approver, Role.INSPECTOR, check, "give")
    assert offered(Role.CLERK) == (False, 403)
    assert offered(Role.INSPECTOR) == (True, 200)


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
