"""Visits: lists, one visit with everything on it, and who has not been visited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Exists, F, Max, OuterRef, Prefetch, Q, QuerySet, Subquery

from facilities.models import Facility
from facilities.queries.life import members_of
from facilities.workflow import OperatingStatus, RegistrationStatus
from inspections.models import (
    CalendarAddress,
    ChecklistItem,
    ChecklistVersion,
    Finding,
    HeadCount,
    Inspection,
    InspectionAnswer,
    InspectionApproval,
    InspectionMember,
    InspectionSignature,
    StaffSample,
)
from inspections.models.choices import OFFICE_READERS, Audience
from inspections.models.inspection import RESULT_NOTICE
from inspections.rules.feeds import fingerprint
from inspections.rules.outcomes import ItemFacts, measured_short
from inspections.workflow import AHEAD, UNDER_WAY, InspectionKind, InspectionStatus
from portal.core.models import Attachment, OfficialPaper, Publication, User
from portal.core.roles import Role

ITEM_SLOT = "item"  # photos of a question: "item:<code>"
SIGNATURE_SLOT = "signature"


def slot_of(code: str) -> str:
    """The slot under which the photos of a question are kept."""
    return f"{ITEM_SLOT}:{code}"


def visits_for(user: User) -> QuerySet[Inspection]:
    """The visits within reach, with what a row of the list shows."""
    return Inspection.objects.visible_to(user).select_related(
        "facility__community", "checklist__checklist"
    ).prefetch_related(
        Prefetch(
            "members",
            InspectionMember.objects.filter(left_at=None).select_related("user"),
            to_attr="team",
        )
    )  # fmt: skip


def visit_counts(visits: QuerySet[Inspection]) -> dict[str, int]:
    """How many there are in each state."""
    rows = visits.order_by().values("state").annotate(n=Count("pk"))
    return {row["state"]: row["n"] for row in rows}


def team_of(inspection: Inspection) -> list[InspectionMember]:
    """Those who go, in order, with their certificates."""
    found = inspection.members.filter(left_at=None).select_related("user", "certificate")
    return list(found.order_by("position", "id"))


def place_of(inspection: Inspection) -> Facility:
    """Where the visit goes, with its community; one question, however often it is named then."""
    where = Facility.objects.select_related("community").get(pk=inspection.facility_id)
    inspection.facility = where
    return where


def my_visits(user: User, day: dt.date) -> QuerySet[Inspection]:
    """What this person has to carry out or to finish, the earliest first."""
    own = InspectionMember.objects.filter(user=user, left_at=None).values("inspection")
    states = [InspectionStatus.ASSIGNED, *UNDER_WAY]
    return (
        Inspection.objects.filter(pk__in=own, state__in=states)
        .select_related("facility__community", "checklist__checklist")
        .order_by("planned_on", "facility__community__position", "id")
    )


def calendar_owner(secret: str) -> User | None:
    """Whose calendar this secret opens; nobody's once he has left or goes out no more."""
    found = CalendarAddress.objects.filter(
        secret_sha256=fingerprint(secret), user__is_active=True
    ).select_related("user")  # fmt: skip
    owner = found[0].user if found else None
    return owner if owner and owner.has_role(*OFFICE_READERS, Role.COMMUNITY) else None


def items_of(inspection: Inspection) -> list[ChecklistItem]:
    """The questions of the visit: those of its list, then those that came along."""
    own = Q(version=inspection.checklist_id)
    along = Q(pk__in=inspection.extra_items.values("pk"))
    items = ChecklistItem.objects.filter(own | along)
    return sorted(
        items,
        key=lambda i: (i.version_id != inspection.checklist_id, str(i.version_id), i.position),
    )


@dataclass
class Question:
    """A question with its answer, finding and photos: one line of the record."""

    number: int
    item: ChecklistItem
    answer: InspectionAnswer | None
    finding: Finding | None
    photos: list[Attachment]

    @property
    def facts(self) -> ItemFacts:
        """As the rules see it."""
        return ItemFacts(
            self.item.code,
            self.answer.value if self.answer else "",
            self.finding is not None,
            self.finding.severity if self.finding else self.item.severity,
            len(self.photos),
            too_low=bool(
                self.answer and measured_short(self.answer.measured, self.item.measure_min)
            ),
        )


