"""A result line by line in words; trees and their differences in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from evaluations.models import Indicator
from evaluations.rules import Difference, TreeProblem


def lines(result: Mapping[str, Any], names: Mapping[int, str]) -> list[dict[str, Any]]:
    """The steps of a frozen result as sentences; `weight` says which decide the grade."""
    words = _sentences()
    shown = []
    for line in result.get("lines", []):
        facts = {**line, "name": names.get(line.get("no", 0), "")}
        key = "dimension_empty" if line["key"] == "dimension" and line["is_empty"] else line["key"]
        shown.append({"text": words[key] % facts, "key": line["key"],
                      "weight": line["key"] in {"veto", "dimension_cap", "grade"}})  # fmt: skip
    return shown


def caps(result: Mapping[str, Any], names: Mapping[int, str]) -> list[str]:
    """Why the grade is lower than the points alone would give, as the public reads it."""
    decide = {"veto", "dimension_cap"}
    return [line["text"] for line in lines(result, names) if line["key"] in decide]


def _sentences() -> dict[str, str]:
    """By key, in the language of the request."""
    return {
        "items": _("参加计算的指标 %(count)s 项，不适用 %(skipped)s 项。"),
        "agreed": _("%(code)s：评分差距较大，经合议得 %(points)s 分（满分 %(most)s 分）。"),
        "disputed": _(
            "%(code)s：委员对是否符合基础标准意见不一，经合议得 %(points)s 分（满分 %(most)s 分）。"
        ),
        "brought_up": _("%(code)s：另提出合议，经合议得 %(points)s 分（满分 %(most)s 分）。"),
        "reviewed": _("%(code)s：经异议复核，改为 %(points)s 分（满分 %(most)s 分）。"),
        "skipped": _("%(code)s：不适用，从得分和满分中同时去掉。"),
        "failed": _("%(code)s：基础标准，不符合评估指标，得 %(points)s 分（满分 %(most)s 分）。"),
        "dimension": _(
            "%(no)s．%(name)s：%(points)s 分（满分 %(most)s 分），得分率 %(percent)s%%。"
        ),
        "dimension_empty": _("%(no)s．%(name)s：全部指标不适用。"),
        "sum": _("各指标得分合计 %(reached)s 分，适用指标满分合计 %(most)s 分。"),
        "total": _("折算为满分 %(full)s 分：总分 %(total)s 分。"),
        "by_points": _("按总分 %(total)s 分为%(grade)s级。"),
        "veto": _("触发一票否决：%(codes)s，等级最高为%(grade)s级。"),
        "dimension_cap": _(
            "%(name)s得分率 %(percent)s%%，低于 %(least)s%%，等级最高为%(grade)s级。"
        ),
        "grade": _("评估等级：%(grade)s级。"),
    }


def tree_problems(problems: Iterable[TreeProblem]) -> list[str]:
    """What is wrong with a tree, as sentences."""
    words = {
        "total": _("一级指标分值合计 %(total)s 分，应为 %(full)s 分。"),
        "sum": _("第 %(where)s 个一级指标下各项合计 %(sum)s 分，应为 %(points)s 分。"),
        "code_twice": _("条号 %(where)s 重复。"),
        "step": _("条号 %(where)s 的分值应大于 0，并且是 0.5 的倍数。"),
        "method": _("条号 %(where)s 没有评估方法，或评估方法不对。"),
        "empty": _("有指标没有条号或内容（%(where)s）。"),
        "dimension": _("条号 %(where)s 的一级指标不存在。"),
    }
    return [words[each.code] % {"where": each.where, **each.params} for each in problems]


def differences(
    found: Sequence[Difference], old: Mapping[str, Indicator], new: Mapping[str, Indicator]
) -> list[dict[str, Any]]:
    """What changed between two trees, row by row."""
    kinds = {"new": _("新增"), "changed": _("有变动"), "gone": _("删去")}
    names = {
        "dimension": _("一级指标"), "group": _("二级指标"), "text": _("内容"),
        "points": _("分值"), "is_veto": _("基础标准"), "methods": _("评估方法"),
        "may_skip": _("可不适用"),
    }  # fmt: skip
    return [
        {
            "code": each.code,
            "kind": kinds[each.kind],
            "fields": "、".join(names[name] for name in each.fields),
            "before": old.get(each.code),
            "after": new.get(each.code),
        }
        for each in found
    ]
