"""The reusable phrases a person is offered."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from facilities.models import CannedText
from facilities.models.review import ABOUT_COMPLAINTS, PhraseUse
from portal.core.models import User

Offer = tuple[str, str, str]
"""Key, use, text."""
_ELSEWHERE = {PhraseUse.DECLINE, PhraseUse.HAND_BACK, *ABOUT_COMPLAINTS}
CORRECTIONS = tuple(use for use in PhraseUse if use not in _ELSEWHERE)


def phrases_for(user: User, *uses: str) -> list[Offer]:
    """The phrases in use for these places, the office's and one's own, in one query."""
    rows = CannedText.objects.visible_to(user).filter(is_active=True, section__in=uses)
    place = {use: at for at, use in enumerate(uses)}
    found = [(str(row.pk), row.section, row.text) for row in rows]
    return sorted(found, key=lambda offer: place[offer[1]])


def all_phrases(user: User) -> QuerySet[CannedText]:
    """Every phrase the person may keep, retired ones too, in the order of the places."""
    return CannedText.objects.visible_to(user).select_related("owner")


__all__: Sequence[str] = ["CORRECTIONS", "all_phrases", "phrases_for"]
