"""A wrong number and a wrong code: the same answer for the same work, so that no clock tells them.

No stopwatch: what takes time is counted, on the hasher the portal uses in earnest. Three misses
are compared: a number that stands with another code, one that nobody has, and one of no shape.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints import rules
from complaints.actions import throttle, tracking
from complaints.models import Complaint
from portal.core.queries import in_force
from portal.settings import PASSWORD_HASHERS
from tests.complaints import makers as cases
from tests.complaints.makers import AT, DAY

pytestmark = pytest.mark.django_db
WRONG = "0000-0000-0000-0000"
WORK = ("encode", "verify", "harden_runtime", "must_update")
CHANGING = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": "\w+"')
CHALLENGE = re.compile(rb'name="challenge" value="([0-9a-f]+)"')


@pytest.fixture(autouse=True)
def _earnest(settings: Any) -> Iterator[None]:
    """The hasher of the portal, an hour without tries, and no clock that runs."""
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    caches["budgets"].clear()
    tracking._nobody.cache_clear()
    with time_machine.travel(AT, tick=False):
        yield
    tracking._nobody.cache_clear()


@contextmanager
def counted() -> Generator[list[str]]:
    """Each piece of work the hasher does, in order."""
    done: list[str] = []

    def spy(name: str) -> Any:
        real = getattr(Argon2PasswordHasher, name)

        def work(self: Any, *args: Any, **kwargs: Any) -> Any:
            done.append(name)
            return real(self, *args, **kwargs)

        return mock.patch.object(Argon2PasswordHasher, name, work)

    with spy(WORK[0]), spy(WORK[1]), spy(WORK[2]), spy(WORK[3]):
        yield done


def asked(number: str, **more: str) -> dict[str, Any]:
    """One try from a browser of its own: what it cost and what came back."""
    browser = Client()
    given = {"number": number, "code": WRONG, **more}
    with counted() as work, CaptureQueriesContext(connection) as queries:
        response = browser.post(reverse("complaints:track"), given)
    body = response.content.replace(number.encode(), b"X" * len(number))
    return {
        "status": response.status_code,
        "headers": sorted((k, v) for k, v in response.headers.items()),
        "cookies": sorted(response.cookies),
        "bytes": CHANGING.sub(b"", body),
        "work": work,
        # The parameters differ in the number alone; the statements are the same, in this order.
        "queries": [each["sql"].replace(number, "X") for each in queries],
        "raw": response,
    }


def numbers() -> tuple[str, str]:
    """One that stands, and one of the same shape that nobody has."""
    there = cases.complaint().number
    absent = next(n for n in iter(rules.complaint_number, "") if n != there)
    return there, absent


def same(first: dict[str, Any], second: dict[str, Any], *names: str) -> None:
    for name in names:
        assert first[name] == second[name], name


@pytest.mark.proves("sec:C14", "prod:L4")
def test_a_wrong_number_costs_what_a_wrong_code_costs() -> None:
    """The very first try of a process too: what a miss needs is not made on a miss."""
    there, absent = numbers()
    asked(there)  # what the page itself keeps from its first showing
    tracking._nobody.cache_clear()
    first = asked(there)
    tracking._nobody.cache_clear()
    second = asked(absent)
    same(first, second, "status", "headers", "cookies", "bytes", "work", "queries")
    assert first["work"].count("verify") == 1
    third, fourth = asked(there), asked(absent)
    same(third, fourth, "status", "headers", "cookies", "bytes", "work", "queries")
    assert third["work"].count("verify") == 1
    assert "encode" not in third["work"][: third["work"].index("verify")]
    assert "没有找到这件投诉" in first["raw"].content.decode()


@pytest.mark.proves("sec:C14")
def test_what_has_not_even_the_shape_is_hashed_and_answered_alike() -> None:
    """Anybody can tell the shape by himself: the query it saves tells nothing of a case."""
    there, _absent = numbers()
    asked(there)
    first, second = asked(there), asked("XX-0000-0000-0")
    same(first, second, "status", "headers", "cookies", "bytes", "work")


@pytest.mark.proves("sec:C14")
def test_beyond_the_budgets_neither_is_hashed_nor_looked_up() -> None:
    """The price is asked before the number is read, and is the same for both."""
    there, absent = numbers()
    asked(there)
    most = in_force(DAY).integer("complaints.hourly_budgets", "track_site")
    with mock.patch.object(throttle, "_count", return_value=most * 2):
        first, second = asked(there), asked(absent)
    for each in (first, second):
        each["bytes"], count = CHALLENGE.subn(b"", each["bytes"])
        assert count == 1
        assert each["work"] == []
        assert not any(Complaint._meta.db_table in sql for sql in each["queries"])
    same(first, second, "status", "headers", "cookies", "bytes", "queries")


def test_the_comparison_sees_what_it_is_to_see() -> None:
    """The control: the right code costs the same hash and is answered otherwise."""
    made, code = cases.submitted()
    asked(made.number)
    wrong, right = asked(made.number), asked(made.number, code=code)
    assert right["work"].count("verify") == wrong["work"].count("verify") == 1
    assert right["status"] == 302
    assert right["bytes"] != wrong["bytes"]
    assert right["queries"] != wrong["queries"]
