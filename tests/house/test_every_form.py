"""Every form of every page, sound but for one field: refused in words or taken, never a fault.

All fields at random would prove nothing, since nearly all such forms are refused at the first
glance; one odd field in a sound form reaches the acts. How much gets that far is counted.
"""

from __future__ import annotations

import os
import random
import zlib

import pytest
import time_machine
from django.urls import resolve

from tests.house.forms_at_large import Found, forms_of, sent, spoiled
from tests.house.matrix import MATRIX
from tests.house.test_matrix import AT, OWN, SHARES, World, share_of

pytestmark = pytest.mark.django_db
FEW, MANY = 2, int(os.environ.get("FORM_INPUTS", "4"))
LEAST_VALID = 0.15
# Signing out, and the choice of words and size that stands on every page.
ELSEWHERE = {"account_logout", "core:preferences", "core:language"}


@pytest.fixture
def world(db):
    with time_machine.travel(AT, tick=False):
        made = World()
        for client in made.clients.values():
            client.raise_request_exception = False
        yield made


def name_of(form: Found) -> str:
    return resolve(form.url.partition("?")[0]).view_name


def every_form(world, routes, actors):
    """One of each kind: the same route with the same fields is the same form."""
    found = {}
    for route in routes:
        row = MATRIX[route]
        url = world.url(route, row.state, OWN)
        for actor in [each for each in row.ok if each != "left"][:actors]:
            for form in forms_of(world.clients[actor], actor, url):
                if name_of(form) not in ELSEWHERE:
                    found.setdefault((name_of(form), tuple(sorted(form.names))), form)
    return found


def tried(world, routes, inputs, actors):
    """Faults, and how many inputs of each form were taken."""
    faults, taken, found = [], {}, every_form(world, routes, actors)
    for (name, names), form in found.items():
        client = world.clients[form.actor]
        taken.setdefault(name, 0)
        for turn in range(inputs):
            dice = random.Random(zlib.crc32(f"{name}{names}{turn}".encode()))
            values = spoiled(form, dice) if turn else form.values
            world.hold(name)  # what was sent before may have let go of it
            status, where = sent(client, form, values)
            if status >= 500:
                faults.append((name, status, values))
            taken[name] += status in {302, 303} and "/accounts/login/" not in where
    return faults, taken, len(found) * inputs


ROUTES = sorted(route for route, row in MATRIX.items() if "GET" in row.methods)


@pytest.mark.proves("sec:G2")
@pytest.mark.lasting(1)
@pytest.mark.parametrize("share", range(SHARES))
def test_one_field_at_a_time_never_breaks_a_form(world, share, pytestconfig, record_property):
    """Each undone after it. FORM_INPUTS=2000 is the long run: hours of processor time."""
    is_long = pytestconfig.getoption("--full")
    inputs, actors = (MANY, 2) if is_long else (FEW, 1)
    faults, taken, count = tried(world, share_of(share, ROUTES), inputs, actors)
    assert faults == []
    record_property("inputs", f"{count} to {len(taken)} routes, {sum(taken.values())} taken")
    assert sum(taken.values()) >= LEAST_VALID * count, taken
