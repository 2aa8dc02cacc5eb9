"""What goes besides the key: every word about a case that lies open, in letters and requests too.

The office wrote these words itself, so none is sealed; still a matter, a reference or the reason of
a tie may tell who complained. Numbers, days and counts stay, and a fingerprint of what went.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable

from complaints.models import Complaint, StatementRequest, StepKind
from facilities.models import Transfer
from portal.core import outbox
from portal.core.files import store
from portal.core.models import Attachment, OfficialPaper
from portal.core.papers import content

ERASED = "（已销毁）"


class Tally:
    """How much was destroyed, and one fingerprint over all of it, in order."""

    def __init__(self, *sealed: bytes | memoryview | None) -> None:
        self._sum = hashlib.sha256()
        self.files = self.papers = 0
        self.bytes(*sealed)

    def bytes(self, *parts: bytes | memoryview | None) -> None:
        """Sealed bytes as they lay in their columns."""
        for part in parts:
            self._sum.update(bytes(part or b""))

    def paper(self, *words: str) -> None:
        """A letter, request or report with its words."""
        self.papers += 1
        self._sum.update(json.dumps(words, ensure_ascii=False).encode())

    def file(self, key: str) -> None:
        """A file outside the database; what was lost before cannot keep the key alive."""
        self.files += 1
        if store.exists(key):
            self._sum.update(hashlib.sha256(store.read(key)).digest())

    @property
    def digest(self) -> str:
        """The fingerprint so far."""
        return self._sum.hexdigest()


def forget_words(complaint: Complaint, tally: Tally, at: dt.datetime) -> list[str]:
    """Overwrite the words that lie open; answers with the keys of the files that go with them."""
    gone: list[str] = []
    for statement in complaint.statements.order_by("number"):
        gone += _forget_statement(statement, tally)
    for letter in Transfer.objects.of(complaint).select_related("paper").order_by("sent_on", "id"):
        gone += _forget_letter(letter, tally, at)
    _forget_reports(complaint, tally)
    complaint.steps.filter(kind=StepKind.REPORTED).update(text="")
    complaint.reveals.update(reason=ERASED, refusal="")
    complaint.ties.update(reason=ERASED)
    return gone


def _forget_statement(statement: StatementRequest, tally: Tally) -> list[str]:
    """What the facility was asked and wrote; its number and days stay."""
    tally.paper(statement.summary, statement.answer, statement.refusal)
    gone = []
    for file in Attachment.objects.of(statement).order_by("id"):
        tally.file(file.storage_key)
        gone.append(file.storage_key)
        file.delete()
    statement.summary, statement.answer = ERASED, ERASED if statement.answer else ""
    statement.refusal = ERASED if statement.refusal else ""
    statement.save(update_fields=["summary", "answer", "refusal"])
    return gone


def _forget_letter(letter: Transfer, tally: Tally, at: dt.datetime) -> list[str]:
    """The letter to another authority and what it answered; its number stays in use."""
    tally.paper(letter.facts, letter.result, json.dumps(letter.paper.data, ensure_ascii=False))
    letter.facts, letter.result = ERASED, ERASED if letter.result else ""
    letter.save(update_fields=["facts", "result"])
    return _forget_paper(letter.paper, at)


def _forget_paper(paper: OfficialPaper, at: dt.datetime) -> list[str]:
    """Its content is what is drawn again: a sheet that says that the content was destroyed."""
    gone = [key for key in (paper.pdf_key, paper.png_key) if key]
    blocks = [content.paragraph("内容已按期销毁。")]
    paper.data = content.paper_data(act=paper.data["act"], blocks=blocks)
    paper.pdf_key = paper.pdf_sha256 = paper.png_key = None
    paper.save(update_fields=["data", "pdf_key", "pdf_sha256", "png_key"])
    key = f"paper.render:{paper.pk}:erased"
    outbox.post("paper.render", {"paper": str(paper.pk)}, dedup_key=key, at=at)
    return gone


def _forget_reports(complaint: Complaint, tally: Tally) -> None:
    """A reference may be the name of who took the call; organ and time stay."""
    for number, report in enumerate(complaint.reports.all(), 1):
        tally.paper(report.unit, report.reference)
        tally.bytes(report.note)
        report.unit, report.reference = ERASED, f"{ERASED}{number}"
        report.note = None
        report.save(update_fields=["unit", "reference", "note"])


def throw_away(keys: Iterable[str]) -> None:
    """Unlink them; gone already is fine."""
    for key in keys:
        store.delete(key)
