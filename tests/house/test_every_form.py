"""Every form of every page, sound but for one field: refused in words or taken, never a fault.

All fields at random would prove nothing, since nearly all such forms are refused at the first
glance; one odd field in a sound form reaches the acts. How much gets that far is counted.

FORM_INPUTS=2000 is the long run, hours of processor time and no part of ./test --full: as many
inputs drawn for each form (what was drawn before is not sent again), in as many shares as there are
parameters. FORM_ROUTES=my:safety,my:services asks only these. Each form is then judged by itself.
FORM_RESULTS=path keeps a line of each as it is done and leaves out those that stand there, so the
long run may be stopped and gone on with.
"""

from __future__ import annotations

import json
import os
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
import time_machine

from tests.house import ready_offices, ready_rounds
from tests.house.forms_at_large import Tally, mend, quick_rendering
from tests.house.forms_found import forms_of, name_of
from tests.house.matrix import MATRIX
from tests.house.readying import readied
from tests.house.test_matrix import AT, OWN, SHARES, World, share_of

pytestmark = pytest.mark.django_db
FEW, MANY, LONG = 2, 4, int(os.environ.get("FORM_INPUTS", "0"))
ONLY = set(filter(None, os.environ.get("FORM_ROUTES", "").split(",")))
RESULTS = os.environ.get("FORM_RESULTS", "")
LEAST_VALID = 0.15
GENERATOR = 3  # raised whenever other inputs are drawn: kept results of an earlier one are void
# What has to come first, and what only who fills it in can know: with it each form is taken.
READY = ready_offices.READY | ready_rounds.READY
ENOUGH = 100  # inputs from which on the share of one form means something
# Signing out, and the choice of words and size that stands on every page.
ELSEWHERE = {"account_logout", "core:preferences", "core:language"}


@pytest.fixture
def world(db):
    with time_machine.travel(AT, tick=False):
        made = World()
        for client in made.clients.values():
            client.raise_request_exception = False
        yield made


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


def kept(wanted):
    """What stands in the results with as many inputs: (inputs, different, taken) a form.

    A line that was cut off, is of a shorter run, or of a form whose sound one was refused, counts
    for nothing.
    """
    found = {}
    lines = Path(RESULTS).read_text("utf-8").splitlines() if Path(RESULTS).is_file() else []
    for line in lines:
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        is_this = row["inputs"] >= wanted and row.get("generator") == GENERATOR
        if is_this and row["sound"]:
            counts = row["inputs"], row["different"], row["taken"]
            found[row["name"], tuple(row["fields"])] = counts
    return found


def keep(tally):
    """A line of a form without a fault; one that has any is asked again."""
    if LONG and RESULTS and not tally.faults:
        line = {"generator": GENERATOR, "name": tally.name, "fields": tally.names,
                "inputs": tally.inputs, "different": tally.different, "taken": tally.taken,
                "sound": tally.is_sound}  # fmt: skip
        with Path(RESULTS).open("a", encoding="utf-8") as file:
            print(json.dumps(line), file=file)


def tried(world, routes, inputs, actors, *, is_mended):
    """What came of the inputs, form by form."""
    tallies, done = [], kept(inputs) if LONG and RESULTS else {}
    for form in every_form(world, routes, actors).values():
        with readied(world, form, READY) as ready:
            tally = Tally(name_of(ready), tuple(sorted(ready.names)), ready)
            tallies.append(tally)
            if known := done.get((tally.name, tally.names)):
                tally.inputs, tally.different, tally.taken = known
                tally.is_sound = True
            else:
                send_all(world, tally, inputs, is_mended=is_mended)
    return tallies


def send_all(world, tally, inputs, *, is_mended):
    """The inputs to one form, in the same browser each time."""
    client = world.clients[tally.form.actor]
    came = {name: each.value for name, each in client.cookies.items()}

    def again():
        client.cookies = SimpleCookie(came)
        world.hold(tally.name)  # what was sent before may have let go of it

    if is_mended:
        mend(client, tally.form, again)
    with quick_rendering():
        for turn in range(inputs):
            tally.send(client, turn, again)
    keep(tally)


ROUTES = sorted(route for route, row in MATRIX.items() if "GET" in row.methods)


@pytest.mark.proves("sec:G2")
@pytest.mark.lasting(1)
@pytest.mark.parametrize("share", range(SHARES))
def test_one_field_at_a_time_never_breaks_a_form(world, share, pytestconfig, record_property):
    """Each undone after it."""
    is_full = bool(LONG) or pytestconfig.getoption("--full")
    inputs, actors = (LONG or MANY, 2) if is_full else (FEW, 1)
    routes = [route for route in share_of(share, ROUTES) if not ONLY or route in ONLY]
    tallies = tried(world, routes, inputs, actors, is_mended=is_full)
    for tally in tallies if LONG else ():
        print(tally)  # ruff: ignore[print]
    assert [fault for tally in tallies for fault in tally.faults] == []
    count, taken = sum(t.inputs for t in tallies), sum(t.taken for t in tallies)
    different = sum(t.different for t in tallies)
    told = f"{count} to {len(tallies)} forms, {different} different, {taken} taken"
    record_property("inputs", told)
    assert taken >= LEAST_VALID * count
    if is_full:  # else nobody mends what the first glance refuses
        assert [str(tally) for tally in tallies if not tally.is_sound] == []
    # Where all there is to change is what the page itself keeps (what was seen) no other is taken.
    judged = [t for t in tallies if t.form.is_asked and t.inputs >= ENOUGH]
    assert [str(tally) for tally in judged if tally.share < LEAST_VALID] == []
