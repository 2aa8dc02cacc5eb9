"""Signing in: password, lock-out, idle time-out, second factor, landing by role."""

import datetime as dt

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.urls import reverse

from portal.core.models import AuditEvent
from portal.core.roles import Role
from tests import makers as make

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def sign_in(client, person, password=make.PASSWORD):
    return client.post(LOGIN, {"login": person.username, "password": password})


def is_in(client):
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("role", Role)
def test_each_role_lands_on_its_own_page(client, role):
    """The operator and the evaluator on theirs, everybody else at the desk; and the page opens."""
    where = {Role.OPERATOR: "/my/", Role.EVALUATOR: "/panel/"}.get(role, "/desk/")
    community = make.community() if role == Role.COMMUNITY else None
    response = sign_in(client, make.user(role, community=community, password=make.PASSWORD))
    assert response.headers["Location"] == reverse("core:landing")
    assert client.get(response.headers["Location"]).headers["Location"] == where
    assert client.get(where).status_code == 200


def test_a_wrong_password_says_so_in_our_words(client):
    response = sign_in(client, make.clerk(password=make.PASSWORD), "wrong")
    assert response.status_code == 200
    assert "账号或密码不对" in response.content.decode()
    assert not is_in(client)


@pytest.mark.proves("sec:X16")
def test_unknown_and_wrong_read_the_same(client):
    known = sign_in(client, make.clerk(password=make.PASSWORD), "wrong").content.decode()
    unknown = client.post(LOGIN, {"login": "nobody", "password": "wrong"}).content.decode()
    assert "账号或密码不对" in known
    assert "账号或密码不对" in unknown


@pytest.mark.proves("prod:V6", "sec:X15")
def test_lock_out_for_one_account_leaves_others_alone(client):
    victim, other = make.clerk(password=make.PASSWORD), make.clerk(password=make.PASSWORD)
    for _ in range(5):
        sign_in(client, victim, "wrong")
    refused = sign_in(client, victim)
    assert not is_in(client)
    assert "15 分钟" in refused.content.decode()
    sign_in(client, other)
    assert is_in(client)


def test_lock_out_ends(client):
    victim = make.clerk(password=make.PASSWORD)
    for _ in range(5):
        sign_in(client, victim, "wrong")
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=16)
    with time_machine.travel(later, tick=False):
        sign_in(client, victim)
        assert is_in(client)


@pytest.mark.proves("prod:V5", "sec:X14")
@pytest.mark.parametrize(
    ("role", "minutes"),
    [(Role.CLERK, settings.IDLE_MINUTES_STAFF), (Role.OPERATOR, settings.IDLE_MINUTES_OPERATOR)],
)
def test_idle_people_are_signed_out_and_told(client, role, minutes):
    start = dt.datetime.now(dt.UTC)
    with time_machine.travel(start, tick=False) as clock:
        sign_in(client, make.user(role, password=make.PASSWORD))
        clock.shift(dt.timedelta(minutes=minutes - 1))
        assert client.get("/messages/").status_code == 200
        clock.shift(dt.timedelta(minutes=minutes + 1))
        response = client.get("/messages/", follow=True)
    assert response.redirect_chain[0][0] == f"{LOGIN}?next=/messages/"
    assert "已退出登录" in response.content.decode()
    assert not is_in(client)


@pytest.mark.proves("sec:X14")
def test_the_session_changes_at_sign_in(client):
    client.get(LOGIN)
    client.session.save()
    before = client.session.session_key
    sign_in(client, make.clerk(password=make.PASSWORD))
    assert client.session.session_key != before


