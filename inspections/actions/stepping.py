"""What the acts share: recusal, a line of a finding's timeline, a word to whoever proposed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from facilities.models import Facility
from inspections.models import ChecklistVersion, Finding, FindingStep, Inspection, InspectionPlan
from inspections.queries import people as people_queries
from portal.core import outbox
from portal.core.actors import Actor
from portal.core.workflow import Setter, apply

from .problems import Tied


def refuse_tied(facility: Facility, by: Actor) -> None:
    """Raises Tied where the person has a standing tie to the facility: recusal is for all acts."""
    if by.user is not None and people_queries.ties_of([by.user.pk], facility):
        raise Tied


def decide(
    noun: Finding | Inspection,
    name: str,
    *,
    by: Actor,
    at: dt.datetime,
    sets: Setter | None = None,
    **facts: Any,
) -> Any:
    """`apply` for what the office decides about a facility: not by whoever is tied to it (Tied)."""
    refuse_tied(noun.facility, by)
    return apply(noun, name, by=by, at=at, sets=sets, **facts)


def step(
    finding: Finding,
    act: str,
    text: str = "",
    note: str = "",
    *,
    by: Actor,
    at: dt.datetime,
    internal: bool = False,
) -> FindingStep:
    """Add a line: what was done, in which words, by whom; internal ones stay in the office."""
    return FindingStep.objects.create(
        finding=finding, act=act, text=text, note=note, is_internal=internal,
        done_by=by.user, done_at=at,
    )  # fmt: skip


def tell_proposer(
    noun: ChecklistVersion | Inspection | InspectionPlan, kind: str, at: dt.datetime
) -> None:
    """The second person has decided: who put it forward hears of it."""
    people = [person for person in [noun.proposed_by] if person]
    outbox.notify(people, kind, noun, at=at, once=at.isoformat())
