"""What the acts share: a line of a finding's timeline, a word to whoever proposed."""

from __future__ import annotations

import datetime as dt

from inspections.models import ChecklistVersion, Finding, FindingStep, Inspection, InspectionPlan
from portal.core import outbox
from portal.core.actors import Actor


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
