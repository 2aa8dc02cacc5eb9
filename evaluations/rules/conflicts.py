"""Who must stay away from which facility, computed from what is known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Ground(StrEnum):
    """Why a member stays away."""

    INSPECTED = "inspected"
    COMMUNITY = "community"
    MEMBER = "member"
    KINSHIP = "kinship"
    EMPLOYMENT = "employment"
    INVESTMENT = "investment"
    DISPUTE = "dispute"
    OTHER = "other"


# What a member declares himself; the others are computed.
DECLARED = (Ground.KINSHIP, Ground.EMPLOYMENT, Ground.INVESTMENT, Ground.DISPUTE, Ground.OTHER)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A member, a facility and the reason."""

    member: str
    facility: str
    ground: Ground


def conflicts(
    members: Mapping[str, str],
    facilities: Mapping[str, str],
    *,
    inspected: Collection[tuple[str, str]] = (),
    works_there: Collection[tuple[str, str]] = (),
    ties: Iterable[tuple[str, str, str]] = (),
) -> list[Conflict]:
    """Each (member, facility) once, with the first reason that holds.

    `members` and `facilities` map keys to the community each belongs to (empty: none); the pairs
    are (member, facility), ties (member, facility, ground).
    """
    found: dict[tuple[str, str], Ground] = {}
    pairs = [
        *((member, facility, Ground.MEMBER) for member, facility in works_there),
        *((member, facility, Ground(ground)) for member, facility, ground in ties),
        *((member, facility, Ground.INSPECTED) for member, facility in inspected),
        *(
            (member, facility, Ground.COMMUNITY)
            for member, home in members.items()
            for facility, place in facilities.items()
            if home and home == place
        ),
    ]
    for member, facility, ground in pairs:
        if member in members and facility in facilities:
            found.setdefault((member, facility), ground)
    return [
        Conflict(member, facility, found[member, facility]) for member, facility in sorted(found)
    ]
