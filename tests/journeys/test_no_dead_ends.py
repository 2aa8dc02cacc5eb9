"""No page of one's own offers a link that one may not follow."""

import html
import re

import pytest
from django.urls import reverse

from portal.core.roles import Role
from tests import makers as make

OWN = ("core:messages", "core:mail_settings", "account_sessions", "account_change_password")


def links_of(text):
    """The addresses a page links to inside the portal, without files to fetch."""
    found = map(html.unescape, re.findall(r'<a\s[^>]*href="(/[^"#]*)["#]', text))
    return {url for url in found if "logout" not in url and not url.startswith("/en/")}


def dead_ends(client, home):
    """The links of one's own pages that one may not follow, with what comes of each."""
    todo = set()
    for url in (home, *map(reverse, OWN)):
        page = client.get(url)
        assert page.status_code == 200, url
        todo |= links_of(page.content.decode())
    assert home in todo
    answers = {url: client.get(url).status_code for url in sorted(todo)}
    return {url: code for url, code in answers.items() if code >= 400}


def signed_in(client, role):
    """Where somebody of the role begins."""
    client.force_login(make.user(role))
    return client.get(reverse("core:landing")).headers["Location"]


@pytest.mark.parametrize("role", Role)
@pytest.mark.django_db
def test_every_link_of_ones_own_pages_may_be_followed(client, role):
    assert dead_ends(client, signed_in(client, role)) == {}


# --- a planted link -------------------------------------------------------------------------------


def test_links_are_read_as_a_browser_does():
    """Those of other places, files and languages left out."""
    assert links_of(
        '<a class="x" href="/a/?b=1&amp;c=2">a</a> <a href="/d/#e">d</a> <link href="/f.css">'
        '<a href="https://g.example/">g</a> <a href="/en/">h</a> <a href="/accounts/logout/">i</a>'
        '<a\n  href="/j/">j</a>'
    ) == {"/a/?b=1&c=2", "/d/", "/j/"}


def adds_dead_ends(get_response):
    """Every page leads to one that is not there, and to the desk."""

    def answer(request):
        response = get_response(request)
        if b"</main>" in response.content:
            more = b'<a class="x" href="/gone/">x</a><a href="/desk/">y</a></main>'
            response.content = response.content.replace(b"</main>", more)
        return response

    return answer


@pytest.mark.django_db
def test_a_planted_dead_end_is_found(client, settings):
    """What is not there, for everybody; what one has no right to, for those without it."""
    settings.MIDDLEWARE = [f"{__name__}.adds_dead_ends", *settings.MIDDLEWARE]
    operator = dead_ends(client, signed_in(client, Role.OPERATOR))
    assert operator == {"/gone/": 404, "/desk/": 403}
