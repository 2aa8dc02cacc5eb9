"""Lines of the timeline, messages and files of a case; numbered under the lock of the case."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Max

from complaints.models import CaseStep, Complaint, ComplaintFile, ComplaintMessage
from portal.core import clock
from portal.core.actors import Actor
from portal.core.files import Accepted, store
from portal.core.workflow import record

MOST_NOTE = 2000


def next_seq(rows: Any) -> int:
    """The next place in the order; the caller holds the lock of the case."""
    return int(rows.aggregate(last=Max("seq"))["last"] or 0) + 1


def step(
    complaint: Complaint, kind: str, text: str = "", note: str = "", *, by: Actor, at: dt.datetime
) -> CaseStep:
    """A line of the timeline: `text` names references only, `note` is sealed."""
    made = CaseStep(
        complaint=complaint, kind=kind, text=text[:200], done_by=by.user,
        seq=next_seq(complaint.steps), on_day=clock.day_of(at),
    )  # fmt: skip
    if note:
        made.note = complaint.sealed(note[:MOST_NOTE], f"step:{made.pk}")
    made.save(force_insert=True)
    return made


def is_said(complaint: Complaint, text: str, *, from_office: bool, at: dt.datetime) -> bool:
    """Whether the last word is this one, of today: a form that was sent twice says it once."""
    last = complaint.messages.order_by("-seq").first()
    if last is None or last.from_office != from_office or last.on_day != clock.day_of(at):
        return False
    last.complaint = complaint
    return bool(last.text == text)


def message(
    complaint: Complaint, kind: str, text: str, *, from_office: bool, by: Actor, at: dt.datetime
) -> ComplaintMessage:
    """A message of the office (signed by the office, not by a person) or of the complainant."""
    made = ComplaintMessage(
        complaint=complaint, kind=kind, from_office=from_office,
        written_by=by.user if from_office else None,
        seq=next_seq(complaint.messages), on_day=clock.day_of(at),
    )  # fmt: skip
    made.body = complaint.sealed(text, f"message:{made.pk}")
    made.save(force_insert=True)
    return made


def unknown_files(
    complaint: Complaint, files: Sequence[Accepted], *, from_office: bool
) -> list[Accepted]:
    """Those the case does not hold from this side: a form that was sent twice brings none.

    Compared as they came; the caller holds the lock of the case.
    """
    if not files:
        return []
    known = set()
    for row in complaint.files.filter(from_office=from_office):
        row.complaint = complaint
        known.add(row.told.get("sha256"))
    return [file for file in files if file.sha256_received not in known]


def keep_file(
    complaint: Complaint, file: Accepted, *, by: Actor, at: dt.datetime, from_office: bool = False
) -> ComplaintFile:
    """Seal a cleaned file with the case's key and put it away under a random name."""
    made = ComplaintFile(
        id=uuid.uuid4(), complaint=complaint, from_office=from_office,
        media_type=file.media_type, size=file.size,
        seq=next_seq(complaint.files), on_day=clock.day_of(at),
    )  # fmt: skip
    place = f"file:{made.pk}"
    facts = {"name": file.display_name, "sha256": file.sha256_received}
    made.facts = complaint.sealed(facts, place)
    made.storage_key = store.write_with_transaction(
        complaint.sealed_bytes(file.content, f"content:{made.pk}")
    )
    made.save(force_insert=True)
    record(complaint, "complaint.file_added", by=by, at=at, file=made.pk)
    return made
