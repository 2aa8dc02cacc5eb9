"""Carrying out a visit: the door, the answers, the counts. Each is saved as it is given."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from facilities.models import StaffMember
from inspections.models import (
    ChecklistItem,
    HeadCount,
    Inspection,
    InspectionAnswer,
    StaffSample,
)
from inspections.models.choices import Access, AnswerValue
from inspections.queries import visits as queries
from inspections.rules import outcomes
from inspections.workflow import InspectionKind
from portal.core import attachments, clock
from portal.core.actors import Actor
from portal.core.files import IMAGES, Accepted
from portal.core.models import Attachment
from portal.core.queries import in_force
from portal.core.workflow import action, apply, lock, record

from .problems import NoSuchItem, NotYetShown
from .visits import refuse_beyond_cap, refuse_team, refuse_undelegated


@action
def start_inspection(
    inspection: Inspection,
    *,
    by: Actor,
    at: dt.datetime,
    latitude: Decimal | None = None,
    longitude: Decimal | None = None,
) -> Inspection:
    """The team is at the door; place and time are kept.

    Raises TeamRefused when a certificate has run out meanwhile or somebody has declared a tie,
    NotDelegated when the matter of an administrative inspection is not the street's any more,
    CapReached when it begins in another year than planned, and that year is full.
    """
    fresh: Inspection = lock(inspection)
    day = clock.day_of(at)
    team = [member.user for member in queries.team_of(fresh)]
    refuse_team(fresh, team, day)
    if fresh.kind == InspectionKind.ADMINISTRATIVE:
        refuse_undelegated(fresh.delegated, day)
    if fresh.counts_towards_cap and day.year != fresh.planned_on.year:
        refuse_beyond_cap(fresh.facility, day.year, but=fresh)
    columns: dict[str, Any] = {"started_at": at}
    if latitude is not None and longitude is not None:
        columns |= {"latitude": _degrees(latitude), "longitude": _degrees(longitude)}
    done: Inspection = apply(fresh, "start", by=by, at=at, sets=lambda _: columns)
    return done


def _degrees(value: Decimal) -> Decimal:
    return Decimal(value).quantize(Decimal("0.00001"))


@action
def record_access(  # ruff: ignore[too-many-arguments] - a door has that many sides
    inspection: Inspection,
    access: str,
    *,
    by: Actor,
    at: dt.datetime,
    note: str = "",
    certificate_shown: bool = False,
    attendant: str = "",
    attendant_post: str = "",
) -> Inspection:
    """What happened at the door. Whoever came in has shown who he is and told the rights.

    Raises NotYetShown when somebody came in without. Where nobody came in the visit is ended
    with `end_inspection`.
    """
    if access == Access.GRANTED and not certificate_shown:
        raise NotYetShown
    columns = {
        "access": Access(access).value,
        "access_note": note,
        "certificate_shown": certificate_shown,
        "attendant": attendant,
        "attendant_post": attendant_post,
    }
    done: Inspection = apply(
        inspection, "record", by=by, at=at, sets=lambda _: columns, access=access
    )
    return done


@action
def answer_item(  # ruff: ignore[too-many-arguments] - an answer has that many sides
    inspection: Inspection,
    item: ChecklistItem,
    value: str,
    *,
    by: Actor,
    at: dt.datetime,
    note: str = "",
    measured: str = "",
    token: uuid.UUID | None = None,
    given_at: dt.datetime | None = None,
) -> InspectionAnswer:
    """Keep the answer to one question; the same `token` again changes nothing.

    `given_at` is the time on the phone (never later than `at`): an answer from the queue does not
    overwrite one that was given after it. A short question that fails brings its long list along.
    Raises NoSuchItem, NotYetShown.
    """
    fresh = apply(inspection, "record", by=by, at=at, item=item.code, value=value)
    _refuse_before_access(fresh)
    _refuse_foreign(fresh, item)
    given = min(given_at or at, at)
    known = InspectionAnswer.objects.filter(inspection=fresh, item=item).first()
    if known and ((token and known.client_token == token) or known.given_at > given):
        return known
    answer = known or InspectionAnswer(inspection=fresh, item=item)
    answer.value, answer.note, answer.measured = AnswerValue(value).value, note, measured
    answer.client_token, answer.given_at, answer.saved_at = token, given, at
    answer.answered_by = by.somebody
    answer.save()
    if value == AnswerValue.FAIL:
        _bring_along(fresh, item)
    else:
        fresh.findings.filter(item=item, issued_on=None).delete()
    return answer


def _refuse_before_access(inspection: Inspection) -> None:
    if inspection.access != Access.GRANTED:
        raise NotYetShown


def _refuse_foreign(inspection: Inspection, item: ChecklistItem) -> None:
    own = item.version_id == inspection.checklist_id
    if not own and not inspection.extra_items.filter(pk=item.pk).exists():
        raise NoSuchItem(item.code)


def _bring_along(inspection: Inspection, item: ChecklistItem) -> None:
    """The list grows where a key question failed (prod:F9), by what is not on it in any version."""
    known = {each.code for each in queries.items_of(inspection)} if item.expands else set()
    missing = [code for code in item.expands if code not in known]
    if missing:
        inspection.extra_items.add(*queries.items_by_code(missing))


@action
def add_photo(
    inspection: Inspection, item: ChecklistItem, photo: Accepted, *, by: Actor, at: dt.datetime
) -> Attachment:
    """Keep one photo of a question; `sha256_received` of the answer is the receipt.

    The same picture for the same question is kept once. Raises NoSuchItem.
    """
    fresh = apply(inspection, "record", by=by, at=at, photo=item.code)
    _refuse_foreign(fresh, item)
    slot = queries.slot_of(item.code)
    same = Attachment.objects.of(fresh).present().filter(
        slot=slot, sha256_received=photo.sha256_received
    )  # fmt: skip
    if known := same.first():
        kept: Attachment = known
        return kept
    return attachments.attach(fresh, photo, slot=slot, by=by, at=at, accept=IMAGES)


@action
def remove_photo(
    inspection: Inspection, photo: Attachment, *, by: Actor, at: dt.datetime
) -> Attachment:
    """Take a photo of this visit back while it is being carried out."""
    fresh = apply(inspection, "record", by=by, at=at)
    own: Attachment = Attachment.objects.of(fresh).get(pk=photo.pk)
    return attachments.remove(own, by=by, at=at)


@action
def count_heads(
    inspection: Inspection,
    rows: Sequence[tuple[str, str, int, int]],
    *,
    by: Actor,
    at: dt.datetime,
) -> list[HeadCount]:
    """Keep what was counted: (class, kind of class, children, carers); takes the place of before.

    How many carers it takes is computed from the setting standard of the day.
    """
    fresh = apply(inspection, "record", by=by, at=at, classes=len(rows))
    _refuse_before_access(fresh)
    law = in_force(clock.day_of(at))
    fresh.head_counts.all().delete()
    counted = [outcomes.head_count(label, kind, children, carers, law)
               for label, kind, children, carers in rows]  # fmt: skip
    return HeadCount.objects.bulk_create(
        HeadCount(
            inspection=fresh, label=count.label, class_type=kind, children=count.children,
            carers=count.carers, needed=count.needed,
        )
        for count, (_label, kind, _children, _carers) in zip(counted, rows, strict=True)
    )  # fmt: skip


@action
def sample_staff(
    inspection: Inspection,
    member: StaffMember,
    *,
    is_in_order: bool,
    note: str = "",
    by: Actor,
    at: dt.datetime,
) -> StaffSample:
    """Keep that the papers of one person were looked at. Raises ValueError for another facility."""
    fresh = apply(inspection, "record", by=by, at=at)
    if member.facility_id != fresh.facility_id:
        raise ValueError("not a person of this facility")
    kept, _is_new = StaffSample.objects.update_or_create(
        inspection=fresh, member=member, defaults={"is_in_order": is_in_order, "note": note}
    )
    return kept


@action
def keep_remarks(inspection: Inspection, remarks: str, *, by: Actor, at: dt.datetime) -> Inspection:
    """Keep what is to be said about the visit as a whole."""
    done: Inspection = apply(
        inspection, "record", by=by, at=at, sets=lambda _: {"remarks": remarks}
    )
    return done


@action
def confirm_photos(
    inspection: Inspection, digests: Sequence[str], *, by: Actor, at: dt.datetime
) -> list[str]:
    """Which of these pictures (SHA-256 as sent) are safe here; the phone may drop its copies."""
    found = Attachment.objects.of(inspection).present().filter(sha256_received__in=list(digests))
    safe = sorted(set(found.values_list("sha256_received", flat=True)))
    record(inspection, "inspection.photos_confirmed", by=by, at=at, safe=len(safe))
    return safe
