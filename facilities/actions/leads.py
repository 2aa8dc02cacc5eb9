"""What the office does about a place that is not in the register: look, guide, pass on, close."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils import translation

from facilities import papers
from facilities.models import Department, Facility, Filing, Lead, LeadStep, Transfer
from facilities.models.leads import CloseReason, LeadOutcome, LeadSource
from facilities.queries import leads as queries
from facilities.rules import leads as rules
from facilities.workflow import LEAD_VERIFIERS, LeadStatus, RegistrationStatus
from portal.core import attachments, clock, outbox, search
from portal.core.actors import Actor
from portal.core.files import IMAGES, Accepted
from portal.core.identifiers import filing_number, normalise_uscc
from portal.core.models import Community, User, staff_with
from portal.core.papers.numbering import next_serial
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role
from portal.core.workflow import action, apply, one_at_a_time, record

from .departments import matter_of
from .disclosure import withdraw_unregistered

PHOTOS = "photos"
_TEXTS = ("name", "uscc", "address", "description")


@action
def start_lead(
    values: Mapping[str, Any],
    *,
    by: Actor,
    at: dt.datetime,
    token: uuid.UUID | None = None,
    photos: Sequence[Accepted] = (),
) -> Lead:
    """Note a hint: `source`, `name`, `community`, and `uscc`, `address`, `description`, a point.

    `source_key` (a case, a row of a list) or the `token` of a form makes a second call answer with
    the hint it made before. PermissionDenied outside the person's communities.
    """
    source_key = values.get("source_key", "")
    one_at_a_time(f"lead:{source_key or token}")
    same = Q(submit_token=token) if token else Q(pk__in=[])
    if source_key:
        same |= Q(source_key=source_key)
    if made := Lead.objects.filter(same).first():
        return made
    _may_enter(by, values.get("community"), values["source"])
    lead = _make(values, token or uuid.uuid4(), by, at)
    for photo in photos:
        attachments.attach(lead, photo, slot=PHOTOS, by=by, at=at, accept=IMAGES)
    record(lead, "lead.start", by=by, at=at, source=lead.source)
    outbox.notify(_whose_turn(lead, by, at), "lead.new", lead, at=at, once="once")
    return lead


def _whose_turn(lead: Lead, by: Actor, at: dt.datetime) -> list[User]:
    """Those who may go and look, but for the person who noted it; where nobody is left, clerks."""
    day, me = clock.day_of(at), by.somebody.pk
    looking = [person for person in queries.verifiers_of(lead, day) if person.pk != me]
    return looking or list(staff_with(Role.CLERK, day).exclude(pk=me))


def _make(values: Mapping[str, Any], token: uuid.UUID, by: Actor, at: dt.datetime) -> Lead:
    day = clock.day_of(at)
    law, source = in_force(day), values["source"]
    number = filing_number(
        day.year, next_serial("lead", day.year), law.text("leads.number_template")
    )
    community: Community | None = values.get("community")
    texts = {name: values.get(name, "") or "" for name in _TEXTS}
    texts["uscc"] = normalise_uscc(texts["uscc"])
    due = rules.lead_verify_due(
        day, law, working_calendar(), complained=source == LeadSource.COMPLAINT
    )
    return Lead.objects.create(
        number=number,
        submit_token=token,
        source=source,
        source_key=values.get("source_key", ""),
        community=community,
        **texts,
        latitude=_degrees(values.get("latitude")),
        longitude=_degrees(values.get("longitude")),
        reported_on=values.get("reported_on") or day,
        created_by=by.somebody,
        created_at=at,
        due_on=due,
        search_grams=search.grams(
            texts["name"], texts["address"], number, str(community or ""), spoken=(texts["name"],)
        ),
    )


def _degrees(value: Any) -> Decimal | None:
    return None if value in {None, ""} else Decimal(value).quantize(Decimal("0.00001"))


def _may_enter(by: Actor, community: Community | None, source: str) -> None:
    """Clerks and inspectors for the street, community workers for their own.

    Who deals with a complaint passes on the place it is about.
    """
    told = source == LeadSource.COMPLAINT
    if told and by.somebody.has_role(Role.HANDLER, Role.RED_LANE):
        return
    reach = by.somebody.reach(*LEAD_VERIFIERS)
    if reach is not None and (community is None or community.pk not in reach):
        raise PermissionDenied("not a community of this person")


@action
def start_leads_from_list(
    rows: Iterable[Mapping[str, Any]], *, by: Actor, at: dt.datetime
) -> list[Lead]:
    """A hint for each row of a national list that is missing here; returns those that are new.

    Each row has `name` and, where known, `uscc`, `address`, `community` (a Community or its slug).
    A row whose credit code (or, without one, whose name) stands in the register or came before
    makes nothing, so the same list may be given again.
    """
    communities = {each.slug: each for each in Community.objects.all()}
    cleaned = [_listed(row, communities) for row in rows]
    seen = set(Lead.objects.filter(
        source_key__in=[row["source_key"] for row in cleaned]
    ).values_list("source_key", flat=True))  # fmt: skip
    standing = Facility.objects.exclude(registration=RegistrationStatus.CANCELLED)
    seen |= {f"uscc:{code}" for code in standing.filter(
        uscc__in=[row["uscc"] for row in cleaned if row["uscc"]]
    ).values_list("uscc", flat=True)}  # fmt: skip
    seen |= {f"name:{name}" for name in standing.filter(
        name__in=[row["name"] for row in cleaned if not row["uscc"]]
    ).values_list("name", flat=True)}  # fmt: skip
    made = []
    for row in cleaned:
        if row["name"] and row["source_key"] not in seen:
            seen.add(row["source_key"])
            made.append(start_lead(row, by=by, at=at))
    return made


def _listed(row: Mapping[str, Any], communities: Mapping[str, Community]) -> dict[str, Any]:
    uscc, name = normalise_uscc(row.get("uscc") or ""), str(row.get("name") or "").strip()
    community = row.get("community")
    if isinstance(community, str):
        community = communities.get(community)
    return {
        "source": LeadSource.COMPARISON,
        "source_key": f"uscc:{uscc}" if uscc else f"name:{name[:70]}",
        "name": name[:100],
        "uscc": uscc[:18],
        "address": str(row.get("address") or "").strip()[:200],
        "community": community,
    }


@action
def verify_lead(
    lead: Lead,
    outcome: str,
    note: str,
    *,
    by: Actor,
    at: dt.datetime,
    uscc: str = "",
    photos: Sequence[Accepted] = (),
) -> Lead:
    """Write down what was seen on site; unclear ones are looked at again."""
    day = clock.day_of(at)
    law, calendar = in_force(day), working_calendar()
    unclear = outcome == LeadOutcome.UNCLEAR
    due = (
        rules.lead_verify_due(day, law, calendar)
        if unclear
        else rules.lead_decide_due(day, law, calendar)
    )
    columns: dict[str, Any] = {"outcome": outcome, "due_on": due}
    if uscc:
        columns["uscc"] = normalise_uscc(uscc)
    lead = apply(lead, "verify", by=by, at=at, sets=lambda _: columns, outcome=outcome)
    for photo in photos:
        attachments.attach(lead, photo, slot=PHOTOS, by=by, at=at, accept=IMAGES)
    _step(lead, "verify", outcome, note, by=by, at=at)
    if outcome != LeadOutcome.CHILDCARE:
        with translation.override(settings.LANGUAGE_CODE):  # residents read it
            withdraw_unregistered(lead, str(LeadOutcome(outcome).label), at=at)
    clerks = staff_with(Role.CLERK, day).exclude(pk=by.somebody.pk)
    outbox.notify(clerks, "lead.verified", lead, at=at, once=at.isoformat())
    return lead


@action
def guide_lead(lead: Lead, note: str, *, by: Actor, at: dt.datetime) -> Lead:
    """The place was told how to report itself, and by when."""
    day = clock.day_of(at)
    due = rules.lead_guide_due(day, in_force(day), working_calendar())
    lead = apply(
        lead, "guide", by=by, at=at, sets=lambda _: {"guide_due": due, "due_on": due}, due=due
    )
    _step(lead, "guide", due.isoformat(), note, by=by, at=at)
    return lead


@action
def transfer_lead(
    lead: Lead, department: Department, facts: str, *, by: Actor, at: dt.datetime
) -> Transfer:
    """Send the letter that hands the matter over; its number, days and reminder follow.

    Raises NotAnswering for a department to which nothing is handed on that day.
    """
    day = clock.day_of(at)
    matter = matter_of(department, day)
    law, calendar = in_force(day), working_calendar()
    due = rules.transfer_due(day, law, calendar)
    lead = apply(
        lead, "transfer", by=by, at=at, sets=lambda _: {"due_on": due}, department=department.slug
    )
    paper = papers.issue_transfer_letter(lead, department, matter, facts, due, by=by, at=at)
    made = Transfer.objects.create(
        noun=lead,
        party=lead.party,
        department=department,
        matter=matter,
        facts=facts,
        paper=paper,
        number=paper.number,
        sent_by=by.somebody,
        sent_on=day,
        remind_on=rules.transfer_reminder(day, law, calendar),
        due_on=due,
    )
    record(made, "transfer.send", by=by, at=at, department=department.slug, number=paper.number)
    _step(lead, "transfer", f"{department.name} {paper.number}", by=by, at=at)
    return made


@action
def acknowledge_transfer(
    transfer: Transfer, on: dt.date, *, by: Actor, at: dt.datetime
) -> Transfer:
    """The other authority has confirmed the letter."""
    done: Transfer = apply(transfer, "acknowledge", by=by, at=at, sets=lambda _: {"receipt_on": on})
    return done


@action
def answer_transfer(
    transfer: Transfer, on: dt.date, result: str, *, by: Actor, at: dt.datetime
) -> Transfer:
    """The other authority has told what it found or did."""
    columns = {"answered_on": on, "result": result}
    done: Transfer = apply(transfer, "answer", by=by, at=at, sets=lambda _: columns, result=result)
    return done


@action
def link_lead(
    lead: Lead, facility: Facility | None, filing: Filing | None, *, by: Actor, at: dt.datetime
) -> Lead:
    """The place has reported itself (or stood in the register already)."""
    known = facility.code if facility else filing.number if filing else ""
    lead = apply(
        lead,
        "link",
        by=by,
        at=at,
        sets=lambda _: {"facility": facility, "filing": filing, "due_on": None},
        known=known,
    )
    _step(lead, "link", known, by=by, at=at)
    withdraw_unregistered(lead, "已报送登记", at=at)
    return lead


@action
def close_lead(lead: Lead, reason: str, note: str, *, by: Actor, at: dt.datetime) -> Lead:
    """Nothing more is needed, for this reason."""
    columns = {"close_reason": reason, "due_on": None}
    lead = apply(lead, "close", by=by, at=at, sets=lambda _: columns, reason=reason)
    _step(lead, "close", reason, note, by=by, at=at)
    with translation.override(settings.LANGUAGE_CODE):  # residents read it
        words = str(CloseReason(reason).label)
    withdraw_unregistered(lead, words, at=at)
    return lead


@action
def reopen_lead(lead: Lead, reason: str, *, by: Actor, at: dt.datetime) -> Lead:
    """New word of a place that was done with: it is looked at again."""
    day = clock.day_of(at)
    due = rules.lead_verify_due(day, in_force(day), working_calendar())
    columns = {
        "due_on": due, "outcome": "", "close_reason": "", "facility": None, "filing": None,
    }  # fmt: skip
    lead = apply(lead, "reopen", by=by, at=at, sets=lambda _: columns, reason=reason)
    _step(lead, "reopen", "", reason, by=by, at=at)
    withdraw_unregistered(lead, "需要重新核实", at=at)
    return lead


@action
def remind_about_lead(lead: Lead, *, at: dt.datetime) -> int:
    """Tell whose move it is that the step is due; once a state and day, again when it is late."""
    day = clock.day_of(at)
    is_late = lead.due_on is not None and lead.due_on < day
    looks = lead.state == LeadStatus.NEW
    people = queries.verifiers_of(lead, day) if looks else list(staff_with(Role.CLERK, day))
    kind = "lead.overdue" if is_late else "lead.due_soon"
    once = f"{lead.state}:{lead.due_on}"
    return outbox.notify(people, kind, lead, at=at, once=once, due=lead.due_on)


@action
def remind_about_transfer(transfer: Transfer, *, at: dt.datetime) -> int:
    """Tell the sender that no feedback has come; once a letter."""
    people = [transfer.sent_by]
    return outbox.notify(
        people, "transfer.waiting", transfer, at=at, once=str(transfer.remind_on),
        due=transfer.due_on,
    )  # fmt: skip


def _step(lead: Lead, act: str, text: str, note: str = "", *, by: Actor, at: dt.datetime) -> None:
    LeadStep.objects.create(
        lead=lead, act=act, text=text, note=note, done_by=by.somebody, done_at=at
    )
