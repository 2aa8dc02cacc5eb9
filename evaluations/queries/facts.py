"""What the register and the visits know about a facility, beside its scores: counts and days."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

from facilities.models import Certificate
from portal.core.models import Attachment

Pair = tuple[uuid.UUID, uuid.UUID]


def inspected_since(
    day: dt.date, persons: Collection[uuid.UUID], facilities: Collection[uuid.UUID]
) -> list[Pair]:
    """Which of these persons has been at which facility for a visit since a day."""
    del day, persons, facilities  # nobody visits before the visits have their tables
    return []


def documents_of(facility_id: uuid.UUID) -> list[Certificate]:
    """The papers the register holds: offered as evidence, never asked for again."""
    found = Certificate.objects.filter(facility=facility_id, is_current=True)
    return list(found.select_related("source"))


def files_of(certificates: Collection[Certificate]) -> dict[uuid.UUID, list[Attachment]]:
    """The files of these papers by paper, in one question."""
    sources = {each.source_id: each.pk for each in certificates}
    found: dict[uuid.UUID, list[Attachment]] = {each.pk: [] for each in certificates}
    for file in Attachment.objects.filter(noun_id__in=sources).present():
        found[sources[file.noun_id]].append(file)
    return found
