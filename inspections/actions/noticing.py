"""The notice of an administrative inspection: given with the approval, anew with each change."""

from __future__ import annotations

import datetime as dt
from typing import cast

from inspections import papers
from inspections.models import Inspection, InspectionApproval
from inspections.workflow import InspectionKind
from portal.core.actors import Actor
from portal.core.models import User
from portal.core.papers import replace, withdraw


def give_notice(inspection: Inspection, *, by: Actor, at: dt.datetime) -> None:
    """Sheet and notice of an inspection that was approved just now, hence by somebody."""
    people = cast("User", inspection.proposed_by), cast("User", inspection.approved_by)
    approval = InspectionApproval.objects.create(
        inspection=inspection, proposed_by=people[0], approved_by=people[1], approved_at=at
    )
    papers.issue_sheet(approval, by=by, at=at)
    papers.issue_notice(inspection, by=by, at=at)


def give_notice_anew(inspection: Inspection, reason: str, *, by: Actor, at: dt.datetime) -> None:
    """Day or people changed after the approval: another notice takes the place of the first."""
    if inspection.kind != InspectionKind.ADMINISTRATIVE:
        return
    if before := papers.notice_of(inspection):
        replace(before, papers.issue_notice(inspection, by=by, at=at), reason, by=by, at=at)


def take_notice_back(inspection: Inspection, reason: str, *, by: Actor, at: dt.datetime) -> None:
    """The approval does not stand any more, nor does the notice that came with it."""
    if before := papers.notice_of(inspection):
        withdraw(before, reason, by=by, at=at)
