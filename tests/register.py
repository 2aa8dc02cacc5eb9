"""A facility in the register without the many steps of filling in: for tests of what comes later.

The filing is written as it stands when the second person decides, row by row the same as through
the acts (tests/facilities/test_makers.py compares every table); the decision itself is the act.
What the steps before it leave in the trail and in the outbox is not there.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from facilities import actions, rules
from facilities.actions import persons, traces
from facilities.models import Facility, Filing, FilingCertificate, FilingSection, FilingSubmission
from facilities.models.choices import Proposal
from facilities.workflow import FilingStatus, SectionStatus
from portal.core import attachments, clock, search
from portal.core.actors import Actor
from portal.core.files import Accepted, store
from portal.core.identifiers import filing_number
from portal.core.models import Attachment, Community, User
from portal.core.papers.numbering import next_serial
from portal.core.queries import in_force, working_calendar
from portal.core.regulation import Regulation
from portal.core.remembering import remembered
from tests import makers

MATERIALS = ("business_licence", "premises_proof", "hygiene_report", "fire_certificate")
_manager_key = lru_cache(persons.manager_key)  # 50 ms on purpose, and mostly of the same person


@lru_cache
def _paper(material: str) -> Accepted:
    """One small PDF for each material, looked at once a process."""
    return attachments.inspected(makers.pdf())


def facility(*, at: dt.datetime = makers.AT, **registration: Any) -> Facility:
    """A registered facility, as `makers.facility` makes it."""
    made = registered(at=at, registration=registration).facility
    assert made is not None
    return made


def registered(
    owner: User | None = None,
    clerk: User | None = None,
    approver: User | None = None,
    *,
    at: dt.datetime = makers.AT,
    **answers: dict[str, Any],
) -> Filing:
    """A filing that two officials have brought into the register; only the last step is an act."""
    owner, clerk = owner or makers.operator(), clerk or makers.clerk()
    by = Actor.person(approver or makers.approver())
    said = {
        "registration": makers.registration_answers(**answers.get("registration", {})),
        "premises": makers.premises_answers(**answers.get("premises", {})),
        "services": makers.services_answers(**answers.get("services", {})),
        "safety": makers.safety_answers(**answers.get("safety", {})),
        "staff": makers.staff_answers(**answers.get("staff", {})),
    }
    with remembered(), transaction.atomic():
        law = in_force(clock.day_of(at))
        filing = _filing(owner, clerk, said, law, at)
        papers = _papers(filing, owner, at)
        asked = rules.sections_for(said["registration"]["facility_type"], law)
        sent: dict[str, Any] = {key: said.get(key, {"certificates": papers}) for key in asked}
        _sections(filing, sent, owner, law, at)
        traces.leave_trace(filing, sent)
        FilingSubmission.objects.create(
            filing=filing, round=1, answers=sent, declared_name="示例负责人",
            declaration_sha256=makers.sha256(makers.DECLARATION), submitted_by=owner,
            submitted_at=at, regulation_version=law.version,
        )  # fmt: skip
        return actions.register_filing(filing, by=by, at=at)


def _filing(
    owner: User, clerk: User, said: dict[str, Any], law: Regulation, at: dt.datetime
) -> Filing:
    day, registration = clock.day_of(at), said["registration"]
    serial = next_serial("filing", day.year)
    number = filing_number(day.year, serial, law.text("filing.filing_number_template"))
    names = (registration["facility_name"], registration["short_name"])
    keys = [row["identity_key"] for row in said["staff"]["staff"]]
    keys.append(_manager_key(registration["manager"], registration["manager_phone"]))
    return Filing.objects.create(
        number=number,
        state=FilingStatus.PROPOSED,
        created_by=owner,
        created_at=at,
        draft_until=rules.draft_expires_on(day, law),
        facility_name=registration["facility_name"],
        uscc=registration["uscc"],
        community=Community.objects.get(slug=said["premises"]["community"]),
        search_grams=search.grams(*names, number, registration["uscc"], spoken=names),
        person_keys=list(dict.fromkeys(keys)),
        round=1,
        submitted_at=at,
        received_on=day,
        answer_due=rules.answer_due(day, law, working_calendar()),
        regulation_version=law.version,
        handler=clerk,
        proposal=Proposal.REGISTER,
        proposal_reason="示例理由",
        proposed_by=clerk,
        proposed_at=at,
    )


def _papers(filing: Filing, owner: User, at: dt.datetime) -> list[dict[str, Any]]:
    """The papers with a file each; returns them as the section of the papers says them."""
    day = clock.day_of(at)
    papers = FilingCertificate.objects.bulk_create(
        FilingCertificate(
            filing=filing, material=material, number=f"示例-{makers.next_number():06d}",
            issuer="示例发证机关", issued_on=day - dt.timedelta(days=200),
            valid_until=day + dt.timedelta(days=800), version=1,
        )
        for material in MATERIALS
    )  # fmt: skip
    kind = ContentType.objects.get_for_model(FilingCertificate)
    files = Attachment.objects.bulk_create(
        _file(paper, kind, _paper(paper.material), owner, at) for paper in papers
    )
    return [
        {
            "material": paper.material,
            "number": paper.number,
            "issuer": paper.issuer,
            "issued_on": paper.issued_on.isoformat(),  # type: ignore[union-attr]
            "valid_until": paper.valid_until.isoformat(),  # type: ignore[union-attr]
            "files": [str(file.pk)],
        }
        for paper, file in zip(papers, files, strict=True)
    ]


def _file(
    paper: FilingCertificate, kind: ContentType, file: Accepted, owner: User, at: dt.datetime
) -> Attachment:
    key = store.new_key()
    path = store.path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.content)  # without waiting for the disk
    return Attachment(
        noun_type=kind, noun_id=paper.pk, slot=paper.material, display_name=file.display_name,
        media_type=file.media_type, size=file.size, pages=file.pages, width=file.width,
        height=file.height, sha256_received=file.sha256_received,
        sha256_stored=file.sha256_stored, storage_key=key, uploaded_by=owner, uploaded_at=at,
    )  # fmt: skip


def _sections(
    filing: Filing, sent: dict[str, Any], owner: User, law: Regulation, at: dt.datetime
) -> None:
    """Every section whole; those a new filing has and this kind is not asked stay blank."""
    begun = rules.sections_for(None, law)
    blank = [FilingSection(filing=filing, key=key) for key in begun if key not in sent]
    whole = [
        FilingSection(
            filing=filing, key=key, status=SectionStatus.COMPLETE, answers=answers,
            draft=None if key == "certificates" else answers,
            version=2 * len(MATERIALS) if key == "certificates" else 1,
            updated_at=at, updated_by=owner,
        )
        for key, answers in sent.items()
    ]  # fmt: skip
    FilingSection.objects.bulk_create([*blank, *whole])
