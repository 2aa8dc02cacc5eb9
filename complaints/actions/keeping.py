"""How long it is kept: the legal hold, and the destruction of the keys (crypto-erasure)."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from complaints.models import Complaint, ComplaintContact, ErasureProof, StepKind
from portal.core import clock
from portal.core.actors import Actor
from portal.core.models import Outbox
from portal.core.workflow import action, apply, lock

from .forgetting import Tally, forget_words, throw_away
from .timeline import step


class Held(Exception):
    """A legal hold forbids the destruction."""


@action
def hold_complaint(complaint: Complaint, reason: str, *, by: Actor, at: dt.datetime) -> Complaint:
    """Nothing of the case is destroyed until another person lifts it; the first hold stands."""
    is_new = not lock(complaint).hold_by_id

    def columns(_: Complaint) -> dict[str, Any]:
        return {"hold_by": by.somebody, "hold_reason": reason} if is_new else {}

    complaint = apply(complaint, "hold", by=by, at=at, sets=columns, reason=reason)
    if is_new:
        step(complaint, StepKind.HOLD, "保留，不按期销毁", by=by, at=at)
    return complaint


@action
def lift_hold(complaint: Complaint, reason: str, *, by: Actor, at: dt.datetime) -> Complaint:
    """The hold ends; never by who set it."""
    columns = {"hold_by": None, "hold_reason": ""}
    complaint = apply(complaint, "lift_hold", by=by, at=at, sets=lambda _: columns, reason=reason)
    step(complaint, StepKind.HOLD, "解除保留", by=by, at=at)
    return complaint


@action
def erase_contact(complaint: Complaint, *, at: dt.datetime) -> ErasureProof | None:
    """Who complained can no longer be told by anybody; None where there was nothing (left)."""
    contact = ComplaintContact.objects.select_for_update().filter(complaint=complaint).first()
    complaint = apply(complaint, "erase_contact", by=Actor.calendar(), at=at, sets=_unheld)
    if contact is None:
        return None
    digest = hashlib.sha256(bytes(contact.data_key or b"") + bytes(contact.body or b""))
    contact.delete()
    step(complaint, StepKind.ERASED, "联系方式已销毁", by=Actor.calendar(), at=at)
    return ErasureProof.objects.create(
        complaint=complaint, is_contact_only=True, digest=digest.hexdigest(),
        done_on=clock.day_of(at),
    )  # fmt: skip


def _unheld(noun: Complaint) -> dict[str, Any]:
    """Checked under the lock: a hold that was set a moment ago counts."""
    if noun.hold_by_id:
        raise Held(noun.number)
    return {"contact_until": None}


@action
def erase_complaint(complaint: Complaint, *, at: dt.datetime) -> ErasureProof:
    """Destroy the key: text, messages, notes and files are unreadable here and in every backup.

    The words that lie open go as well: letters, requests, references (`forgetting`). What is left
    are the counts of the statistics and the proof: how much, when, and the fingerprint of it all.
    """
    day = clock.day_of(at)
    erase_contact(complaint, at=at)
    complaint = apply(complaint, "erase", by=Actor.calendar(), at=at, sets=_unheld)
    messages, tally = complaint.messages.count(), _destroy(complaint, at)
    _forget(complaint, day)
    proof = ErasureProof.objects.create(
        complaint=complaint, messages=messages, files=tally.files, papers=tally.papers,
        digest=tally.digest, done_on=day,
    )  # fmt: skip
    step_without_key(complaint, proof, at)
    return proof


def _destroy(complaint: Complaint, at: dt.datetime) -> Tally:
    """All that was sealed or written about it, counted into one fingerprint; files are unlinked."""
    tally = Tally(complaint.data_key, complaint.body)
    tally.bytes(*complaint.messages.values_list("body", flat=True))
    gone = list(complaint.files.exclude(storage_key="").values_list("storage_key", flat=True))
    for key in gone:
        tally.file(key)
    throw_away(gone + forget_words(complaint, tally, at))
    return tally


def _forget(complaint: Complaint, day: dt.date) -> None:
    complaint.messages.update(body=None)
    complaint.steps.update(note=None)
    complaint.files.update(facts=None, storage_key="")
    complaint.forget_key()
    complaint.body = complaint.reply = complaint.evidence = None
    complaint.sketch, complaint.sketch_bands = [], []
    complaint.title = complaint.summary = complaint.pause_reason = ""
    complaint.external_number = ""  # 12345 would know from it who called
    complaint.search_grams = []
    complaint.erased_on = day
    complaint.erase_after = None
    complaint.save()


def step_without_key(complaint: Complaint, proof: ErasureProof, at: dt.datetime) -> None:
    """The last line of the timeline: how much went, and its fingerprint."""
    words = (
        f"内容已销毁：往来 {proof.messages} 条，材料 {proof.files} 份，"
        f"文书和报告 {proof.papers} 份，指纹 {proof.digest}"
    )
    step(complaint, StepKind.ERASED, words, by=Actor.calendar(), at=at)


@action
def forget_deliveries(*, at: dt.datetime) -> int:
    """Delivered rows of the outbox hold exact times: they go once they are done (R10)."""
    done = Outbox.objects.exclude(done_at=None)
    ours = done.filter(kind__startswith="complaint.") | done.filter(
        kind="notify", payload__kind__startswith="complaint."
    )
    count, _kinds = ours.delete()
    return count
