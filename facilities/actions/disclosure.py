"""Notices of the register on their way through the publication gate."""

from __future__ import annotations

import datetime as dt

from facilities import papers
from facilities.models import Facility, Filing, Lead
from facilities.models.leads import (
    REFUSAL_NOTICE,
    REGISTRATION_NOTICE,
    UNREGISTERED_NOTICE,
    LeadOutcome,
)
from facilities.queries import notices
from facilities.workflow import FilingStatus
from portal.core import clock, permissions, publishing
from portal.core.actors import Actor
from portal.core.models import Publication
from portal.core.queries import in_force
from portal.core.workflow import FactMissing, action, apply

SEEN_AT_DECISION = "审定时已核对"


@action
def publish_registration(filing: Filing, *, by: Actor, at: dt.datetime) -> Publication:
    """Bring the notice of a registration before the public, as the same two persons decided it.

    Call it in the act that registers, or that registers a change: a change becomes the next
    version. Hints of the scan stood on the page of the decision and are put aside with that
    reason; while something certain stands, or where the second person does not hold the rights of
    the gate, the notice waits at the gate and nobody is held up.
    """
    if filing.facility is None or filing.proposed_by is None:
        raise ValueError("a notice needs a facility and the person who proposed it")
    _unname(filing.facility, at)
    facility = Facility.objects.select_related("community", "statutory_filing").get(
        pk=filing.facility.pk
    )
    made = publishing.propose_publication(
        REGISTRATION_NOTICE,
        facility,
        title=facility.name,
        body=notices.registration_notice(facility),
        by=by,
        at=at,
        proposer=filing.proposed_by,
        party=facility.code,
        public_numbers=[facility.public_phone],
    )
    return _published_at_once(made, by, at)


def _published_at_once(made: Publication, by: Actor, at: dt.datetime) -> Publication:
    wanted = ["publish", "set_aside"] if made.standing_findings else ["publish"]
    may = by.user is not None and all(permissions.can(by.user, act, made) for act in wanted)
    if not may or any(found["certain"] for found in made.findings):
        return made
    for found in made.standing_findings:
        made = publishing.put_aside(made, found["key"], SEEN_AT_DECISION, by=by, at=at)
    return publishing.publish(made, by=by, at=at)


@action
def propose_unregistered(lead: Lead, *, by: Actor, at: dt.datetime) -> Publication:
    """Ask that a place without registration be named; another person decides at the gate.

    Raises FactMissing unless somebody saw on site that children are looked after there.
    """
    if lead.outcome != LeadOutcome.CHILDCARE:
        raise FactMissing("only what was seen on site is proposed for publication")
    lead = apply(lead, "publish", by=by, at=at)
    day = clock.day_of(at)
    return publishing.propose_publication(
        UNREGISTERED_NOTICE,
        lead,
        title=lead.name,
        body=notices.unregistered_notice(lead, day),
        by=by,
        at=at,
        party=lead.party,
        display_days=in_force(day).integer("leads.publication_days"),
    )


@action
def propose_refusal(filing: Filing, *, by: Actor, at: dt.datetime) -> Publication:
    """Ask that a refusal be made public; another person decides at the gate (prod:B14)."""
    filing = apply(filing, "publish", by=by, at=at)
    law = in_force(clock.day_of(at))
    return publishing.propose_publication(
        REFUSAL_NOTICE,
        filing,
        title=filing.facility_name,
        body=papers.refusal_notice(filing, law),
        by=by,
        at=at,
        party=filing.party,
        display_days=law.integer("disclosure.refusal_days"),
    )


@action
def withdraw_unregistered(lead: Lead, reason: str, *, at: dt.datetime) -> int:
    """Take the naming of a place back once it is filed, passed on as settled, or no childcare.

    The naming follows what is known of the place; who acted need not hold the right to it.
    """
    found = publishing.open_or_standing(lead, UNREGISTERED_NOTICE)
    for publication in found:
        publishing.withdraw_publication(publication, reason, by=Actor.calendar(), at=at)
    return len(found)


def _unname(facility: Facility, at: dt.datetime) -> None:
    """What is registered is named neither as unregistered nor as refused any more."""
    for lead in Lead.objects.open().exclude(uscc="").filter(uscc=facility.uscc):
        withdraw_unregistered(lead, "已登记", at=at)
    for filing in Filing.objects.filter(state=FilingStatus.DECLINED, uscc=facility.uscc):
        for publication in publishing.open_or_standing(filing, REFUSAL_NOTICE):
            publishing.withdraw_publication(publication, "已登记", by=Actor.calendar(), at=at)


@action
def withdraw_registration(facility: Facility, reason: str, *, by: Actor, at: dt.datetime) -> int:
    """Take the notice of a registration back; call it in the act that ends the registration."""
    found = publishing.open_or_standing(facility, REGISTRATION_NOTICE)
    for publication in found:
        publishing.withdraw_publication(publication, reason, by=by, at=at)
    return len(found)
