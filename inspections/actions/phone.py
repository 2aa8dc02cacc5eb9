"""What one screen of the phone gives at once: the answer to a question with what goes with it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from inspections.models import ChecklistItem, Inspection, InspectionAnswer
from inspections.models.choices import AnswerValue
from portal.core.actors import Actor
from portal.core.files import Accepted
from portal.core.workflow import action

from .carrying import add_photo, answer_item
from .noting import add_finding


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was given on the phone; `text` and what follows only where it fails."""

    value: str
    note: str = ""
    measured: str = ""
    text: str = ""
    requirement: str = ""
    severity: str = ""
    due_on: dt.date | None = None
    fixed_on_site: bool = False
    token: uuid.UUID | None = None
    given_at: dt.datetime | None = None


@action
def keep_question(
    inspection: Inspection,
    item: ChecklistItem,
    given: Given,
    *,
    by: Actor,
    at: dt.datetime,
    photos: Sequence[Accepted] = (),
) -> InspectionAnswer:
    """Keep the answer, its photos, and the finding where it fails; all of it or nothing.

    An answer that comes late from the queue changes nothing of what was given after it. Raises
    NoSuchItem, NotYetShown, DayNotAllowed.
    """
    kept = answer_item(
        inspection, item, given.value, by=by, at=at, note=given.note, measured=given.measured,
        token=given.token, given_at=given.given_at,
    )  # fmt: skip
    for photo in photos:
        add_photo(inspection, item, photo, by=by, at=at)
    if kept.client_token == given.token and kept.value == given.value == AnswerValue.FAIL:
        add_finding(
            inspection, given.text or item.text, by=by, at=at, item=item, severity=given.severity,
            requirement=given.requirement, due_on=given.due_on, fixed_on_site=given.fixed_on_site,
        )  # fmt: skip
    return kept
