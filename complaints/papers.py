"""What the official papers of a complaint say: never who complained, never his words."""

from __future__ import annotations

import datetime as dt

from complaints.models import Complaint
from facilities.models import Department
from portal.core.actors import Actor
from portal.core.models import OfficialPaper
from portal.core.papers import content, issue


def issue_referral(
    complaint: Complaint,
    department: Department,
    matter: str,
    facts: str,
    due: dt.date,
    *,
    by: Actor,
    at: dt.datetime,
) -> OfficialPaper:
    """The letter that hands the matter to the authority that answers for it (domain.md §8.6)."""
    return issue(
        "transfer_letter",
        complaint,
        data=content.paper_data(
            act="问题线索移送", blocks=referral_blocks(complaint, department, matter, facts, due)
        ),
        by=by,
        at=at,
        title="问题线索移送函",
        series="transfer",
        party="",
    )


def referral_blocks(
    complaint: Complaint, department: Department, matter: str, facts: str, due: dt.date
) -> list[content.Block]:
    """What the letter says; read by the official before it is sent."""
    facility = complaint.facility
    name = facility.name if facility else "不在街道登记名单内的场所"
    address = facility.address if facility else "见情况"
    return [
        content.to(department.name),
        content.paragraph(
            f"我街道在工作中了解到下列情况，属于你单位职责的事项（{matter}），现予移送。"
        ),
        content.facts([("名称", name), ("地址", address)]),
        content.paragraph(facts),
        content.paragraph(
            f"请依照职责处理，并最迟于{content.chinese_date(due)}将受理情况和处理结果反馈我街道。"
            "请为反映情况的人保密。"
        ),
    ]
