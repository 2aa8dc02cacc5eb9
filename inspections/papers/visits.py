"""The official papers of supervision: record, result, advice or order, recheck, transfer.

The wording is the office's own. What called for a visit stands on none of them (R14), and no
article before two persons have checked it (R30). A mere visit never orders anything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from facilities.models import Department, Transfer
from inspections.models import Finding, FindingStep, Inspection
from inspections.models.choices import Access, SignerRole
from inspections.queries import people as people_queries
from inspections.queries import visits as queries
from inspections.rules import kinds
from inspections.workflow import InspectionKind, InspectionResult, Severity
from portal.core import clock
from portal.core.actors import Actor
from portal.core.files import signatures, store
from portal.core.models import OfficialPaper
from portal.core.papers import content, issue
from portal.core.papers.content import Block, chinese_date
from portal.core.regulation import Regulation, display_citation

ACT = "托育机构监督检查"
SOURCE = "监督检查"  # the only origin of a task that is ever told outside (R14)
INSPECTION_SERIES, RECTIFICATION_SERIES, TRANSFER_SERIES = (
    "inspection", "rectification", "transfer",
)  # fmt: skip
RECORD_TITLES: dict[str, str] = {
    InspectionKind.VISIT: "托育机构巡查记录",
    InspectionKind.ADMINISTRATIVE: "现场检查笔录",
    InspectionKind.JOINT: "联合检查记录",
}
ADVICE_TITLE, HAZARD_TITLE, ORDER_TITLE = "整改建议书", "安全隐患告知书", "责令限期整改通知书"


def issue_for_visit(
    inspection: Inspection, law: Regulation, *, by: Actor, at: dt.datetime
) -> list[OfficialPaper]:
    """Every paper a completed visit gives the facility."""
    papers = [
        _issue(
            inspection, kinds.RECORDS[inspection.kind], RECORD_TITLES[inspection.kind],
            record_blocks(inspection), INSPECTION_SERIES, by=by, at=at,
        ),
        _issue(
            inspection, "inspection_result", "检查结果告知书", result_blocks(inspection, law),
            INSPECTION_SERIES, by=by, at=at,
        ),
    ]  # fmt: skip
    for kind, findings in sheets(inspection, clock.day_of(at)).items():
        title = notice_title(kind, findings)
        blocks = order_blocks if kind == kinds.ORDER else advice_blocks
        papers.append(
            _issue(
                inspection, f"finding_{kind}", title, blocks(inspection, findings),
                RECTIFICATION_SERIES, by=by, at=at,
            )
        )  # fmt: skip
    return papers


def sheets(inspection: Inspection, day: dt.date) -> dict[str, list[Finding]]:
    """Which findings go on advice and which on an order; what was put right there on neither."""
    findings = [f for f in queries.findings_of(inspection) if not f.fixed_on_site]
    matters = [(str(f.pk), f.item.delegated if f.item else "") for f in findings]
    by_key = {str(f.pk): f for f in findings}
    found = kinds.notices(inspection.kind, matters, people_queries.delegated_codes(day))
    return {kind: [by_key[key] for key in keys] for kind, keys in found.items()}


def notice_title(kind: str, findings: Sequence[Finding]) -> str:
    """An order where it may be one; else the sheet of hazards, or of suggestions."""
    if kind == kinds.ORDER:
        return ORDER_TITLE
    grave = any(f.severity in {Severity.CRITICAL, Severity.MAJOR} for f in findings)
    return HAZARD_TITLE if grave else ADVICE_TITLE


def record_blocks(inspection: Inspection) -> list[Block]:
    """The record of what was seen, and by whom."""
    return [
        content.facts(_whom(inspection)),
        content.facts(_how(inspection)),
        content.heading("一、检查情况"),
        content.paragraph(_summary(inspection)),
        *_head_counts(inspection),
        *_samples(inspection),
        *_measured(inspection),
        content.heading("二、发现的问题"),
        *_findings(queries.findings_of(inspection)),
        content.heading("三、机构意见"),
        content.paragraph(inspection.statement or "无意见。"),
        content.heading("四、签字"),
        *_signed(inspection),
    ]


def _whom(inspection: Inspection) -> list[tuple[str, str]]:
    facility = inspection.facility
    return [
        ("被检查单位", facility.name),
        ("统一社会信用代码", facility.uscc),
        ("地址", f"{facility.community} {facility.address}"),
        ("负责人", facility.manager),
    ]


def _how(inspection: Inspection) -> list[tuple[str, str]]:
    started, finished = inspection.started_at, inspection.finished_at or inspection.completed_at
    with translation.override(settings.LANGUAGE_CODE):  # papers are Chinese, whoever signs
        access = str(Access(inspection.access).label) if inspection.access else "—"
        kind = str(inspection.get_kind_display())
    is_joint = inspection.kind == InspectionKind.JOINT
    rows = [
        ("检查编号", inspection.number),
        ("类别", kind),
        ("任务来源", SOURCE),
        (
            "街道协助人员" if is_joint else "检查人员",
            "、".join(officers(inspection)) or "—",
        ),
        ("检查时间", f"{moment(started)}至{moment(finished)}"),
        ("到场情况", " ".join(filter(None, [access, inspection.access_note]))),
        ("出示证件并告知权利", "已出示、已告知" if inspection.certificate_shown else "未进入现场"),
        ("机构在场人员", " ".join(_attendant(inspection)) or "—"),
    ]
    if inspection.delegated:
        rows.insert(3, ("检查事项", inspection.delegated.name))
    if inspection.lead_department:
        rows[3:3] = _departments(inspection)
    return rows


def _departments(inspection: Inspection) -> list[tuple[str, str]]:
    """Who leads and who takes part; the street signs as the one that assists."""
    return [
        ("牵头部门", inspection.lead_department),
        ("参加部门", "、".join(inspection.partners) or "无"),
        ("街道职责", "协助检查，行政处理由有权部门依法决定"),
    ]


def _attendant(inspection: Inspection) -> list[str]:
    return [text for text in (inspection.attendant_post, inspection.attendant) if text]


def officers(inspection: Inspection) -> list[str]:
    """The people by post, with the number of the certificate they showed."""
    return [
        f"{member.user.signature_label}（证号{member.certificate.number}）"
        if member.certificate
        else member.user.signature_label
        for member in queries.team_of(inspection)
    ]


def moment(at: dt.datetime | None) -> str:
    """A moment as papers say it."""
    if at is None:
        return "—"
    local = timezone.localtime(at)
    return f"{chinese_date(local.date())}{local.hour}时{local.minute:02d}分"


def _summary(inspection: Inspection) -> str:
    """How many questions were looked at and what came of them, in numbers."""
    values = [answer.value for answer in inspection.answers.all()]
    if not values:
        return inspection.remarks or "未进入现场，没有逐项检查。"
    counted = (
        f"按《{inspection.checklist.checklist.name}》第{inspection.checklist.version}版检查"
        f"{len(values)}项：符合{values.count('pass')}项，不符合{values.count('fail')}项，"
        f"不适用{values.count('na')}项，未查{values.count('unseen')}项。"
    )
    return counted + inspection.remarks


def _head_counts(inspection: Inspection) -> list[Block]:
    rows = [
        (
            count.label,
            f"在场幼儿{count.children}人，保育人员{count.carers}人"
            + (f"，按标准应有{count.needed}人" if count.needed is not None else ""),
        )
        for count in queries.head_counts_of(inspection)
    ]
    return [content.facts(rows)] if rows else []


def _samples(inspection: Inspection) -> list[Block]:
    """How many people's papers were looked at; who they are stays with the office."""
    looked_at = [sample.is_in_order for sample in queries.samples_of(inspection)]
    words = f"抽查人员材料{len(looked_at)}人，齐全有效{sum(looked_at)}人。"
    return [content.paragraph(words)] if looked_at else []


