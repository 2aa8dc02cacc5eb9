"""The papers before an administrative inspection: the approval sheet and the notice.

The sheet is the office's own and hangs on the approval; the notice is shown at the door and is the
facility's once the inspection is over. Neither tells what called for it (R14).
"""

from __future__ import annotations

import datetime as dt

from inspections.models import DelegatedItem, Inspection, InspectionApproval
from inspections.queries import visits as queries
from portal.core.actors import Actor
from portal.core.models import OfficialPaper
from portal.core.papers import content, issue
from portal.core.papers.content import Block, chinese_date

from .visits import ACT, INSPECTION_SERIES, SOURCE, moment, officers

NOTICE, SHEET = "inspection_notice", "approval_sheet"
NOTICE_TITLE, SHEET_TITLE = "行政检查通知书", "行政检查审批表"


def issue_sheet(approval: InspectionApproval, *, by: Actor, at: dt.datetime) -> OfficialPaper:
    """Who proposed and who approved what; for the file of the office."""
    return issue(
        SHEET,
        approval,
        data=content.paper_data(act=ACT, blocks=sheet_blocks(approval)),
        by=by,
        at=at,
        title=SHEET_TITLE,
        series=INSPECTION_SERIES,
    )


def issue_notice(inspection: Inspection, *, by: Actor, at: dt.datetime) -> OfficialPaper:
    """What the team shows at the door."""
    return issue(
        NOTICE,
        inspection,
        data=content.paper_data(act=ACT, blocks=notice_blocks(inspection)),
        by=by,
        at=at,
        title=NOTICE_TITLE,
        series=INSPECTION_SERIES,
        party=inspection.party,
    )


def sheet_blocks(approval: InspectionApproval) -> list[Block]:
    """What the sheet says; the people by post."""
    inspection = approval.inspection
    return [
        content.facts(_whom(inspection)),
        content.facts(_what(inspection)),
        content.facts(
            [
                ("承办意见", f"{approval.proposed_by.signature_label}：拟按上述安排开展行政检查"),
                (
                    "审批意见",
                    f"{approval.approved_by.signature_label}：同意，{moment(approval.approved_at)}",
                ),
            ]
        ),
    ]


def notice_blocks(inspection: Inspection) -> list[Block]:
    """What the notice says, with the rights of the facility."""
    return [
        content.to(inspection.facility.name),
        content.paragraph("街道将对你机构开展行政检查，请予配合。有关事项如下："),
        content.facts(_what(inspection)),
        content.paragraph(
            "检查人员不少于两人，检查时应当主动出示行政执法证件；没有出示证件的，你机构有权拒绝检查。"
        ),
        content.paragraph(
            "你机构认为检查人员与本次检查有利害关系的，可以申请其回避；"
            "对检查中认定的情况，有权陈述、申辩。"
        ),
    ]


def _whom(inspection: Inspection) -> list[tuple[str, str]]:
    facility = inspection.facility
    return [
        ("被检查单位", facility.name),
        ("统一社会信用代码", facility.uscc),
        ("地址", f"{facility.community} {facility.address}"),
    ]


def _what(inspection: Inspection) -> list[tuple[str, str]]:
    return [
        ("检查编号", inspection.number),
        ("任务来源", SOURCE),
        *_matter(inspection.delegated),
        (
            "检查内容",
            f"《{inspection.checklist.checklist.name}》第{inspection.checklist.version}版",
        ),
        ("检查日期", chinese_date(inspection.planned_on)),
        ("检查人员", "、".join(officers(inspection)) or "—"),
    ]


def _matter(matter: DelegatedItem | None) -> list[tuple[str, str]]:
    """The delegated matter, as two persons confirmed it."""
    if matter is None:
        return []
    return [("检查事项", matter.name), ("依据", f"{matter.basis} {matter.source_number}".strip())]


def notice_of(inspection: Inspection) -> OfficialPaper | None:
    """The notice that stands."""
    return queries.papers_standing(inspection).filter(kind=NOTICE).first()
