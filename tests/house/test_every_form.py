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
from functools import partial
from pathlib import Path

import pytest
import time_machine
from django.urls import resolve

from tests.house.forms_at_large import Tally, mend, quick_rendering
from tests.house.forms_found import Found, forms_of
from tests.house.matrix import MATRIX
from tests.house.test_matrix import AT, OWN, SHARES, World, share_of

pytestmark = pytest.mark.django_db
FEW, MANY, LONG = 2, 4, int(os.environ.get("FORM_INPUTS", "0"))
ONLY = set(filter(None, os.environ.get("FORM_ROUTES", "").split(",")))
RESULTS = os.environ.get("FORM_RESULTS", "")
LEAST_VALID = 0.15
GENERATOR = 3  # raised whenever other inputs are drawn: kept results of an earlier one are void
# Forms whose sound form is refused, because of what the acts found and not of what was typed. None
# of their inputs can be taken, so they are not judged by the share.
NOBODYS = "asks for a code, a number or an account that nobody has"
FILE = "asks for a workbook with the rows of its template"
STATE = "the object of the table is in a state in which the act says what has to come first"
AGAIN = "one of its buttons draws the page again, with what was searched for or one row more"
PEOPLE = "asks for persons whom the table's world does not have"
SEVERAL = "wants several fields answered together, which mending one by one does not come to"
UNSOUND = {
    "desk:field_staff": SEVERAL, "panel:dimension": SEVERAL,
    "account_invited": NOBODYS, "account_recover": NOBODYS, "complaints:track": NOBODYS,
    "desk:complaint_merge": NOBODYS, "desk:complaint_new": NOBODYS, "desk:evaluator_tie": NOBODYS,
    "desk:lead_link": NOBODYS, "desk:operator_code": NOBODYS, "account_signup": NOBODYS,
    "desk:compare": FILE, "desk:complaint_orders": FILE, "desk:import": FILE,
    "desk:indicator_import": FILE, "desk:pack_new": FILE, "my:staff": FILE,
    "my:staff_ledger_import": FILE, "complaints:facility": AGAIN, "complaints:urgent": AGAIN,
    "desk:field_sign": AGAIN, "panel:objection": AGAIN, "desk:propose": AGAIN,
    "desk:inspection_propose": PEOPLE, "desk:inspection_replace": PEOPLE,
    "desk:meeting_hold": PEOPLE, "desk:user_deputy": PEOPLE, "desk:user_role": PEOPLE,
    "desk:complaint_ask_contact": STATE, "desk:complaint_confirm_category": STATE,
    "desk:complaint_propose_reply": STATE, "desk:complaint_refuse_category": STATE,
    "desk:delegated_confirm": STATE, "desk:evaluation_close_notice": STATE,
    "desk:evaluation_decide": STATE, "desk:evaluation_notice": STATE,
    "desk:evaluation_publish": STATE, "desk:evaluation_reconsider": STATE,
    "desk:evaluation_scorer": STATE, "desk:export": STATE, "desk:field_finish": STATE,
    "desk:finding_publish": STATE, "desk:meeting_close": STATE, "desk:plan_schedule": STATE,
    "desk:risk_explain": STATE, "my:change_new": STATE, "my:invite": STATE,
    "my:self_check_submit": STATE, "public:near": STATE,
}  # fmt: skip
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


def kept(wanted):
    """What stands in the results with as many inputs: (inputs, different, taken, sound) a form.

    A line that was cut off, or is of a shorter run, counts for nothing.
    """
    found = {}
    lines = Path(RESULTS).read_text("utf-8").splitlines() if Path(RESULTS).is_file() else []
    for line in lines:
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if row["inputs"] >= wanted and row.get("generator") == GENERATOR:
            counts = row["inputs"], row["different"], row["taken"], row["sound"]
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
    for (name, names), form in every_form(world, routes, actors).items():
        # What was sent before may have let go of it.
        hold = partial(world.hold, name)
        if is_mended and (name, names) not in done:
            mend(world.clients[form.actor], form, hold)
        tally = Tally(name, names, form)
        tallies.append(tally)
        if (name, names) in done:
            tally.inputs, tally.different, tally.taken, tally.is_sound = done[name, names]
            continue
        with quick_rendering():
            for turn in range(inputs):
                tally.send(world.clients[form.actor], turn, hold)
        keep(tally)
    return tallies


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
    # Where already the sound form is refused (a code nobody has), no input of it can be taken; nor
    # another one where all there is to change is what the page itself keeps (what was seen).
    if LONG:
        assert {t.name for t in tallies if not t.is_sound} <= UNSOUND.keys()
    judged = [t for t in tallies if t.is_sound and t.form.is_asked and t.inputs >= ENOUGH]
    assert [str(tally) for tally in judged if tally.share < LEAST_VALID] == []
