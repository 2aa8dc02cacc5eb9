"""The papers of the evaluation and the texts of its notices. Papers are Chinese, whoever signs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from evaluations.models import Decision, Evaluation, EvaluationRound, Objection, Panel
from evaluations.models.choices import Field
from evaluations.queries import results
from portal.core.actors import Actor
from portal.core.models import OfficialPaper
from portal.core.papers import content, issue, replace, withdraw
from portal.core.papers.content import chinese_date

SERIES = "evaluation"
ACT = "托育机构质量评估"
# domain.md §4.4: what stands beside every result.
WHAT_IT_IS = "本结果为街道组织的质量评估结果，非行政许可，也不替代卫生健康部门的评估。"
CERTIFICATE_TITLE = "托育机构质量评估结果通知书"
GRADE, GRADE_SERIES, GRADE_TITLE = "evaluation_grade", "grade", "托育机构质量等级证书"
ANSWER_TITLE = "质量评估异议答复书"
DRAW_TITLE = "评估组抽取记录"


def grade_words(grade: str) -> str:
    """The grade as it is written."""
    return f"{grade}级" if grade else "暂停使用"


def set_words(round_: EvaluationRound) -> str:
    """The set of indicators, and that its splits are a draft while they are."""
    chosen = round_.indicator_set
    words = f"{chosen.title}第{chosen.version}版"
    return f"{words}（二、三级指标分值为街道草案）" if chosen.is_draft_of_ours else words


def notice_of_round(
    round_: EvaluationRound, rows: Sequence[Mapping[str, Any]]
) -> tuple[str, list[content.Block]]:
    """The notice before the decision: results, how long, how to object."""
    terms = round_.terms
    return f"{round_.title}结果公示", [
        content.paragraph(
            f"{round_.title}（{round_.number}）已完成评分和合议，现将各机构的评估结果公示"
            f"{terms.notice_days}个工作日。"
        ),
        content.facts([(row["name"], _row_words(row, terms.full)) for row in rows]),
        content.paragraph(
            "机构对结果有异议的，请在公示期内登录平台提出并附依据，"
            f"由未参加本次评分的委员复核，{terms.objection_days}个工作日内答复。"
        ),
        content.paragraph(f"评估指标：{set_words(round_)}。{WHAT_IT_IS}"),
    ]


def result_of_round(
    round_: EvaluationRound, rows: Sequence[Mapping[str, Any]]
) -> tuple[str, list[content.Block]]:
    """The published results: version by version, with the seed of the draw."""
    panel = round_.panels.filter(objection=None).first()
    seed = f"评估组抽取种子：{panel.seed}。" if panel else ""
    return f"{round_.title}结果", [
        content.paragraph(f"{round_.title}（{round_.number}）的结果已由评估委员会审定，现予公布。"),
        content.facts([(row["name"], _row_words(row, round_.terms.full)) for row in rows]),
        *_changes(rows),
        content.paragraph(f"评估指标：{set_words(round_)}。{seed}{WHAT_IT_IS}"),
    ]


def _row_words(row: Mapping[str, Any], full: int) -> str:
    grade = "等级暂停使用" if row["suspended"] else grade_words(row["grade"])
    return f"{grade}，{row['total']}分（满分{full}分）"


def _changes(rows: Sequence[Mapping[str, Any]]) -> list[content.Block]:
    changed = [row for row in rows if row["version"] > 1]
    if not changed:
        return []
    return [content.items(
        f"{row['name']}的结果为第{row['version']}版，变更原因：{row['reason']}" for row in changed
    )]  # fmt: skip


def result_blocks(evaluation: Evaluation, decision: Decision) -> list[content.Block]:
    """What the notice to a facility says; the page shows it beforehand."""
    round_ = evaluation.round
    names = results.names_of(round_)
    rows = [("评估批次", f"{round_.title}（{round_.number}）"),
            ("评估指标", set_words(round_)),
            ("总分", f"{decision.total}分（满分{round_.terms.full}分）"),
            ("等级", "暂停使用" if decision.is_suspended else grade_words(decision.grade)),
            ("版次", f"第{decision.version}版")]  # fmt: skip
    rows += [
        (f"{d['no']}．{names.get(d['no'], '')}", _dimension_words(d))
        for d in decision.result.get("dimensions", [])
    ]
    failed = decision.result.get("failed", [])
    said = [content.paragraph(f"不符合的基础标准指标：{'、'.join(failed)}。")] if failed else []
    changed = [content.paragraph(f"本版变更原因：{decision.reason}。")] if decision.reason else []
    return [
        content.to(evaluation.facility.name),
        content.paragraph("经评估委员会审定，你机构的质量评估结果如下："),
        content.facts(rows),
        *said,
        *changed,
        content.paragraph(WHAT_IT_IS),
    ]


def _dimension_words(dimension: Mapping[str, Any]) -> str:
    if dimension["is_empty"]:
        return "不适用"
    return f"{dimension['points']}分（满分{dimension['most']}分）"


def issue_result(
    evaluation: Evaluation, decision: Decision, *, by: Actor, at: dt.datetime
) -> OfficialPaper:
    """The notice of a result, with its code to check; it takes the place of the one before."""
    standing = list(
        OfficialPaper.objects.of(evaluation).filter(kind="evaluation_result", status="valid")
    )
    paper = issue(
        "evaluation_result",
        evaluation,
        data=content.paper_data(act=ACT, blocks=result_blocks(evaluation, decision)),
        by=by,
        at=at,
        title=CERTIFICATE_TITLE,
        series=SERIES,
        party=evaluation.facility.code,
    )
    for old in standing:
        replace(old, paper, decision.reason or "结果有新的版次", by=by, at=at)
    return paper


def grade_blocks(evaluation: Evaluation, decision: Decision, day: dt.date) -> list[content.Block]:
    """What the certificate of a grade says: the grade, where it comes from, until when it holds."""
    round_, facility = evaluation.round, evaluation.facility
    return [
        content.paragraph(
            f"经街道组织的托育机构质量评估，{facility.name}的质量等级为{grade_words(decision.grade)}。"
        ),
        content.facts([
            ("机构名称", facility.name),
            ("机构编号", facility.code),
            ("质量等级", grade_words(decision.grade)),
            ("评估批次", f"{round_.title}（{round_.number}）"),
            ("评估指标", set_words(round_)),
            ("评定日期", chinese_date(day)),
        ]),
        content.paragraph(
            "等级变更、暂停使用或者有新的评估结果时，本证书失效；是否有效以扫码核验的页面为准。"
        ),
        content.paragraph(WHAT_IT_IS),
    ]  # fmt: skip


def issue_grade(
    evaluation: Evaluation, decision: Decision, day: dt.date, *, by: Actor, at: dt.datetime
) -> OfficialPaper | None:
    """The certificate of the grade as it stands now; one is valid for a facility.

    The one of before is replaced, or withdrawn while the grade may not be used; it stays where a
    new version leaves the grade as it was. Whoever checks the old code reads which of these it is.
    """
    code = evaluation.facility.code
    found = OfficialPaper.objects.filter(kind=GRADE, party=code, status="valid")
    standing: list[OfficialPaper] = list(found)
    why = decision.reason or "有新的评估结果"
    if decision.is_suspended:
        for old in standing:
            withdraw(old, why, by=by, at=at)
        return None
    for old in standing:
        if old.noun_id == evaluation.pk and old.data["grade"] == decision.grade:
            return old
    data = content.paper_data(act=ACT, blocks=grade_blocks(evaluation, decision, day))
    paper = issue(
        GRADE, evaluation, data={**data, "grade": decision.grade}, by=by, at=at,
        title=GRADE_TITLE, series=GRADE_SERIES, party=code,
    )  # fmt: skip
    for old in standing:
        replace(old, paper, why, by=by, at=at)
    return paper


def answer_blocks(
    objection: Objection, evaluation: Evaluation, before: tuple[Decimal | None, str]
) -> list[content.Block]:
    """What the answer to an objection says."""
    total, grade = before
    changed = [
        f"{code}：改为{each['points']}分，{each['reason']}"
        for code, each in objection.amendments.items()
    ]
    now = f"{evaluation.total}分，{grade_words(evaluation.grade)}"
    outcome = (
        f"异议成立。复核后的结果为{now}（原为{total}分，{grade_words(grade)}）。"
        if changed
        else f"经复核，维持原结果：{now}。"
    )
    return [
        content.to(evaluation.facility.name),
        content.paragraph(
            f"你机构{chinese_date(objection.filed_on)}提出的异议（{objection.number}）收悉。"
            "经未参加本次评分的委员复核，答复如下："
        ),
        content.paragraph(objection.answer),
        *([content.items(changed)] if changed else []),
        content.paragraph(outcome),
        content.paragraph(WHAT_IT_IS),
    ]


def issue_objection_answer(
    objection: Objection,
    evaluation: Evaluation,
    before: tuple[Decimal | None, str],
    *,
    by: Actor,
    at: dt.datetime,
) -> OfficialPaper:
    """The answer to an objection."""
    blocks = answer_blocks(objection, evaluation, before)
    return issue(
        "objection_answer",
        objection,
        data=content.paper_data(act=ACT, blocks=blocks),
        by=by,
        at=at,
        title=ANSWER_TITLE,
        series=SERIES,
        party=evaluation.facility.code,
    )


def draw_rows(panel: Panel) -> list[dict[str, Any]]:
    """The record of a draw row by row: field, unit, lot; units only, nobody's name."""
    record = panel.record
    place = {key: n for n, key in enumerate(record["chosen"], start=1)}
    waiting = {key: n for n, key in enumerate(record["substitutes"], start=1)}
    return [
        {
            "field": str(Field(each["field"]).label),
            "unit": each["unit"],
            "barred": each["barred"],
            "seat": place.get(each["key"]),
            "substitute": waiting.get(each["key"]),
            "excluded": each["key"] in record["excluded"],
            "key": each["key"],
        }
        for each in record["candidates"]
    ]