@dataclass
class Section:
    """A part of the list, as the phone shows it."""

    number: int
    name: str
    questions: list[Question]

    @property
    def answered(self) -> int:
        """How many questions of it have an answer."""
        return sum(question.answer is not None for question in self.questions)

    @property
    def failed(self) -> int:
        """How many are not as they should be."""
        return sum(question.finding is not None for question in self.questions)


def questions_of(inspection: Inspection) -> list[Question]:
    """Every question with what was noted about it; four questions to the database."""
    answers = {a.item_id: a for a in inspection.answers.all()}
    findings = {f.item_id: f for f in inspection.findings.all()}
    photos: dict[str, list[Attachment]] = {}
    for photo in photos_of(inspection):
        photos.setdefault(photo.slot, []).append(photo)
    return [
        Question(
            number, item, answers.get(item.pk), findings.get(item.pk),
            photos.get(slot_of(item.code), []),
        )
        for number, item in enumerate(items_of(inspection), start=1)
    ]  # fmt: skip


def sections_of(inspection: Inspection) -> list[Section]:
    """The questions in their parts, in the order of the list."""
    parts: dict[str, list[Question]] = {}
    for question in questions_of(inspection):
        parts.setdefault(question.item.section, []).append(question)
    return [Section(n, name, each) for n, (name, each) in enumerate(parts.items(), start=1)]


def photos_of(inspection: Inspection) -> list[Attachment]:
    """The photos of a visit, signatures not among them."""
    found = Attachment.objects.of(inspection).present()
    return list(found.exclude(slot__startswith=SIGNATURE_SLOT))


def signatures_of(inspection: Inspection) -> list[InspectionSignature]:
    """The signatures, in the order of signing."""
    return list(inspection.signatures.select_related("user", "picture"))


def head_counts_of(inspection: Inspection) -> list[HeadCount]:
    """What was counted in each class."""
    return list(inspection.head_counts.all())


def samples_of(inspection: Inspection) -> list[StaffSample]:
    """Whose papers were looked at."""
    return list(inspection.staff_samples.select_related("member"))


def findings_of(inspection: Inspection) -> list[Finding]:
    """The findings of a visit, the gravest first."""
    return list(inspection.findings.select_related("item").order_by("found_at", "id"))


def papers_of(inspection: Inspection) -> list[OfficialPaper]:
    """The papers issued about a visit."""
    return list(OfficialPaper.objects.of(inspection))


def papers_standing(inspection: Inspection) -> QuerySet[OfficialPaper]:
    """Those of them that nothing has taken the place of."""
    return OfficialPaper.objects.of(inspection).valid()


def sheets_of(inspection: Inspection) -> list[OfficialPaper]:
    """The approval sheets, one for each time it was let go; for the office."""
    kind = ContentType.objects.get_for_model(InspectionApproval)
    approvals = inspection.approvals.order_by().values("pk")
    return list(OfficialPaper.objects.filter(noun_type=kind, noun_id__in=approvals))


def publication_of(inspection: Inspection, kind: str) -> Publication | None:
    """The newest version of its notice."""
    return Publication.objects.of(inspection).filter(kind=kind).order_by("-version").first()


def last_findings(facility: Facility, limit: int = 10) -> list[Finding]:
    """What was found there before, the open ones first (the sheet before a visit)."""
    return list(Finding.objects.issued().filter(facility=facility).order_by(
        F("closed_on").desc(nulls_first=True), "-issued_on"
    )[:limit])  # fmt: skip


def counted_in_year(facility: Facility, year: int, *, but: Inspection | None = None) -> int:
    """How many inspections of the year count towards the cap: done, under way or planned.

    One that was begun counts for the year in which it was, whatever it was planned for.
    """
    in_year = Q(started_at__year=year) | Q(started_at=None, planned_on__year=year)
    found = Inspection.objects.filter(
        in_year, facility=facility, counts_towards_cap=True
    ).exclude(state=InspectionStatus.CANCELLED)  # fmt: skip
    return found.exclude(pk=but.pk).count() if but else found.count()


def checklist_in_use(slug: str) -> ChecklistVersion:
    """The published version of a list; DoesNotExist when there is none."""
    return ChecklistVersion.objects.get(
        checklist__slug=slug, pk__in=ChecklistVersion.objects.in_use().values("pk")
    )


def checklists_in_use(audience: str = Audience.OFFICE) -> QuerySet[ChecklistVersion]:
    """The published version of every list."""
    return ChecklistVersion.objects.in_use(audience).select_related("checklist")