def _measured(inspection: Inspection) -> list[Block]:
    read = inspection.answers.exclude(measured="").select_related("item")
    rows = [(a.item.measure_label, f"{a.measured}{a.item.measure_unit}") for a in read]
    return [content.facts(rows)] if rows else []


def _findings(findings: Sequence[Finding]) -> list[Block]:
    return [content.items([_one(f) for f in findings]) if findings else _none()]


def _none() -> Block:
    return content.paragraph("未发现问题。")


def _one(finding: Finding) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        severity = str(finding.get_severity_display())
    end = "已当场改正" if finding.fixed_on_site else f"整改期限{chinese_date(finding.due_on)}"
    number = f"（{finding.number}）" if finding.number else ""
    repeat = "，属重复出现的问题" if finding.repeat_of_id else ""
    needed = f" 整改要求：{finding.requirement}" if finding.requirement else ""
    return f"{finding.text}{number}，{severity}，{end}{repeat}。{needed}".rstrip()


def _signed(inspection: Inspection) -> list[Block]:
    """Who signed, each with what was drawn by finger (or photographed)."""
    with translation.override(settings.LANGUAGE_CODE):
        rows = [
            (
                f"{SignerRole(s.role).label}：{s.signer}，{moment(s.signed_at)}签字",
                signatures.drawn(store.read(s.picture.storage_key)) if s.picture else "",
            )
            for s in queries.signatures_of(inspection)
        ]
    if inspection.signing_refused:
        rows.append((f"机构在场人员拒绝签字：{inspection.refusal_note}", ""))
    return [content.signatures(rows or [("现场没有签字", "")])]


