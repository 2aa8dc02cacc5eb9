"""State machines written as tables: a transition is a row, and rows are all there is.

Nothing here touches a database. `portal.core.workflow.apply` is the only code that moves a noun
along a row; `docs/states` is drawn from the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


class TransitionNotOpen(Exception):
    """The noun is not in a state this transition starts from."""

    def __init__(self, noun: str, name: str, state: str) -> None:
        super().__init__(f"{noun}: cannot {name} from {state}")
        self.noun, self.name, self.state = noun, name, state


@dataclass(frozen=True, slots=True)
class Transition:
    """One act that moves a noun.

    `by` are the roles that hold the right by default (the grants table may differ later),
    `needs` the facts without which the act is refused, `other_than` the person columns of the
    noun whose holder may not perform it (two persons means two people, R5), `own` keeps it to the
    people whose noun it is (`noun.belongs_to(user)`), `calendar` allows it to happen
    with nobody at the keyboard, on its day or because it follows from another act, `holder`
    whoever has shown the noun's number and code (R24).
    """

    name: str
    sources: frozenset[str]
    target: str
    by: frozenset[str]
    needs: tuple[str, ...] = ()
    other_than: tuple[str, ...] = ()
    own: bool = False
    calendar: bool = False
    holder: bool = False


class StateMachine:
    """The states of one kind of noun and every transition between them."""

    def __init__(
        self, noun: str, states: Any, *, initial: str, transitions: tuple[Transition, ...]
    ) -> None:
        self.noun = noun
        self.states = states
        self.initial = initial
        self._rows = {row.name: row for row in transitions}
        if len(self._rows) != len(transitions):
            raise ValueError(f"{noun}: two transitions share a name")

    def __iter__(self) -> Iterator[Transition]:
        return iter(self._rows.values())

    def __getitem__(self, name: str) -> Transition:
        return self._rows[name]

    def right(self, name: str) -> str:
        """The right a role must hold for this transition: the transition's own full name."""
        return f"{self.noun}.{self[name].name}"

    def open_from(self, state: str) -> tuple[Transition, ...]:
        """Every transition that starts from `state`."""
        return tuple(row for row in self if state in row.sources)

    def check(self, state: str, name: str) -> Transition:
        """The row of `name`; raises TransitionNotOpen when `state` is not one of its sources."""
        row = self[name]
        if state not in row.sources:
            raise TransitionNotOpen(self.noun, name, state)
        return row

    def drawing(self) -> str:
        """The table as a mermaid diagram, for docs/states/."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        for row in self:
            lines += [
                f"    {source} --> {row.target or source}: {row.name}"
                for source in sorted(row.sources)
            ]
        finals = [s for s in self.states.values if not self.open_from(s)]
        lines += [f"    {state} --> [*]" for state in finals]
        return "\n".join(lines) + "\n"


_machines: dict[str, StateMachine] = {}


def register(machine: StateMachine) -> StateMachine:
    """Make a table known, so that grants, drawings and house tests find it without a list."""
    _machines[machine.noun] = machine
    return machine


def machines() -> dict[str, StateMachine]:
    """Every table of the project by noun; complete once the apps are loaded."""
    return dict(_machines)
