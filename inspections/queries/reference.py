"""Checklists as the desk shows and edits them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db.models import Count, QuerySet

from inspections.models import ChecklistItem, ChecklistVersion


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
