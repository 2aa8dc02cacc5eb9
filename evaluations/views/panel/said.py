"""What the facility says of itself: beside the scores, and beside an objection."""

from __future__ import annotations

from typing import Any

from evaluations.forms.items import plain
from evaluations.models import Evaluation
from evaluations.queries import facts, panel
from evaluations.workflow import SelfStatus
from facilities.queries.expiry import name_of
from portal.core.models import Attachment
from portal.core.pages import Request
from portal.core.queries import in_force


def self_said(request: Request, evaluation: Evaluation) -> dict[Any, dict[str, Any]]:
    """By indicator what the facility says of itself, with its files; constant in the items."""
    assessment = panel.assessment_of(evaluation)
    if assessment is None or assessment.state != SelfStatus.SUBMITTED:
        return {}
    items = list(assessment.items.all())
    papers = {each.pk: each for each in facts.documents_of(evaluation.facility_id)}
    law = in_force(request.today)
    files: dict[Any, list[Attachment]] = {}
    for file in Attachment.objects.filter(noun_id__in=[each.pk for each in items]).present():
        files.setdefault(file.noun_id, []).append(file)
    return {
        each.indicator_id: {
            "points": None if each.points is None else plain(each.points),
            "is_met": each.is_met,
            "text": each.text,
            "papers": [name_of("certificate", papers[pk].material, law)
                       for pk in each.certificates if pk in papers],
            "files": files.get(each.pk, []),
        }
        for each in items
    }  # fmt: skip
