"""Deciding on what was read: a record that moved meanwhile is shown again first."""

from __future__ import annotations

from collections.abc import Iterable

from facilities.models import CorrectionItem, Filing


class Changed(Exception):
    """What the person read is no longer what stands here; `now` names what stands here."""

    def __init__(self, now: str) -> None:
        super().__init__(now)
        self.now = now


def proposal_version(filing: Filing) -> str:
    """Names the proposal of a filing: another round or another proposal has another name."""
    proposed = filing.proposed_at.isoformat() if filing.proposed_at else ""
    return f"{filing.round}:{proposed}"


def list_version(filing: Filing, items: Iterable[CorrectionItem]) -> str:
    """Names a list of corrections: its round and every line on it."""
    return ":".join([str(filing.round), *(str(item.pk) for item in items)])


def unless_changed(seen: str | None, now: str) -> None:
    """Raise Changed when something else was read; None stands for an act nobody read for.

    Called with the row locked, so that nothing moves between the look and the decision.
    """
    if seen is not None and seen != now:
        raise Changed(now)
