"""What came of an upheld complaint, for everybody to read: proposed here, decided at the gate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, cast

from complaints.models import Complaint, StepKind
from complaints.models.case import OUTCOME
from complaints.queries import outcomes
from facilities.models import Facility
from portal.core import clock, publishing
from portal.core.actors import Actor
from portal.core.models import Publication
from portal.core.queries import in_force
from portal.core.workflow import action, apply

from .statements import refuse_too_close
from .timeline import step


class NotToBeShown(Exception):
    """Not upheld, of a kind that is never shown, or about no facility of the register (R14)."""


@action
def propose_outcome(complaint: Complaint, text: str, *, by: Actor, at: dt.datetime) -> Publication:
    """Ask that the outcome stand on the facility's page; a second person decides at the gate.

    Raises NotToBeShown, and TooClose where the text repeats the complainant's own words.
    """
    day = clock.day_of(at)
    law = in_force(day)

    def checked(noun: Complaint) -> Mapping[str, Any]:
        if not outcomes.may_be_shown(noun, law):
            raise NotToBeShown(noun.number)
        refuse_too_close(noun, text, day)
        return {}

    fresh: Complaint = apply(complaint, "propose_outcome", by=by, at=at, sets=checked)
    facility = cast("Facility", fresh.facility)
    made: Publication = publishing.propose_publication(
        OUTCOME,
        fresh,
        title=f"{facility.name} 投诉处理结果",
        body=outcomes.notice(fresh, text),
        by=by,
        at=at,
        party=facility.code,
        public_numbers=[facility.public_phone],
        display_days=law.integer("complaints.outcome_days"),
    )
    if made.proposed_at == at:  # the same text sent twice is proposed once
        step(fresh, StepKind.OUTCOME, by=by, at=at)
    return made
