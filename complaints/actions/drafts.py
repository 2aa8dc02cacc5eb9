"""Answers that are not sent yet: sealed with a key that only the writer's browser holds."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction

from complaints.models import ComplaintDraft, DraftFile
from portal.core import clock, crypto
from portal.core.files import Accepted, store
from portal.core.queries import in_force
from portal.core.workflow import action


class TooManyFiles(Exception):
    """As many files as may come with one complaint are there already."""


def new_key() -> str:
    """What the browser keeps: 32 random bytes."""
    return secrets.token_hex(32)


def _part(key: str, use: str) -> bytes:
    return hmac.new(key.encode(), f"complaint draft {use}".encode(), hashlib.sha256).digest()


def submit_token(key: str) -> uuid.UUID:
    """The token under which this draft is sent, however often."""
    return uuid.UUID(bytes=_part(key, "token")[:16])


def _name(key: str) -> str:
    return _part(key, "name").hex()


def draft_of(key: str, *, at: dt.datetime) -> dict[str, Any]:
    """The answers so far; {} where there are none (any more)."""
    draft = ComplaintDraft.objects.filter(fingerprint=_name(key), expires_at__gt=at).first()
    if draft is None:
        return {}
    plain = crypto.unseal_with(_part(key, "seal"), bytes(draft.body), draft.fingerprint)
    answers: dict[str, Any] = json.loads(plain)
    return answers


@action
def keep_draft(key: str, answers: Mapping[str, Any], *, at: dt.datetime) -> None:
    """Keep the answers of one screen beside those of the others."""
    name = _name(key)
    ComplaintDraft.objects.select_for_update().filter(fingerprint=name).first()
    merged = draft_of(key, at=at) | dict(answers)
    hours = in_force(clock.day_of(at)).integer("complaints.draft_hours")
    plain = json.dumps(merged, ensure_ascii=False).encode()
    ComplaintDraft.objects.update_or_create(
        fingerprint=name,
        defaults={
            "body": crypto.seal_with(_part(key, "seal"), plain, name),
            "expires_at": at + dt.timedelta(hours=hours),
        },
    )


def files_in(key: str) -> list[dict[str, Any]]:
    """The files of the draft: `id`, `name`, `media_type`, `size`."""
    rows = DraftFile.objects.filter(draft=_name(key)).order_by("number")
    return [{"id": row.pk, **_facts(key, row)} for row in rows]


def _facts(key: str, row: DraftFile) -> dict[str, Any]:
    plain = crypto.unseal_with(_part(key, "seal"), bytes(row.facts), str(row.pk))
    facts: dict[str, Any] = json.loads(plain)
    return facts


@action
def add_draft_file(key: str, file: Accepted, *, at: dt.datetime) -> DraftFile:
    """Keep a cleaned file with the draft; TooManyFiles beyond the number that may come."""
    keep_draft(key, {}, at=at)
    draft = ComplaintDraft.objects.select_for_update().get(pk=_name(key))
    count = draft.files.count()
    if count >= in_force(clock.day_of(at)).integer("complaints.files"):
        raise TooManyFiles
    made = DraftFile(draft=draft, number=count + 1)
    facts = {
        "name": file.display_name, "media_type": file.media_type, "size": file.size,
        "sha256": file.sha256_received, "extension": file.extension,
    }  # fmt: skip
    seal = _part(key, "seal")
    made.facts = crypto.seal_with(seal, json.dumps(facts).encode(), str(made.pk))
    made.storage_key = store.write_with_transaction(
        crypto.seal_with(seal, file.content, f"content:{made.pk}")
    )
    made.save(force_insert=True)
    return made


@action
def remove_draft_file(key: str, pk: uuid.UUID) -> None:
    """Take a file out again; gone already is fine."""
    for row in DraftFile.objects.filter(draft=_name(key), pk=pk):
        row.delete()
        _delete_for_good(row.storage_key)


def accepted_files(key: str) -> list[Accepted]:
    """All files of the draft, to be kept with the complaint."""
    return [_accepted(key, row) for row in DraftFile.objects.filter(draft=_name(key)).order_by(
        "number"
    )]  # fmt: skip


def _accepted(key: str, row: DraftFile) -> Accepted:
    facts = _facts(key, row)
    sealed = store.read(row.storage_key)
    content = crypto.unseal_with(_part(key, "seal"), sealed, f"content:{row.pk}")
    return Accepted(
        content=content, display_name=facts["name"], media_type=facts["media_type"],
        extension=facts["extension"], size_received=facts["size"],
        sha256_received=facts["sha256"], sha256_stored=hashlib.sha256(content).hexdigest(),
    )  # fmt: skip


@action
def drop_draft(key: str) -> None:
    """It was sent, or thrown away."""
    _drop(ComplaintDraft.objects.filter(pk=_name(key)))


@action
def forget_drafts(*, at: dt.datetime) -> int:
    """Nobody came back: the rows and the files go."""
    return _drop(ComplaintDraft.objects.filter(expires_at__lte=at))


def _drop(drafts: Any) -> int:
    keys = list(DraftFile.objects.filter(draft__in=drafts).values_list("storage_key", flat=True))
    count = drafts.count()
    drafts.delete()
    for key in keys:
        _delete_for_good(key)
    return int(count)


def _delete_for_good(key: str) -> None:
    """Once the rows are gone for good: a kill before that must not take the evidence along."""
    transaction.on_commit(partial(store.delete, key))
