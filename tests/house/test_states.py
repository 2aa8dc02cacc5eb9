"""Every table is sound and drawn."""

import pytest

from portal.core.management.commands.draw_states import drawings
from portal.core.roles import Role
from portal.core.statemachine import StateMachine, Transition, TransitionNotOpen, machines


@pytest.mark.parametrize("machine", machines().values(), ids=lambda m: m.noun)
def test_every_state_is_reached_and_every_transition_has_an_owner(machine):
    reached = {machine.initial} | {row.target for row in machine if row.target}
    assert reached == set(machine.states.values)
    for row in machine:
        assert row.by <= set(Role), row.name
        assert row.by or row.calendar or row.holder, row.name
        assert row.sources <= set(machine.states.values), row.name


def test_there_are_tables():
    assert "filing" in machines()


def test_the_drawings_are_fresh():
    for path, text in drawings().items():
        assert path.exists(), f"run manage.py draw_states: {path.name}"
        assert path.read_text() == text, f"run manage.py draw_states: {path.name} is stale"


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
