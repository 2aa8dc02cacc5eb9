"""Which outcomes everybody may read: upheld, of a kind that points at nobody (R14)."""

from __future__ import annotations

from portal.core.regulation import Regulation

UPHELD = "upheld"


def may_be_shown(category: str, result: str, law: Regulation) -> bool:
    """Whether the outcome of a case may stand on the facility's page."""
    return result == UPHELD and category in law.texts("complaints.public_outcomes")
