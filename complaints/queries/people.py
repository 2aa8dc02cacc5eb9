"""Who deals with a case: by lane and community, never with a tie."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from complaints.models import Complaint, ConfidentialTie, Lane
from portal.core.models import User, staff_with
from portal.core.queries import who_see
from portal.core.roles import Role

WORKERS = {Lane.NORMAL: Role.HANDLER, Lane.RED: Role.RED_LANE, Lane.DISCIPLINE: Role.AUDITOR}


def may_see(complaint: Complaint, person: User) -> bool:
    """Whether the case is within the person's reach."""
    return Complaint.objects.visible_to(person).filter(pk=complaint.pk).exists()


def caseworkers_of(complaint: Complaint, on: dt.date) -> list[User]:
    """Those who may take the case: the lane's people without a tie."""
    role = WORKERS[Lane(complaint.lane)]
    return who_see(complaint, staff_with(role, on))


def alarm_people(complaint: Complaint, on: dt.date) -> list[User]:
    """The duty persons of the red lane."""
    return caseworkers_of(complaint, on)


def escalation_people(complaint: Complaint, on: dt.date, level: str) -> list[User]:
    """Whom a case that nobody has acknowledged is told to besides: more people each time.

    They read the number alone. Whoever has a tie to the case is left out here too.
    """
    roles = [Role.RED_LANE, Role.APPROVER]
    if level == "third":
        roles += [Role.LEADER, Role.AUDITOR]
    tied = {tie.user_id for tie in _ties_of(complaint)}
    found = {
        person.pk: person for role in roles for person in staff_with(role, on)
        if person.pk not in tied
    }  # fmt: skip
    return list(found.values())


def _ties_of(complaint: Complaint) -> list[ConfidentialTie]:
    about = Q(complaint=complaint)
    if complaint.facility_id:
        about |= Q(facility=complaint.facility_id)
    return list(ConfidentialTie.objects.filter(about, ended_on=None))


def standing_ties(user: User) -> QuerySet[ConfidentialTie]:
    """The ties that stand and that the person may see, the newest first."""
    seen = ConfidentialTie.objects.visible_to(user).filter(ended_on=None)
    return seen.select_related("user", "facility", "complaint").order_by("-declared_on", "-id")


def approvers_of(complaint: Complaint, on: dt.date) -> list[User]:
    """Who may approve a reply or look over a text as the second person."""
    role = Role.RED_LANE if complaint.is_red else Role.APPROVER
    return who_see(complaint, staff_with(role, on))


def may_decide(complaint: Complaint, person: User) -> bool:
    """Whether the person decides as the second of two in the lane of the case."""
    return person.has_role(Role.RED_LANE if complaint.is_red else Role.APPROVER)


def assignable_to(complaint: Complaint, on: dt.date) -> list[User]:
    """To whom the case may be given; a review never to who dealt with it before."""
    first = {complaint.first_handler_id, complaint.first_author_id}
    return [person for person in caseworkers_of(complaint, on) if person.pk not in first]


def others_who_may(complaint: Complaint, on: dt.date, person: User) -> list[User]:
    """The possible second persons for something `person` has begun."""
    both = {p.pk: p for p in [*caseworkers_of(complaint, on), *approvers_of(complaint, on)]}
    both.pop(person.pk, None)
    return list(both.values())