def result_blocks(inspection: Inspection, law: Regulation) -> list[Block]:
    """What came of the visit, and what the facility may do now."""
    day = chinese_date(inspection.completed_on or clock.day_of(inspection.created_at))
    with translation.override(settings.LANGUAGE_CODE):
        kind = str(inspection.get_kind_display())
        result = str(InspectionResult(inspection.result).label)
    findings = queries.findings_of(inspection)
    return [
        content.to(inspection.facility.name),
        content.paragraph(
            f"{day}，{_who(inspection)}对你机构开展{kind}（检查编号{inspection.number}）。"
        ),
        content.facts([("任务来源", SOURCE), ("检查结果", result)]),
        *_findings(findings),
        content.paragraph(
            "请登录平台，在“检查记录”中确认收到，并在期限内逐项反馈整改情况。"
            "对检查结果有异议的，可以在同一页面提出，也可以向街道卫健办说明。"
        ),
        *_basis(law, "inspections.publication_working_days"),
    ]


def _who(inspection: Inspection) -> str:
    """Who came: the street, or a department with the street beside it."""
    if not inspection.lead_department:
        return "街道"
    others = f"，{'、'.join(inspection.partners)}参加" if inspection.partners else ""
    return f"由{inspection.lead_department}牵头{others}，街道协助，"


def _elsewhere(inspection: Inspection) -> str:
    """What becomes of a matter that is not the street's."""
    if not inspection.lead_department:
        return "属于其他部门职责的事项，街道将依法移送有关部门处理。"
    return (
        f"以上问题同时告知牵头部门（{inspection.lead_department}）；"
        "需要责令改正或者处罚的，由有权部门依法决定。"
    )


def advice_blocks(inspection: Inspection, findings: Sequence[Finding]) -> list[Block]:
    """What should be put right, and by when: advice, no order."""
    return [
        content.to(inspection.facility.name),
        content.paragraph(f"在监督检查（检查编号{inspection.number}）中发现你机构存在下列问题："),
        content.items([_one(f) for f in findings]),
        content.paragraph(
            "建议你机构按上述期限采取措施，并登录平台反馈措施、完成日期和照片。"
            f"{_elsewhere(inspection)}"
        ),
        *_signed(inspection),
    ]


def order_blocks(inspection: Inspection, findings: Sequence[Finding]) -> list[Block]:
    """What is ordered, about matters delegated to the street."""
    matters = sorted({f.delegated.name for f in findings if f.delegated})
    return [
        content.to(inspection.facility.name),
        content.paragraph(
            f"经行政检查（检查编号{inspection.number}），你机构在街道承接的赋权事项"
            f"（{'、'.join(matters)}）方面存在下列问题，现责令限期整改："
        ),
        content.items([_one(f) for f in findings]),
        content.paragraph(
            "请在期限内整改完毕，并登录平台反馈。对本通知有异议的，可以向街道陈述、申辩，"
            "也可以依法申请行政复议或者提起行政诉讼。"
        ),
        *_signed(inspection),
    ]


