"""What pages and acts ask about the people of a filing or of a registered facility."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from facilities import rules
from facilities.models import Facility, FilingSection, StaffMember, StaffPaper
from facilities.models.choices import StaffPaperKind, StaffPost
from facilities.rules import ClassFacts, PersonFacts, StaffFacts, Staffing
from portal.core.identifiers import birth_date
from portal.core.models import User
from portal.core.regulation import Regulation

Row = Mapping[str, Any]
# What everybody must hold, and what a post needs besides.
_EVERYBODY = (StaffPaperKind.HEALTH, StaffPaperKind.LETTER)
_OF_POST: Mapping[str, tuple[str, ...]] = {
    StaffPost.MANAGER: (StaffPaperKind.QUALIFICATION, StaffPaperKind.TRAINING),
    StaffPost.CARER: (StaffPaperKind.TRAINING,),
    StaffPost.HEALTH: (StaffPaperKind.QUALIFICATION, StaffPaperKind.TRAINING),
    StaffPost.GUARD: (StaffPaperKind.GUARD,),
}


# --- a filing -----------------------------------------------------------------------------------


def filing_staff_facts(
    sections: Mapping[str, FilingSection], rows: Sequence[Row] | None = None
) -> StaffFacts:
    """The people of a filing with the classes and meals its other parts tell of so far.

    `rows` stand in for what is stored, for a list that is about to be saved.
    """
    registration, premises = _said(sections, "registration"), _said(sections, "premises")
    if rows is None:
        rows = _said(sections, "staff").get("staff") or []
    return StaffFacts(
        facility_type=registration.get("facility_type") or None,
        meal_source=_said(sections, "services").get("meal_source") or None,
        classes=tuple(_class(row) for row in premises.get("classes") or ()),
        people=tuple(person_facts(row) for row in rows),
    )


def _said(sections: Mapping[str, FilingSection], key: str) -> Row:
    section = sections.get(key)
    return (section.answers or section.draft or {}) if section else {}


def _class(row: Row) -> ClassFacts:
    """A class as typed: what is no number yet counts as nobody."""
    enrolled = str(row.get("enrolled") or "")
    return ClassFacts(
        class_type=row.get("class_type") or None,
        name=row.get("name") or "",
        enrolled=int(enrolled) if enrolled.isascii() and enrolled.isdigit() else None,
    )


def person_facts(row: Row) -> PersonFacts:
    """One row of the list as the rules take it."""
    return PersonFacts(
        name=row["name"],
        post=row["post"],
        born_on=birth_date(row["identity"]),
        qualification=row.get("qualification") or "",
        number=row.get("number") or "",
        experience_years=row.get("experience_years"),
        is_trained=bool(row.get("is_trained")),
        has_food_duty=bool(row.get("has_food_duty")),
        health_until=_day(row.get("health_until")),
        letter_on=_day(row.get("letter_on")),
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


# --- a registered facility ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PaperState:
    """One paper of a person on a day; `paper` is None where it is missing."""

    kind: str
    label: Any
    state: str
    paper: StaffPaper | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A person with the state of every paper held or owed."""

    member: StaffMember
    papers: tuple[PaperState, ...]

    @property
    def worst(self) -> str:
        """The state that needs attention first."""
        states = {each.state for each in self.papers}
        order = ("expired", "missing", "expiring", "valid")
        return next((state for state in order if state in states), "valid")


def present_staff(facility: Facility, user: User) -> QuerySet[StaffMember]:
    """Those who work there now, as far as this person may read names; papers in a second query."""
    current = StaffPaper.objects.filter(is_current=True)
    return (
        StaffMember.objects.visible_to(user)
        .present()
        .filter(facility=facility)
        .select_related("facility")
        .prefetch_related(Prefetch("papers", current, to_attr="current_papers"))
    )


def former_staff(facility: Facility, user: User) -> QuerySet[StaffMember]:
    """Those who have left, the latest first."""
    left = StaffMember.objects.visible_to(user).filter(facility=facility, left_on__isnull=False)
    return left.order_by("-left_on", "-id")


def listed(members: Iterable[StaffMember], law: Regulation) -> list[Listed]:
    """The people in the order of the posts, each with the state of the papers."""
    order = {str(post): place for place, post in enumerate(StaffPost)}
    found = [Listed(member, tuple(_paper_states(member, law))) for member in members]
    return sorted(found, key=lambda each: (order[each.member.post], each.member.joined_on))


