"""What pages, tasks and acts ask about the register."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet

from facilities import rules
from facilities.models import (
    Certificate,
    CorrectionItem,
    CounterReceipt,
    Facility,
    Filing,
    FilingSection,
)
from facilities.models.choices import FilingKind, SectionKey, StaffPost
from facilities.rules import life as life_rules
from facilities.workflow import FilingStatus, RegistrationStatus
from portal.core import search
from portal.core.models import Attachment, OfficialPaper, User, staff_with
from portal.core.regulation import Regulation
from portal.core.roles import Role

from . import life

S = FilingStatus
SIGNED_DECLARATION = "signed_declaration"
SUPPLEMENT = "supplement"


def flagged_sections(filing: Filing) -> set[str]:
    """The sections the office's last list of corrections opened again."""
    sent = filing.corrections.filter(round=filing.round, is_sent=True)
    return set(sent.values_list("section", flat=True))


def correction_list(filing: Filing) -> QuerySet[CorrectionItem]:
    """The corrections of the present round, in the order they were written."""
    return filing.corrections.filter(round=filing.round).order_by("id")


def sections_of(filing: Filing) -> dict[str, FilingSection]:
    """The sections by key, in one query."""
    return {section.key: section for section in filing.sections.all()}


def asked_sections(filing: Filing, law: Regulation) -> dict[str, FilingSection]:
    """The sections this kind of facility is asked for, in order; one query.

    The kind counts as soon as it is typed. What was typed in a section that is not asked any more
    stays where it is. A section the list has grown by since the filing was begun is there, blank.
    """
    stored = sections_of(filing)
    if filing.kind != FilingKind.INITIAL:  # what is not a task of it is carried over, whole
        return {str(key): stored[key] for key in SectionKey if key in stored}
    known = stored["registration"].answers or stored["registration"].draft or {}
    keys = rules.sections_for(known.get("facility_type"), law)
    return {key: stored.get(key) or FilingSection(filing=filing, key=key) for key in keys}


def kind_of(filing: Filing) -> str | None:
    """The kind of facility as the registration section says, typed or saved."""
    section = filing.sections.get(key="registration")
    known = section.answers or section.draft or {}
    kind: str | None = known.get("facility_type")
    return kind


def meals_of(filing: Filing) -> bool | None:
    """Whether the facility serves meals as the premises section says; None until it is whole."""
    answers = filing.sections.get(key="premises").answers
    return answers["serves_meals"] if answers else None


def usual_services(filing: Filing, law: Regulation) -> dict[str, Any]:
    """What mostly stands in the part about services: the ages of the classes, the usual price."""
    answers = filing.sections.get(key="premises").answers or {}
    ages = rules.ages_for([row["class_type"] for row in answers.get("classes", ())], law)
    usual: dict[str, Any] = {"fees": [dict(law.table("services.usual_fee"))]}
    return usual | ({"age_from": ages[0], "age_to": ages[1]} if ages else {})


def guards_listed(filing: Filing, law: Regulation) -> dict[str, int]:
    """How many guards are on the list of people, and with their paper; nothing where none is."""
    people = (filing.sections.get(key="staff").answers or {}).get("staff", ())
    guards = [person for person in people if person["post"] == StaffPost.GUARD]
    paper = law.text("safety.guard_papers", "guard")
    held = sum(paper in (person["qualification"] or "") for person in guards)
    return {"guards": len(guards), "guards_certified": held} if guards else {}


def signed_on_paper(filing: Filing) -> bool:
    """Whether the scan of a signed declaration hangs on what was brought to the counter."""
    signed = Attachment.objects.present().filter(slot=SIGNED_DECLARATION)
    return signed.filter(noun_id__in=CounterReceipt.objects.filter(filing=filing)).exists()


def supplements_of(filing: Filing) -> QuerySet[Attachment]:
    """The documents added after the filing was sent, the first first."""
    return Attachment.objects.of(filing).present().filter(slot=SUPPLEMENT).order_by("id")


