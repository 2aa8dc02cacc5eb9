"""One-time codes of the counter: once, in time, for one person, and never a sign-in (R23)."""

import datetime as dt

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.exceptions import PermissionDenied
from django.test import Client

from portal.core import staffing
from portal.core.actors import Actor
from portal.core.models import AccountCode, AuditEvent
from portal.core.roles import Role
from tests import makers as make

pytestmark = pytest.mark.django_db
AT = make.AT
NEW = "another-long-password"
RECOVER = "/accounts/recover/"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def clerk():
    return make.clerk()


def operator_code(person, clerk, **more):
    more.setdefault("resets_factor", False)
    return staffing.give_operator_code(person.username, by=Actor.person(clerk), at=AT, **more)


def send(client, person, code, password=NEW):
    typed = {"username": getattr(person, "username", person), "code": code}
    return client.post(RECOVER, typed | {"password1": password, "password2": password})


def is_in(client):
    return "_auth_user_id" in client.session


@pytest.mark.proves("sec:X17")
def test_the_code_sets_a_password_and_signs_nobody_in(client, clerk):
    person = make.operator(password=make.PASSWORD)
    open_one = Client()
    open_one.force_login(person, backend="portal.core.accounts.SignedIn")
    code = operator_code(person, clerk)
    answer = send(client, person, f" {code[:4].lower()}-{code[4:]} ")
    assert answer.headers["Location"] == "/accounts/login/"
    assert not is_in(client)
    assert open_one.get("/messages/").status_code == 302
    client.post("/accounts/login/", {"login": person.username, "password": make.PASSWORD})
    assert not is_in(client)
    client.post("/accounts/login/", {"login": person.username, "password": NEW})
    assert is_in(client)


@pytest.mark.proves("sec:X17")
def test_the_second_factor_stays_unless_the_counter_says_so(client, clerk):
    person = make.operator(password=make.PASSWORD)
    TOTP.activate(person, generate_totp_secret())
    send(client, person, operator_code(person, clerk))
    client.post("/accounts/login/", {"login": person.username, "password": NEW})
    assert not is_in(client)
    assert Authenticator.objects.filter(user=person).exists()
    send(client, person, operator_code(person, clerk, resets_factor=True))
    assert not Authenticator.objects.filter(user=person).exists()


def test_a_code_works_once_and_for_its_person_alone(client, clerk):
    person, other = make.operator(), make.operator(password=make.PASSWORD)
    code = operator_code(person, clerk)
    assert send(client, other, code).status_code == 200
    assert send(client, person, code).status_code == 303
    assert send(client, person, code, "a-third-long-password").status_code == 200
    person.refresh_from_db()
    assert person.check_password(NEW)


def test_a_newer_code_voids_the_earlier(client, clerk):
    person = make.operator()
    first, second = operator_code(person, clerk), operator_code(person, clerk)
    assert send(client, person, first).status_code == 200
    assert send(client, person, second).status_code == 303


@pytest.mark.parametrize(("hours", "status"), [(24, 200), (23, 303)])
def test_a_code_has_its_hours(client, clerk, hours, status):
    person = make.operator()
    code = operator_code(person, clerk)
    with time_machine.travel(AT + dt.timedelta(hours=hours), tick=False):
        assert send(client, person, code).status_code == status


@pytest.mark.proves("sec:X16")
def test_unknown_account_and_wrong_code_read_the_same(client, clerk):
    person = make.operator()
    code = operator_code(person, clerk)
    wrong = code[::-1] if code[::-1] != code else "0" * 16
    answers = [send(client, person, wrong), send(client, "nobody", wrong)]
    said = [a.content.decode().replace(person.username, "").replace("nobody", "") for a in answers]
    assert [a.status_code for a in answers] == [200, 200]
    assert all("账号或代码不对" in text for text in said)
    lines = [{e for e in text.split("\n") if "csrf" not in e} for text in said]
    assert lines[0] == lines[1]


@pytest.mark.proves("sec:X15")
def test_guessing_is_stopped_for_the_account_and_leaves_others_alone(client, clerk):
    person, other = make.operator(), make.operator()
    code, others = operator_code(person, clerk), operator_code(other, clerk)
    for _ in range(5):
        send(client, person, "0" * 16)
    assert send(client, person, code).status_code == 429
    assert send(client, other, others).status_code == 303


def test_the_code_is_nowhere_but_on_the_page(client, clerk):
    person = make.operator()
    code = operator_code(person, clerk)
    send(client, person, code)
    kept = [*AccountCode.objects.values_list("code_key", flat=True)]
    assert code not in str(kept)
    assert not AuditEvent.objects.filter(detail__icontains=code).exists()
    acts = set(AuditEvent.objects.values_list("act", flat=True))
    assert {"account.code_given", "account.code_used"} <= acts


@pytest.mark.parametrize("roles", [(Role.CLERK,), (Role.OPERATOR, Role.INSPECTOR), ()])
def test_a_clerk_helps_operators_only(clerk, roles):
    assert operator_code(make.user(*roles), clerk) is None
    assert AccountCode.objects.count() == 0


def test_nobody_but_a_clerk_gives_operators_a_code():
    for role in (Role.SYSADMIN, Role.APPROVER, Role.OPERATOR, Role.AUDITOR):
        with pytest.raises(PermissionDenied):
            operator_code(make.operator(), make.user(role))


def test_a_colleague_gets_a_code_by_two_persons(client):
    colleague, admin, second = make.clerk(), make.user(Role.SYSADMIN), make.approver()
    change = staffing.propose_recovery(
        colleague, "本人到场", resets_factor=True, by=Actor.person(admin), at=AT
    )
    assert AccountCode.objects.count() == 0
    desk = Client()
    desk.force_login(second, backend="portal.core.accounts.SignedIn")
    shown = desk.post(f"/desk/users/changes/{change.pk}/grant/")
    assert send(client, colleague, shown.context["code"]).status_code == 303
    again = desk.post(f"/desk/users/changes/{change.pk}/grant/")
    assert again.status_code == 303


def test_an_invitation_is_no_recovery(client):
    admin = Actor.person(make.user(Role.SYSADMIN))
    person, code = staffing.invite("xin.ren", "新人", "新人", by=admin, at=AT)
    assert send(client, person, code).status_code == 200
    person.refresh_from_db()
    assert not person.has_usable_password()


def test_who_has_left_gets_in_by_no_code(client, clerk):
    person = make.operator()
    code = operator_code(person, clerk)
    person.is_active = False
    person.save()
    assert send(client, person, code).status_code == 200


@pytest.mark.parametrize("password", ["short", "1234567890"])
def test_a_weak_password_is_refused_before_the_code_is_used(client, clerk, password):
    person = make.operator()
    code = operator_code(person, clerk)
    assert send(client, person, code, password).status_code == 200
    assert send(client, person, code).status_code == 303


def test_the_clerk_sees_the_code_once_on_the_page(clerk):
    person, desk = make.operator(), Client()
    desk.force_login(clerk, backend="portal.core.accounts.SignedIn")
    typed = {"username": person.username, "checked": "on"}
    where = "/desk/users/operator-code/"
    shown = desk.post(where, typed)
    assert shown.context["code"] in shown.content.decode()
    assert "请先核对" in desk.post(where, {"username": person.username}).content.decode()
    unknown = desk.post(where, typed | {"username": "13800000000"})
    assert "没有这个机构账号" in unknown.content.decode()
