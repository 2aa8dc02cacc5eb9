"""What pages, tasks and acts ask about hints of places that are not in the register."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, QuerySet

from facilities.models import Facility, Filing, Lead, LeadStep, Transfer
from facilities.models.leads import UNREGISTERED_NOTICE
from facilities.workflow import TransferStatus
from portal.core.identifiers import normalise_uscc
from portal.core.models import Attachment, OfficialPaper, Publication, User, staff_with
from portal.core.roles import Role

from .filing import facility_with


def leads_for(user: User) -> QuerySet[Lead]:
    """The hints within reach, with what a row of the list shows."""
    return Lead.objects.visible_to(user).select_related("community")


def lead_counts(leads: QuerySet[Lead]) -> dict[str, int]:
    """How many there are in each state."""
    rows = leads.order_by().values("state").annotate(n=Count("pk"))
    return {row["state"]: row["n"] for row in rows}


def steps_of(lead: Lead) -> list[LeadStep]:
    """What was done, the newest first, with the people who did it."""
    return list(lead.steps.select_related("done_by"))


def photos_of(lead: Lead) -> list[Attachment]:
    """The photos of a hint."""
    return list(Attachment.objects.of(lead).present())


def transfers_of(lead: Lead) -> list[Transfer]:
    """The letters about a hint, the newest first."""
    found = Transfer.objects.of(lead).select_related("department", "paper")
    return list(found.order_by("-sent_on", "-id"))


def papers_of_lead(lead: Lead) -> list[OfficialPaper]:
    """The papers issued about a hint."""
    return list(OfficialPaper.objects.of(lead))


def naming_of(lead: Lead) -> Publication | None:
    """The newest publication that names the place, whatever became of it."""
    found = Publication.objects.of(lead).filter(kind=UNREGISTERED_NOTICE)
    return found.order_by("-version").first()


def known_by_code(text: str) -> tuple[Facility | None, Filing | None]:
    """The facility of a credit code or register number, or the newest filing that was sent."""
    code = normalise_uscc(text)
    if not code:
        return None, None
    facility = facility_with(code)  # one that was closed may have come again under the same code
    if facility is None:
        named = Facility.objects.select_related("merged_into").filter(code=text.strip().upper())
        facility = named.first()
        facility = (facility.merged_into or facility) if facility else None
    filings = Filing.objects.filter(uscc=code, submitted_at__isnull=False)
    return facility, filings.order_by("-submitted_at").first()


def verifiers_of(lead: Lead, on: dt.date) -> list[User]:
    """Who may go and look: the community's own people, else the clerks."""
    own = list(staff_with(Role.COMMUNITY, on, lead.community)) if lead.community else []
    return own or list(staff_with(Role.CLERK, on))


def due_up_to(day: dt.date) -> QuerySet[Lead]:
    """Open hints whose next step is due up to `day`."""
    return Lead.objects.open().select_related("community").filter(due_on__lte=day)


def transfers_waiting(day: dt.date) -> QuerySet[Transfer]:
    """Letters without feedback whose day of reminder has come."""
    waiting = [TransferStatus.SENT, TransferStatus.ACKNOWLEDGED]
    return Transfer.objects.filter(state__in=waiting, remind_on__lte=day)


def named_places(day: dt.date) -> QuerySet[Publication]:
    """The places that are named to the public on `day`, the newest first."""
    standing = Publication.objects.standing(day).filter(kind=UNREGISTERED_NOTICE)
    return standing.order_by("-published_on", "-id")
