"""The forms of allauth's pages, as `test_every_form` tries those of our own.

Signing in, the password, the authenticator, recovery codes and security keys: a sound form of each
is taken, one with an odd field is refused in words or taken, and nothing ever is a fault. Whatever
is counted against somebody who tries too often lies in the database and is undone with the rest.
"""

from __future__ import annotations

import json
from http.cookies import SimpleCookie

import pytest
import time_machine

from tests import makers as make
from tests.house.accounts import SECRET, STANDING, Accounts, Key
from tests.house.forms_at_large import Tally, quick_rendering
from tests.house.forms_found import forms_of
from tests.house.matrix import FOR_ALL, FOR_SIGNED_IN
from tests.house.test_every_form import ELSEWHERE, FEW, LONG, MANY, name_of
from tests.house.test_matrix import AT

pytestmark = pytest.mark.django_db
NEW = "another-long-password"
# Pages without a form of their own: a list, codes to read, an account that is closed.
ONLY_READ = {
    "account_inactive", "account_logout", "mfa_index", "mfa_list_webauthn",
    "mfa_view_recovery_codes", "mfa_download_recovery_codes",
}  # fmt: skip


@pytest.fixture
def accounts():
    with time_machine.travel(AT, tick=False):
        made = Accounts()
        for client in made.clients.values():
            client.raise_request_exception = False
        yield made


def sound(accounts, route, form):
    """The form as its person fills it in, or his key."""
    session = accounts.client(route).session
    person = accounts.people["guarded" if route == "mfa_authenticate" else "plain"]
    secret = session.get("mfa.totp.secret") if "activate" in route else SECRET
    given = {
        "login": person.username, "password": make.PASSWORD, "oldpassword": make.PASSWORD,
        "password1": NEW, "password2": NEW, "code": make.shown_code(secret or SECRET),
    }  # fmt: skip
    if "credential" in form.values:
        challenge = session["mfa.webauthn.state"]["challenge"]
        is_new = route == "mfa_add_webauthn"
        answer = Key().made(challenge) if is_new else accounts.key.shown(challenge)
        given["credential"] = json.dumps(answer)
    return form.values | {name: [given[name]] for name in form.values if name in given}


def tried(accounts, route, inputs):
    """What came of the inputs to each form of the page, the person being the same each time."""
    client, url = accounts.client(route), accounts.url(route)
    for form in forms_of(client, route, url):
        if name_of(form) in ELSEWHERE:
            continue
        form.values = sound(accounts, route, form)
        tally = Tally(name_of(form), tuple(sorted(form.names)), form)
        came = {name: each.value for name, each in client.cookies.items()}

        def again(came=came):
            client.cookies = SimpleCookie(came)  # an act gives a new session, which is undone

        with quick_rendering():
            for turn in range(inputs):
                tally.send(client, turn, again)
        again()
        yield tally


def test_every_page_of_accounts_has_somebody_before_it():
    assert set(STANDING) == FOR_ALL | FOR_SIGNED_IN


@pytest.mark.proves("sec:G2")
def test_one_field_at_a_time_never_breaks_an_account_form(accounts, pytestconfig, record_property):
    inputs = LONG or (MANY if pytestconfig.getoption("--full") else FEW) * 4
    tallies = {route: [*tried(accounts, route, inputs)] for route in sorted(STANDING)}
    assert {route for route, found in tallies.items() if not found} == ONLY_READ
    each = [tally for found in tallies.values() for tally in found]
    told = f"{sum(t.inputs for t in each)} to {len(each)} forms, {sum(t.taken for t in each)} taken"
    record_property("inputs", told)
    assert [fault for tally in each for fault in tally.faults] == []
    assert [str(tally) for tally in each if not tally.is_sound] == []
