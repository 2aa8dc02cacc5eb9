"""Certificates, ties and delegated matters: what decides who may go and what may be ordered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from facilities.models import Facility
from inspections.models import DelegatedItem, EnforcementCertificate, InspectorTie
from inspections.queries import people as queries
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import User, staff_with
from portal.core.roles import Role
from portal.core.workflow import action, apply, lock, one_at_a_time, record

from .problems import MatterKnown, NotPutForward, NumberTaken, OwnTie

DELEGATED_FIELDS = (
    "code", "name", "basis", "penalty_basis", "source_number", "department", "valid_from",
    "valid_to",
)  # fmt: skip


@action
def enter_certificate(
    user: User, number: str, issuer: str, valid_from: dt.date, valid_until: dt.date,
    *, by: Actor, at: dt.datetime,
) -> EnforcementCertificate:  # fmt: skip
    """Write down a person's enforcement certificate; the same number twice is one.

    One that was taken back counts again when it is entered again. Raises NumberTaken for a number
    under which another person is known.
    """
    one_at_a_time(f"certificate:{number}")
    columns: dict[str, Any] = {
        "issuer": issuer, "valid_from": valid_from, "valid_until": valid_until,
        "revoked_on": None,
    }  # fmt: skip
    known = EnforcementCertificate.objects.filter(number=number).first()
    if known is not None and known.user_id != user.pk:
        raise NumberTaken
    if known is None:
        known = EnforcementCertificate(user=user, number=number, entered_by=by.somebody)
    for name, value in columns.items():
        setattr(known, name, value)
    known.save()
    record(known, "certificate.entered", by=by, at=at, until=str(valid_until))
    return known


@action
def revoke_certificate(
    certificate: EnforcementCertificate, *, by: Actor, at: dt.datetime
) -> EnforcementCertificate:
    """It was taken back; it counts no more from today on."""
    certificate = lock(certificate)
    if certificate.revoked_on is None:
        certificate.revoked_on = clock.day_of(at)
        certificate.save(update_fields=["revoked_on"])
        record(certificate, "certificate.revoked", by=by, at=at)
    return certificate


@action
def declare_tie(
    user: User, facility: Facility, kind: str, *, by: Actor, at: dt.datetime
) -> InspectorTie:
    """Somebody has a tie to a facility: he is neither drawn for it nor sent to it from now on.

    The visits there on which he is to go cannot begin with him: the clerks are told to send others.
    """
    one_at_a_time(f"tie:{user.pk}:{facility.pk}")
    standing = InspectorTie.objects.standing().filter(user=user, facility=facility).first()
    if standing is not None:
        return standing
    made = InspectorTie.objects.create(
        user=user, facility=facility, kind=kind, declared_by=by.somebody,
        declared_on=clock.day_of(at),
    )  # fmt: skip
    record(made, "tie.declared", by=by, at=at, kind=kind)
    clerks = staff_with(Role.CLERK, clock.day_of(at)).exclude(pk=by.somebody.pk)
    for visit in queries.visits_not_over(user, facility):
        outbox.notify(clerks, "inspection.tied", visit, at=at, once=str(made.pk))
    return made


@action
def end_tie(tie: InspectorTie, *, by: Actor, at: dt.datetime) -> InspectorTie:
    """The tie is over; another person than the one it keeps away says so. Raises OwnTie."""
    tie = lock(tie)
    if by.user is not None and tie.user_id == by.user.pk:
        raise OwnTie
    if tie.ended_on is None:
        tie.ended_on = clock.day_of(at)
        tie.save(update_fields=["ended_on"])
        record(tie, "tie.ended", by=by, at=at)
    return tie


@action
def propose_delegated(
    values: Mapping[str, Any], *, by: Actor, at: dt.datetime, item: DelegatedItem | None = None
) -> DelegatedItem:
    """Write down a delegated matter, or change one that waits; another person confirms it.

    Raises MatterKnown where another one bears code and first day.
    """
    columns = {name: values[name] for name in DELEGATED_FIELDS if name in values}
    columns["proposed_by"] = by.somebody
    _refuse_known(columns, item)
    if item is not None:
        changed: DelegatedItem = apply(item, "edit", by=by, at=at, sets=lambda _: columns)
        return changed
    made, is_new = DelegatedItem.objects.get_or_create(
        code=columns["code"], valid_from=columns["valid_from"], defaults=columns
    )
    if any(getattr(made, name) != value for name, value in columns.items()):
        raise MatterKnown
    if is_new:
        record(made, "delegateditem.propose", by=by, at=at, code=made.code)
    return made


def _refuse_known(columns: Mapping[str, Any], item: DelegatedItem | None) -> None:
    """A new one sent twice is the same; one that is changed does not become another."""
    if item is None or "code" not in columns:
        return
    one_at_a_time(f"delegated:{columns['code']}")
    same = DelegatedItem.objects.filter(code=columns["code"], valid_from=columns["valid_from"])
    if same.exclude(pk=item.pk).exists():
        raise MatterKnown


@action
def confirm_delegated(item: DelegatedItem, *, by: Actor, at: dt.datetime) -> DelegatedItem:
    """A second person has read the document: the matter counts from its first day.

    Raises NotPutForward for one that came with the portal and nobody here has read yet.
    """

    def columns(fresh: DelegatedItem) -> dict[str, Any]:
        if fresh.proposed_by_id is None:
            raise NotPutForward
        return {"confirmed_by": by.somebody, "confirmed_on": clock.day_of(at)}

    done: DelegatedItem = apply(item, "confirm", by=by, at=at, sets=columns)
    return done


@action
def end_delegated(item: DelegatedItem, reason: str, *, by: Actor, at: dt.datetime) -> DelegatedItem:
    """The matter is not the street's any more."""
    done: DelegatedItem = apply(
        item, "end", by=by, at=at, sets=lambda _: {"end_reason": reason}, reason=reason
    )
    return done
