"""What the officials' pages ask about filings and facility files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from facilities import rules
from facilities.models import Certificate, CorrectionItem, Facility, Filing, FilingSubmission
from facilities.workflow import FilingStatus
from portal.core.models import Attachment, Community, OfficialPaper, User
from portal.core.regulation import Regulation

from . import filing as filing_queries

S = FilingStatus
Order = tuple[str, str]
BY_DEADLINE: Order = ("answer_due", "id")
NEWEST: Order = ("-submitted_at", "-id")


def sent_filings(user: User) -> QuerySet[Filing]:
    """Filings that reached the office and that this person may see."""
    return filing_queries.filings_for(user).filter(submitted_at__isnull=False)


def facility_files(user: User) -> QuerySet[Facility]:
    """The facility files within reach, with what a row of the list shows."""
    return (
        Facility.objects.visible_to(user)
        .select_related("community", "statutory_filing")
        .annotate(expires=Subquery(_first_expiry()))
        .order_by("sort_key", "code")
    )


def _first_expiry() -> QuerySet[Any]:
    papers = Certificate.objects.filter(facility=OuterRef("pk"), is_current=True)
    return papers.order_by().values("facility").annotate(first=Min("valid_until")).values("first")


def named_exactly(user: User, text: str) -> Filing | Facility | None:
    """The filing or facility whose number, code or credit code was typed, within reach."""
    wanted = text.strip().upper()
    if not wanted.isascii() or not 6 <= len(wanted) <= 20:
        return None
    facility = Facility.objects.visible_to(user).filter(Q(code=wanted) | Q(uscc=wanted)).first()
    return facility or sent_filings(user).filter(number=wanted).first()


def papers_of_facility(facility: Facility, user: User) -> QuerySet[OfficialPaper]:
    """The official papers about a facility and its filings that this person may read."""
    about = Q(party=facility.code) | Q(noun_id__in=facility.filings.values("pk"))
    return OfficialPaper.objects.visible_to(user).filter(about).order_by("-issued_at")


# --- one filing among the others --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The filings before and after one in a filtered list; `position` is 0 outside the list."""

    before: str | None
    after: str | None
    position: int
    total: int


def neighbours(found: QuerySet[Filing], filing: Filing, order: Order) -> Neighbours:
    """Previous and next by the keys of the order, in one query and without loading the list."""
    if filing.submitted_at is None:
        return Neighbours(None, None, 0, 0)
    found = found.order_by()
    earlier, later = _beside(filing, order, ahead=False), _beside(filing, order, ahead=True)
    back = tuple(_reversed(name) for name in order)
    row = (
        Filing.objects.filter(pk=filing.pk)
        .values_list(
            Subquery(found.filter(earlier).order_by(*back).values("number")[:1]),
            Subquery(found.filter(later).order_by(*order).values("number")[:1]),
            how_many(found.filter(earlier)),
            how_many(found),
            Exists(found.filter(pk=filing.pk)),
        )
        .get()
    )
    previous, following, ahead_of_it, total, is_inside = row
    return Neighbours(previous, following, ahead_of_it + 1 if is_inside else 0, total)


def _beside(filing: Filing, order: Order, *, ahead: bool) -> Q:
    """The rows after (or before) the filing when sorted by `order`, a date and the id."""
    name = order[0].lstrip("-")
    side = "gt" if ahead is not order[0].startswith("-") else "lt"
    value = getattr(filing, name)
    return Q(**{f"{name}__{side}": value}) | Q(**{name: value, f"id__{side}": filing.pk})


def _reversed(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def how_many(rows: QuerySet[Any]) -> Coalesce:
    """The number of rows as a part of another query."""
    counted = (
        rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n")
    )
    return Coalesce(Subquery(counted), 0)


# --- what the review page shows ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything about one filing that its pages show, read once."""

    filing: Filing
    law: Regulation
    latest: FilingSubmission
    before: FilingSubmission | None
    submissions: tuple[FilingSubmission, ...]
    files: Mapping[str, Attachment]
    corrections: tuple[CorrectionItem, ...]
    communities: Mapping[str, str]
    people: Mapping[UUID, User]

    @property
    def list_now(self) -> list[CorrectionItem]:
        """The corrections of this round that have not been sent."""
        return [c for c in self.corrections if c.round == self.filing.round and not c.is_sent]

    @property
    def sent(self) -> list[CorrectionItem]:
        """The corrections of this and earlier rounds that were sent."""
        return [c for c in self.corrections if c.is_sent]

    def person(self, pk: UUID | None) -> User | None:
        """Handler, proposer or decider."""
        return self.people.get(pk) if pk else None


def dossier(filing: Filing, law: Regulation) -> Dossier:
    """Read a filing with its rounds, files, corrections and people; the rows do not matter."""
    submissions = tuple(filing.submissions.order_by("round"))
    latest = submissions[-1]
    people = {filing.handler_id, filing.proposed_by_id, filing.decided_by_id, filing.created_by_id}
    return Dossier(
        filing=filing,
        law=law,
        latest=latest,
        before=submissions[-2] if len(submissions) > 1 else None,
        submissions=submissions,
        files=files_of(latest.answers),
        corrections=tuple(filing.corrections.order_by("id")),
        communities=dict(Community.objects.values_list("slug", "name")),
        people=User.objects.in_bulk([pk for pk in people if pk]),
    )


def files_of(answers: Mapping[str, Any]) -> dict[str, Attachment]:
    """The files named in what was sent, even those the operator has replaced since."""
    papers = answers["certificates"]["certificates"]
    ids = [pk for paper in papers for pk in paper["files"]]
    return {str(file.pk): file for file in Attachment.objects.filter(pk__in=ids)}


def remarks(answers: Mapping[str, Any], on: dt.date, law: Regulation) -> list[rules.Miss]:
    """What the pre-check finds in answers that were sent."""
    registration, premises = answers["registration"], answers["premises"]
    papers = [
        filing_queries.certificate_facts(paper) for paper in answers["certificates"]["certificates"]
    ]
    required = rules.required_materials(
        registration["facility_type"], premises["tenure"], premises["serves_meals"], law
    )
    place = filing_queries.premises_facts(premises, registration["facility_type"])
    return [
        *rules.check_registration(filing_queries.registration_facts(registration), law),
        *rules.check_premises(place, law),
        *rules.check_certificates(papers, required, on, law),
    ]


@dataclass(frozen=True, slots=True)
class Twin:
    """Another record with the same credit code."""

    number: str
    name: str
    is_facility: bool


def twins(filing: Filing, user: User) -> Sequence[Twin]:
    """Other filings and facilities within reach with the same credit code, at most ten."""
    if not filing.uscc:
        return []
    filings = (
        sent_filings(user)
        .filter(uscc=filing.uscc)
        .exclude(pk=filing.pk)
        .exclude(state=S.WITHDRAWN)
        .order_by()
        .values_list("number", "facility_name", Value(value=False))
    )
    facilities = (
        Facility.objects.visible_to(user)
        .filter(uscc=filing.uscc)
        .exclude(filings=filing)
        .order_by()
        .values_list("code", "name", Value(value=True))
    )
    return list(starmap(Twin, filings.union(facilities)[:10]))