def certificate_answers(filing: Filing) -> list[dict[str, Any]]:
    """The papers of the filing, as plain values for the snapshot and the rules.

    A change or closure carries over the papers in force that it does not bring anew.
    """
    own = own_papers(filing)
    if filing.kind == FilingKind.INITIAL or filing.facility is None:
        return own
    brought = {paper["material"] for paper in own if paper["files"]}
    held = [p for p in life.carried_papers(filing.facility) if p["material"] not in brought]
    return [*held, *(paper for paper in own if paper["files"])]


def own_papers(filing: Filing) -> list[dict[str, Any]]:
    """The papers handed in with this filing."""
    papers = list(filing.certificates.all())
    files = Attachment.objects.present().filter(noun_id__in=[paper.pk for paper in papers])
    by_paper: dict[Any, list[str]] = {}
    for file in files.order_by("id"):
        by_paper.setdefault(file.noun_id, []).append(str(file.pk))
    return [
        {
            "material": paper.material,
            "number": paper.number,
            "issuer": paper.issuer,
            "issued_on": paper.issued_on.isoformat() if paper.issued_on else None,
            "valid_until": paper.valid_until.isoformat() if paper.valid_until else None,
            "files": by_paper.get(paper.pk, []),
        }
        for paper in papers
    ]


def required_for(filing: Filing, law: Regulation) -> list[rules.Material] | None:
    """The papers this filing needs, or None while the sections that decide it are unfinished."""
    sections = sections_of(filing)
    registration, premises = sections["registration"].answers, sections["premises"].answers
    if not registration or not premises:
        return None
    needed = rules.required_materials(
        registration["facility_type"], premises["tenure"], premises["serves_meals"], law
    )
    if filing.kind == FilingKind.INITIAL:
        return needed
    if filing.kind == FilingKind.CLOSURE:
        return life_rules.materials_of_closure(law) if "certificates" in filing.scope else []
    return life_rules.materials_of_change(needed, filing.scope, law)


def missing_materials(
    filing: Filing, papers: Sequence[Mapping[str, Any]], law: Regulation
) -> list[str] | None:
    """Codes of required papers without a file or number; None while nobody can tell."""
    required = required_for(filing, law)
    if required is None:
        return None
    given = {paper["material"]: paper for paper in papers}
    anew: set[str] = set()
    if filing.kind == FilingKind.CHANGE:  # an old paper does not prove what is new
        anew = set(life_rules.papers_of_tiles(filing.scope, law))
        anew -= {paper["material"] for paper in own_papers(filing) if paper["files"]}
    return [
        m.code
        for m in required
        if m.required and (m.code in anew or not _is_given(given.get(m.code), m))
    ]


def _is_given(paper: Mapping[str, Any] | None, material: rules.Material) -> bool:
    if paper is None or not paper["files"]:
        return False
    if material.number_expected and not paper["number"]:
        return False
    return not (material.validity_expected and not paper["valid_until"])


def registration_facts(answers: Mapping[str, Any]) -> rules.RegistrationFacts:
    """The answers of the registration section as the rules take them."""
    values = {name: answers.get(name) for name in rules.RegistrationFacts.__dataclass_fields__}
    values["established_on"] = _day(answers.get("established_on"))
    return rules.RegistrationFacts(**values)


def premises_facts(answers: Mapping[str, Any], facility_type: str | None) -> rules.PremisesFacts:
    """The answers of the premises section as the rules take them."""
    fields = rules.PremisesFacts.__dataclass_fields__
    values: dict[str, Any] = {name: answers.get(name) for name in fields}
    for name in ("building_area", "indoor_area", "outdoor_area"):
        values[name] = Decimal(answers[name]) if answers.get(name) else None
    for name in ("lease_start", "lease_end"):
        values[name] = _day(answers.get(name))
    values["facility_type"] = facility_type
    values["classes"] = tuple(rules.ClassFacts(**row) for row in answers.get("classes", []))
    return rules.PremisesFacts(**values)


