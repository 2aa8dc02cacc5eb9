"""The law kept in the browser: another text of a pack by two persons, figures read by two."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.core import outbox
from portal.core.actors import Actor
from portal.core.models import CitationCheck, PackProposal, RegulationPack, User
from portal.core.models.packs import LAW_KEEPERS
from portal.core.models.people import staff_with
from portal.core.regulation.loader import (
    DatedValue,
    PackData,
    PackError,
    load_text,
    parse_pack,
)
from portal.core.regulation.types import Citation, Plain
from portal.core.remembering import forget
from portal.core.roles import Role
from portal.core.staffing.codes import refuse_unless
from portal.core.workflow import action, apply, one_at_a_time, record

from .figures import shown

CHECKERS = frozenset({Role.CLERK, Role.APPROVER})


class Refused(Exception):
    """Why it cannot be, as a code the form words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def newest(key: str) -> RegulationPack | None:
    """The version in force of a pack."""
    return RegulationPack.objects.filter(key=key).order_by("-version").first()


def read(text: str, key: str, base: PackData) -> PackData:
    """The pack a text makes. Raises PackError: not readable, another pack, a figure gone.

    A figure that code asks for must stay; a value that was in force stays as it was, because
    decisions of that time read it. New values begin on a later day.
    """
    pack = parse_pack(load_text(text), origin=key)
    if pack.key != key:
        raise PackError(f"{key}: holds pack {pack.key!r}")
    for name, entry in base.entries.items():
        if name not in pack.entries:
            raise PackError(f"{key}: {name} is missing")
        if pack.entries[name].unit != entry.unit:
            raise PackError(f"{key}: {name} must keep its unit {entry.unit}")
        since = {dated.since for dated in pack.entries[name].values}
        if gone := [dated.since for dated in entry.values if dated.since not in since]:
            raise PackError(f"{key}: {name} must keep its value since {gone[0]}")
    return pack


def with_value(
    base: PackData, name: str, value: Plain, since: dt.date, citation: Citation
) -> PackData:
    """The pack in which a figure has another value from a day on; what was in force stays.

    Raises Refused: same (nothing changes), known (a value begins on that day or later).
    """
    entry = base.entries[name]
    newest_one = entry.values[-1]
    if (newest_one.value, newest_one.citation) == (value, citation):
        raise Refused("same")
    if since <= newest_one.since:
        raise Refused("known")
    changed = replace(entry, values=(*entry.values, DatedValue(since, value, citation)))
    return replace(base, entries={**base.entries, name: changed})


def differences(old: PackData, new: PackData) -> list[dict[str, Any]]:
    """What a reader compares: each value that was added or changed, old beside new."""
    return list(_differences(old, new))


def _differences(old: PackData, new: PackData) -> Iterator[dict[str, Any]]:
    for name, entry in new.entries.items():
        before = old.entries[name].values if name in old.entries else ()
        for dated in entry.values:
            if dated not in before:
                # What stood on that day until now: the same day's value, or the one before it.
                was = [each.value for each in before if each.since <= dated.since][-1:]
                key = f"{new.key}.{name}"
                yield {
                    "title": entry.title,
                    "name": name,
                    "since": dated.since,
                    "citation": dated.citation,
                    "old": shown(key, entry.unit, was[0]) if was else [],
                    "new": shown(key, entry.unit, dated.value),
                }


@action
def propose(
    base: RegulationPack, pack: PackData, reason: str, *, by: Actor, at: dt.datetime
) -> PackProposal:
    """Propose another text of a pack. Raises Refused: same, stale, proposed."""
    refuse_unless(by, *LAW_KEEPERS)
    one_at_a_time(f"pack:{base.key}")
    _refuse_unless_newest(base.key, base.version)
    if pack.digest == base.digest:
        raise Refused("same")
    try:
        with transaction.atomic():
            made = PackProposal.objects.create(
                key=base.key, base=base.version, title=pack.title, digest=pack.digest,
                content=json.dumps(pack.content, ensure_ascii=False), reason=reason,
                proposed_by=by.somebody, proposed_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise Refused("proposed") from None
    record(made, "packproposal.propose", by=by, at=at, key=base.key, base=base.version)
    people = User.objects.filter(pk__in=staff_with(Role.APPROVER, at.date()), is_active=True)
    outbox.notify(people.exclude(pk=by.somebody.pk), "pack.proposed", made, at=at, once="once")
    return made


def _refuse_unless_newest(key: str, version: int) -> None:
    now = newest(key)
    if now is None or now.version != version:
        raise Refused("stale")


@action
def publish(proposal: PackProposal, *, by: Actor, at: dt.datetime) -> RegulationPack:
    """The second person agrees: the text is the pack's next version. Raises Refused: stale."""
    one_at_a_time(f"pack:{proposal.key}")
    proposal = apply(proposal, "publish", by=by, at=at, sets=lambda _: _decided(by, at))
    _refuse_unless_newest(proposal.key, proposal.base)
    made = RegulationPack.objects.create(
        key=proposal.key, version=proposal.base + 1, title=proposal.title,
        content=proposal.content, digest=proposal.digest, source="edited", loaded_at=at,
        proposed_by=proposal.proposed_by, approved_by=by.somebody,
    )  # fmt: skip
    forget()
    record(made, "pack.published", by=by, at=at, key=made.key, version=made.version)
    return made


def _decided(by: Actor, at: dt.datetime, reason: str = "") -> Mapping[str, Any]:
    return {"decided_by": by.somebody, "decided_at": at, "decision_reason": reason}


@action
def decline(proposal: PackProposal, reason: str, *, by: Actor, at: dt.datetime) -> PackProposal:
    """The second person does not agree."""
    declined: PackProposal = apply(
        proposal, "decline", by=by, at=at, sets=lambda _: _decided(by, at, reason), reason=reason
    )
    return declined


@action
def withdraw(proposal: PackProposal, *, by: Actor, at: dt.datetime) -> PackProposal:
    """The proposer takes it back."""
    gone: PackProposal = apply(proposal, "withdraw", by=by, at=at)
    return gone


@action
def check_figure(key: str, since: dt.date, *, by: Actor, at: dt.datetime) -> CitationCheck:
    """Somebody has read the article behind a figure; with the second person it is printed (R30).

    Raises Refused: own, checked.
    """
    refuse_unless(by, *CHECKERS)
    one_at_a_time(f"citation:{key}:{since}")
    found = CitationCheck.objects.filter(figure_key=key, since=since).first()
    if found is None:
        found = CitationCheck.objects.create(
            figure_key=key, since=since, first_by=by.somebody, at=at
        )
    elif found.second_by_id:
        raise Refused("checked")
    elif found.first_by_id == by.somebody.pk:
        raise Refused("own")
    else:
        found.second_by, found.at = by.somebody, at
        found.save(update_fields=["second_by", "at"])
        forget()
    record(found, "citation.checked", by=by, at=at, key=key, since=since,
           second=bool(found.second_by_id))  # fmt: skip
    return found


@action
def uncheck_figure(key: str, since: dt.date, *, by: Actor, at: dt.datetime) -> bool:
    """A doubt: the article is not printed any more until two persons have read it anew."""
    if not by.somebody.has_role(*CHECKERS):
        raise PermissionDenied
    found = CitationCheck.objects.filter(figure_key=key, since=since).first()
    if found is None:
        return False
    record(found, "citation.unchecked", by=by, at=at, key=key, since=since)
    found.delete()
    forget()
    return True
