"""The part "staff" as the check page and the office read it; it is filled person by person."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models.choices import EmploymentKind, StaffPost
from portal.core.identifiers import mask_identity
from portal.core.templatetags.portal import cn_date

from .sections import SectionForm


class StaffSection(SectionForm):
    """No boxes of its own: a page for the list and one for each person do the asking."""

    key = "staff"
    rows_name, rows_field, rows_label = "staff", "name", gettext_lazy("人员名单")

    def __init__(self, data: Any = None, *, stored: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(data, stored={}, **kwargs)
        self.stored = dict(stored)

    @property
    def draft(self) -> dict[str, Any]:
        """What is stored: the pages of the persons write it, never this one."""
        return self.stored

    @property
    def answers(self) -> dict[str, Any]:
        """The people on the list."""
        return {"staff": self.stored.get("staff", [])}

    @classmethod
    def row_shown(cls, number: int, row: Mapping[str, Any]) -> tuple[Any, Any]:
        """Post and name, and what else is known."""
        return person_title(row), person_line(row)

    @classmethod
    def rows_read(cls, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Every person; two of one name and post are told apart by a number."""
        seen: Counter[str] = Counter()
        for row in values.get("staff", ()):
            title = person_title(row)
            seen[title] += 1
            yield title if seen[title] == 1 else f"{title} {seen[title]}", person_line(row)


def person_title(row: Mapping[str, Any]) -> str:
    """保育人员 示例甲."""
    post = dict(StaffPost.choices).get(row.get("post") or "", _("没有选岗位"))
    return f"{post} {row.get('name') or '—'}"


def person_line(row: Mapping[str, Any]) -> str:
    """The rest of a person in one line, the identity number masked."""
    number = {"number": mask_identity(row.get("identity") or "") or "—"}
    parts = [_("身份证号 %(number)s") % number]
    kind = dict(EmploymentKind.choices).get(row.get("employment") or "", "")
    parts += [str(part) for part in (kind, row.get("qualification"), _experience(row)) if part]
    parts += [words % {"what": what} for words, what in _papers(row) if what]
    if row.get("is_trained"):
        parts.append(_("岗位培训合格"))
    if row.get("has_food_duty"):
        parts.append(_("担任食品安全管理人员"))
    return "，".join(parts)


def _papers(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (_("资格证编号 %(what)s"), row.get("number") or ""),
        (_("健康证有效期至 %(what)s"), _day(row.get("health_until"))),
        (_("查询告知函 %(what)s"), _day(row.get("letter_on"))),
    ]


def _experience(row: Mapping[str, Any]) -> str:
    years = row.get("experience_years")
    return _("相关工作 %(n)s 年") % {"n": years} if years is not None else ""


def _day(text: str | None) -> str:
    return cn_date(dt.date.fromisoformat(text)) if text else ""


__all__ = ["StaffSection", "person_line", "person_title"]