def items_by_code(codes: Iterable[str]) -> list[ChecklistItem]:
    """The questions of these codes in the lists that are in use."""
    in_use = ChecklistVersion.objects.in_use().values("pk")
    return list(ChecklistItem.objects.filter(version__in=in_use, code__in=list(codes)))


def supervised() -> QuerySet[Facility]:
    """The facilities that are to be visited: registered and not closed."""
    standing = Facility.objects.filter(
        registration=RegistrationStatus.REGISTERED, merged_into__isnull=True
    )
    return standing.exclude(operating=OperatingStatus.CLOSED)


def supervised_by(user: User) -> QuerySet[Facility]:
    """Those of them within reach, for a form to choose from."""
    reach = Facility.objects.visible_to(user).order_by().values("pk")
    return supervised().filter(pk__in=reach).order_by("sort_key", "code")


def last_visit() -> Subquery:
    """The day of the newest visit on which somebody came in, for a query of facilities."""
    came_in = Inspection.objects.came_in().filter(facility=OuterRef("pk"))
    newest = came_in.order_by().values("facility").annotate(day=Max("completed_on")).values("day")
    return Subquery(newest)


def not_visited_since(day: dt.date, user: User) -> QuerySet[Facility]:
    """Facilities within reach nobody visited since `day`, whatever their risk (prod:E10)."""
    reach = Facility.objects.visible_to(user).values("pk")
    found = supervised().filter(pk__in=reach).annotate(last_visit_on=last_visit())
    ahead = Inspection.objects.filter(facility=OuterRef("pk"), state__in=[*AHEAD, *UNDER_WAY])
    return (
        found.filter(Q(last_visit_on=None) | Q(last_visit_on__lt=day))
        .filter(Q(registered_on=None) | Q(registered_on__lt=day))
        .annotate(is_planned=Exists(ahead))
        .select_related("community")
        .order_by(F("last_visit_on").asc(nulls_first=True), "sort_key", "code")
    )


@dataclass(frozen=True)
class NotVisited:
    """How many facilities nobody visited for so long, and how many of them in which way."""

    all: int
    never: int
    unplanned: int


NEVER, UNPLANNED = "never", "unplanned"


def only_so(facilities: QuerySet[Any], which: str) -> QuerySet[Any]:
    """Those of `not_visited_since` on which nobody ever came, or for which nothing is planned."""
    if which == NEVER:
        return facilities.filter(last_visit_on=None)
    return facilities.filter(is_planned=False) if which == UNPLANNED else facilities


def count_not_visited(day: dt.date, user: User) -> NotVisited:
    """The same as numbers, in one question."""
    found = not_visited_since(day, user).order_by()
    return NotVisited(**found.aggregate(
        all=Count("pk"), never=Count("pk", filter=Q(last_visit_on=None)),
        unplanned=Count("pk", filter=Q(is_planned=False)),
    ))  # fmt: skip


def operators_of(facility: Facility) -> list[User]:
    """The facility's own people, who are told."""
    return members_of(facility)


def calendar_for(user: User, since: dt.date, until: dt.date) -> QuerySet[Inspection]:
    """The visits planned between two days, in order."""
    return (
        visits_for(user)
        .filter(planned_on__gte=since, planned_on__lte=until)
        .exclude(state=InspectionStatus.CANCELLED)
        .order_by("planned_on", "facility__community__position", "id")
    )


def rechecks_ahead(finding: Finding) -> QuerySet[Inspection]:
    """The visits that were opened to look at this finding again and have not begun."""
    key = recheck_key(finding)
    return Inspection.objects.filter(trigger_key__startswith=key, state__in=AHEAD)


def recheck_key(finding: Finding) -> str:
    """How the visits begin that look at this finding again; each day due has one of its own."""
    return f"recheck:{finding.pk}:"


def to_publish(over_by: dt.date) -> QuerySet[Inspection]:
    """Administrative inspections over by a day whose result the public does not read yet."""
    return Inspection.objects.filter(
        kind=InspectionKind.ADMINISTRATIVE, state=InspectionStatus.COMPLETED,
        completed_on__lte=over_by,
    ).select_related("facility")  # fmt: skip


def mirrored(day: dt.date) -> QuerySet[Inspection]:
    """Visits whose state does not say what stands at the gate on the day."""
    public = Publication.objects.standing(day).filter(kind=RESULT_NOTICE).values("noun_id")
    return Inspection.objects.filter(
        Q(state=InspectionStatus.COMPLETED, pk__in=public)
        | (Q(state=InspectionStatus.PUBLISHED) & ~Q(pk__in=public))
    )
