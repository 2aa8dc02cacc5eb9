"""Checklists as the desk shows and edits them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.db.models import Count, Q, QuerySet

from facilities.queries.departments import named_on
from inspections.models import ChecklistItem, ChecklistVersion, DelegatedItem

STREET = "street"


def versions() -> QuerySet[ChecklistVersion]:
    """Every version with the number of its questions."""
    found = ChecklistVersion.objects.select_related("checklist").annotate(size=Count("items"))
    return found.order_by("checklist__position", "-version")


def sections(version: ChecklistVersion) -> list[tuple[str, list[ChecklistItem]]]:
    """The questions in their parts."""
    items = version.items.order_by("position")
    return [(name, list(part)) for name, part in groupby(items, key=lambda item: item.section)]


def as_lines(version: ChecklistVersion) -> str:
    """The questions as they are edited: a part begins with #, a question is 编号|严重程度|内容."""
    lines: list[str] = []
    for name, items in sections(version):
        lines.append(f"# {name}")
        lines += [f"{i.code} | {i.get_severity_display()} | {i.text}" for i in items]
    return "\n".join(lines)


def rows(version: ChecklistVersion) -> dict[str, dict[str, Any]]:
    """What the edited lines do not say, by code: basis, departments, measures."""
    fields = (
        "basis", "basis_verified", "departments", "delegated", "expands", "measure_label",
        "measure_unit", "measure_min", "wants_photo",
    )  # fmt: skip
    return {item["code"]: item for item in version.items.values("code", *fields)}


def item_of_version(version: ChecklistVersion, code: str) -> ChecklistItem | None:
    """The question of this code."""
    return version.items.filter(code=code).first()


def known_codes(version: ChecklistVersion) -> set[str]:
    """The codes that may come along: those of the lists in use, and of this version."""
    in_use = ChecklistVersion.objects.in_use().values("pk")
    items = ChecklistItem.objects.filter(Q(version__in=in_use) | Q(version=version))
    return set(items.values_list("code", flat=True))


def answerable(day: dt.date, kept: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Who can answer for a matter: the office itself, and the departments of the day.

    `kept` are codes that stand on the question already: they stay, though one has ended.
    """
    return [(STREET, "街道"), *named_on(day, kept).values_list("slug", "name")]


def delegated_codes() -> list[tuple[str, str]]:
    """The matters that may be named on a list, whether in force or not: the day decides."""
    named = dict(DelegatedItem.objects.order_by("valid_from").values_list("code", "name"))
    return sorted(named.items())
