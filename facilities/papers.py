"""The official papers of a filing: receipt, correction notice, notice of declining.

The wording is the office's own. An article is printed only once two persons have checked it (R30).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.utils import translation

from facilities.models import ClassGroup, CorrectionItem, Facility, Filing
from facilities.models.choices import LegalForm
from portal.core.actors import Actor
from portal.core.models import OfficialPaper
from portal.core.papers import content, issue, replace
from portal.core.papers.content import chinese_date
from portal.core.regulation import Regulation, display_citation
from portal.core.roles import Role

SERIES = "registration"
ACT = "托育机构街道登记报送"
SECTION_NAMES = {"registration": "登记信息", "premises": "场所与托位", "certificates": "证照材料"}


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
        title="托育机构登记回执",
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
    entries = [f"{SECTION_NAMES[c.section]}：{c.reason}" for c in corrections]
    return [
        content.to(filing.facility_name),
        content.paragraph(
            f"你机构报送的登记信息（报送编号{filing.number}）收悉。经审核，下列内容需要补正："
        ),
        content.items(entries),
        content.paragraph(
            f"请于{chinese_date(due)}前登录平台，在“我的机构”中修改后重新提交。"
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


def _issue(
    filing: Filing,
    kind: str,
    title: str,
    blocks: Sequence[Mapping[str, Any]],
    *,
    by: Actor,
    at: dt.datetime,
) -> OfficialPaper:
    return issue(
        kind,
        filing,
        data=content.paper_data(act=ACT, blocks=[dict(block) for block in blocks]),
        by=by,
        at=at,
        title=title,
        series=SERIES,
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
