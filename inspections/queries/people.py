"""Who may go: roles, certificates and ties of people on a day."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from django.db.models import F, Q, QuerySet

from facilities.models import Facility
from inspections.models import (
    DelegatedItem,
    EnforcementCertificate,
    Inspection,
    InspectionMember,
    InspectorTie,
)
from inspections.rules.kinds import Candidate
from inspections.workflow import AHEAD, UNDER_WAY, VISITORS
from portal.core import clock
from portal.core.models import RoleAssignment, User
from portal.core.roles import Role
from portal.core.staffing.certificates import Held

OFFICERS = frozenset({Role.INSPECTOR, Role.CLERK})


def visitors(day: dt.date, facility: Facility | None = None) -> QuerySet[User]:
    """Everybody who may be sent out on the day; to `facility`, community people of its own only."""
    given = RoleAssignment.objects.in_force(day).filter(role__in=VISITORS)
    if facility is not None:
        given = given.filter(Q(community=None) | Q(community=facility.community_id))
    return User.objects.filter(is_active=True, pk__in=given.values("user")).order_by("id")


def candidates(people: Iterable[User], facility: Facility | None, day: dt.date) -> list[Candidate]:
    """The same people as the rules see them, in the same order; three questions for all."""
    return candidates_at(people, [facility], day)[0]


def candidates_at(
    people: Iterable[User], facilities: Sequence[Facility | None], day: dt.date
) -> list[list[Candidate]]:
    """The same for each facility (None: anywhere), in three questions however many they are."""
    people = list(people)
    keys = [person.pk for person in people]
    given: dict[uuid.UUID, list[tuple[str, uuid.UUID | None]]] = {}
    rows = RoleAssignment.objects.in_force(day).filter(user__in=keys, role__in=VISITORS)
    for user, role, community in rows.values_list("user", "role", "community"):
        given.setdefault(user, []).append((role, community))
    certified = set(certificates_on(keys, day).values_list("user", flat=True))
    places = [facility.pk for facility in facilities if facility is not None]
    ties = InspectorTie.objects.standing().filter(user__in=keys, facility__in=places)
    tied = set(ties.values_list("user", "facility"))

    def candidate(person: User, place: Facility | None) -> Candidate:
        held = given.get(person.pk, [])
        roles = {r for r, c in held if place is None or c in {None, place.community_id}}
        return Candidate(
            str(person.pk),
            visits=person.is_active and bool(roles),
            certified=person.pk in certified,
            officer=bool(roles & OFFICERS),
            tied=place is not None and (person.pk, place.pk) in tied,
        )

    return [[candidate(person, facility) for person in people] for facility in facilities]


def certificates_on(keys: Sequence[uuid.UUID], day: dt.date) -> QuerySet[EnforcementCertificate]:
    """The certificates of these people that may be shown on the day."""
    return EnforcementCertificate.objects.valid(day).filter(user__in=keys)


def certificate_of(user: User, day: dt.date) -> EnforcementCertificate | None:
    """The one the person shows: the one that is valid longest."""
    return EnforcementCertificate.objects.valid(day).filter(user=user).first()


def held_by(keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, Held]:
    """Of each of these people the certificate that lasts longest, run out or not, in one question.

    Those that were taken back are none, nor those that have not begun.
    """
    kept = EnforcementCertificate.objects.filter(
        user__in=keys, revoked_on=None, valid_from__lte=clock.today()
    )
    longest = kept.order_by("user", "-valid_until", "number").distinct("user")
    rows = longest.values_list("user", "number", "valid_until")
    return {user: Held(number, until) for user, number, until in rows}


def ties_of(keys: Sequence[uuid.UUID], facility: Facility) -> set[uuid.UUID]:
    """Who of these people has a standing tie to the facility."""
    ties = InspectorTie.objects.standing().filter(user__in=keys, facility=facility)
    return set(ties.values_list("user", flat=True))


def own_ties(user: User) -> QuerySet[InspectorTie]:
    """What this person has declared about himself, or somebody about him; those that stand first.

    One that ended stays on his page: it says why he was not sent then.
    """
    found = InspectorTie.objects.filter(user=user).select_related("facility", "declared_by")
    return found.order_by(F("ended_on").desc(nulls_first=True), "-declared_on", "-id")


def visits_not_over(user: User, facility: Facility) -> QuerySet[Inspection]:
    """The visits to the facility on which this person is to go, or is."""
    own = InspectionMember.objects.filter(user=user, left_at=None).values("inspection")
    return Inspection.objects.filter(
        pk__in=own, facility=facility, state__in=[*AHEAD, *UNDER_WAY]
    ).select_related("facility")


def delegated_in_force(day: dt.date) -> list[DelegatedItem]:
    """The matters the street may order about on the day."""
    return list(DelegatedItem.objects.in_force(day))


def delegated_codes(day: dt.date) -> frozenset[str]:
    """Their codes."""
    return frozenset(DelegatedItem.objects.in_force(day).values_list("code", flat=True))


def expiring_certificates(day: dt.date, until: dt.date) -> QuerySet[EnforcementCertificate]:
    """Certificates that end between `day` and `until`, of people who still work here."""
    return EnforcementCertificate.objects.valid(day).filter(
        valid_until__lte=until, user__is_active=True
    ).select_related("user")  # fmt: skip


def delegated_choices(day: dt.date) -> QuerySet[DelegatedItem]:
    """The same, for a form to choose from."""
    return DelegatedItem.objects.in_force(day).order_by("code")


def certificates(user: User) -> QuerySet[EnforcementCertificate]:
    """The certificates within reach that were not taken back, those that end first in front."""
    found = EnforcementCertificate.objects.visible_to(user).filter(revoked_on=None)
    return found.select_related("user").order_by("valid_until", "number")


def standing_ties(user: User) -> QuerySet[InspectorTie]:
    """The ties within reach that keep people away now: what they are is nobody else's business."""
    return InspectorTie.objects.visible_to(user).standing().select_related("user", "facility")
