"""The facility's own assessment and its plan for improvement."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict

from django.core.exceptions import PermissionDenied

from evaluations.models import ImprovementPlan, SelfAssessment, SelfItem
from evaluations.models.choices import RoundKind
from evaluations.queries import calendar, facts, indicators
from evaluations.queries import results as queries
from evaluations.workflow import RoundStatus
from portal.core import attachments, clock, outbox
from portal.core.actors import Actor
from portal.core.files import Accepted
from portal.core.models import Attachment, staff_with
from portal.core.roles import Role
from portal.core.workflow import action, apply

from .rounds import create_round, operators_of
from .scoring import PointsWrong, fits, require

EVIDENCE = "evidence"


class SelfTyped(TypedDict, total=False):
    """What was typed about one item; what is absent stays as it was."""

    points: Decimal | None
    is_met: bool | None
    text: str
    certificates: list[uuid.UUID]


class SelfChanged(Exception):
    """The assessment was saved elsewhere meanwhile."""


class SelfIncomplete(Exception):
    """Items without points; carries their codes."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = tuple(codes)


@action
def save_self_assessment(
    assessment: SelfAssessment,
    values: Mapping[str, SelfTyped],
    *,
    by: Actor,
    at: dt.datetime,
    version: int | None = None,
) -> SelfAssessment:
    """Keep what the facility says about these items; the rest stays. See `save_scores`.

    Papers of the register may be named as evidence; those of other facilities are left out.
    """
    round_ = require(
        assessment.evaluation.round, "edit", RoundStatus.SELF_ASSESSMENT, RoundStatus.SCORING
    )
    tree = indicators.tree_of(round_.indicator_set_id).by_code()
    wrong = [code for code, each in values.items() if not fits(tree.get(code), each.get("points"))]
    if wrong:
        raise PointsWrong(wrong)

    def columns(fresh: SelfAssessment) -> dict[str, Any]:
        if version is not None and version != fresh.version:
            raise SelfChanged
        return {"version": fresh.version + 1, "saved_at": at}

    made: SelfAssessment = apply(assessment, "edit", by=by, at=at, sets=columns, items=len(values))
    own = {each.pk for each in facts.documents_of(made.evaluation.facility_id)}
    for code, typed in values.items():
        kept: dict[str, Any] = dict(typed)
        if "certificates" in kept:
            kept["certificates"] = [pk for pk in kept["certificates"] if pk in own]
        SelfItem.objects.update_or_create(assessment=made, indicator=tree[code], defaults=kept)
    return made


@action
def attach_self_evidence(
    assessment: SelfAssessment, code: str, file: Accepted, *, by: Actor, at: dt.datetime
) -> Attachment:
    """A file as evidence for one item."""
    made = save_self_assessment(assessment, {code: {}}, by=by, at=at)
    item = SelfItem.objects.get(assessment=made, indicator__code=code)
    return attachments.attach(item, file, slot=EVIDENCE, by=by, at=at)


@action
def remove_self_evidence(
    assessment: SelfAssessment, file: Attachment, *, by: Actor, at: dt.datetime
) -> Attachment:
    """Take a file of the assessment back before it is handed in."""
    made: SelfAssessment = apply(assessment, "edit", by=by, at=at, items=0)
    if not SelfItem.objects.filter(assessment=made, pk=file.noun_id).exists():
        raise PermissionDenied("not a file of this assessment")
    return attachments.remove(file, by=by, at=at)


@action
def submit_self_assessment(
    assessment: SelfAssessment, signature: str, *, by: Actor, at: dt.datetime
) -> SelfAssessment:
    """Hand it in, signed; raises SelfIncomplete with the codes of items without points."""
    round_ = require(
        assessment.evaluation.round, "submit", RoundStatus.SELF_ASSESSMENT, RoundStatus.SCORING
    )
    missing = queries.self_missing(assessment, round_)
    if missing:
        raise SelfIncomplete(missing)
    columns = {"submitted_by": by.user, "submitted_at": at, "signature": signature}
    made: SelfAssessment = apply(assessment, "submit", by=by, at=at, sets=lambda _: columns)
    clerks = staff_with(Role.CLERK, clock.day_of(at))
    outbox.notify(clerks, "self.submitted", made.evaluation, at=at, once=at.isoformat())
    return made


@action
def reopen_self_assessment(
    assessment: SelfAssessment, reason: str, *, by: Actor, at: dt.datetime
) -> SelfAssessment:
    """The office lets the facility go on with it."""
    require(assessment.evaluation.round, "reopen", RoundStatus.SELF_ASSESSMENT, RoundStatus.SCORING)
    made: SelfAssessment = apply(assessment, "reopen", by=by, at=at, reason=reason)
    outbox.notify(
        operators_of(made.evaluation.facility), "self.reopened", made.evaluation, at=at,
        once=at.isoformat(), reason=reason,
    )  # fmt: skip
    return made


# --- after a C or D -------------------------------------------------------------------------------


@action
def submit_plan(
    plan: ImprovementPlan, measures: str, finish_on: dt.date, *, by: Actor, at: dt.datetime
) -> ImprovementPlan:
    """The facility says what it will do by when."""
    columns = {"measures": measures, "finish_on": finish_on, "submitted_by": by.user,
               "submitted_at": at, "return_reason": ""}  # fmt: skip
    made: ImprovementPlan = apply(
        plan, "submit", by=by, at=at, measures=measures, sets=lambda _: columns
    )
    clerks = staff_with(Role.CLERK, clock.day_of(at))
    outbox.notify(clerks, "plan.submitted", made, at=at, once=at.isoformat())
    return made


@action
def accept_plan(plan: ImprovementPlan, *, by: Actor, at: dt.datetime) -> ImprovementPlan:
    """The office takes note of the plan."""
    made: ImprovementPlan = apply(plan, "accept", by=by, at=at)
    outbox.notify(
        operators_of(made.evaluation.facility), "plan.accepted", made, at=at, once=at.isoformat()
    )
    return made


@action
def hand_back_plan(
    plan: ImprovementPlan, reason: str, *, by: Actor, at: dt.datetime
) -> ImprovementPlan:
    """The office wants the plan changed."""
    made: ImprovementPlan = apply(
        plan, "hand_back", by=by, at=at, reason=reason, sets=lambda _: {"return_reason": reason}
    )
    outbox.notify(
        operators_of(made.evaluation.facility), "plan.returned", made, at=at, once=at.isoformat(),
        reason=reason,
    )  # fmt: skip
    return made


@action
def ask_to_be_rated_again(
    plan: ImprovementPlan, results: str, *, by: Actor, at: dt.datetime
) -> ImprovementPlan:
    """The facility has improved and asks for a new rating; the setup of a round begins at once.

    Where one is under way for it already, that is the new rating.
    """
    columns = {"results": results, "done_on": clock.day_of(at)}
    made: ImprovementPlan = apply(
        plan, "ask_again", by=by, at=at, results=results, sets=lambda _: columns
    )
    facility = made.evaluation.facility
    again = calendar.round_of(facility) or create_round(
        f"{facility.name}再次评估", RoundKind.AGAIN, [facility],
        by=Actor.calendar(), at=at, occasion=f"again:{made.pk}",
    )  # fmt: skip
    made.again = again
    made.save(update_fields=["again"])
    clerks = staff_with(Role.CLERK, clock.day_of(at))
    outbox.notify(clerks, "plan.again", made, at=at, once="once")
    return made
