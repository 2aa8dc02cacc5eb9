"""What an operator does with a filing: begin, fill, attach, send, withdraw."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile

from facilities import queries, rules
from facilities.models import Filing, FilingCertificate, FilingSection, FilingSubmission
from facilities.models.choices import FilingKind, FilingSource
from facilities.queries import life
from facilities.workflow import FilingStatus, SectionStatus
from portal.core import attachments, clock, outbox, search
from portal.core.actors import Actor
from portal.core.files import Accepted
from portal.core.identifiers import filing_number
from portal.core.models import Attachment, Community
from portal.core.papers.numbering import next_serial
from portal.core.queries import in_force, working_calendar
from portal.core.regulation import Regulation
from portal.core.workflow import FactMissing, action, apply, lock, one_at_a_time, record

from .persons import keep_person_keys
from .traces import leave_trace

_CERTIFICATE_FIELDS = ("number", "issuer", "issued_on", "valid_until")


class Stale(Exception):
    """Somebody saved the section since this page was opened; carries what is stored now."""

    def __init__(self, section: FilingSection) -> None:
        super().__init__(section.key)
        self.section = section


class SectionLocked(Exception):
    """During a correction only the sections named by the office may be changed."""


class Incomplete(Exception):
    """The filing cannot be sent yet; carries the keys of the sections that are not whole."""

    def __init__(self, sections: Sequence[str]) -> None:
        super().__init__(", ".join(sections))
        self.sections = tuple(sections)


class AnotherPlace(Exception):
    """The change names another place: that is a report of its own, not a change (prod:B17)."""


class AlreadyRegistered(Exception):
    """A facility with this credit code stands in the register."""


@action
def start_filing(token: uuid.UUID, *, by: Actor, at: dt.datetime) -> Filing:
    """Begin a filing; the same token sent again answers with the filing it made before."""
    one_at_a_time(f"filing:{token}")  # a twin of this request waits here and finds the first's
    if made := Filing.objects.filter(submit_token=token, created_by=by.somebody).first():
        return made
    day = clock.day_of(at)
    law = in_force(day)
    serial = next_serial("filing", day.year)
    filing = Filing.objects.create(
        number=filing_number(day.year, serial, law.text("filing.filing_number_template")),
        submit_token=token,
        created_by=by.somebody,
        created_at=at,
        draft_until=rules.draft_expires_on(day, law),
    )
    FilingSection.objects.bulk_create(
        FilingSection(filing=filing, key=key) for key in rules.sections_for(None, law)
    )
    record(filing, "filing.start", by=by, at=at)
    return filing


@action
def save_section(
    filing: Filing,
    key: str,
    draft: Mapping[str, Any],
    answers: Mapping[str, Any] | None,
    *,
    version: int,
    by: Actor,
    at: dt.datetime,
) -> FilingSection:
    """Keep what was typed; with `answers` the section is whole, without it goes on as a draft.

    The same form sent twice is kept once. Raises Stale when the section was saved by another page
    since `version`, SectionLocked when a correction does not name this section.
    """
    filing = _edit(filing, by, at, section=key)
    section = _open_section(filing, key)
    if section.version != version:
        if section.draft == dict(draft):
            return section
        raise Stale(section)
    status = SectionStatus.COMPLETE if answers is not None else SectionStatus.IN_PROGRESS
    _keep(filing, section, draft, answers, status, by=by, at=at)
    return section


@action
def autosave_section(
    filing: Filing,
    key: str,
    draft: Mapping[str, Any],
    answers: Mapping[str, Any] | None,
    *,
    version: int,
    by: Actor,
    at: dt.datetime,
) -> FilingSection:
    """Keep what is being typed, without the person having pressed anything.

    As `save_section`, but a section that the office asked to correct stays marked so until the
    person saves it, and nothing is written when nothing has changed.
    """
    section = _open_section(lock(filing), key)
    if section.draft == dict(draft):
        return section
    filing = _edit(filing, by, at, section=key, autosave=True)
    if section.version != version:
        raise Stale(section)
    status = SectionStatus.COMPLETE if answers is not None else SectionStatus.IN_PROGRESS
    if section.status == SectionStatus.FLAGGED:
        status = SectionStatus.FLAGGED
    _keep(filing, section, draft, answers, status, by=by, at=at)
    return section


def _keep(
    filing: Filing,
    section: FilingSection,
    draft: Mapping[str, Any],
    answers: Mapping[str, Any] | None,
    status: SectionStatus,
    *,
    by: Actor,
    at: dt.datetime,
) -> None:
    section.draft = dict(draft)
    section.answers = dict(answers) if answers is not None else None
    section.status = status
    _stamp(section, by, at)
    if answers is not None:
        _show_in_lists(filing, section.key, answers)
        _weigh_certificates(filing, by, at)


def _edit(filing: Filing, by: Actor, at: dt.datetime, **facts: Any) -> Filing:
    """The transition of every change; a draft is kept so many days after its last one."""
    day = clock.day_of(at)
    until = rules.draft_expires_on(day, in_force(day))

    def later(fresh: Filing) -> dict[str, Any]:
        return {"draft_until": until} if fresh.draft_until != until else {}

    edited: Filing = apply(filing, "edit", by=by, at=at, sets=later, **facts)
    return edited


def _open_section(filing: Filing, key: str) -> FilingSection:
    rows = FilingSection.objects.select_for_update()
    section = rows.filter(filing=filing, key=key).first()
    if section is None:  # the list may have grown since
        FilingSection.objects.get_or_create(filing=filing, key=key)
        section = rows.get(filing=filing, key=key)
    whole = section.status == SectionStatus.COMPLETE
    in_correction = filing.state == FilingStatus.CORRECTION
    if in_correction and whole and key not in queries.flagged_sections(filing):
        raise SectionLocked(key)
    if whole and not in_correction and not queries.is_task(filing, key):
        raise SectionLocked(key)
    return section


def _stamp(section: FilingSection, by: Actor, at: dt.datetime) -> None:
    section.version += 1
    section.updated_at, section.updated_by = at, by.user
    section.save()


def _show_in_lists(filing: Filing, key: str, answers: Mapping[str, Any]) -> None:
    """Keep on the filing the few plain values that lists and searches need."""
    if key == "registration":
        filing.facility_name = answers["facility_name"]
        filing.uscc = answers["uscc"]
        names = (answers["facility_name"], answers.get("short_name", ""))
        filing.search_grams = search.grams(*names, filing.number, filing.uscc, spoken=names)
    elif key == "premises":
        filing.community = Community.objects.get(slug=answers["community"])
    filing.save(update_fields=["facility_name", "uscc", "search_grams", "community"])


@action
def save_certificate(
    filing: Filing,
    material: str,
    values: Mapping[str, Any],
    *,
    version: int,
    by: Actor,
    at: dt.datetime,
) -> FilingCertificate:
    """Keep number, issuer and dates of one paper; raises Stale and SectionLocked as above."""
    filing = _edit(filing, by, at, section="certificates", material=material)
    section = _open_section(filing, "certificates")
    certificate = _certificate(filing, material)
    is_same = all(getattr(certificate, name) == values[name] for name in _CERTIFICATE_FIELDS)
    if certificate.version != version:
        if is_same:
            return certificate
        raise Stale(section)
    for name in _CERTIFICATE_FIELDS:
        setattr(certificate, name, values[name])
    certificate.version += 1
    certificate.save()
    _forget_draft(section, material)
    _weigh_certificates(filing, by, at, section)
    return certificate


@action
def keep_certificate_draft(
    filing: Filing, material: str, draft: Mapping[str, Any], *, by: Actor, at: dt.datetime
) -> FilingSection:
    """Keep what was typed about a paper while it cannot be understood yet (half a date)."""
    section = _open_section(lock(filing), "certificates")
    drafts = dict(section.draft or {})
    if drafts.get(material) == dict(draft):
        return section
    _edit(filing, by, at, section="certificates", material=material, autosave=True)
    section.draft = drafts | {material: dict(draft)}
    if section.status == SectionStatus.NOT_STARTED:
        section.status = SectionStatus.IN_PROGRESS
    _stamp(section, by, at)
    return section


def _forget_draft(section: FilingSection, material: str) -> None:
    if section.draft and material in section.draft:
        section.draft = {key: kept for key, kept in section.draft.items() if key != material}
        section.save(update_fields=["draft"])


def _certificate(filing: Filing, material: str) -> FilingCertificate:
    rows = FilingCertificate.objects.select_for_update()
    if paper := rows.filter(filing=filing, material=material).first():
        return paper
    FilingCertificate.objects.get_or_create(filing=filing, material=material)
    return rows.get(filing=filing, material=material)


@action
def attach_file(
    filing: Filing,
    material: str,
    upload: UploadedFile[Any] | Accepted,
    *,
    by: Actor,
    at: dt.datetime,
) -> Attachment:
    """Add one file to a paper; raises attachments.UploadRefused with a sentence for the person.

    The same file sent twice is kept once.
    """
    file = upload if isinstance(upload, Accepted) else attachments.inspected(upload)
    filing = _edit(filing, by, at, section="certificates", material=material)
    section = _open_section(filing, "certificates")
    certificate = _certificate(filing, material)
    present = Attachment.objects.of(certificate).present()
    if twin := present.filter(sha256_received=file.sha256_received).first():
        return cast("Attachment", twin)
    kept = attachments.attach(certificate, file, slot=material, by=by, at=at)
    _weigh_certificates(filing, by, at, section)
    return kept


@action
def remove_file(filing: Filing, attachment: Attachment, *, by: Actor, at: dt.datetime) -> None:
    """Take a file back out of a paper that is still being filled in."""
    filing = _edit(filing, by, at, section="certificates", material=attachment.slot)
    section = _open_section(filing, "certificates")
    attachments.remove(attachment, by=by, at=at)
    _weigh_certificates(filing, by, at, section)


def _weigh_certificates(
    filing: Filing, by: Actor, at: dt.datetime, section: FilingSection | None = None
) -> None:
    """Whether the papers are whole under what the other sections say; kept on the section.

    `section` is that of the papers, locked already. Without it another one has changed, which does
    not settle a correction asked for here.
    """
    aside = section is None
    if section is None:
        section = FilingSection.objects.select_for_update().get(filing=filing, key="certificates")
    papers = queries.certificate_answers(filing)
    if not papers and section.status == SectionStatus.NOT_STARTED:
        return
    missing = queries.missing_materials(filing, papers, in_force(clock.day_of(at)))
    may_be_none = filing.kind != FilingKind.INITIAL  # with a closure nothing need be handed in
    whole = (bool(papers) or may_be_none) and missing is not None and not missing
    section.answers = {"certificates": papers} if whole else None
    if not (aside and section.status == SectionStatus.FLAGGED):
        section.status = SectionStatus.COMPLETE if whole else SectionStatus.IN_PROGRESS
    _stamp(section, by, at)


@action
def submit_filing(
    filing: Filing,
    declared_name: str,
    declaration: str,
    *,
    by: Actor,
    at: dt.datetime,
    same_place: bool = False,
) -> Filing:
    """Send the filing, or send it again after a correction; the office's clock starts or resumes.

    The clock counts from the first receipt (sec:W10): a correction only stops it. Raises
    Incomplete when a section is not whole, AnotherPlace when a change names another address and
    nobody has stated that it is the `same_place`, written correctly.
    """
    day = clock.day_of(at)
    law = in_force(day)
    stated = _stated_place(filing, law, same_place=same_place)
    was_corrected = filing.state == FilingStatus.CORRECTION

    def clocks(fresh: Filing) -> dict[str, Any]:
        due = _next_due(fresh, day, law)
        return {
            "round": fresh.round + 1,
            "submitted_at": at,
            "regulation_version": law.version,
            "received_on": fresh.received_on or day,
            "answer_due": due,
            "paused_on": None,
            "correction_due": None,
        }

    if filing.source == FilingSource.COUNTER and not queries.signed_on_paper(filing):
        raise FactMissing("the signed declaration is missing")
    filing = apply(filing, "submit", by=by, at=at, sets=clocks, law=law.version, **stated)
    sections = queries.asked_sections(filing, law)
    if open_keys := [k for k, s in sections.items() if s.status != SectionStatus.COMPLETE]:
        raise Incomplete(open_keys)
    answers = {key: section.answers for key, section in sections.items()}
    leave_trace(filing, answers)
    keep_person_keys(filing, answers)
    FilingSubmission.objects.create(
        filing=filing,
        round=filing.round,
        answers=answers,
        declared_name=declared_name,
        declaration_sha256=hashlib.sha256(declaration.encode()).hexdigest(),
        submitted_by=by.somebody,
        submitted_at=at,
        regulation_version=law.version,
    )
    kind = "filing.resubmitted" if was_corrected else "filing.submitted"
    outbox.notify(queries.reviewers_of(filing, day), kind, filing, at=at, once=str(filing.round))
    return filing


def _stated_place(filing: Filing, law: Regulation, *, same_place: bool) -> dict[str, str]:
    """What was stated about a changed address, for the audit line."""
    if not life.names_another_place(filing, law):
        return {}
    if not same_place:
        raise AnotherPlace(filing.number)
    return {"address": "corrected"}


def _next_due(filing: Filing, day: dt.date, law: Regulation) -> dt.date:
    """The day of the answer: counted from the first receipt, moved on by a correction."""
    calendar = working_calendar()
    if filing.answer_due is None:
        return rules.answer_due(filing.received_on or day, law, calendar)
    return rules.resume_due(filing.answer_due, filing.paused_on or day, day, calendar)


@action
def supplement_filing(
    filing: Filing, upload: UploadedFile[Any] | Accepted, *, by: Actor, at: dt.datetime
) -> Attachment:
    """Add a document to what was sent; the clock and the answers stay (prod:C10).

    The same file sent twice is kept once. Raises attachments.UploadRefused.
    """
    file = upload if isinstance(upload, Accepted) else attachments.inspected(upload)
    filing = apply(filing, "supplement", by=by, at=at)
    present = queries.supplements_of(filing)
    if twin := present.filter(sha256_received=file.sha256_received).first():
        return twin
    kept = attachments.attach(filing, file, slot=queries.SUPPLEMENT, by=by, at=at)
    people = queries.reviewers_of(filing, clock.day_of(at))
    outbox.notify(people, "filing.supplemented", filing, at=at, once=str(kept.pk))
    return kept


@action
def withdraw_filing(filing: Filing, *, by: Actor, at: dt.datetime) -> Filing:
    """The operator takes the filing back; nothing is decided and nothing is lost."""
    filing = apply(filing, "withdraw", by=by, at=at, sets=lambda _: {"ended_at": at})
    if filing.submitted_at and filing.handler:
        outbox.notify([filing.handler], "filing.withdrawn", filing, at=at, once="once")
    return filing


@action
def lapse_draft(filing: Filing, *, at: dt.datetime) -> bool:
    """Close a draft nobody came back to; False when it was sent or kept alive meanwhile."""
    fresh = lock(filing)
    if fresh.state != FilingStatus.DRAFT or fresh.draft_until >= clock.day_of(at):
        return False
    apply(fresh, "lapse", by=Actor.calendar(), at=at, sets=lambda _: {"ended_at": at})
    outbox.notify(life.people_of(fresh), "filing.lapsed", fresh, at=at, once="once")
    return True
