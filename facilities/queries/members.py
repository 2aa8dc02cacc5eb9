"""Who works for a facility, who asks to, and who answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from facilities.models import Facility, Membership
from facilities.models.choices import MemberRole
from facilities.models.members import Invitation, JoinRequest
from portal.core.models import User, staff_with
from portal.core.roles import Role


def load_members(facilities: Sequence[Facility], on: dt.date) -> None:
    """Load who works or has worked for each facility (those present first), who asks, open codes.

    Three queries for all of them; then `memberships.all()`,
    `join_requests.all()` and `invitations.all()` of each facility are these.
    """
    people = Membership.objects.select_related("user").order_by("-left_on", "since", "id")
    asked = JoinRequest.objects.waiting().select_related("user").order_by("asked_at", "id")
    codes = Invitation.objects.filter(ended_at=None, expires_on__gte=on)
    prefetch_related_objects(
        facilities,
        Prefetch("memberships", people),
        Prefetch("join_requests", asked),
        Prefetch("invitations", codes),
    )


def managers_of(facility: Facility) -> list[User]:
    """The present managers."""
    present = Membership.objects.filter(
        facility=facility, left_on=None, role=MemberRole.MANAGER, user__is_active=True
    )
    return list(User.objects.filter(pk__in=present.values("user")).order_by("pk"))


def open_invitations(facility: Facility, on: dt.date) -> QuerySet[Invitation]:
    """Codes that would still work on that day."""
    return facility.invitations.filter(ended_at=None, expires_on__gte=on)


def who_admits(facility: Facility, on: dt.date) -> list[User]:
    """The managers, and the clerks of the ground."""
    clerks = staff_with(Role.CLERK, on, facility.community)
    return list({person.pk: person for person in [*managers_of(facility), *clerks]}.values())
