"""What the official papers of a complaint say: never who complained, never his words."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import segno
import typst

from complaints.models import Complaint
from facilities.models import Department
from portal.core.actors import Actor
from portal.core.models import OfficialPaper
from portal.core.papers import content, fonts, issue

TEMPLATES = Path(__file__).with_name("typst")
PICTURE_PPI = 1080 / (105 / 25.4)  # the slip is 105 mm wide


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


def receipt_picture(complaint: Complaint, code: str, address: str) -> bytes:
    """The slip as a PNG 1080 pixels wide; drawn from memory and stored nowhere."""
    return bytes(_slip(complaint, code, address).compile(format="png", ppi=PICTURE_PPI))


def receipt_sheet(complaint: Complaint, code: str, address: str) -> bytes:
    """The slip as a PDF, for the printer at the counter."""
    return bytes(_slip(complaint, code, address).compile(format="pdf"))


def _slip(complaint: Complaint, code: str, address: str) -> Any:
    """Number, code and what comes next; nothing of what was told."""
    rows = [("编号", complaint.number), ("查询码", code)]
    lines = [
        f"收到日期：{content.chinese_date(complaint.received_on)}",
        f"最迟在{content.chinese_date(complaint.respond_due)}告诉您是否受理。",
        "扫码打开查询页面，填写查询码就能看进度、回答提问。查询码忘了不能找回，请收好。",
    ]
    inputs = {
        "title": "投诉举报回执", "rows": rows, "lines": lines, "fonts": fonts.families(),
        "qr": segno.make(address, error="m", micro=False).svg_inline(border=0),
    }  # fmt: skip
    return typst.Compiler(
        TEMPLATES / "receipt.typ", root=TEMPLATES, ignore_system_fonts=True,
        font_paths=fonts.loaded(fonts.folders()),
        sys_inputs={"slip": json.dumps(inputs, ensure_ascii=False)},
    )  # fmt: skip
