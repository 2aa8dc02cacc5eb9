"""Which parts of a report a kind of facility is asked for."""

from __future__ import annotations

from portal.core.regulation import Regulation


def sections_for(facility_type: str | None, regulation: Regulation) -> tuple[str, ...]:
    """The keys of the parts in their order; every part while the kind is not known."""
    key = f"sections.for_{facility_type}"
    if facility_type and key in regulation:
        return regulation.texts(key)
    return regulation.texts("sections.every")
