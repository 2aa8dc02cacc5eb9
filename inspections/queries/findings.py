"""Findings: lists, repeats, what is late, one finding with its story."""

from __future__ import annotations

import datetime as dt

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q, QuerySet

from facilities.models import Department, Facility
from facilities.queries.departments import answering
from inspections.models import Finding, FindingStep, Inspection
from inspections.rules import deadlines
from inspections.workflow import TO_CORRECT, FindingStatus, Severity
from portal.core.models import Attachment, OfficialPaper, User
from portal.core.regulation import Regulation

from .visits import slot_of

BEFORE, AFTER, RECHECK = "before", "after", "recheck"


def findings_for(user: User) -> QuerySet[Finding]:
    """The issued findings within reach, with what a row of the list shows."""
    return (
        Finding.objects.visible_to(user)
        .issued()
        .select_related("facility__community", "inspection", "found_by")
    )


def finding_counts(findings: QuerySet[Finding]) -> dict[str, int]:
    """How many there are in each state."""
    rows = findings.order_by().values("state").annotate(n=Count("pk"))
    return {row["state"]: row["n"] for row in rows}


def steps_of(finding: Finding, *, internal: bool = True) -> list[FindingStep]:
    """What was done, the newest first; the facility reads its own part."""
    steps = finding.steps.select_related("done_by")
    return list(steps if internal else steps.filter(is_internal=False))


def photos_before(finding: Finding) -> list[Attachment]:
    """What the inspector saw: the photos of the question, taken on site."""
    if not finding.item_code:
        return []
    found = Attachment.objects.of(finding.inspection).present()
    return list(found.filter(slot=slot_of(finding.item_code)))


def photos_after(finding: Finding) -> list[Attachment]:
    """What the facility and the recheck show."""
    return list(Attachment.objects.of(finding).present())


def papers_of(finding: Finding) -> list[OfficialPaper]:
    """The papers issued about a finding."""
    return list(OfficialPaper.objects.of(finding))


def letters_of(finding: Finding) -> list[OfficialPaper]:
    """The letters to authorities besides the one that stands; for the office."""
    kind = ContentType.objects.get_for_model(FindingStep)
    steps = finding.steps.filter(act__in=["transfer", "withdrawn"]).order_by().values("pk")
    found = OfficialPaper.objects.filter(noun_type=kind, noun_id__in=steps)
    standing = finding.transfer.paper_id if finding.transfer else None
    return list(found.exclude(pk=standing))


def earlier_of(finding: Finding, since: dt.date) -> Finding | None:
    """The newest one about the same question in the same facility since a day (prod:G9)."""
    if not finding.item_code:
        return None
    same = Finding.objects.issued().filter(
        facility=finding.facility_id, item_code=finding.item_code, issued_on__gte=since,
        annulled=False,
    )  # fmt: skip
    return same.exclude(inspection=finding.inspection_id).order_by("-issued_on", "-id").first()


def repeats_in(facility: Facility, since: dt.date) -> QuerySet[Finding]:
    """Findings that came back."""
    return Finding.objects.filter(facility=facility, repeat_of__isnull=False, issued_on__gte=since)


def to_escalate(day: dt.date, law: Regulation) -> QuerySet[Finding]:
    """The late ones that have not reached their step yet; those that have cost nothing more."""
    due = Q(pk__in=[])
    for severity in Severity.values:
        for step, days in deadlines.escalation_limits(severity, law):
            before = day - dt.timedelta(days=days)
            due |= Q(severity=severity, escalation__lt=step, due_on__lt=before)
    return Finding.objects.overdue(day).filter(due).select_related("facility", "inspection")


def due_on(day: dt.date) -> QuerySet[Finding]:
    """Those due up to `day` that are not late yet, for a reminder."""
    return (
        Finding.objects.issued()
        .filter(state__in=TO_CORRECT, due_on__lte=day)
        .select_related("facility", "inspection")
    )


def rechecks_due(day: dt.date) -> QuerySet[Finding]:
    """Those the facility says are put right and somebody should look at by `day`."""
    waiting = Finding.objects.issued().filter(state=FindingStatus.REPORTED)
    return waiting.filter(recheck_due_on__lte=day).select_related("facility", "inspection")


def with_department(finding: Finding, day: dt.date) -> list[Department]:
    """The authorities that answer for its matter, those of the item first."""
    wanted = list(finding.departments)
    rows = list(answering(day))
    return sorted(rows, key=lambda row: (row.slug not in wanted, row.position))


def open_critical(facility: Facility) -> bool:
    """Whether a grave finding of the facility is open."""
    return Finding.objects.not_over().filter(
        facility=facility, severity=Severity.CRITICAL
    ).exists()  # fmt: skip


def of_inspection(inspection: Inspection) -> QuerySet[Finding]:
    """The findings of one visit."""
    return Finding.objects.filter(inspection=inspection)


def transfers_for(user: User) -> QuerySet[Finding]:
    """The findings within reach that were handed over, with their letters, the newest first."""
    return (
        findings_for(user)
        .filter(transfer__isnull=False)
        .select_related("facility", "transfer__department")
        .order_by("-transfer__sent_on", "-id")
    )