@pytest.mark.proves("prod:V1", "sec:X17")
def test_the_second_factor_is_asked_for_where_it_is_set_up(client):
    person = make.clerk(password=make.PASSWORD)
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    response = sign_in(client, person)
    assert response.headers["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)
    assert client.get("/desk/").status_code != 200
    client.post(reverse("mfa_authenticate"), {"code": make.shown_code(secret)})
    assert is_in(client)


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_telephone_half_a_minute_off_opens_too(client, steps, is_right):
    """A code typed as it changes counts; an older one does not."""
    person = make.clerk(password=make.PASSWORD)
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    with time_machine.travel(make.AT, tick=False):
        sign_in(client, person)
        client.post(reverse("mfa_authenticate"), {"code": make.shown_code(secret, steps)})
        assert is_in(client) is is_right


@pytest.mark.proves("prod:V1")
def test_a_recovery_code_works_once(client):
    person = make.clerk(password=make.PASSWORD)
    TOTP.activate(person, generate_totp_secret())
    code = RecoveryCodes.activate(person).get_unused_codes()[0]
    sign_in(client, person)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert is_in(client)
    client.post("/accounts/logout/")
    sign_in(client, person)
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert not is_in(client)


def test_a_person_can_set_up_the_second_factor(client):
    person = make.clerk(password=make.PASSWORD)
    sign_in(client, person)
    where = reverse("mfa_activate_totp")
    asked = client.get(where)  # a sensitive page asks for the password once more
    client.post(asked.headers["Location"], {"password": make.PASSWORD, "next": where})
    page = client.get(where)
    secret = page.context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": make.shown_code(secret)})
    assert Authenticator.objects.filter(user=person, type="totp").exists()


def test_signing_in_and_out_leave_lines_without_names(client):
    person = make.clerk(password=make.PASSWORD)
    sign_in(client, person, "my-other-password")
    sign_in(client, person)
    client.post("/accounts/logout/")
    acts = list(AuditEvent.objects.order_by("seq").values_list("act", flat=True))
    for act in ("account.sign_in_failed", "account.signed_in", "account.signed_out"):
        assert act in acts
    assert not AuditEvent.objects.filter(detail__icontains="my-other-password").exists()


def test_a_get_does_not_sign_out(client):
    sign_in(client, make.clerk(password=make.PASSWORD))
    client.get("/accounts/logout/")
    assert is_in(client)


@pytest.mark.proves("sec:X13")
def test_a_foreign_next_is_not_followed(client):
    person = make.clerk(password=make.PASSWORD)
    for target in ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:x"):
        response = client.post(
            LOGIN, {"login": person.username, "password": make.PASSWORD, "next": target}
        )
        assert "evil" not in response.headers.get("Location", "")
        client.logout()


@pytest.mark.parametrize("role", [Role.CLERK, Role.OPERATOR])
def test_what_was_typed_when_the_session_ended_is_offered_after_signing_in(client, role):
    person = make.user(role, password=make.PASSWORD)
    where = "/my/filing/start/?from=guide"
    sent = client.post(where, {"token": "秘密的字", "ticked": ["a", "b"]})
    assert sent.headers["Location"].startswith(LOGIN)
    stored = str(client.session.get("typed"))
    assert "秘密的字" not in stored
    login = client.get(sent.headers["Location"]).content.decode()
    assert "刚才填写的内容还在" in login
    sign_in(client, person)
    offered = client.get(where).content.decode()
    assert "刚才填写的内容还在" in offered
    assert 'value="秘密的字"' in offered
    assert 'name="ticked" value="b"' in offered
    assert "刚才填写的内容还在" not in client.get(where).content.decode()


def test_an_idle_sign_out_promises_only_what_is_true(client):
    start = dt.datetime.now(dt.UTC)
    with time_machine.travel(start, tick=False) as clock:
        sign_in(client, make.operator(password=make.PASSWORD))
        client.get("/messages/")
        clock.shift(dt.timedelta(hours=2))
        read = client.get("/messages/", follow=True).content.decode()
        assert "请重新登录" in read
        assert "内容还在" not in read
        sign_in(client, make.operator(password=make.PASSWORD))
        client.get("/messages/")
        clock.shift(dt.timedelta(hours=2))
        sent = client.post("/my/filing/start/", {"token": "x"}, follow=True).content.decode()
    assert "内容还在" in sent


def test_after_an_idle_sign_out_nobody_else_gets_what_was_typed(client):
    me, other = make.operator(password=make.PASSWORD), make.operator(password=make.PASSWORD)
    where, start = "/my/filing/start/", dt.datetime.now(dt.UTC)
    for person, offered in ((other, False), (me, True)):
        with time_machine.travel(start, tick=False) as clock:
            sign_in(client, me)
            client.get("/messages/")
            clock.shift(dt.timedelta(hours=2))
            client.post(where, {"token": "x"}, follow=True)
            sign_in(client, person)
            assert ("内容还在" in client.get(where).content.decode()) is offered
            client.logout()


def test_what_was_typed_waits_half_an_hour_and_no_longer(client):
    start = dt.datetime.now(dt.UTC)
    with time_machine.travel(start, tick=False) as clock:
        client.post("/my/filing/start/", {"token": "x"}, follow=True)
        clock.shift(dt.timedelta(minutes=31))
        sign_in(client, make.operator(password=make.PASSWORD))
        assert "内容还在" not in client.get("/my/filing/start/").content.decode()


@pytest.mark.parametrize("path", ["/facilities/%00/", "/f/%00/", "/desk/filings/%00/", "/v/%00/"])
def test_a_path_that_names_nothing_is_not_found(client, path):
    assert client.get(path).status_code == 404
    sign_in(client, make.clerk(password=make.PASSWORD))
    assert client.get(path).status_code == 404
