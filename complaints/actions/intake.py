"""Taking a complaint in: from the public form, at the counter, on the phone, from 12345."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied

from complaints import queries, rules
from complaints.models import Channel, Complaint, ComplaintContact, Lane, StepKind
from complaints.queries import casework
from complaints.workflow import TAKERS
from facilities.models import Facility
from portal.core import clock, crypto, outbox, search
from portal.core.actors import Actor
from portal.core.files import Accepted
from portal.core.models import Community
from portal.core.queries import in_force, working_calendar
from portal.core.workflow import action, one_at_a_time, record

from .telling import tell
from .timeline import keep_file, step

TOLD = ("happened", "when", "wish", "place", "answers")
CONTACT = ("name", "phone", "times", "call_back")


class KnownOrder(Exception):
    """The work order of 12345 was entered before, by another form."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A complaint as it comes in. `told` and `contact` are sealed, the rest is known to lists."""

    category: str
    told: Mapping[str, Any]
    contact: Mapping[str, Any] | None = None
    facility: Facility | None = None
    community: Community | None = None
    channel: str = Channel.WEB
    external_number: str = ""
    external_due: dt.date | None = None
    files: Sequence[Accepted] = ()
    is_suspect: bool = False


def code_of(token: uuid.UUID) -> str:
    """The access code that belongs to a form's token; stored nowhere."""
    return rules.access_code(token.bytes, crypto.fingerprint_key("complaint.code"))


def submit_key(token: uuid.UUID) -> str:
    """What is stored of a form's token: enough to know it again, too little to tell the code."""
    return hashlib.sha256(b"complaint form" + token.bytes).hexdigest()


@action
def submit_complaint(
    given: Submission, *, by: Actor, at: dt.datetime, token: uuid.UUID
) -> tuple[Complaint, str]:
    """Store a complaint; answers with it and its access code.

    Sent twice with the same `token` it answers with the first one and the same code. In one
    transaction with it stand the audit line, the messages and the alarms: what is acknowledged
    is stored, and nobody acknowledged is without an alarm (sec:S1).
    """
    one_at_a_time(f"complaint:{submit_key(token)}")
    code = code_of(token)
    if made := Complaint.objects.filter(submit_key=submit_key(token)).first():
        return made, code
    complaint = _receive(given, token, code, by, at)
    tell_of_arrival(complaint, at)
    tell_of_spike([complaint], at)
    return complaint, code


def _receive(
    given: Submission, token: uuid.UUID, code: str, by: Actor, at: dt.datetime
) -> Complaint:
    """The case with its files, first step and audit line; nobody has been told yet."""
    complaint = _make(given, token, code, by, at)
    for file in given.files:
        keep_file(complaint, file, by=by, at=at)
    step(complaint, StepKind.RECEIVED, str(Channel(complaint.channel).label), by=by, at=at)
    record(complaint, "complaint.received", by=by, at=at, lane=complaint.lane,
           channel=complaint.channel)  # fmt: skip
    return complaint


@action
def take_complaint(
    given: Submission, *, by: Actor, at: dt.datetime, token: uuid.UUID
) -> tuple[Complaint, str]:
    """Type in what is said at the counter, on the phone or in a letter: the same case after.

    A work order of 12345 is entered once, by whoever comes first; KnownOrder for the other.
    """
    if not by.somebody.has_role(*TAKERS):
        raise PermissionDenied("complaint.take")
    if given.external_number:
        one_at_a_time(f"complaint order:{given.external_number}")
        if casework.is_another_order(given.external_number, submit_key(token)):
            raise KnownOrder(given.external_number)
    return submit_complaint(given, by=by, at=at, token=token)


@action
def take_hotline_orders(
    rows: Iterable[Submission], *, by: Actor, at: dt.datetime
) -> list[Complaint]:
    """Take over work orders of 12345 with their own due day; an order known already stays one.

    Who else complains about one of the facilities waits for the last step only: the alarms of
    several are counted when all is written, facility by facility in one order.
    """
    if not by.somebody.has_role(*TAKERS):
        raise PermissionDenied("complaint.take")
    made: list[Complaint] = []
    for row in rows:
        one_at_a_time(f"complaint order:{row.external_number}")
        if not Complaint.objects.filter(external_number=row.external_number).exists():
            token = uuid.uuid4()
            complaint = _receive(row, token, code_of(token), by, at)
            tell_of_arrival(complaint, at)
            made.append(complaint)
    about = [each for each in made if each.facility_id]
    about.sort(key=attrgetter("facility_id"))
    for _place, several in groupby(about, key=attrgetter("facility_id")):
        tell_of_spike(list(several), at)
    return made


