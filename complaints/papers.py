"""What the official papers of a complaint say: never who complained, never his words."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import segno
import typst
from django.utils import translation

from complaints import queries
from complaints.models import CaseStep, Complaint, ComplaintMessage, StepKind
from facilities.models import Department
from portal.core.actors import Actor
from portal.core.models import OfficialPaper, User
from portal.core.papers import content, fonts, issue

TEMPLATES = Path(__file__).with_name("typst")
Line = tuple[str, Any]
ERASED = "（已销毁）"
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


# --- the whole case ------------------------------------------------------------------------------


def case_sheet(complaint: Complaint, reader: User, on: dt.date) -> bytes:
    """The whole case as a PDF for whoever deals with it; drawn from memory and stored nowhere.

    Who complained is no part of it, not even masked; the reader's post stands on every page.
    """
    with translation.override("zh-hans"):
        inputs = {
            "title": "投诉举报卷宗", "number": complaint.number,
            "mark": "内部资料　注意保密", "watermark": f"内部资料 {reader.signature_label}",
            "printed": f"{reader.signature_label}　{content.chinese_date(on)}",
            "parts": _parts(complaint), "fonts": fonts.families(),
        }  # fmt: skip
    compiler: Any = typst.Compiler(
        TEMPLATES / "case.typ", root=TEMPLATES, ignore_system_fonts=True,
        font_paths=fonts.loaded(fonts.folders()),
        sys_inputs={"case": json.dumps(inputs, ensure_ascii=False)},
    )  # fmt: skip
    return bytes(compiler.compile(format="pdf"))


def _parts(complaint: Complaint) -> list[dict[str, Any]]:
    parts = [
        ("基本情况", _head(complaint), ""),
        ("反映的情况", _told(complaint), "内容已按期销毁。"),
        ("材料", [(_day(f.on_day), f.display_name or ERASED) for f in queries.files_of(complaint)],
         "没有材料。"),
        ("与投诉人的往来", [_message(each) for each in queries.messages_of(complaint)],
         "还没有往来。"),
        ("机构的情况说明", _statements(complaint), "没有请机构说明。"),
        ("转办、报告和检查", _elsewhere(complaint), "没有转办、报告和检查。"),
        ("办理结果", _result(complaint), "还没有结果。"),
        ("办理记录", [_step(each) for each in reversed(queries.steps_of(complaint))], ""),
    ]  # fmt: skip
    return [
        {"title": title, "lines": [(label, str(text)) for label, text in lines if text],
         "empty": empty}
        for title, lines, empty in parts
    ]  # fmt: skip


def _day(day: dt.date | None) -> str:
    return content.chinese_date(day) if day else ""


def _head(complaint: Complaint) -> list[Line]:
    handler = complaint.handler.signature_label if complaint.handler else "还没有"
    return [
        ("编号", complaint.number),
        ("状态", complaint.get_state_display()),
        ("类别", complaint.get_category_display()),
        ("严重程度", complaint.get_severity_display()),
        ("来源", complaint.get_channel_display()),
        ("12345 工单号", complaint.external_number),
        ("12345 要求办结日期", _day(complaint.external_due)),
        ("机构", complaint.facility or ""),
        ("社区（村）", complaint.community or ""),
        ("收到日期", _day(complaint.received_on)),
        ("首次答复期限", _day(complaint.respond_due)),
        ("办结期限", _day(complaint.finish_due)),
        ("承办人", handler),
        ("标题", complaint.title),
        ("摘要", complaint.summary),
    ]


def _told(complaint: Complaint) -> list[Line]:
    told = complaint.told
    place = told.get("place") or ""
    return [
        ("经过", told.get("happened", "")),
        ("什么时候", told.get("when", "")),
        ("地点", place if isinstance(place, str) else " ".join(filter(None, place.values()))),
        ("希望怎样解决", told.get("wish", "")),
        *(told.get("answers") or {}).items(),
    ]


def _message(message: ComplaintMessage) -> Line:
    who = "街道" if message.from_office else "投诉人"
    label = f"{_day(message.on_day)} {who} {message.get_kind_display()}"
    return label, message.text or ERASED


def _statements(complaint: Complaint) -> list[Line]:
    return [
        line
        for each in queries.statements_of(complaint)
        for line in ((f"{each.number} 问题", each.summary), (f"{each.number} 说明", each.answer))
    ]


def _elsewhere(complaint: Complaint) -> list[Line]:
    reports = queries.reports_of(complaint) if complaint.is_red else []
    visit = complaint.inspection
    return [
        *((r.get_organ_display(), f"{r.unit}，{r.reference} {r.note_text}") for r in reports),
        *((_day(letter.sent_on), f"移送{letter.department.name}，{letter.number}")
          for letter in queries.transfers_of(complaint)),
        ("检查", visit.number if visit else ""),
    ]  # fmt: skip


def _result(complaint: Complaint) -> list[Line]:
    return [
        ("结果", complaint.get_result_display() if complaint.result else ""),
        ("依据", complaint.evidence_text),
        ("答复", complaint.reply_text),
        ("办结日期", _day(complaint.closed_on)),
    ]


def _step(step: CaseStep) -> Line:
    """Why somebody wanted to see who complained is kept out with who it was."""
    note = "" if step.kind == StepKind.CONTACT else step.note_text
    who = f"（{step.done_by.signature_label}）" if step.done_by else ""
    words = "：".join(filter(None, [str(step.get_kind_display()), step.text]))
    return _day(step.on_day), "\n".join(filter(None, [words + who, note]))
