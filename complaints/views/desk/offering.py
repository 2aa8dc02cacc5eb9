"""Which acts a case offers to a person now, the one to do next before the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints import queries, rules
from complaints.models import Complaint, Lane, PauseKind
from portal.core import clock, permissions
from portal.core.models import User
from portal.core.queries import in_force

Fits = Callable[[Complaint], bool]


@dataclass(frozen=True, slots=True)
class Offer:
    """A transition, the words on its button, and when it makes sense."""

    transition: str
    label: Any
    fits: Fits = lambda _case: True
    route: str = ""

    def url(self, complaint: Complaint) -> str:
        """The page of the act."""
        return reverse(f"desk:complaint_{self.route or self.transition}", args=[complaint.pk])


def _told(case: Complaint) -> bool:
    """A red case goes on once it was reported."""
    return not case.is_red or case.reported_on is not None


def _inside(case: Complaint) -> bool:
    """Of the office: the discipline inspectors' cases know few acts, most of them their own."""
    return case.lane != Lane.DISCIPLINE


def _may_be_shown(case: Complaint) -> bool:
    """Upheld, of a kind that points at nobody, about a facility with a page (R14)."""
    law = in_force(clock.today())
    return bool(case.facility_id) and rules.may_be_shown(case.category, case.result, law)


GROUPS: tuple[tuple[Any, tuple[Offer, ...]], ...] = (
    (
        _("紧急专线"),
        (
            Offer("acknowledge", _("确认收到"), lambda c: c.is_red and not c.acknowledged_by_id),
            Offer("report", _("记向公安或主管部门报告"), lambda c: c.is_red),
            Offer("confirm_category", _("确认调整类别"), lambda c: bool(c.category_proposed)),
            Offer("refuse_category", _("不同意调整类别"), lambda c: bool(c.category_proposed)),
            Offer("propose_category", _("调整类别"),
                  lambda c: _inside(c) and not c.category_proposed),
            Offer("raise_alarm", _("转为紧急举报"), lambda c: not c.is_red),
        ),
    ),
    (
        _("受理和分派"),
        (
            Offer("accept", _("受理"), lambda c: _inside(c) and _told(c)),
            Offer("reject", _("不予受理"), lambda c: _inside(c) and _told(c)),
            Offer("assign", _("分派或移交"), _inside),
            Offer("assist", _("加协办人"), _inside),
            Offer("remind", _("催办"), lambda c: _inside(c) and c.handler_id is not None),
            Offer("describe", _("标题和摘要"), _inside),
            Offer("merge", _("并入另一件"), lambda c: _inside(c) and c.parent_id is None),
            Offer("separate", _("恢复单独办理"), lambda c: c.parent_id is not None),
        ),
    ),
    (
        _("核查"),
        (
            Offer("investigate", _("开始核查"), _inside),
            Offer("ask", _("向投诉人提问"), _inside),
            Offer("ask_discipline", _("向投诉人提问"), lambda c: not _inside(c)),
            Offer("write", _("给投诉人留言")),
            Offer("request_statement", _("请机构说明"), lambda c: c.facility_id is not None),
            Offer("refer", _("转有关部门"), _inside),
            Offer("open_inspection", _("安排检查"),
                  lambda c: c.facility_id is not None and not queries.stands(c.inspection)),
            Offer("pass_on_place", _("记为未登记线索"),
                  lambda c: _inside(c) and c.facility_id is None and c.lead_id is None),
            Offer("resume", _("不再等待，继续办理"), _inside),
            Offer("resume_discipline", _("不再等待，继续办理"), lambda c: not _inside(c)),
        ),
    ),
    (
        _("期限"),
        (
            Offer("pause", _("暂停计时"), lambda c: not c.is_paused),
            Offer("end_pause", _("恢复计时"),
                  lambda c: c.pause_kind not in {"", PauseKind.QUESTION}),
            Offer("extend", _("延长期限"),
                  lambda c: bool(c.finish_due) and not c.extended_on and not c.given_day),
        ),
    ),
    (
        _("办结"),
        (
            Offer("approve_reply", _("审签答复")),
            Offer("propose_reply", _("提出答复"), _told),
            Offer("hand_back", _("退回答复")),
            Offer("propose_outcome", _("公示处理结果"), _may_be_shown, "outcome"),
            Offer("take_over", _("纪工委受理"), lambda c: not _inside(c)),
            Offer("answer_discipline", _("答复投诉人"), lambda c: not _inside(c)),
        ),
    ),
    (
        _("记录和保存"),
        (
            Offer("add_file", _("加入材料"), _inside),
            Offer("note", _("写内部记录"), lambda c: _inside(c) and not c.erased_on),
            Offer("hold", _("保留，不按期销毁"), lambda c: not c.hold_by_id and not c.erased_on),
            Offer("lift_hold", _("解除保留"), lambda c: c.hold_by_id is not None),
        ),
    ),
)  # fmt: skip
# The first of these that is offered is the one primary button of the page.
NEXT = (
    "acknowledge", "report", "confirm_category", "accept", "approve_reply", "take_over",
    "answer_discipline", "investigate", "propose_reply", "resume",
    "resume_discipline", "assign",
)  # fmt: skip


# What the second of two decides, in the common lane an approver (complaints.actions.deciding).
DECISIONS = frozenset({"approve_reply", "hand_back", "extend"})


def _may(user: User, transition: str, complaint: Complaint) -> bool:
    decides = transition not in DECISIONS or queries.may_decide(complaint, user)
    return decides and permissions.can(user, transition, complaint)


def offered(user: User, complaint: Complaint) -> list[tuple[Any, list[Offer]]]:
    """The acts open to the person, in groups; empty groups are left out."""
    found = []
    for words, offers in GROUPS:
        may = [o for o in offers if o.fits(complaint) and _may(user, o.transition, complaint)]
        if may:
            found.append((words, may))
    return found


def buttons(user: User, complaint: Complaint, on: dt.date) -> dict[str, Any]:
    """The primary act, and the others by groups, as the page shows them."""
    groups = offered(user, complaint)
    open_ = {offer.transition: offer for _words, offers in groups for offer in offers}
    order = [name for name in NEXT if name != "report" or complaint.reported_on is None]
    first = next((open_[name] for name in order if name in open_), None)
    return {
        "next_act": _shown(first, complaint) if first else None,
        "act_groups": [
            (words, [_shown(o, complaint) for o in offers if o is not first])
            for words, offers in groups
            if any(o is not first for o in offers)
        ],
        "report_minutes": rules.report_minutes(complaint.category, in_force(on)),
    }


def _shown(offer: Offer, complaint: Complaint) -> dict[str, Any]:
    return {"label": offer.label, "url": offer.url(complaint)}
