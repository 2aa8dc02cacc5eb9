"""The terms of a round: every figure its results hang on, frozen when it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from portal.core.regulation.types import Regulation

GRADES = ("A", "B", "C", "D")  # from the best to the lowest


@dataclass(frozen=True, slots=True)
class Terms:
    """Limits in whole points, shares in percent."""

    full: int
    grade_a: int
    grade_b: int
    grade_c: int
    veto_grade: str
    cap_grade: str
    cap_percent: int
    cap_dimensions: tuple[int, ...]
    spread_percent: int
    low_percent: int
    trim_from: int
    least_scorers: int
    panel_size: int
    review_size: int
    required_fields: tuple[str, ...]
    most_recused_percent: int
    recusal_months: int
    quorum_of: int
    quorum_at_least: int
    fact_check_days: int
    notice_days: int
    objection_days: int

    @classmethod
    def of(cls, law: Regulation) -> Terms:
        """The terms the regulation of a day proposes."""
        limits, cap = law.table("evaluations.grade_limits"), law.table("evaluations.dimension_cap")
        quorum = law.table("evaluations.quorum")
        plain: dict[str, Any] = {
            "full": law.integer("evaluations.full_points"),
            "grade_a": limits["A"],
            "grade_b": limits["B"],
            "grade_c": limits["C"],
            "veto_grade": law.text("evaluations.veto_grade"),
            "cap_grade": cap["grade"],
            "cap_percent": cap["percent"],
            "cap_dimensions": cap["dimensions"],
            "spread_percent": law.integer("evaluations.spread_percent"),
            "low_percent": law.integer("evaluations.low_percent"),
            "trim_from": law.integer("evaluations.trim_from"),
            "least_scorers": law.integer("evaluations.least_scorers"),
            "panel_size": law.integer("evaluations.panel_size"),
            "review_size": law.integer("evaluations.review_size"),
            "required_fields": law.texts("evaluations.required_fields"),
            "most_recused_percent": law.integer("evaluations.most_recused_percent"),
            "recusal_months": law.integer("evaluations.recusal_months"),
            "quorum_of": quorum["of"],
            "quorum_at_least": quorum["at_least"],
            "fact_check_days": law.integer("evaluations.fact_check_working_days"),
            "notice_days": law.integer("evaluations.notice_working_days"),
            "objection_days": law.integer("evaluations.objection_working_days"),
        }
        return cls.from_json(plain)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Terms:
        """Terms that were stored with a round."""
        lists = ("cap_dimensions", "required_fields")
        return cls(**{**data, **{name: tuple(data[name]) for name in lists}})

    def as_json(self) -> dict[str, Any]:
        """To store with a round."""
        lists = {"cap_dimensions": list(self.cap_dimensions),
                 "required_fields": list(self.required_fields)}  # fmt: skip
        return {**asdict(self), **lists}

    def changed(self, **values: Any) -> Terms:
        """The same but for these."""
        return replace(self, **values)

    @property
    def for_review(self) -> Terms:
        """The terms of a panel that reviews an objection: fewer, of whatever field."""
        return self.changed(panel_size=self.review_size, required_fields=(), most_recused_percent=0)

    @property
    def problems(self) -> tuple[str, ...]:
        """What makes the terms unfit, as codes: order of the limits, an even panel, no grade."""
        found = []
        if not self.full >= self.grade_a > self.grade_b > self.grade_c > 0:
            found.append("grade_order")
        if self.panel_size % 2 == 0 or self.panel_size < self.least_scorers:
            found.append("panel_size")
        if len(self.required_fields) > self.panel_size:
            found.append("required_fields")
        if not {self.veto_grade, self.cap_grade} <= set(GRADES):
            found.append("cap_grade")
        return tuple(found)

    def grade_by_points(self, total: Decimal) -> str:
        """The grade the points alone give."""
        for grade, least in zip(GRADES, (self.grade_a, self.grade_b, self.grade_c), strict=False):
            if total >= least:
                return grade
        return GRADES[-1]

    def has_quorum(self, present: int, members: int) -> bool:
        """Whether enough members are there to decide."""
        return members > 0 and present * self.quorum_of >= members * self.quorum_at_least


def lower(one: str, other: str) -> str:
    """The lower of two grades."""
    return max(one, other, key=GRADES.index)
