"""Two records of one facility become one: proposed by a clerk, decided by another person."""

from __future__ import annotations

import datetime as dt
import uuid

from django.core.exceptions import PermissionDenied

from facilities.models import Facility, FacilityMerge, Filing, StatutoryCheck, StatutoryFiling
from facilities.models.choices import FilingKind
from facilities.queries import merging as queries
from facilities.queries.merging import Obstacle
from facilities.workflow import (
    STATUTORY_ACTS,
    FilingStatus,
    OperatingStatus,
    RegistrationStatus,
)
from portal.core import clock, outbox, papers
from portal.core.actors import Actor
from portal.core.models import staff_with
from portal.core.roles import Role
from portal.core.workflow import action, apply, lock, one_at_a_time, record

from .closure import end_pause
from .disclosure import withdraw_registration

_SEEN = ("number", "filed_on", "reason", "public_link")
_LOOK = ("status", "checked_on", "checked_by")
_ENDED = "登记重复，档案已并入街道登记号{code}的机构"


class MergeRefused(Exception):
    """Something stands against it; carries what, in words for the person."""

    def __init__(self, why: Obstacle) -> None:
        super().__init__(why.value)
        self.why = why


def _both(source: Facility, target: Facility) -> tuple[Facility, Facility]:
    """The two rows, locked in one order; no change and no other merge of them begins meanwhile."""
    for key in sorted({str(source.pk), str(target.pk)}):
        one_at_a_time(f"life:{key}")
    rows = {pk: lock(Facility(pk=pk)) for pk in sorted({source.pk, target.pk})}
    return rows[source.pk], rows[target.pk]


@action
def propose_merge(
    source: Facility,
    target: Facility,
    reason: str,
    token: uuid.UUID,
    *,
    by: Actor,
    at: dt.datetime,
) -> FacilityMerge:
    """Ask that `source` become part of `target`; the same token answers with what it made before.

    Raises MergeRefused, PermissionDenied for somebody who does not review the ground of both.
    """
    source, target = _both(source, target)
    if made := FacilityMerge.objects.filter(submit_token=token).first():
        return made
    reach = by.somebody.reach(Role.CLERK)
    if reach is not None and not {source.community_id, target.community_id} <= set(reach):
        raise PermissionDenied("not a clerk of both grounds")
    if why := queries.obstacle(source, target):
        raise MergeRefused(why)
    if queries.open_merge(source):
        raise MergeRefused(Obstacle.PROPOSED)
    merge = FacilityMerge.objects.create(
        source=source,
        target=target,
        submit_token=token,
        reason=reason,
        proposed_by=by.somebody,
        proposed_at=at,
    )
    record(merge, "facilitymerge.propose", by=by, at=at, source=source.code, target=target.code)
    approvers = staff_with(Role.APPROVER, clock.day_of(at)).exclude(pk=by.somebody.pk)
    outbox.notify(approvers, "merge.proposed", merge, at=at, once="once")
    return merge


@action
def decline_merge(
    merge: FacilityMerge, reason: str, *, by: Actor, at: dt.datetime
) -> FacilityMerge:
    """Both records stay; the reason goes to whoever proposed it."""
    columns = {"decided_by": by.user, "decided_at": at, "decision_reason": reason}
    done: FacilityMerge = apply(
        merge, "decline", by=by, at=at, sets=lambda _: columns, reason=reason
    )
    outbox.notify([done.proposed_by], "merge.declined", done, at=at, once="once")
    return done


@action
def withdraw_merge(merge: FacilityMerge, *, by: Actor, at: dt.datetime) -> FacilityMerge:
    """Whoever proposed it takes it back before the decision."""
    done: FacilityMerge = apply(merge, "withdraw", by=by, at=at)
    return done


