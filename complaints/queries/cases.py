"""One case: its timeline, messages, files, letters, and who complained."""

from __future__ import annotations

import datetime as dt
from typing import Any

from complaints.models import (
    AuthorityReport,
    CaseStep,
    Complaint,
    ComplaintContact,
    ComplaintFile,
    ComplaintMessage,
    ContactReveal,
    StatementRequest,
    StepKind,
)
from complaints.workflow import RevealStatus
from facilities.models import Transfer
from inspections.models import Inspection
from inspections.workflow import InspectionResult, InspectionStatus
from portal.core.models import User


def steps_of(complaint: Complaint) -> list[CaseStep]:
    """The timeline, the newest first, with the people who did it."""
    return _with_case(complaint, complaint.steps.select_related("done_by"))


def messages_of(complaint: Complaint) -> list[ComplaintMessage]:
    """What was written between the office and the complainant, the oldest first."""
    return _with_case(complaint, complaint.messages.all())


def files_of(complaint: Complaint) -> list[ComplaintFile]:
    """The files of the case, in the order they came."""
    return _with_case(complaint, complaint.files.all())


def reports_of(complaint: Complaint) -> list[AuthorityReport]:
    """The reports to the police and other organs."""
    return _with_case(complaint, complaint.reports.select_related("recorded_by"))


def _with_case(complaint: Complaint, rows: Any) -> list[Any]:
    """The rows with the case that was read already, so that its key is opened once."""
    found = list(rows)
    for row in found:
        row.complaint = complaint
    return found


def stands(visit: Inspection | None) -> bool:
    """Whether there is a visit that is to be carried out or was; a cancelled one is none."""
    return visit is not None and visit.state != InspectionStatus.CANCELLED


def visit_found_nothing(complaint: Complaint) -> bool:
    """Whether the visit that the case led to is over and nothing was found."""
    visit = complaint.inspection
    return bool(visit and visit.completed_on and visit.result == InspectionResult.NO_ISSUE)


def why_upheld(complaint: Complaint) -> str:
    """What was written with the newest proposal about a visit that found nothing."""
    newest = complaint.steps.filter(kind=StepKind.PROPOSED).order_by("-seq").first()
    return _with_case(complaint, [newest])[0].note_text if newest else ""


def statements_of(complaint: Complaint) -> list[StatementRequest]:
    """The requests to the facility with who wrote and checked them."""
    rows = complaint.statements.select_related("written_by", "checked_by", "facility")
    return list(rows.order_by("-number"))


def transfers_of(complaint: Complaint) -> list[Transfer]:
    """The letters about the case, the newest first."""
    found = Transfer.objects.of(complaint).select_related("department", "paper")
    return list(found.order_by("-sent_on", "-id"))


def children_of(complaint: Complaint, user: User) -> list[Complaint]:
    """The cases merged under this one that the person may see."""
    seen = Complaint.objects.visible_to(user).filter(parent=complaint)
    return list(seen.select_related("facility"))


def reveals_of(complaint: Complaint) -> list[ContactReveal]:
    """Every wish to see who complained, with its reason."""
    return list(complaint.reveals.select_related("asked_by", "decided_by"))


def standing_reveal(complaint: Complaint, person: User, on: dt.date) -> ContactReveal | None:
    """The grant under which the person may look today."""
    granted = complaint.reveals.filter(state=RevealStatus.GRANTED, asked_by=person)
    return granted.filter(open_until__gte=on).first()


def masked_contact(complaint: Complaint) -> dict[str, str]:
    """What everybody on the case may see of who complained; {} for an anonymous one."""
    contact = ComplaintContact.objects.filter(complaint=complaint).first()
    told = contact.told if contact else {}
    if not told:
        return {}
    name, phone = str(told.get("name", "")), str(told.get("phone", ""))
    return {
        "name": f"{name[:1]}**" if name else "",
        "phone": f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 11 else "****",
        "times": str(told.get("times", "")),
    }


def contact_of(reveal: ContactReveal) -> dict[str, str]:
    """In full, for the person to whom it was granted; the act `open_contact` comes before."""
    contact = ComplaintContact.objects.filter(complaint=reveal.complaint_id).first()
    return {key: str(value) for key, value in (contact.told if contact else {}).items()}
