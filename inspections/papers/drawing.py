"""The record of a double-random draw: for the office, with everything it takes to make it again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.utils import translation

from inspections.models import RandomDraw
from inspections.queries import plans as plan_queries
from inspections.rules import kinds
from portal.core.actors import Actor
from portal.core.models import OfficialPaper, User
from portal.core.papers import content, issue
from portal.core.papers.content import Block

from .visits import ACT, INSPECTION_SERIES, moment

DRAW_REASONS = {
    plan_queries.CAP: "本年度行政检查已达上限",
    plan_queries.VISITED: "本计划已安排",
    kinds.NO_CERTIFICATE: "没有有效的行政执法证",
    kinds.NOT_AN_OFFICER: "不能参加这一类检查",
}


def issue_draw_record(
    drawing: RandomDraw, people: Mapping[str, User], *, by: Actor, at: dt.datetime
) -> OfficialPaper:
    """The record of a draw, with everything it takes to make it again."""
    return issue(
        "draw_record",
        drawing,
        data=content.paper_data(act=ACT, blocks=draw_blocks(drawing, people)),
        by=by,
        at=at,
        title="双随机抽取记录",
        series=INSPECTION_SERIES,
    )


def draw_blocks(drawing: RandomDraw, people: Mapping[str, User]) -> list[Block]:
    """What the record says; people by post, never by name."""

    def posts(keys: Sequence[str]) -> str:
        return "、".join(people[k].signature_label for k in keys if k in people) or "—"

    def why(rows: Sequence[Sequence[str]], name: Callable[[str], str]) -> str:
        told = (f"{name(key)}（{DRAW_REASONS.get(reason, reason)}）" for key, reason in rows)
        return "、".join(told) or "无"

    tied = [
        f"{posts([k])}（{code}）" for k, code in plan_queries.tied_pairs(drawing) if k in people
    ]
    lapsed = [
        f"{posts([k])}（{code}）" for k, code in plan_queries.lapsed_pairs(drawing) if k in people
    ]
    local = [
        f"{posts([key])}（{count}家）" for key, count in plan_queries.elsewhere(drawing).items()
    ]
    result: list[tuple[str, str]] = [(code, posts(keys)) for code, keys in drawing.result]
    with translation.override(settings.LANGUAGE_CODE):
        kind = str(drawing.plan.get_kind_display())
    facts: list[tuple[str, str]] = [
        ("计划", f"{drawing.plan.number} {drawing.plan.name}"),
        ("类别", kind),
        ("抽取时间", moment(drawing.drawn_at)),
        ("随机种子", drawing.seed),
        ("抽取方法", drawing.method),
        ("备选机构", f"{len(drawing.facilities)}家，抽取{len(drawing.result)}家"),
        ("备选人员", f"{len(drawing.people)}人，每家{drawing.team}人"),
        ("不参加抽取的机构", why(drawing.excluded, str)),
        ("不参加抽取的人员", why(drawing.people_excluded, lambda key: posts([key]))),
        ("申报回避、不派往的机构", "、".join(tied) or "无"),
        ("检查当天证件或职务已到期、不派往的机构", "、".join(lapsed) or "无"),
        ("只去本社区（村）、不派往的机构数", "、".join(local) or "无"),
    ]
    return [
        content.facts(facts),
        content.heading("抽取结果"),
        content.facts(result or [("—", "没有可以抽取的机构")]),
        content.paragraph("用同一份名单、权重和种子，可以重新得到同样的结果。"),
    ]
