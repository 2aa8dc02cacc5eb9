"""Every table is sound and drawn."""

import pytest
from django.db import models

from portal.core.management.commands.draw_states import drawings
from portal.core.roles import Role
from portal.core.statemachine import StateMachine, Transition, TransitionNotOpen, machines


class Light(models.TextChoices):
    """The states of a small table."""

    RED = "red"
    GREEN = "green"


# --- the rules ----------------------------------------------------------------------------------


def unsound(machine):
    """States nobody reaches, states nobody knows, and transitions that nobody may perform."""
    states, reached = set(machine.states.values), reachable(machine)
    found = [f"{state} is not reached" for state in sorted(states - reached)]
    found += [] if machine.initial in states else [f"{machine.initial} is no state"]
    for row in machine:
        unknown = ({row.target} - {""} | row.sources) - states
        found += [f"{row.name}: {state} is no state" for state in sorted(unknown)]
        found += [f"{row.name}: {role} is no role" for role in sorted(row.by - set(Role))]
        if not (row.by or row.calendar or row.holder):
            found.append(f"{row.name} has no owner")
    return found


def reachable(machine):
    """The states a noun may come to from where it begins."""
    found, before = {machine.initial}, set()
    while found != before:
        before = set(found)
        found |= {row.target for row in machine if row.target and row.sources & before}
    return found


def stale(drawn):
    """The drawings that do not say what the tables say, and those that are missing."""
    return [
        path.name
        for path, text in drawn.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]


# --- the tables keep them -----------------------------------------------------------------------


@pytest.mark.parametrize("machine", machines().values(), ids=lambda m: m.noun)
def test_every_state_is_reached_and_every_transition_has_an_owner(machine):
    assert unsound(machine) == []


def test_there_are_tables():
    assert "filing" in machines()


def test_the_drawings_are_fresh():
    assert stale(drawings()) == [], "run manage.py draw_states"


def test_a_transition_out_of_order_is_refused():
    machine = machines()["filing"]
    with pytest.raises(TransitionNotOpen):
        machine.check("draft", "register")
    assert {row.name for row in machine.open_from("proposed")} == {
        "hand_back",
        "remind",
        "register",
        "decline",
    }


def test_two_rows_of_one_name_are_refused():
    row = Transition("go", frozenset({"a"}), "b", frozenset())
    with pytest.raises(ValueError, match="share a name"):
        StateMachine("x", None, initial="a", transitions=(row, row))


# --- each rule catches a planted violation ------------------------------------------------------


def light(*rows):
    return StateMachine("light", Light, initial="red", transitions=rows)


def row(name="go", sources=("red",), target="green", by=(Role.CLERK,), **more):
    return Transition(name, frozenset(sources), target, frozenset(by), **more)


def test_a_sound_table_is_left_alone():
    """A row may stay where it is, and belong to the calendar or to whoever holds the code."""
    assert unsound(light(row(), row("wait", target="", by=(), calendar=True))) == []
    assert unsound(light(row(by=(), holder=True))) == []


def test_a_planted_beginning_that_is_no_state_is_caught():
    rows = (row(sources=("blue", "red")), row("rouse", target="red", sources=("green",)))
    found = unsound(StateMachine("light", Light, initial="blue", transitions=rows))
    assert found == ["blue is no state", "go: blue is no state"]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([row("stay", target="")], ["green is not reached"]),
        ([row(sources=("green",))], ["green is not reached"]),
        ([row(), row("back", by=())], ["back has no owner"]),
        ([row(by=("stranger",))], ["go: stranger is no role"]),
        ([row(), row("fade", target="blue")], ["fade: blue is no state"]),
        ([row(sources=("red", "blue"))], ["go: blue is no state"]),
    ],
)
def test_a_planted_fault_of_a_table_is_caught(rows, found):
    assert unsound(light(*rows)) == found


def test_a_planted_stale_drawing_is_caught(tmp_path):
    fresh, old, missing = (tmp_path / name for name in ("fresh.md", "old.md", "missing.md"))
    fresh.write_text("as it is")
    old.write_text("as it was")
    assert stale(dict.fromkeys((fresh, old, missing), "as it is")) == ["old.md", "missing.md"]