@action
def merge_facilities(merge: FacilityMerge, *, by: Actor, at: dt.datetime) -> FacilityMerge:
    """Make one record of two, in one transaction; the kept record's own facts stay as they are.

    Raises MergeRefused when something has come between since the proposal.
    """
    source, target = _both(merge.source, merge.target)
    filings = list(source.filings.order_by("id"))
    columns = {
        "decided_by": by.user,
        "decided_at": at,
        "moved_filings": [filing.pk for filing in filings],
    }
    done: FacilityMerge = apply(merge, "merge", by=by, at=at, sets=lambda _: columns)
    if why := queries.obstacle(source, target):
        raise MergeRefused(why)
    _end_publicity(source, target, by=by, at=at)
    _move_people(source, target, at=at)
    _move_papers(source, target, at=at)
    _move_filings(filings, target, at=at)
    _end_source(source, target, by=by, at=at)
    facts = {"merge": merge.pk, "filings": len(filings)}
    record(source, "facility.merged_away", by=by, at=at, target=target.code, **facts)
    record(target, "facility.merged_in", by=by, at=at, source=source.code, **facts)
    outbox.notify([done.proposed_by], "merge.done", done, at=at, once="once")
    return done


def _end_publicity(source: Facility, target: Facility, *, by: Actor, at: dt.datetime) -> None:
    """Receipts and the public notice of the source say where it went."""
    words = _ENDED.format(code=target.code)
    for paper in queries.standing_receipts(source):
        papers.withdraw(paper, words, by=by, at=at)
    withdraw_registration(source, words, by=Actor.calendar(), at=at)


def _move_people(source: Facility, target: Facility, *, at: dt.datetime) -> None:
    """Members and staff come over, nobody twice; codes of invitation end."""
    queries.moving_members(source, target).update(facility=target)
    source.memberships.filter(left_on=None).update(left_on=clock.day_of(at))
    source.invitations.filter(ended_at=None).update(ended_at=at)
    queries.moving_staff(source, target).update(facility=target)


def _move_papers(source: Facility, target: Facility, *, at: dt.datetime) -> None:
    """Certificates, hints and, where it is the better knowledge, the county's filing."""
    stay = list(queries.certificates_in_force(source, target).values_list("pk", flat=True))
    source.certificates.exclude(pk__in=stay).update(is_current=False)
    source.certificates.update(facility=target)
    source.leads.update(facility=target)
    if queries.takes_mirror(source, target):
        _take_mirror(source.statutory_filing, target.statutory_filing, at=at)


def _take_mirror(theirs: StatutoryFiling, ours: StatutoryFiling, *, at: dt.datetime) -> None:
    """What was seen of the source, as seen on its own day; the looks are copied (insert only)."""
    seen = {name: getattr(theirs, name) for name in (*_SEEN, "checked_on")}
    act = STATUTORY_ACTS[theirs.status]
    facts = {name: seen[name] for name in ours.machine[act].needs}
    apply(ours, act, by=Actor.calendar(), at=at, sets=lambda _: seen, **facts)
    for look in theirs.checks.order_by("id"):
        shown = {name: getattr(look, name) for name in (*_LOOK, *_SEEN)}
        StatutoryCheck.objects.create(mirror=ours, **shown)


def _move_filings(filings: list[Filing], target: Facility, *, at: dt.datetime) -> None:
    """What was filed stays readable with the kept record; a grant gives way to the kept one."""
    granted = {FilingKind.INITIAL, FilingKind.CHANGE}
    for filing in filings:
        if filing.state == FilingStatus.REGISTERED and filing.kind in granted:
            apply(filing, "supersede", by=Actor.calendar(), at=at, successor=target.code)
    Filing.objects.filter(pk__in=[filing.pk for filing in filings]).update(facility=target)


def _end_source(source: Facility, target: Facility, *, by: Actor, at: dt.datetime) -> None:
    end_pause(source, by=Actor.calendar(), at=at)
    source.merged_into = target
    source.registration = RegistrationStatus.CANCELLED
    source.operating = OperatingStatus.CLOSED
    source.vacancies = 0
    source.save(update_fields=["merged_into", "registration", "operating", "vacancies"])
