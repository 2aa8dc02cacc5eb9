"""What the office does with a filing: take it, ask for corrections, propose, decide."""

from __future__ import annotations

import datetime as dt

from facilities import papers, queries, rules
from facilities.models import CorrectionItem, Facility, Filing, FilingSection
from facilities.models.choices import FilingKind, Proposal
from facilities.queries import life
from facilities.workflow import SectionStatus
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import staff_with
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role
from portal.core.workflow import FactMissing, action, apply, lock

from .change import enter_change
from .closure import enter_closure, make_way
from .disclosure import publish_registration
from .entering import enter_facility
from .freshness import list_version, proposal_version, unless_changed
from .verdicts import ask_for, settle, tell_handler


@action
def take_filing(filing: Filing, *, by: Actor, at: dt.datetime) -> Filing:
    """A clerk begins the review and becomes its handler."""
    taken: Filing = apply(filing, "take", by=by, at=at, sets=lambda _: {"handler": by.user})
    return taken


@action
def add_correction(
    filing: Filing, section: str, item: str, reason: str, *, by: Actor, at: dt.datetime
) -> CorrectionItem:
    """Put one thing on the list of corrections; nothing is sent yet. The same line counts once."""
    filing = apply(filing, "note", by=by, at=at, section=section)
    made = ask_for(filing, section, item, reason, by=by, at=at)
    settle(filing, section, item, reason, by=by, at=at)
    tell_handler(filing, by=by, at=at)
    return made


@action
def remove_correction(item: CorrectionItem, *, by: Actor, at: dt.datetime) -> None:
    """Take a line off the list before it is sent."""
    filing = apply(item.filing, "note", by=by, at=at, section=item.section)
    CorrectionItem.objects.filter(pk=item.pk, filing=filing, is_sent=False).delete()
    settle(filing, item.section, item.item, "", by=by, at=at)
    tell_handler(filing, by=by, at=at)


@action
def request_correction(
    filing: Filing, *, by: Actor, at: dt.datetime, seen: str | None = None
) -> Filing:
    """Send the one list of corrections: the clock stops, the named sections open again.

    Raises FactMissing when the list is empty, Changed when it is not the list that was `seen`.
    """
    fresh = lock(filing)
    items = list(queries.correction_list(fresh))
    unless_changed(seen, list_version(fresh, items))
    day = clock.day_of(at)
    law = in_force(day)
    due = rules.correction_due(day, law, working_calendar())
    filing = apply(
        filing,
        "request_correction",
        by=by,
        at=at,
        sets=lambda _: {"paused_on": day, "correction_due": due},
        items=items,
        count=len(items),
    )
    CorrectionItem.objects.filter(pk__in=[item.pk for item in items]).update(is_sent=True)
    FilingSection.objects.filter(filing=filing, key__in={item.section for item in items}).update(
        status=SectionStatus.FLAGGED
    )
    papers.issue_correction_notice(filing, items, law, by=by, at=at)
    people = life.people_of(filing)
    outbox.notify(people, "filing.correction", filing, at=at, once=str(filing.round))
    return filing


@action
def propose_decision(
    filing: Filing, proposal: str, reason: str, *, by: Actor, at: dt.datetime, unread: int = 0
) -> Filing:
    """The clerk proposes to register or to decline; another person decides (R5, R7).

    `unread`: how many sections and papers he left without a verdict, for the audit line.
    """
    if proposal == Proposal.DECLINE and not reason:
        raise FactMissing("a proposal to decline needs a reason")
    columns = {
        "proposal": proposal,
        "proposal_reason": reason,
        "proposed_by": by.user,
        "proposed_at": at,
    }
    filing = apply(
        filing, "propose", by=by, at=at, sets=lambda _: columns, proposal=proposal, unread=unread
    )
    approvers = staff_with(Role.APPROVER, clock.day_of(at)).exclude(pk=by.somebody.pk)
    outbox.notify(approvers, "filing.proposed", filing, at=at, once=at.isoformat())
    return filing


@action
def hand_back_filing(
    filing: Filing, reason: str, *, by: Actor, at: dt.datetime, seen: str | None = None
) -> Filing:
    """The approver returns the proposal to the clerk, with a reason; Changed as below."""
    unless_changed(seen, proposal_version(lock(filing)))
    filing = apply(
        filing,
        "hand_back",
        by=by,
        at=at,
        sets=lambda _: {"decision_reason": reason},
        reason=reason,
    )
    handler = filter(None, [filing.handler])
    outbox.notify(handler, "filing.handed_back", filing, at=at, once=at.isoformat())
    return filing


@action
def register_filing(
    filing: Filing, *, by: Actor, at: dt.datetime, seen: str | None = None
) -> Filing:
    """Another person registers the facility: it enters the register and gets its receipt.

    Raises AlreadyRegistered when its credit code stands in the register already and no granted
    closure makes way for it (a move), FactMissing when the clerk proposed to decline,
    Changed when another proposal was `seen`. A granted change or closure may raise NotInRegister:
    the facility was closed meanwhile.
    """
    fresh = lock(filing)
    unless_changed(seen, proposal_version(fresh))
    if fresh.proposal != Proposal.REGISTER:
        raise FactMissing("the clerk proposed to decline")
    filing = apply(
        filing,
        "register",
        by=by,
        at=at,
        sets=lambda fresh: {
            "facility": _enter(fresh, by=by, at=at),
            "decided_by": by.user,
            "decided_at": at,
            "decision_reason": "",
        },
    )
    papers.issue_receipt(filing, in_force(clock.day_of(at)), by=by, at=at)
    if filing.kind != FilingKind.CLOSURE:
        publish_registration(filing, by=by, at=at)
    outbox.notify(life.people_of(filing), "filing.registered", filing, at=at, once="once")
    return filing


def _enter(filing: Filing, *, by: Actor, at: dt.datetime) -> Facility:
    if filing.kind == FilingKind.CHANGE:
        return enter_change(filing, by=by, at=at)
    if filing.kind == FilingKind.CLOSURE:
        return enter_closure(filing, by=by, at=at)
    make_way(filing, by=by, at=at)
    return enter_facility(filing, at=at)


@action
def decline_filing(
    filing: Filing, reason: str, *, by: Actor, at: dt.datetime, seen: str | None = None
) -> Filing:
    """Another person declines the registration and says why; Changed as above."""
    fresh = lock(filing)
    unless_changed(seen, proposal_version(fresh))
    if fresh.proposal != Proposal.DECLINE:
        raise FactMissing("the clerk proposed to register")
    filing = apply(
        filing,
        "decline",
        by=by,
        at=at,
        sets=lambda _: {"decided_by": by.user, "decided_at": at, "decision_reason": reason},
        reason=reason,
    )
    papers.issue_decline_notice(filing, in_force(clock.day_of(at)), by=by, at=at)
    outbox.notify(life.people_of(filing), "filing.declined", filing, at=at, once="once")
    return filing
