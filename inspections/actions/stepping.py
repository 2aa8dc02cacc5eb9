"""The timeline of a finding."""

from __future__ import annotations

import datetime as dt

from inspections.models import Finding, FindingStep
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