def _make(given: Submission, token: uuid.UUID, code: str, by: Actor, at: dt.datetime) -> Complaint:
    day = clock.day_of(at)
    law, calendar = in_force(day), working_calendar()
    due = rules.due_days(day, given.category, law, calendar, given=given.external_due)
    community = given.community or (given.facility.community if given.facility else None)
    complaint = Complaint(
        number=_free_number(),
        code_hash=make_password(code),
        submit_key=submit_key(token),
        lane=rules.lane_of(given.category, law),
        category=given.category,
        severity=law.text("complaints.severity", given.category),
        channel=given.channel,
        external_number=given.external_number,
        external_due=given.external_due,
        facility=given.facility,
        community=community,
        is_named=bool(given.contact),
        is_suspect=given.is_suspect,
        received_on=day,
        respond_due=due.respond,
        finish_due=due.finish,
        created_by=by.user,
    )
    _seal(complaint, given.told)
    complaint.search_grams = grams_of(complaint)
    complaint.save(force_insert=True)
    if given.contact:
        _keep_contact(complaint, given.contact)
    return complaint


def _seal(complaint: Complaint, told: Mapping[str, Any]) -> None:
    complaint.make_key()
    kept = {name: told[name] for name in TOLD if told.get(name)}
    complaint.body = complaint.sealed(kept, "body")
    key = crypto.fingerprint_key("complaint.likeness")
    complaint.sketch = rules.sketch(str(told.get("happened", "")), key)
    complaint.sketch_bands = rules.bands(complaint.sketch)


def _keep_contact(complaint: Complaint, told: Mapping[str, Any]) -> None:
    contact = ComplaintContact(complaint=complaint)
    contact.make_key()
    kept = {name: told[name] for name in CONTACT if told.get(name)}
    contact.body = contact.sealed(kept, "contact")
    contact.save(force_insert=True)


def _free_number() -> str:
    """A number nobody has; the unique column has the last word."""
    found = iter(rules.complaint_number, "")
    return next(n for n in found if not Complaint.objects.filter(number=n).exists())


def grams_of(complaint: Complaint) -> list[str]:
    """What a search may find it by: the number, the facility, and what staff wrote (R10)."""
    facility = complaint.facility
    names = (facility.name, facility.short_name) if facility else ()
    return search.grams(
        complaint.number, complaint.external_number, complaint.title, complaint.summary, *names,
        spoken=names,
    )  # fmt: skip


def tell_of_spike(new: Sequence[Complaint], at: dt.datetime) -> None:
    """The ones that make it many about a facility in few days are told to those above too.

    `new` are about one facility or none; those of other lanes do not count. Counted one after the
    other: of two that come at once, neither would see the other. The act waits for nothing else
    after this.
    """
    day = clock.day_of(at)
    common = [each for each in new if each.facility and each.lane == Lane.NORMAL]
    if not common:
        return
    last = common[-1]
    one_at_a_time(f"complaint spike:{last.facility_id}")
    if queries.makes_spike(common, day, in_force(day)):
        people = queries.caseworkers_of(last, day) + queries.approvers_of(last, day)
        tell(people, last, "spike", at=at, once="once")


def tell_of_arrival(complaint: Complaint, at: dt.datetime) -> None:
    """The lane's people are told; a red case rings until somebody acknowledges it (R9)."""
    day = clock.day_of(at)
    people = queries.caseworkers_of(complaint, day)
    if complaint.lane != Lane.RED:
        tell(people, complaint, "new", at=at, once=f"arrived:{complaint.lane}:{day}")
        return
    # Each alarm rings, the second of a day too; where no duty person may see it, the widest circle.
    people = people or queries.escalation_people(complaint, day, "third")
    tell(people, complaint, "alarm", at=at, once=f"arrived:{at.isoformat()}")
    law = in_force(day)
    for level in law.table("complaints.escalation_minutes"):
        minutes = law.integer("complaints.escalation_minutes", level)
        outbox.post(
            "complaint.escalate",
            {"complaint": str(complaint.pk), "level": level},
            dedup_key=f"complaint.escalate:{complaint.pk}:{level}:{at.isoformat()}",
            at=at + dt.timedelta(minutes=minutes),
        )
