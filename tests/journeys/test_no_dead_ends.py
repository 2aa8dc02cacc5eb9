"""No page of one's own offers a link that one may not follow."""

import re

import pytest
from django.urls import reverse

from portal.core.roles import Role
from tests import makers as make

OWN = ("core:messages", "core:mail_settings", "account_sessions", "account_change_password")


def links_of(page):
    """The addresses a page links to inside the portal, without files to fetch."""
    found = re.findall(r'<a [^>]*href="(/[^"#]*)"', page.content.decode())
    return {url for url in found if "logout" not in url and not url.startswith("/en/")}


@pytest.mark.parametrize("role", Role)
@pytest.mark.django_db
def test_every_link_of_ones_own_pages_may_be_followed(client, role):
    client.force_login(make.user(role))
    home = client.get(reverse("core:landing")).headers["Location"]
    todo = set()
    for url in (home, *map(reverse, OWN)):
        page = client.get(url)
        assert page.status_code == 200, url
        todo |= links_of(page)
    assert home in todo
    refused = {url: client.get(url).status_code for url in sorted(todo)}
    assert {url: code for url, code in refused.items() if code >= 400} == {}
