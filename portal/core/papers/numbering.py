"""Numbers of papers: one counter a series and year, without gaps."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from portal.core.identifiers import document_number
from portal.core.models.papers import Counter

# How a series is written; `settings.PAPER_SERIES` replaces it for another office.
SERIES = {
    "registration": "寺街托登〔{year}〕{n}号",
    "inspection": "寺街托查〔{year}〕{n}号",
    "rectification": "寺街托改〔{year}〕{n}号",
    "transfer": "寺街托移〔{year}〕{n}号",
    "evaluation": "寺街托评〔{year}〕{n}号",
    "complaint": "寺街托诉〔{year}〕{n}号",
}


def next_serial(series: str, year: int) -> int:
    """The next number of `series` in `year`. Only inside a transaction.

    The counter's row stays locked until the act commits; when the act rolls back, the number goes
    back with it. That is what makes the numbers free of gaps, and papers of one series wait for
    each other for the length of an act.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a number is taken inside the transaction of its act")
    name = f"paper:{series}:{year}"
    Counter.objects.get_or_create(name=name)
    counter = Counter.objects.select_for_update().get(name=name)
    counter.value += 1
    counter.save(update_fields=["value"])
    return counter.value


def number_text(series: str, year: int, serial: int) -> str:
    """The number as printed: 寺街托登〔2026〕12号."""
    templates = getattr(settings, "PAPER_SERIES", SERIES)
    return document_number(year, serial, templates[series])
