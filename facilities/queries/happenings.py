"""What people did about a facility: its filings, and the trail for those who read it (prod:B21)."""

from __future__ import annotations

from facilities.models import Facility, Filing
from portal.core.models import AuditEvent, User
from portal.core.roles import Role

MOST = 200
"""Entries of each kind that one page shows, the newest."""


def filings_of(facility: Facility, user: User) -> list[Filing]:
    """The filings about a facility that reached the office and that this person may see."""
    rows = Filing.objects.visible_to(user).filter(facility=facility, submitted_at__isnull=False)
    return list(rows.select_related("handler", "decided_by").order_by("-submitted_at")[:MOST])


def acts_on(facility: Facility, user: User) -> list[AuditEvent]:
    """The lines of the audit trail about the facility, for those who read the trail."""
    if not user.has_role(Role.AUDITOR):
        return []
    rows = AuditEvent.objects.filter(object_type=Facility._meta.label, object_id=str(facility.pk))
    return list(rows.order_by("-seq")[:MOST])
