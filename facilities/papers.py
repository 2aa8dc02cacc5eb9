"""The official papers of a filing: receipt, correction notice, notice of declining.

The wording is the office's own. An article is printed only once two persons have checked it (R30).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import translation

from facilities.models import ClassGroup, CorrectionItem, Department, Facility, Filing, Lead
from facilities.models.choices import ChangeTile, FilingKind, FilingSource, LegalForm, SectionKey
from portal.core import clock
from portal.core.actors import Actor
from portal.core.models import OfficialPaper
from portal.core.papers import content, issue, replace
from portal.core.papers.content import chinese_date
from portal.core.regulation import Regulation, display_citation
from portal.core.roles import Role

SERIES = "registration"
ACT = "托育机构街道登记报送"
RECEIPT_TITLE = "托育机构登记回执"
CHANGE_TITLE = "托育机构变更登记回执"
CLOSURE_TITLE = "托育机构停办登记回执"


def issue_registration_receipt(
    filing: Filing, law: Regulation, *, by: Actor, at: dt.datetime
) -> OfficialPaper:
    """The receipt of a registration: what was registered, and what it is not (D2)."""
    facility = filing.facility
    if facility is None:
        raise ValueError("a receipt needs a registered facility")
    blocks = receipt_blocks(filing, facility, list(facility.classes.all()), law)
    blocks += _deputy(by, Role.APPROVER)
    return issue(
        "registration_receipt",
        filing,
        data=content.paper_data(act=ACT, blocks=blocks),
        by=by,
        at=at,
        title=RECEIPT_TITLE,
        series=SERIES,
        party=facility.code,
    )


def receipt_blocks(
    filing: Filing, facility: Facility, classes: Sequence[ClassGroup], law: Regulation
) -> list[content.Block]:
    """What the receipt says; the page of the decision shows it beforehand."""
    return [
        content.to(facility.name),
        content.paragraph(
            f"你机构报送的登记信息（报送编号{filing.number}）已经审核，"
            f"街道予以登记，街道登记号为{facility.code}。登记事项如下："
        ),
        content.facts(_facts(facility, classes)),
        content.paragraph(
            "本回执只说明街道已登记上述信息，不代替卫生健康部门的备案和依法应当取得的许可。"
            "登记事项变化的，请及时报送变更。"
        ),
        *_basis(law, "filing.answer_working_days"),
    ]


def _facts(facility: Facility, classes: Sequence[ClassGroup]) -> list[tuple[str, str]]:
    places = sum(group.capacity for group in classes)
    with translation.override(settings.LANGUAGE_CODE):  # papers are Chinese, whoever signs
        legal_form = str(LegalForm(facility.legal_form).label)
    return [
        ("机构名称", facility.name),
        ("统一社会信用代码", facility.uscc),
        ("机构性质", legal_form),
        ("登记机关", facility.registration_authority),
        ("地址", f"{facility.community.name} {facility.address}"),
        ("托位", f"{len(classes)} 个班，共 {places} 个托位"),
        ("机构负责人", facility.manager),
    ]


def issue_receipt(filing: Filing, law: Regulation, *, by: Actor, at: dt.datetime) -> OfficialPaper:
    """The receipt of what was granted: a registration, a change, a closure."""
    if filing.kind == FilingKind.CHANGE:
        return issue_change_receipt(filing, law, by=by, at=at)
    if filing.kind == FilingKind.CLOSURE:
        return issue_closure_receipt(filing, law, by=by, at=at)
    return issue_registration_receipt(filing, law, by=by, at=at)


def issue_change_receipt(
    filing: Filing, law: Regulation, *, by: Actor, at: dt.datetime
) -> OfficialPaper:
    """What is registered now; it takes the place of the receipt before it."""
    facility = _registered(filing)
    earlier = OfficialPaper.objects.valid().filter(
        party=facility.code, kind__in=("registration_receipt", "change_receipt")
    )
    standing = list(earlier)
    blocks = change_blocks(filing, facility, list(facility.classes.all()), law)
    blocks += _deputy(by, Role.APPROVER)
    paper = _issue(filing, "change_receipt", CHANGE_TITLE, blocks, by=by, at=at, series="change")
    for old in standing:
        replace(old, paper, "登记事项已变更", by=by, at=at)
    return paper


def change_blocks(
    filing: Filing, facility: Facility, classes: Sequence[ClassGroup], law: Regulation
) -> list[content.Block]:
    """What the receipt of a change says."""
    with translation.override(settings.LANGUAGE_CODE):
        changed = "、".join(str(ChangeTile(tile).label) for tile in filing.scope)
    return [
        content.to(facility.name),
        content.paragraph(
            f"你机构报送的变更信息（报送编号{filing.number}）已经审核，街道予以登记，"
            f"街道登记号{facility.code}不变。变更事项：{changed}。变更后的登记事项如下："
        ),
        content.facts(_facts(facility, classes)),
        content.paragraph(
            "原登记回执由本回执代替。本回执不代替卫生健康部门的备案变更，备案事项变化的，"
            "请在国家托育机构备案信息系统中变更。"
        ),
        *_basis(law, "filing.change_report_working_days"),
    ]


def issue_closure_receipt(
    filing: Filing, law: Regulation, *, by: Actor, at: dt.datetime
) -> OfficialPaper:
    """That the closure was reported, the day, and what is still to be done."""
    facility = _registered(filing)
    plan = dict(filing.submissions.latest("round").answers["closure"])
    if facility.closes_on:  # the day may have been brought forward since (a move)
        plan["closing_on"] = facility.closes_on.isoformat()
    blocks = closure_blocks(filing, facility, plan, law) + _deputy(by, Role.APPROVER)
    return _issue(filing, "closure_receipt", CLOSURE_TITLE, blocks, by=by, at=at, series="closure")


def reissue_closure_receipt(
    filing: Filing, law: Regulation, *, by: Actor, at: dt.datetime
) -> OfficialPaper:
    """The receipt of a closure with the day to which it was brought forward; replaces the first."""
    filing.refresh_from_db(fields=["facility"])
    standing = _valid_papers(filing, "closure_receipt")
    paper = issue_closure_receipt(filing, law, by=by, at=at)
    for old in standing:
        replace(old, paper, "机构已在新的地方登记，停办日期提前", by=by, at=at)
    return paper


def closure_blocks(
    filing: Filing, facility: Facility, plan: Mapping[str, Any], law: Regulation
) -> list[content.Block]:
    """What the receipt of a closure says; numbers of children only, never a name."""
    day = chinese_date(dt.date.fromisoformat(plan["closing_on"]))
    is_ours = filing.source == FilingSource.COUNTER and not plan.get("children_plan")
    lead = (
        f"经审定，街道注销{facility.name}（街道登记号{facility.code}）的登记。理由："
        f"{plan.get('reason', '')}"
        if is_ours
        else f"你机构报送的停办信息（报送编号{filing.number}）已经审核，街道予以登记。"
    )
    rows = [("机构名称", facility.name), ("街道登记号", facility.code), ("停办日期", day)]
    return [
        content.to(facility.name),
        content.paragraph(lead),
        content.facts(rows),
        content.paragraph(
            "停办之日起街道登记注销，机构信息从公开查询中撤下，原登记回执不再有效。"
            "请妥善安置在托的孩子和工作人员，退还预收费用，并到卫生健康部门办理备案注销。"
        ),
        *_basis(law, "filing.closure_notice_days"),
    ]


def _registered(filing: Filing) -> Facility:
    if filing.facility is None:
        raise ValueError("a receipt needs a registered facility")
    return filing.facility


def issue_correction_notice(
    filing: Filing,
    corrections: Sequence[CorrectionItem],
    law: Regulation,
    *,
    by: Actor,
    at: dt.datetime,
) -> OfficialPaper:
    """The one list of what to put right, with the day by which; replaces the round before."""
    if filing.correction_due is None:
        raise ValueError("a correction notice needs the day by which")
    blocks = correction_blocks(filing, corrections, filing.correction_due, law)
    earlier = _valid_papers(filing, "correction_notice")
    paper = _issue(filing, "correction_notice", "登记报送补正通知", blocks, by=by, at=at)
    for old in earlier:
        replace(old, paper, "发出了新的补正通知", by=by, at=at)
    return paper


def correction_blocks(
    filing: Filing, corrections: Sequence[CorrectionItem], due: dt.date, law: Regulation
) -> list[content.Block]:
    """What the correction notice says; the clerk reads it before it is sent."""
    with translation.override(settings.LANGUAGE_CODE):
        entries = [f"{SectionKey(c.section).label}：{c.reason}" for c in corrections]
    return [
        content.to(filing.facility_name),
        content.paragraph(
            f"你机构报送的登记信息（报送编号{filing.number}）收悉。经审核，下列内容需要补正："
        ),
        content.items(entries),
        content.paragraph(
            f"请最迟于{chinese_date(due)}登录平台，在“我的机构”中修改后重新提交。"
            "补正期间，街道的答复期限暂停计算。"
        ),
        *_basis(law, "filing.correction_working_days"),
    ]


def issue_decline_notice(
    filing: Filing, law: Regulation, *, by: Actor, at: dt.datetime
) -> OfficialPaper:
    """Why the street does not register, and what can be done next."""
    blocks = decline_blocks(filing, filing.decision_reason, law) + _deputy(by, Role.APPROVER)
    return _issue(filing, "decline_notice", "不予登记告知书", blocks, by=by, at=at)


def decline_blocks(filing: Filing, reason: str, law: Regulation) -> list[content.Block]:
    """What the notice of declining says; both officials read it before it is issued."""
    return [
        content.to(filing.facility_name),
        content.paragraph(
            f"你机构报送的登记信息（报送编号{filing.number}）经审核，街道不予登记。理由如下："
        ),
        content.paragraph(reason),
        content.paragraph(
            "不予登记不影响你机构按照规定向卫生健康部门办理备案。情况改变后，可以重新报送。"
            "对本告知有疑问的，可以向街道卫健办咨询。"
        ),
        *_basis(law, "filing.answer_working_days"),
    ]


def refusal_notice(filing: Filing, law: Regulation) -> list[content.Block]:
    """What the public reads of a refusal: who, when, why, on what ground."""
    decided = clock.day_of(filing.decided_at) if filing.decided_at else None
    rows = [
        ("名称", filing.facility_name),
        ("社区（村）", filing.community.name if filing.community else "—"),
        ("决定", "不予登记"),
        ("决定日期", chinese_date(decided) if decided else "—"),
    ]
    return [
        content.facts(rows),
        content.paragraph(filing.decision_reason),
        content.paragraph(
            "不予登记不影响按照规定向卫生健康部门办理备案。情况改变后，可以重新报送。"
        ),
        *_basis(law, "filing.answer_working_days"),
    ]


def _issue(
    filing: Filing,
    kind: str,
    title: str,
    blocks: Sequence[Mapping[str, Any]],
    *,
    by: Actor,
    at: dt.datetime,
    series: str = SERIES,
) -> OfficialPaper:
    return issue(
        kind,
        filing,
        data=content.paper_data(act=ACT, blocks=[dict(block) for block in blocks]),
        by=by,
        at=at,
        title=title,
        series=series,
        party=filing.party,
    )


def _deputy(by: Actor, role: str) -> list[dict[str, Any]]:
    """A deputy shows on the paper (R5): for whom, and until when."""
    acting = by.user.deputised(role) if by.user else None
    if acting is None or acting.deputy_for is None or acting.valid_to is None:
        return []
    text = (
        f"本文书由{acting.deputy_for.signature_label}的代理人审定，"
        f"代理期限为{chinese_date(acting.valid_from)}至{chinese_date(acting.valid_to)}。"
    )
    return [content.paragraph(text)]


def _valid_papers(filing: Filing, kind: str) -> list[OfficialPaper]:
    return list(OfficialPaper.objects.valid().filter(noun_id=filing.pk, kind=kind))


def _basis(law: Regulation, *keys: str) -> list[dict[str, Any]]:
    lines = [text for key in keys if key in law and (text := display_citation(law[key]))]
    return [content.basis(lines)] if lines else []


def issue_transfer_letter(
    lead: Lead,
    department: Department,
    matter: str,
    facts: str,
    due: dt.date,
    *,
    by: Actor,
    at: dt.datetime,
) -> OfficialPaper:
    """The letter that hands a hint to the authority that answers for it (domain.md §8.6)."""
    blocks = transfer_blocks(lead, department, matter, facts, due)
    return issue(
        "transfer_letter",
        lead,
        data=content.paper_data(act="问题线索移送", blocks=blocks),
        by=by,
        at=at,
        title="问题线索移送函",
        series="transfer",
        party=lead.party,
    )


def transfer_blocks(
    lead: Lead, department: Department, matter: str, facts: str, due: dt.date
) -> list[content.Block]:
    """What the letter says: facts and a request, never a verdict; read before it is sent."""
    with translation.override(settings.LANGUAGE_CODE):
        source, outcome = str(lead.get_source_display()), str(lead.get_outcome_display())
    place = " ".join(filter(None, [str(lead.community or ""), lead.address]))
    return [
        content.to(department.name),
        content.paragraph(
            f"我街道在工作中了解到下列线索，属于你单位职责的事项（{matter}），现予移送。"
        ),
        content.facts(
            [
                ("线索编号", lead.number),
                ("名称", lead.name),
                ("统一社会信用代码", lead.uscc or "不详"),
                ("地址", place or "不详"),
                ("来源", source),
                ("核实结果", outcome),
            ]
        ),
        content.paragraph(facts),
        content.paragraph(
            f"请依照职责处理，并最迟于{chinese_date(due)}将受理情况和处理结果反馈我街道。"
        ),
    ]
