"""Numbers of papers: one counter a series and year, without gaps."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from portal.core.identifiers import document_number
from portal.core.models.papers import Counter
from portal.core.queries import in_force


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


def next_serials(series: str, year: int, count: int) -> range:
    """The next `count` numbers of a series at once; the same lock and promise as `next_serial`."""
    last = next_serial(series, year) + count - 1
    Counter.objects.filter(name=f"paper:{series}:{year}").update(value=last)
    return range(last - count + 1, last + 1)


def number_text(series: str, on: dt.date, serial: int) -> str:
    """The number as printed: 寺街托登〔2026〕12号; how a series is written is data."""
    return document_number(on.year, serial, in_force(on).text(f"papers.{series}"))
