"""The gate every publication passes: scan, second person, trace. The ground's only writer of them.

Who may propose is decided by the act of the app that calls `propose_publication`; from then on the
table of `Publication` decides.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.db import models

from portal.core import clock, outbox, permissions
from portal.core.actors import Actor
from portal.core.models import AuditEvent, User, staff_with
from portal.core.models.publication import Publication, PublicationStatus, kinds, texts_of
from portal.core.queries import office, who_see
from portal.core.roles import Role
from portal.core.scanning import Finding, scan
from portal.core.workflow import action, apply, lock, one_at_a_time, record

Blocks = Sequence[Mapping[str, Any]]
_UNDECIDED: dict[str, Any] = {"decided_by": None, "decided_at": None, "decision_reason": ""}
_OPEN = (PublicationStatus.PROPOSED, PublicationStatus.HANDED_BACK)


class FindingsStand(Exception):
    """The text holds what must not be public, or hints nobody has put aside; carries them."""

    def __init__(self, findings: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(", ".join(found["key"] for found in findings))
        self.findings = tuple(findings)


class ContentChanged(Exception):
    """The text changed after the second person had read it."""


class NoLongerTrue(Exception):
    """What the text says of its noun does not hold any more."""


class NotRevisedHere(Exception):
    """The text is not changed at the gate: it is proposed anew where it comes from."""


class FindingIsCertain(Exception):
    """A certain finding is not put aside: the text is changed."""


def findings_in(title: str, body: Blocks, *, public_numbers: Sequence[str] = ()) -> list[Finding]:
    """What the scan says of a content; the page of a decision asks before anything is stored."""
    allowed = [*public_numbers, office()["phone"]]
    return list(scan(texts_of(title, list(body)), allowed=allowed))


def content_digest(title: str, body: Blocks) -> str:
    """The SHA-256 of a content, the same for the same words."""
    plain = json.dumps([title, list(body)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


@action
def propose_publication(  # ruff: ignore[too-many-arguments] - a publication has that many sides
    kind: str,
    noun: models.Model,
    *,
    title: str,
    body: Blocks,
    by: Actor,
    at: dt.datetime,
    proposer: User | None = None,
    party: str = "",
    public_numbers: Sequence[str] = (),
    display_days: int | None = None,
) -> Publication:
    """Put a text about `noun` before the second person; one open proposal a noun and kind.

    The same text proposed twice is proposed once; another text takes the place of the open one.
    `proposer` is the person whose proposal it is where that is not the person at the keyboard.
    `public_numbers` are telephone numbers that may stand in it, `display_days` how long it stands.
    """
    one_at_a_time(f"publication:{kind}:{noun.pk}")
    columns = {
        **_content(title, body, public_numbers),
        "party": party,
        "display_days": display_days,
        "proposed_by": proposer or by.somebody,
        "proposed_at": at,
        **_UNDECIDED,
    }
    earlier = Publication.objects.of(noun).filter(kind=kind)
    found = earlier.filter(state__in=_OPEN).first()
    made: Publication
    if found is None:
        newest = earlier.order_by("-version").first()
        if newest and _says_the_same(newest, columns):
            return cast("Publication", newest)
        version = newest.version + 1 if newest else 1
        made = Publication.objects.create(noun=noun, kind=kind, version=version, **columns)
    elif _says_the_same(made := lock(found), columns):
        return made
    else:
        made = apply(made, "revise", by=Actor.calendar(), at=at, sets=lambda _: columns)
    record(made, "publication.propose", by=by, at=at, kind=kind, version=made.version,
           proposer=made.proposed_by.audit_label, findings=len(made.findings))  # fmt: skip
    _tell_deciders(made, by, at)
    return made


@action
def revise_publication(
    publication: Publication, *, title: str, body: Blocks, by: Actor, at: dt.datetime
) -> Publication:
    """Change the text before it is public; who changes it proposes it.

    Raises NotRevisedHere for a kind that is proposed anew where it comes from.
    """
    if not publication.is_revised:
        raise NotRevisedHere(publication.kind)
    changed = _content(title, body, publication.public_numbers)
    columns = {**changed, "proposed_by": by.somebody, "proposed_at": at, **_UNDECIDED}
    made: Publication = apply(
        publication, "revise", by=by, at=at, sets=lambda _: columns,
        findings=len(changed["findings"]),
    )  # fmt: skip
    _tell_deciders(made, by, at)
    return made


@action
def put_aside(
    publication: Publication, key: str, reason: str, *, by: Actor, at: dt.datetime
) -> Publication:
    """Say why a hint is none; it is kept with the text. Certain findings are not put aside."""

    def with_reason(fresh: Publication) -> dict[str, Any]:
        found = [each for each in fresh.findings if each["key"] == key]
        if not found or found[0]["certain"]:
            raise FindingIsCertain(key)
        entry = {
            "key": key,
            "content": fresh.content_sha256,
            "reason": reason,
            "by": by.somebody.signature_label,
            "at": at.isoformat(),
        }
        return {"put_aside": [*fresh.put_aside, entry]}

    done: Publication = apply(
        publication, "set_aside", by=by, at=at, sets=with_reason, reason=reason, finding=key
    )
    return done


@action
def publish(publication: Publication, *, by: Actor, at: dt.datetime, seen: str = "") -> Publication:
    """The second person makes the text public; the version before it ends.

    Raises FindingsStand while the scan of this very text has something nobody has put aside, and
    ContentChanged when it is no longer the text whose digest was `seen`, NoLongerTrue when the
    noun is not any more what the text says.
    """
    one_at_a_time(f"publication:{publication.kind}:{publication.noun_id}")
    day = clock.day_of(at)

    def columns(fresh: Publication) -> dict[str, Any]:
        if seen and fresh.content_sha256 != seen:
            raise ContentChanged(fresh.content_sha256)
        if not _holds(fresh):
            raise NoLongerTrue(fresh.kind)
        if fresh.standing_findings:
            raise FindingsStand(fresh.standing_findings)
        days = fresh.display_days
        return {
            "decided_by": by.user,
            "decided_at": at,
            "decision_reason": "",
            "published_on": day,
            "until": day + dt.timedelta(days=days) if days else None,
        }

    before = _standing_version(publication)
    if before is not None and permissions.can(by.user, "publish", publication):
        apply(before, "replace", by=Actor.calendar(), at=at, version=before.version)
    done: Publication = apply(
        publication, "publish", by=by, at=at, sets=columns,
        kind=publication.kind, version=publication.version, content=publication.content_sha256,
    )  # fmt: skip
    if done.proposed_by_id != by.somebody.pk:
        outbox.notify([done.proposed_by], "publication.published", done, at=at, once="once")
    return done


@action
def hand_back_publication(
    publication: Publication, reason: str, *, by: Actor, at: dt.datetime
) -> Publication:
    """The second person returns the text, with a reason."""
    done: Publication = apply(
        publication, "hand_back", by=by, at=at, reason=reason,
        sets=lambda _: {"decision_reason": reason, "decided_by": by.user, "decided_at": at},
    )  # fmt: skip
    outbox.notify([done.proposed_by], "publication.handed_back", done, at=at, once=at.isoformat())
    return done


@action
def withdraw_publication(
    publication: Publication, reason: str, *, by: Actor, at: dt.datetime
) -> Publication:
    """Take a text back: its address says so, with day and reason, and nothing of the text."""
    columns = {
        "withdrawn_by": by.user,
        "withdrawn_at": at,
        "withdrawn_on": clock.day_of(at),
        "withdrawal_reason": reason,
    }
    done: Publication = apply(
        publication, "withdraw", by=by, at=at, sets=lambda _: columns, reason=reason,
        was_public=publication.published_on is not None,
    )  # fmt: skip
    return done


def open_or_standing(noun: models.Model, kind: str) -> list[Publication]:
    """The versions of a publication that are public or on their way: what an end must withdraw."""
    states = (*_OPEN, PublicationStatus.PUBLISHED)
    return list(Publication.objects.of(noun).filter(kind=kind, state__in=states))


def versions_of(publication: Publication) -> list[Publication]:
    """Every version about the same noun, the newest first."""
    same = Publication.objects.filter(
        noun_type=publication.noun_type, noun_id=publication.noun_id, kind=publication.kind
    )
    return list(same.order_by("-version"))


def log() -> models.QuerySet[AuditEvent]:
    """Every act on publications, the newest first."""
    return AuditEvent.objects.filter(object_type=Publication._meta.label).order_by("-seq")


def _says_the_same(earlier: Publication, columns: Mapping[str, Any]) -> bool:
    """Whether these very words wait for the second person already, or are public."""
    waits_or_stands = earlier.state in {PublicationStatus.PROPOSED, PublicationStatus.PUBLISHED}
    return waits_or_stands and earlier.content_sha256 == columns["content_sha256"]


def _holds(publication: Publication) -> bool:
    kind = kinds().get(publication.kind)
    return kind is None or kind.holds is None or kind.holds(publication.noun)


def _standing_version(publication: Publication) -> Publication | None:
    same = Publication.objects.filter(
        noun_type=publication.noun_type, noun_id=publication.noun_id, kind=publication.kind
    )
    return same.filter(state=PublicationStatus.PUBLISHED).exclude(pk=publication.pk).first()


def _content(title: str, body: Blocks, public_numbers: Sequence[str]) -> dict[str, Any]:
    """The columns that follow from the words."""
    found = findings_in(title, body, public_numbers=public_numbers)
    return {
        "title": title,
        "body": [dict(block) for block in body],
        "public_numbers": list(public_numbers),
        "content_sha256": content_digest(title, body),
        "findings": [_stored(each) for each in found],
    }


def _stored(finding: Finding) -> dict[str, Any]:
    return {
        "key": finding.key,
        "kind": str(finding.kind),
        "place": finding.place,
        "snippet": finding.snippet,
        "certain": finding.certain,
    }


def _tell_deciders(publication: Publication, by: Actor, at: dt.datetime) -> None:
    """Those who may decide on it: approvers, but for its proposer and who is deciding just now.

    Whoever keeps away from what it is about learns nothing of it.
    """
    people = staff_with(Role.APPROVER, clock.day_of(at)).exclude(pk=publication.proposed_by_id)
    if by.user:
        people = people.exclude(pk=by.user.pk)
    reached = who_see(publication.noun, people)
    outbox.notify(reached, "publication.proposed", publication, at=at, once=at.isoformat())
