"""Every route that could sign somebody in: none goes around the second factor or leads astray."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import get_resolver, reverse

from portal.core.roles import Role
from tests import makers as make
from tests.core.test_accounts import LOGIN, is_in, sign_in
from tests.house.matrix import FOR_ALL, MATRIX
from tests.house.test_matrix import _parameters

pytestmark = pytest.mark.django_db
FOREIGN = (
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example",
    "\\/evil.example", "https://evil.example", "http://evil.example/", "https:evil.example",
    "https:/evil.example", "HTTPS://EVIL.EXAMPLE", "ftp://evil.example", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", " //evil.example", "\t//evil.example",
    "\n//evil.example", "//evil.example/%2f..", "http:///evil.example",
    "https://testserver@evil.example/", "https://testserver.evil.example/", "//evil\u3002example",
    "\x00//evil.example", "https://evil.example#testserver", "//testserver:80@evil.example",
)  # fmt: skip


def open_to_visitors():
    """The routes without arguments that a visitor may post to."""
    public = [
        name for name, row in MATRIX.items() if "anonymous" in row.ok and "POST" in row.methods
    ]
    return sorted(name for name in {*public, *FOR_ALL} if not list(_parameters(name)))


@pytest.mark.proves("sec:X17", "prod:V1")
@pytest.mark.parametrize("route", open_to_visitors())
def test_every_way_in_asks_for_the_second_factor(client, route):
    person = make.clerk(password=make.PASSWORD)
    TOTP.activate(person, generate_totp_secret())
    everything = {
        "login": person.username, "username": person.username, "password": make.PASSWORD,
        "password1": make.PASSWORD, "password2": make.PASSWORD, "display_name": "示例",
        "code": "000000", "remember": "on", "next": "/desk/",
    }  # fmt: skip
    client.post(reverse(route), everything)
    assert not is_in(client)
    assert client.get("/desk/").status_code == 302
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_in(client)


@pytest.mark.proves("sec:X17")
def test_only_the_sign_in_page_and_the_second_factor_make_a_session(client):
    """Without a second factor set up, the password opens one route and no other."""
    made = []
    for route in open_to_visitors():
        person, visitor = make.operator(password=make.PASSWORD), Client()
        visitor.post(
            reverse(route),
            {"login": person.username, "username": person.username, "password": make.PASSWORD,
             "password1": make.PASSWORD, "password2": make.PASSWORD, "code": "000000"},
        )  # fmt: skip
        if is_in(visitor):
            made.append(route)
    assert made == ["account_login"]


@pytest.mark.proves("sec:X17")
def test_a_role_that_owes_a_second_factor_gets_nowhere_without_one(client, settings):
    settings.MFA_ROLES = [Role.CLERK]
    sign_in(client, make.clerk(password=make.PASSWORD))
    for route, row in MATRIX.items():
        if "clerk" in row.ok and "GET" in row.methods and not list(_parameters(route)):
            answer = client.get(reverse(route))
            if route not in {"core:preferences", "healthz", "readyz"}:
                assert answer.headers.get("Location") == reverse("mfa_activate_totp"), route


@pytest.mark.proves("sec:X13")
@pytest.mark.parametrize("target", FOREIGN, ids=ascii)
def test_a_foreign_next_is_followed_nowhere(client, target):
    person = make.clerk(password=make.PASSWORD)
    answers = [
        client.post(reverse("core:preferences"), {"next": target}),
        client.get(reverse("core:preferences"), {"next": target}),
        client.post(LOGIN, {"login": person.username, "password": make.PASSWORD, "next": target}),
        client.get(LOGIN, {"next": target}),
    ]
    for answer in answers:
        where = answer.headers.get("Location", "/")
        assert where.startswith("/")
        assert "evil" not in where.partition("?")[0].lower()
        assert not where.startswith(("//", "/\\"))


@pytest.mark.proves("sec:G8", "sec:X15")
def test_ten_wrong_passwords_reach_the_hasher_five_times(client, monkeypatch):
    asked, person = [], make.clerk(password=make.PASSWORD)

    def wrong(*_args):
        asked.append(1)
        return False

    monkeypatch.setattr(type(person), "check_password", wrong)
    for _ in range(10):
        sign_in(client, person, "wrong")
    assert len(asked) == 5


@pytest.mark.proves("sec:X15", "sec:G8")
def test_an_attacker_locks_out_his_own_address_only(client):
    victim = make.clerk(password=make.PASSWORD)
    attacker = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(8):
        sign_in(attacker, victim, "wrong")
    sign_in(attacker, victim)
    assert not is_in(attacker)
    home = Client(REMOTE_ADDR="198.51.100.7")
    sign_in(home, victim)
    assert is_in(home)


@pytest.mark.proves("sec:X15")
def test_an_address_that_tries_many_accounts_is_stopped():
    attacker = Client(REMOTE_ADDR="203.0.113.9")
    people = [make.operator(password=make.PASSWORD) for _ in range(21)]
    for person in people[:20]:
        sign_in(attacker, person, "wrong")
    sign_in(attacker, people[20])
    assert not is_in(attacker)
    home = Client(REMOTE_ADDR="198.51.100.7")
    sign_in(home, people[20])
    assert is_in(home)


@pytest.mark.proves("sec:X10")
@pytest.mark.parametrize("route", open_to_visitors())
def test_no_form_is_taken_without_its_token(route):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse(route), {"x": "1"}).status_code == 403


def test_every_route_is_looked_at():
    assert get_resolver().reverse_dict
    assert {"account_login", "account_recover", "account_invited"} <= set(open_to_visitors())
