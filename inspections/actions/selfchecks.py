"""What a facility checks itself every month, with the same lists."""

from __future__ import annotations

import datetime as dt

from facilities.models import Facility
from inspections.models import ChecklistItem, SelfCheck, SelfCheckAnswer
from inspections.models.choices import AnswerValue, Audience, RiskKind
from inspections.queries import selfchecks as queries
from inspections.queries import visits as visit_queries
from inspections.rules import deadlines
from inspections.rules.outcomes import ItemFacts, measured_short, unfinished
from inspections.workflow import Severity
from portal.core import attachments, clock, outbox
from portal.core.actors import Actor
from portal.core.files import IMAGES, Accepted
from portal.core.models import Attachment
from portal.core.queries import in_force
from portal.core.workflow import action, apply, one_at_a_time, record

from .problems import NoSuchItem, Unfinished
from .risk import record_risk_fact

PHOTO_MISSING = "photo_missing"


@action
def start_self_check(facility: Facility, *, by: Actor, at: dt.datetime) -> SelfCheck:
    """The check of this month; the one that was begun where there is one."""
    month = clock.day_of(at).replace(day=1)
    one_at_a_time(f"selfcheck:{facility.pk}:{month}")
    version = visit_queries.checklists_in_use(Audience.FACILITY).get()
    made, is_new = SelfCheck.objects.get_or_create(
        facility=facility, month=month, defaults={"checklist": version, "started_at": at}
    )
    if is_new:
        record(made, "selfcheck.start", by=by, at=at, month=str(month))
    return made


@action
def answer_self_check(  # ruff: ignore[too-many-arguments] - an answer has that many sides
    check: SelfCheck,
    item: ChecklistItem,
    value: str,
    *,
    by: Actor,
    at: dt.datetime,
    note: str = "",
    measured: str = "",
    photo: Accepted | None = None,
) -> SelfCheckAnswer:
    """Keep one answer, with a photo where it is asked for. Raises NoSuchItem."""
    fresh = apply(check, "record", by=by, at=at, item=item.code)
    if item.version_id != fresh.checklist_id:
        raise NoSuchItem(item.code)
    made, _is_new = SelfCheckAnswer.objects.update_or_create(
        check_of=fresh,
        item=item,
        defaults={
            "value": AnswerValue(value).value,
            "note": note,
            "measured": measured,
            "saved_at": at,
        },
    )
    if photo is not None:
        _keep_photo(fresh, item, photo, by, at)
    return made


def _keep_photo(
    check: SelfCheck, item: ChecklistItem, photo: Accepted, by: Actor, at: dt.datetime
) -> None:
    """The same picture for the same question is kept once."""
    slot = visit_queries.slot_of(item.code)
    same = Attachment.objects.of(check).present().filter(
        slot=slot, sha256_received=photo.sha256_received
    )  # fmt: skip
    if not same.exists():
        attachments.attach(check, photo, slot=slot, by=by, at=at, accept=IMAGES)


@action
def submit_self_check(check: SelfCheck, *, by: Actor, at: dt.datetime, note: str = "") -> SelfCheck:
    """Hand the month in. Raises Unfinished: each question needs an answer, some a photo."""
    law = in_force(clock.day_of(at))
    answers = {answer.item_id: answer for answer in check.answers.all()}
    items = list(check.checklist.items.all())
    facts = [_facts(item, answers.get(item.pk)) for item in items]
    shown = set(Attachment.objects.of(check).present().values_list("slot", flat=True))
    missing = unfinished(facts, law) + [
        (item.code, PHOTO_MISSING)
        for item in items
        if item.wants_photo and visit_queries.slot_of(item.code) not in shown
    ]
    if missing:
        raise Unfinished(missing)
    columns = {"submitted_by": by.somebody, "submitted_at": at, "note": note}
    done: SelfCheck = apply(check, "submit", by=by, at=at, sets=lambda _: columns)
    return done


def _facts(item: ChecklistItem, answer: SelfCheckAnswer | None) -> ItemFacts:
    if answer is None:
        return ItemFacts(item.code)
    low = bool(measured_short(answer.measured, item.measure_min))
    return ItemFacts(item.code, answer.value, has_finding=True, too_low=low)


@action
def remind_of_self_check(facility: Facility, *, at: dt.datetime) -> int:
    """Tell a facility that this month's check is still to be done; once a month."""
    month = clock.day_of(at).replace(day=1)
    people = visit_queries.operators_of(facility)
    return outbox.notify(people, "selfcheck.due", facility, at=at, once=str(month))


@action
def count_missed_self_check(facility: Facility, *, at: dt.datetime) -> int:
    """A month without a check counts for the risk class; once a month."""
    month = deadlines.add_months(clock.day_of(at).replace(day=1), -1)
    if queries.was_counted(facility, month):
        return 0
    record_risk_fact(
        facility, RiskKind.SELF_CHECK, Severity.MINOR, clock.day_of(at), None,
        by=Actor.calendar(), at=at, once=queries.missed(facility, month),
    )  # fmt: skip
    people = visit_queries.operators_of(facility)
    outbox.notify(people, "selfcheck.missed", facility, at=at, once=str(month))
    return 1
