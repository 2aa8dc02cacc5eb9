"""Open sign-ins: listed, ended, ended by a new password; the second factor where a role asks."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.sessions.models import Session
from django.test import Client

from portal.core.models import UserSession
from portal.core.roles import Role
from tests import makers as make

pytestmark = pytest.mark.django_db
SESSIONS = "/accounts/sessions/"
CHANGE = "/accounts/password/change/"
NEW = "another-long-password"


def sign_in(person):
    client = Client()
    client.post("/accounts/login/", {"login": person.username, "password": make.PASSWORD})
    return client


@pytest.fixture
def clerk():
    return make.clerk(password=make.PASSWORD)


def test_each_sign_in_is_listed_without_its_key(clerk):
    here, there = sign_in(clerk), sign_in(clerk)
    rows = here.get(SESSIONS).context["rows"]
    assert sorted(row["is_here"] for row in rows) == [False, True]
    kept = str(UserSession.objects.values_list())
    assert here.session.session_key not in kept
    assert there.session.session_key not in here.get(SESSIONS).content.decode()


@pytest.mark.proves("sec:X14")
def test_the_others_end_and_this_one_stays(clerk):
    here, there, stranger = (
        sign_in(clerk),
        sign_in(clerk),
        sign_in(make.clerk(password=make.PASSWORD)),
    )
    here.post(SESSIONS)
    assert here.get("/desk/").status_code == 200
    assert there.get("/desk/").status_code == 302
    assert stranger.get("/desk/").status_code == 200
    assert len(here.get(SESSIONS).context["rows"]) == 1


@pytest.mark.proves("sec:X14")
def test_a_new_password_ends_the_others(clerk):
    here, there = sign_in(clerk), sign_in(clerk)
    key = there.session.session_key
    typed = {"oldpassword": make.PASSWORD, "password1": NEW, "password2": NEW}
    here.post(CHANGE, typed)
    assert here.get("/desk/").status_code == 200
    assert there.get("/desk/").status_code == 302
    assert not Session.objects.filter(session_key=key).exists()
    assert len(here.get(SESSIONS).context["rows"]) == 1


def test_signing_out_takes_the_row_away(clerk):
    here = sign_in(clerk)
    here.post("/accounts/logout/")
    assert UserSession.objects.count() == 0


def test_a_session_that_ran_out_is_not_listed(clerk):
    here, there = sign_in(clerk), sign_in(clerk)
    Session.objects.filter(session_key=there.session.session_key).delete()
    assert len(here.get(SESSIONS).context["rows"]) == 1


# --- the second factor --------------------------------------------------------------------------


@pytest.mark.proves("prod:V1")
def test_a_role_that_owes_a_second_factor_is_led_to_it(settings, clerk):
    settings.MFA_ROLES = [Role.CLERK]
    here = sign_in(clerk)
    for where in ("/desk/", "/messages/", "/accounts/password/change/", SESSIONS, "/facilities/"):
        assert here.get(where).headers["Location"] == "/accounts/2fa/totp/activate/", where
    assert here.post("/messages/read/").headers["Location"] == "/accounts/2fa/totp/activate/"
    asked = here.get("/accounts/2fa/totp/activate/", follow=True)
    assert asked.status_code == 200
    assert here.get("/preferences/").status_code == 200
    TOTP.activate(clerk, generate_totp_secret())
    assert here.get("/desk/").status_code == 200


def test_others_and_visitors_go_on(settings, client):
    settings.MFA_ROLES = [Role.CLERK]
    assert sign_in(make.operator(password=make.PASSWORD)).get("/my/").status_code == 200
    assert client.get("/").status_code == 200


def test_who_must_have_one_cannot_close_it(settings, clerk):
    here = sign_in(clerk)
    TOTP.activate(clerk, generate_totp_secret())
    for roles, stays in (([Role.CLERK], True), ([], False)):
        settings.MFA_ROLES = roles
        here.post("/accounts/reauthenticate/", {"password": make.PASSWORD})
        here.post("/accounts/2fa/totp/deactivate/")
        assert clerk.authenticator_set.filter(type="totp").exists() is stays


def test_the_last_key_of_who_must_have_one_stays(settings, clerk):
    """A security key counts as a second factor: with two of them one may go, not both."""
    settings.MFA_ROLES = [Role.CLERK]
    here = sign_in(clerk)
    keys = [
        clerk.authenticator_set.create(type="webauthn", data={"name": name, "credential": {}})
        for name in ("one", "two")
    ]
    here.post("/accounts/reauthenticate/", {"password": make.PASSWORD})
    for key in keys:
        here.post(f"/accounts/2fa/keys/{key.pk}/remove/")
    assert list(clerk.authenticator_set.filter(type="webauthn")) == [keys[1]]
    assert here.get("/desk/").status_code == 200
    other = sign_in(make.clerk(password=make.PASSWORD))
    settings.MFA_ROLES = []
    assert other.get(f"/accounts/2fa/keys/{keys[1].pk}/remove/").status_code in {302, 404}
