"""The outcome of a complaint as everybody reads it: month and kind, never day or words (R14)."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django.conf import settings
from django.utils import translation

from complaints import rules
from complaints.models import Complaint
from facilities.models import Facility
from portal.core.papers import content
from portal.core.regulation import Regulation


def may_be_shown(complaint: Complaint, law: Regulation) -> bool:
    """Whether the outcome of this case may stand on the page of its facility."""
    fits = rules.may_be_shown(complaint.category, complaint.result, law)
    if not fits or complaint.facility_id is None:
        return False
    return Facility.objects.public().filter(pk=complaint.facility_id).exists()


def notice(complaint: Complaint, text: str) -> list[dict[str, Any]]:
    """The text of the publication: kind, month of the decision, what was done."""
    with translation.override(settings.LANGUAGE_CODE):  # residents read it
        kind = str(complaint.get_category_display())
    decided = cast("dt.date", complaint.closed_on)
    month = f"{decided.year}年{decided.month}月"
    return [content.facts([("事项", kind), ("办结月份", month), ("处理结果", text)])]
