"""What the phone asks on site, and what the facility's own pages list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.models import Facility, Membership, StaffMember
from inspections.models import (
    ChecklistItem,
    Finding,
    Inspection,
    InspectionAnswer,
    SelfCheck,
    SelfCheckAnswer,
    StaffSample,
)
from inspections.workflow import DONE, TO_CORRECT, SelfCheckStatus
from portal.core.models import Attachment, User

from .visits import SIGNATURE_SLOT, Section, items_of, slot_of

MOST_DUE = 20


def mine(user: User) -> QuerySet[Any, Any]:
    """The facilities a person belongs to, for a query."""
    return Membership.objects.filter(user=user, left_on=None).order_by().values("facility")


def item_of(inspection: Inspection, code: str) -> ChecklistItem:
    """The question of this code on the list of the visit; DoesNotExist when there is none."""
    along = Q(pk__in=inspection.extra_items.values("pk"))
    own = Q(version=inspection.checklist_id)
    return ChecklistItem.objects.filter(own | along).get(code=code)


def saved_of(inspection: Inspection) -> dict[str, int]:
    """How much of a visit is safe here: answers, photos, and how many questions there are."""
    photos = Attachment.objects.of(inspection).present().exclude(slot__startswith=SIGNATURE_SLOT)
    answered = InspectionAnswer.objects.filter(inspection=inspection).count()
    return {"answered": answered, "photos": photos.count(), "total": len(items_of(inspection))}


def safe_in(sections: Iterable[Section]) -> dict[str, int]:
    """The same, from parts that were read already."""
    questions = [question for section in sections for question in section.questions]
    return {
        "answered": sum(question.answer is not None for question in questions),
        "photos": sum(len(question.photos) for question in questions),
        "total": len(questions),
    }


def others_of(inspection: Inspection) -> list[Finding]:
    """What was written down besides the questions."""
    found = [finding for finding in inspection.findings.all() if finding.item_id is None]
    return sorted(found, key=lambda finding: (finding.found_at, str(finding.pk)))


def staff_of(inspection: Inspection) -> QuerySet[StaffMember]:
    """The people who work there, with what was found about the papers of those looked at."""
    sample = StaffSample.objects.filter(inspection=inspection, member=OuterRef("pk"))
    return (
        StaffMember.objects.present()
        .filter(facility=inspection.facility_id)
        .annotate(
            is_in_order=Subquery(sample.values("is_in_order")[:1]),
            sample_note=Subquery(sample.values("note")[:1]),
        )
        .order_by("post", "id")
    )


def inspections_of(user: User) -> QuerySet[Inspection]:
    """The visits of the person's own facilities that are over, the newest first."""
    return (
        Inspection.objects.visible_to(user)
        .filter(facility__in=mine(user), state__in=DONE)
        .select_related("facility")
        .order_by("-completed_on", "-id")
    )


def findings_of(user: User) -> QuerySet[Finding]:
    """The findings of the person's own facilities; those to be put right first."""
    return (
        Finding.objects.visible_to(user)
        .issued()
        .filter(facility__in=mine(user))
        .select_related("facility", "inspection")
    )


def checks_of(user: User) -> QuerySet[SelfCheck]:
    """The monthly checks of the person's own facilities, the newest first."""
    return (
        SelfCheck.objects.visible_to(user)
        .filter(facility__in=mine(user))
        .select_related("facility")
        .order_by("-month", "facility__sort_key", "id")
    )


def supervised_of(user: User) -> QuerySet[Facility]:
    """The person's facilities that stand in the register."""
    found = Facility.objects.visible_to(user).filter(pk__in=mine(user))
    return found.filter(registration="registered").order_by("sort_key", "code")


def without_check_of(user: User, day: dt.date) -> list[Facility]:
    """Those of them that have not handed in this month's check."""
    done = SelfCheck.objects.filter(month=day.replace(day=1), state=SelfCheckStatus.SUBMITTED)
    return list(supervised_of(user).exclude(pk__in=done.values("facility")))


def check_lines(check: SelfCheck) -> list[dict[str, Any]]:
    """The parts of a monthly check with questions, answers and photos; three questions."""
    answers = {a.item_id: a for a in SelfCheckAnswer.objects.filter(check_of=check)}
    photos: dict[str, list[Attachment]] = {}
    for photo in Attachment.objects.of(check).present():
        photos.setdefault(photo.slot, []).append(photo)
    parts: dict[str, list[dict[str, Any]]] = {}
    items = ChecklistItem.objects.filter(version=check.checklist_id).order_by("position")
    for number, item in enumerate(items, start=1):
        line = {"number": number, "item": item, "answer": answers.get(item.pk),
                "photos": photos.get(slot_of(item.code), [])}  # fmt: skip
        parts.setdefault(item.section, []).append(line)
    return [{"name": name, "lines": lines} for name, lines in parts.items()]


def due_for(user: User, day: dt.date) -> list[dict[str, Any]]:
    """What waits for the person on his home page: findings, receipts, this month's check."""
    waiting = findings_of(user).filter(state__in=TO_CORRECT).order_by("due_on", "id")
    rows: list[dict[str, Any]] = [
        {"text": _("整改：%(text)s") % {"text": finding.text}, "due_on": finding.due_on,
         "url": reverse("my:finding", args=[finding.number]), "facility": finding.facility.name}
        for finding in waiting[:MOST_DUE]
    ]  # fmt: skip
    rows += _receipts(list(inspections_of(user).filter(acknowledged_at=None)[:MOST_DUE]))
    rows += [
        {"text": _("本月安全自查"), "due_on": None, "url": reverse("my:self_checks"),
         "facility": facility.name}
        for facility in without_check_of(user, day)[:MOST_DUE]
    ]  # fmt: skip
    return rows


def _receipts(inspections: Iterable[Inspection]) -> list[dict[str, Any]]:
    return [
        {"text": _("确认收到检查结果 %(number)s") % {"number": each.number}, "due_on": None,
         "url": reverse("my:inspection", args=[each.number]), "facility": each.facility.name}
        for each in inspections
    ]  # fmt: skip
