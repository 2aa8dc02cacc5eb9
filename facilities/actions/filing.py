"""What an operator does with a filing: begin, fill, attach, send, withdraw."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from facilities import queries, rules
from facilities.models import Filing, FilingCertificate, FilingSection, FilingSubmission
from facilities.workflow import FilingStatus, SectionStatus
from portal.core import attachments, clock, outbox, search
from portal.core.actors import Actor
from portal.core.identifiers import filing_number
from portal.core.models import Attachment, Community, User, staff_with
from portal.core.papers.numbering import next_serial
from portal.core.regulation import Regulation
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role
from portal.core.workflow import action, apply, lock, record

SECTIONS = ("registration", "premises", "certificates")


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


class AlreadyRegistered(Exception):
    """A facility with this credit code stands in the register."""


@action
def start_filing(token: uuid.UUID, *, by: Actor, at: dt.datetime) -> Filing:
    """Begin a filing; the same token sent again answers with the filing it made before."""
    assert by.user is not None
    if made := Filing.objects.filter(submit_token=token, created_by=by.user).first():
        return made
    day = clock.day_of(at)
    law = in_force(day)
    serial = next_serial("filing", day.year)
    filing = Filing.objects.create(
        number=filing_number(day.year, serial, law.text("filing.filing_number_template")),
        submit_token=token,
        created_by=by.user,
        created_at=at,
        draft_until=rules.draft_expires_on(day, law),
    )
    FilingSection.objects.bulk_create(FilingSection(filing=filing, key=key) for key in SECTIONS)
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

    Raises Stale when the section was saved by another page since `version`, SectionLocked when a
    correction does not name this section.
    """
    filing = apply(filing, "edit", by=by, at=at, section=key)
    section = _open_section(filing, key)
    if section.version != version:
        raise Stale(section)
    section.draft = dict(draft)
    section.answers = dict(answers) if answers is not None else None
    section.status = SectionStatus.COMPLETE if answers is not None else SectionStatus.IN_PROGRESS
    _stamp(section, by, at)
    if answers is not None:
        _show_in_lists(filing, key, answers)
        _weigh_certificates(filing, by, at)
    return section


def _open_section(filing: Filing, key: str) -> FilingSection:
    if filing.state == FilingStatus.CORRECTION and key not in queries.flagged_sections(filing):
        raise SectionLocked(key)
    return FilingSection.objects.select_for_update().get(filing=filing, key=key)


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
    filing = apply(filing, "edit", by=by, at=at, section="certificates", material=material)
    section = _open_section(filing, "certificates")
    certificate = _certificate(filing, material)
    if certificate.version != version:
        raise Stale(section)
    for name in ("number", "issuer", "issued_on", "valid_until"):
        setattr(certificate, name, values[name])
    certificate.version += 1
    certificate.save()
    _weigh_certificates(filing, by, at)
    return certificate


def _certificate(filing: Filing, material: str) -> FilingCertificate:
    FilingCertificate.objects.get_or_create(filing=filing, material=material)
    return FilingCertificate.objects.select_for_update().get(filing=filing, material=material)


@action
def attach_file(
    filing: Filing, material: str, upload: UploadedFile, *, by: Actor, at: dt.datetime
) -> Attachment:
    """Add one file to a paper; raises attachments.UploadRefused with a sentence for the person.

    The same file sent twice is kept once.
    """
    filing = apply(filing, "edit", by=by, at=at, section="certificates", material=material)
    _open_section(filing, "certificates")
    certificate = _certificate(filing, material)
    kept = attachments.attach(certificate, upload, slot=material, by=by, at=at)
    _weigh_certificates(filing, by, at)
    return kept


@action
def remove_file(filing: Filing, attachment: Attachment, *, by: Actor, at: dt.datetime) -> None:
    """Take a file back out of a paper that is still being filled in."""
    filing = apply(filing, "edit", by=by, at=at, section="certificates", material=attachment.slot)
    _open_section(filing, "certificates")
    attachments.remove(attachment, by=by, at=at)
    _weigh_certificates(filing, by, at)


def _weigh_certificates(filing: Filing, by: Actor, at: dt.datetime) -> None:
    """Whether the papers are whole under what the other sections say; kept on the section."""
    section = FilingSection.objects.select_for_update().get(filing=filing, key="certificates")
    papers = queries.certificate_answers(filing)
    law = in_force(clock.day_of(at))
    missing = queries.missing_materials(filing, papers, law)
    if not papers and section.status == SectionStatus.NOT_STARTED:
        return
    whole = bool(papers) and missing is not None and not missing
    section.answers = {"certificates": papers} if whole else None
    section.status = SectionStatus.COMPLETE if whole else SectionStatus.IN_PROGRESS
    _stamp(section, by, at)


@action
def submit_filing(
    filing: Filing, declared_name: str, declaration: str, *, by: Actor, at: dt.datetime
) -> Filing:
    """Send the filing, or send it again after a correction; the office's clock starts or resumes.

    The clock counts from the first receipt (sec:W10): a correction only stops it. Raises
    Incomplete when a section is not whole.
    """
    assert by.user is not None
    day = clock.day_of(at)
    law = in_force(day)
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

    filing = apply(filing, "submit", by=by, at=at, sets=clocks, law=law.version)
    sections = {section.key: section for section in filing.sections.all()}
    if open_keys := [k for k, s in sections.items() if s.status != SectionStatus.COMPLETE]:
        raise Incomplete(open_keys)
    FilingSubmission.objects.create(
        filing=filing,
        round=filing.round,
        answers={key: section.answers for key, section in sections.items()},
        declared_name=declared_name,
        declaration_sha256=hashlib.sha256(declaration.encode()).hexdigest(),
        submitted_by=by.user,
        submitted_at=at,
        regulation_version=law.version,
    )
    kind = "filing.resubmitted" if was_corrected else "filing.submitted"
    outbox.notify(_reviewers(filing, day), kind, filing, at=at, once=str(filing.round))
    return filing


def _next_due(filing: Filing, day: dt.date, law: Regulation) -> dt.date:
    """The day of the answer: counted from the first receipt, moved on by a correction."""
    calendar = working_calendar()
    if filing.answer_due is None:
        return rules.answer_due(day, law, calendar)
    assert filing.paused_on is not None
    return rules.resume_due(filing.answer_due, filing.paused_on, day, calendar)


def _reviewers(filing: Filing, day: dt.date) -> list[User]:
    """The handler where there is one, else every clerk whose community or street it is."""
    if filing.handler:
        return [filing.handler]
    return list(staff_with(Role.CLERK, day, filing.community))


@action
def withdraw_filing(filing: Filing, *, by: Actor, at: dt.datetime) -> Filing:
    """The operator takes the filing back; nothing is decided and nothing is lost."""
    filing = apply(filing, "withdraw", by=by, at=at)
    if filing.submitted_at and filing.handler:
        outbox.notify([filing.handler], "filing.withdrawn", filing, at=at, once="once")
    return filing


@action
def lapse_draft(filing: Filing, *, at: dt.datetime) -> bool:
    """Close a draft nobody came back to; False when it was sent or kept alive meanwhile."""
    fresh = lock(filing)
    if fresh.state != FilingStatus.DRAFT or fresh.draft_until >= clock.day_of(at):
        return False
    apply(fresh, "lapse", by=Actor.calendar(), at=at)
    outbox.notify([fresh.created_by], "filing.lapsed", fresh, at=at, once="once")
    return True