def certificate_facts(paper: Mapping[str, Any]) -> rules.CertificateFacts:
    """One paper of the snapshot as the rules take it."""
    return rules.CertificateFacts(
        material=paper["material"],
        number=paper["number"],
        issuer=paper["issuer"],
        issued_on=_day(paper["issued_on"]),
        valid_until=_day(paper["valid_until"]),
        has_files=bool(paper["files"]),
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def facility_with(uscc: str) -> Facility | None:
    """The facility that stands in the register under this credit code."""
    standing = Facility.objects.exclude(registration=RegistrationStatus.CANCELLED)
    return standing.filter(uscc=uscc).first()


# --- lists ------------------------------------------------------------------------------------


def filings_for(user: User) -> QuerySet[Filing]:
    """The filings a person sees, with what a row of a list shows."""
    return Filing.objects.visible_to(user).select_related("community", "handler", "facility")


def review_queue(user: User) -> QuerySet[Filing]:
    """What waits for this official's own hand, the nearest deadline first."""
    waiting = Q(pk__in=[])
    if user.has_role(Role.CLERK):
        waiting |= Q(state=S.SUBMITTED, handler=None) | Q(
            state__in=[S.SUBMITTED, S.IN_REVIEW], handler=user
        )
    if user.has_role(Role.APPROVER):
        waiting |= Q(state=S.PROPOSED) & ~Q(proposed_by=user)
    return filings_for(user).filter(waiting).order_by("answer_due", "id")


def find(rows: QuerySet[Any], query: str, *fields: str) -> QuerySet[Any]:
    """Rows that hold every word of the query: by search piece, then truly in one field (R20)."""
    for word in unicodedata.normalize("NFKC", query).split():
        rows = rows.filter(search_grams__contains=search.wanted(word))
        if not (word.isascii() and word.isalpha()):  # letters may be the initials of a name
            contains = Q()
            for field in fields:
                contains |= Q(**{f"{field}__icontains": word})
            rows = rows.filter(contains)
    return rows


def public_facilities() -> QuerySet[Facility]:
    """What residents see in the list, with everything a card shows in four queries."""
    return (
        Facility.objects.public()
        .select_related("community", "statutory_filing")
        .prefetch_related("classes")
        .order_by("sort_key", "code")
    )


def reviewers_of(filing: Filing, on: dt.date) -> list[User]:
    """The handler where there is one, else every clerk whose community or street it is."""
    if filing.handler:
        return [filing.handler]
    return list(staff_with(Role.CLERK, on, filing.community))


def due_soon(on: dt.date, near: dt.date) -> QuerySet[Filing]:
    """Open filings whose answer is due between today and `near` (the reminder's last day)."""
    return Filing.objects.open().filter(answer_due__gte=on, answer_due__lte=near)


def overdue(before: dt.date) -> QuerySet[Filing]:
    """Open filings whose answer was due before that day."""
    return Filing.objects.open().filter(answer_due__lt=before)


def corrections_due(by: dt.date) -> QuerySet[Filing]:
    """Filings in correction whose day is `by` or earlier."""
    return Filing.objects.filter(state=S.CORRECTION, correction_due__lte=by)


def old_drafts(on: dt.date) -> QuerySet[Filing]:
    """Drafts whose time to be kept is over."""
    return Filing.objects.filter(state=S.DRAFT, draft_until__lt=on)


def papers_of(noun: Any) -> QuerySet[OfficialPaper]:
    """The official papers about a noun, the newest first."""
    return OfficialPaper.objects.filter(noun_id=noun.pk).order_by("-issued_at")


def files_by_material(filing: Filing) -> dict[str, list[Attachment]]:
    """The files of each paper of a filing, by material, in two queries."""
    papers = {paper.pk: paper.material for paper in filing.certificates.all()}
    found: dict[str, list[Attachment]] = {}
    for file in Attachment.objects.present().filter(noun_id__in=papers).order_by("id"):
        found.setdefault(papers[file.noun_id], []).append(file)
    return found


def current_certificates(facility: Facility) -> QuerySet[Certificate]:
    """The papers in force, the soonest to expire first."""
    return current(Certificate.objects.filter(facility=facility))


def current(papers: QuerySet[Certificate]) -> QuerySet[Certificate]:
    """Those of the papers that are in force, the soonest to expire first."""
    ends = F("valid_until").asc(nulls_last=True)
    return papers.filter(is_current=True).order_by(ends, "material")
