"""What the officials' pages ask about filings and facility files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Func, IntegerField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from facilities import rules
from facilities.models import (
    Certificate,
    CorrectionItem,
    CounterReceipt,
    Facility,
    Filing,
    FilingSubmission,
    ReviewVerdict,
)
from facilities.workflow import FilingStatus
from portal.core.models import Attachment, Community, OfficialPaper, User
from portal.core.regulation import Regulation

from . import filing as filing_queries
from . import prechecks
from .life import BASELINE

S = FilingStatus
Order = tuple[str, str]
BY_DEADLINE: Order = ("answer_due", "id")
COUNTED = 1000
"""Places in a list are counted no further than this."""
NEWEST: Order = ("-submitted_at", "-id")


def sent_filings(user: User) -> QuerySet[Filing]:
    """Filings that reached the office and that this person may see."""
    return filing_queries.filings_for(user).filter(submitted_at__isnull=False)


def facility_files(user: User) -> QuerySet[Facility]:
    """The facility files within reach, with what a row of the list shows."""
    return (
        Facility.objects.visible_to(user)
        .filter(merged_into=None)
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
    rows = Facility.objects.visible_to(user).filter(
        Q(code=wanted) | Q(uscc=wanted, merged_into=None)
    )
    facility = rows.first()
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
    is_inside = is_inside and ahead_of_it < COUNTED
    return Neighbours(previous, following, ahead_of_it + 1 if is_inside else 0, total)


def _beside(filing: Filing, order: Order, *, ahead: bool) -> Q:
    """The rows after (or before) the filing when sorted by `order`, a date and the id."""
    name = order[0].lstrip("-")
    side = "gt" if ahead is not order[0].startswith("-") else "lt"
    value = getattr(filing, name)
    return Q(**{f"{name}__{side}": value}) | Q(**{name: value, f"id__{side}": filing.pk})


def _reversed(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def how_many(rows: QuerySet[Any], most: int = COUNTED) -> Func:
    """The number of rows as a part of another query; counting stops at `most`."""
    some = ArraySubquery(rows.order_by().values("pk")[:most])
    # An empty queryset is compiled to a bare NULL: it has a type by the cast alone, and counts 0.
    template = "coalesce(cardinality((%(expressions)s)::uuid[]), 0)"
    return Func(some, template=template, output_field=IntegerField())


# --- what the review page shows ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict as the pages show it."""

    round: int
    section: str
    item: str
    verdict: str
    note: str


_SAID = ("round", "section", "item", "verdict", "note")
_PEOPLE = ("handler", "proposed_by", "decided_by", "created_by")


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
    verdicts: tuple[Said, ...] = ()
    counter: CounterReceipt | None = None
    scans: tuple[Attachment, ...] = ()
    supplements: tuple[Attachment, ...] = ()

    @property
    def is_change_of_register(self) -> bool:
        """Whether what is compared with is the register, not an earlier round."""
        return self.before is not None and self.before.round == BASELINE

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
    """Read a filing with its rounds, verdicts, files, corrections and people, in few questions."""
    said = ReviewVerdict.objects.filter(filing=OuterRef("filing")).order_by("id")
    submissions = tuple(
        filing.submissions.order_by("round")
        .select_related(*(f"filing__{name}" for name in (*_PEOPLE, "community", "counter")))
        .annotate(said=ArraySubquery(said.values(one=JSONObject(**{n: n for n in _SAID}))))
    )
    latest: Any = submissions[-1]
    known: Filing = latest.filing
    before = submissions[-2] if len(submissions) > 1 else None
    counter = getattr(known, "counter", None)
    files, scans, supplements = _files(known, latest.answers, counter)
    people = [person for person in (getattr(known, name) for name in _PEOPLE) if person]
    return Dossier(
        filing=filing,
        law=law,
        latest=latest,
        before=before,
        submissions=submissions,
        files=files,
        corrections=tuple(filing.corrections.order_by("id")),
        communities=_communities(known, [sent.answers for sent in (latest, before) if sent]),
        people={person.pk: person for person in people},
        verdicts=tuple(Said(**each) for each in latest.said),
        counter=counter,
        scans=scans,
        supplements=supplements,
    )


def _communities(filing: Filing, versions: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """The names of the communities these answers speak of; mostly the one the filing has."""
    wanted = {answers.get("premises", {}).get("community") for answers in versions} - {None, ""}
    here = filing.community
    if here is not None and wanted <= {here.slug}:
        return {here.slug: here.name}
    return dict(Community.objects.filter(slug__in=wanted).values_list("slug", "name"))


def counter_of(filing: Filing) -> CounterReceipt | None:
    """How a filing on paper came in; None for what was sent from outside."""
    return CounterReceipt.objects.filter(filing=filing).first()


def _files(
    filing: Filing, answers: Mapping[str, Any], counter: CounterReceipt | None
) -> tuple[dict[str, Attachment], tuple[Attachment, ...], tuple[Attachment, ...]]:
    """Files of what was sent, even those replaced since; scans of the counter; added after."""
    papers = answers.get("certificates", {}).get("certificates", ())
    wanted = Q(pk__in=[pk for paper in papers for pk in paper["files"]])
    wanted |= Q(
        noun_type=ContentType.objects.get_for_model(Filing), noun_id=filing.pk, removed_at=None
    )
    if counter is not None:
        wanted |= Q(noun_id=counter.pk, removed_at=None)
    found = list(Attachment.objects.filter(wanted).order_by("id"))
    scans = tuple(file for file in found if counter and file.noun_id == counter.pk)
    added = tuple(file for file in found if file.noun_id == filing.pk)
    beside = {*scans, *added}
    return {str(file.pk): file for file in found if file not in beside}, scans, added


def remarks(answers: Mapping[str, Any], on: dt.date, law: Regulation) -> list[rules.Miss]:
    """What the pre-check finds in answers that were sent; a closure has none to check."""
    return prechecks.precheck_sent(answers, on, law)