def issue_recheck(finding: Finding, *, passed: bool, by: Actor, at: dt.datetime) -> OfficialPaper:
    """The opinion after somebody looked again."""
    blocks = recheck_blocks(finding, passed=passed)
    return issue(
        "recheck_opinion",
        finding,
        data=content.paper_data(act=ACT, blocks=blocks),
        by=by,
        at=at,
        title="整改复查意见书",
        series=RECTIFICATION_SERIES,
        party=finding.party,
    )


def recheck_blocks(finding: Finding, *, passed: bool) -> list[Block]:
    """What the opinion says."""
    if passed:
        words = "经复查，该问题已整改，予以销号。"
    else:
        words = f"经复查，该问题没有整改到位，请于{chinese_date(finding.due_on)}前完成整改。"
    how = "书面复查" if finding.closed_on_paper else "现场复查"
    return [
        content.to(finding.facility.name),
        content.facts(
            [
                ("问题编号", finding.number),
                ("问题", finding.text),
                ("机构反馈的措施", finding.measure or "—"),
                ("复查方式", how),
            ]
        ),
        content.paragraph(words),
        *([content.paragraph(finding.close_note)] if finding.close_note else []),
    ]


def issue_transfer(
    step: FindingStep,
    department: Department,
    facts: str,
    due: dt.date,
    *,
    by: Actor,
    at: dt.datetime,
) -> OfficialPaper:
    """The letter that hands a finding to the authority; it hangs on the office's own step."""
    return issue(
        "transfer_letter",
        step,
        data=content.paper_data(
            act="问题线索移送", blocks=transfer_blocks(step.finding, department, facts, due)
        ),
        by=by,
        at=at,
        title="问题线索移送函",
        series=TRANSFER_SERIES,
    )


def transfer_blocks(
    finding: Finding, department: Department, facts: str, due: dt.date
) -> list[Block]:
    """What the letter says: facts and a request, never a verdict."""
    facility = finding.facility
    with translation.override(settings.LANGUAGE_CODE):
        severity = str(finding.get_severity_display())
    return [
        content.to(department.name),
        content.paragraph("我街道在监督检查中发现下列问题，属于你单位职责范围，现予移送。"),
        content.facts(
            [
                ("问题编号", finding.number),
                ("机构名称", facility.name),
                ("统一社会信用代码", facility.uscc),
                ("地址", f"{facility.community} {facility.address}"),
                ("任务来源", SOURCE),
                ("严重程度", severity),
                ("问题", finding.text),
            ]
        ),
        content.paragraph(facts),
        content.paragraph(
            f"请依照职责处理，并最迟于{chinese_date(due)}将受理情况和处理结果反馈我街道。"
        ),
    ]


def issue_taken_back(
    step: FindingStep, letter: Transfer, reason: str, *, by: Actor, at: dt.datetime
) -> OfficialPaper:
    """The letter that tells the authority that the first one does not stand; the office's own."""
    blocks = [
        content.to(letter.department.name),
        content.paragraph(
            f"我街道于{chinese_date(letter.sent_on)}以{letter.number}移送你单位的问题"
            f"（{step.finding.number}），现予撤回，请不再办理。"
        ),
        content.paragraph(f"撤回原因：{reason}"),
    ]
    return issue(
        "transfer_withdrawn",
        step,
        data=content.paper_data(act="问题线索移送", blocks=blocks),
        by=by,
        at=at,
        title="移送撤回函",
        series=TRANSFER_SERIES,
    )


def _issue(
    inspection: Inspection,
    kind: str,
    title: str,
    blocks: Sequence[Mapping[str, Any]],
    series: str,
    *,
    by: Actor,
    at: dt.datetime,
) -> OfficialPaper:
    return issue(
        kind,
        inspection,
        data=content.paper_data(act=ACT, blocks=[dict(block) for block in blocks]),
        by=by,
        at=at,
        title=title,
        series=series,
        party=inspection.party,
    )


def _basis(law: Regulation, *keys: str) -> list[Block]:
    lines = [text for key in keys if key in law and (text := display_citation(law[key]))]
    return [content.basis(lines)] if lines else []