def _paper_states(member: Any, law: Regulation) -> Iterable[PaperState]:
    held = {paper.kind: paper for paper in member.current_papers}
    owed = (*_EVERYBODY, *_OF_POST.get(member.post, ()))
    for kind in (kind for kind in StaffPaperKind if kind in owed or kind in held):
        paper = held.get(kind)
        end = paper.expires_on if paper else None
        state = rules.paper_state(end, law, present=paper is not None)
        yield PaperState(kind, kind.label, state, paper)


def facility_staff_facts(
    facility: Facility, law: Regulation, members: Iterable[StaffMember] | None = None
) -> StaffFacts:
    """The people of a registered facility for the rules; names and numbers stay closed."""
    if members is None:
        held = list(facility.staff.present().values_list("post", "has_food_duty"))
    else:
        held = [(member.post, member.has_food_duty) for member in members]
    return StaffFacts(
        facility_type=facility.facility_type,
        meal_source=facility.meal_source or None,
        classes=tuple(
            ClassFacts(group.class_type, group.name, group.capacity, group.enrolled)
            for group in facility.classes.all()
        ),
        people=tuple(PersonFacts(name="", post=post, has_food_duty=duty) for post, duty in held),
    )


@dataclass(frozen=True, slots=True)
class StaffCounts:
    """What the public may know: how many hold each post, and the carers against the need."""

    posts: tuple[tuple[Any, int], ...]
    carers: int
    carers_needed: int
    children: int

    @property
    def total(self) -> int:
        """Everybody who works there."""
        return sum(count for _, count in self.posts)

    @property
    def children_per_carer(self) -> str:
        """1:4.5, rounded to a half; empty where nobody cares for children yet."""
        if not self.carers or not self.children:
            return ""
        return f"1:{round(self.children / self.carers * 2) / 2:g}"


def staff_counts(
    facility: Facility, law: Regulation, posts: Iterable[str] | None = None
) -> StaffCounts:
    """Numbers per post and the ratio, nothing of any person; one query beside the classes.

    `posts` are those of the people who work there, one each, where they are known already.
    """
    if posts is None:
        posts = facility.staff.present().order_by().values_list("post", flat=True)
    counts = Counter(posts)
    facts = facility_staff_facts(facility, law, members=())
    carers = rules.staffing(facts, law).of(StaffPost.CARER)
    return StaffCounts(
        posts=tuple((post.label, counts[post]) for post in StaffPost if post in counts),
        carers=counts.get(StaffPost.CARER, 0),
        carers_needed=carers.needed if carers else 0,
        children=facts.children,
    )


def facility_staffing(facility: Facility, law: Regulation) -> Staffing:
    """What the facility needs against what it has, as the register stands."""
    return rules.staffing(facility_staff_facts(facility, law), law)


def staff_answers(facility: Facility) -> dict[str, Any]:
    """The register's people as the answers of a part "staff", for a change filing to begin with.

    "known" names the members it began with: only they leave when they are not listed any more.
    """
    current = StaffPaper.objects.filter(is_current=True)
    members: Any = facility.staff.present().prefetch_related(
        Prefetch("papers", current, to_attr="current_papers")
    )
    rows = [_row(member) for member in members]
    return {"staff": rows, "known": [row["id"] for row in rows]}


def _row(member: Any) -> dict[str, Any]:
    papers = {paper.kind: paper for paper in member.current_papers}
    own = StaffPaperKind.GUARD if member.post == StaffPost.GUARD else StaffPaperKind.QUALIFICATION
    proof, health, letter = (
        papers.get(kind) for kind in (own, StaffPaperKind.HEALTH, StaffPaperKind.LETTER)
    )
    return {
        "id": str(member.pk),
        "version": 1,
        "name": member.name,
        "post": member.post,
        "identity": member.identity,
        "identity_key": member.identity_key,
        "employment": member.employment,
        "qualification": proof.title if proof else "",
        "number": proof.number if proof else "",
        "experience_years": member.experience_years,
        "is_trained": StaffPaperKind.TRAINING in papers,
        "health_until": _iso(health.expires_on if health else None),
        "letter_on": _iso(letter.issued_on if letter else None),
        "has_food_duty": member.has_food_duty,
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
