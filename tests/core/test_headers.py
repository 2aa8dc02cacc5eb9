"""What browsers are told about every page, found or not."""

import pytest
from django.urls import reverse

from tests import makers as make

pytestmark = pytest.mark.django_db


@pytest.mark.proves("prod:V7", "ux:7")
@pytest.mark.parametrize("address", ["/", "/facilities/", "/v/", "/accounts/login/", "/nowhere/"])
def test_every_page_is_bound_to_this_site(client, address):
    rules = dict(
        part.strip().partition(" ")[::2]
        for part in client.get(address).headers["Content-Security-Policy"].split(";")
    )
    assert rules["default-src"] == rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["object-src"] == rules["base-uri"] == "'none'"
    assert rules["form-action"] == rules["frame-ancestors"] == "'self'"
    assert "unsafe" not in " ".join(rules.values())


@pytest.mark.parametrize("address", ["/", "/nowhere/"])
def test_every_answer_forbids_guessing_framing_and_referrers(client, address):
    headers = client.get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_pages_of_signed_in_people_are_not_kept(client):
    client.force_login(make.clerk())
    assert "no-store" in client.get(reverse("desk:home")).headers["Cache-Control"]


def test_a_visitor_who_only_reads_gets_no_cookie(client):
    for address in ("/", "/facilities/"):
        assert not client.get(address).cookies
