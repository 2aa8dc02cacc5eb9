"""What the pages of an act share: asked, done and told, or shown with what was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.actions import NotReady
from evaluations.models.choices import Field
from evaluations.rules import CannotDraw
from portal.core.models import OfficialPaper
from portal.core.roles import Role
from portal.core.statemachine import TransitionNotOpen

READERS = (Role.CLERK, Role.APPROVER, Role.LEADER, Role.AUDITOR, Role.COMMUNITY)
OFFICE = READERS[:4]
WHY: dict[str, Any] = {
    "no_set": gettext_lazy("还没有发布的指标体系，请先由两人发布一版"),
    "no_facilities": gettext_lazy("还没有选择机构"),
    "self_due": gettext_lazy("自评截止须晚于启动的那一天，请先在“评估设置”里改期"),
    "no_panel": gettext_lazy("还没有抽取评估组"),
    "grade_order": gettext_lazy("各等级的最低分应从 A 到 C 依次降低"),
    "panel_size": gettext_lazy("评估组人数须是单数，且不少于最少评分人数"),
    "required_fields": gettext_lazy("须有的专业比评估组人数还多"),
    "cap_grade": gettext_lazy("等级上限不对"),
    "sheets": gettext_lazy("还有评分表没有提交"),
    "scorers": gettext_lazy("有机构的评分人数不够"),
    "moderation": gettext_lazy("还有指标没有合议"),
    "facts_due": gettext_lazy("机构核对事实的期限还没有过"),
    "remarks": gettext_lazy("还有机构提出的事实没有答复"),
    "notice": gettext_lazy("公示期还没有结束"),
    "objections": gettext_lazy("还有异议没有答复"),
    "minutes": gettext_lazy("会议记录还没有定稿"),
    "too_early": gettext_lazy("审定会要在公示结束以后召开，表决才能作数"),
    "moved_on": gettext_lazy("这一步现在不能办理，请回到评估页看看现在的状态"),
    "unvoted": gettext_lazy("还有到会委员的表决没有记下（弃权也要记），记全以后才能定稿"),
    "votes": gettext_lazy("有机构的结果没有得到到会委员的过半数同意"),
    "chair": gettext_lazy("主持会议的委员不能同时是经办人"),
    "decision": gettext_lazy("委员会还没有审定结果"),
    "decided": gettext_lazy("委员会已经审定结果，不能再退回合议"),
    "agreed": gettext_lazy("各机构的结果都得到了过半数同意，不用退回合议"),
    "enough": gettext_lazy("这家机构的评分人数已经够了"),
    "grade": gettext_lazy("降低等级时，变更后的等级应低于现在的等级"),
    "reason": gettext_lazy("请写原因"),
    "left": gettext_lazy("这位委员已经退出评估组，评分表不能再退回"),
    "size": gettext_lazy("评估委员库里能抽取的委员不够，请先增加委员"),
}


def crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way from the desk to this page."""
    here = (_("质量评估"), reverse("desk:evaluations"))
    return [(_("工作台"), reverse("desk:home")), here, *steps]


def sentences(codes: Iterable[str]) -> list[str]:
    """Why something cannot be done yet, in words."""
    fields = {key: _("能抽取的委员里没有“%(field)s”专业的") % {"field": label}
              for key, label in Field.choices}  # fmt: skip
    return [str(WHY.get(code) or fields.get(code, code)) for code in codes]


def in_time(act: Callable[[], str]) -> Callable[[], str]:
    """An act about a noun whose round may have moved on: told at the form."""

    def timely() -> str:
        try:
            return act()
        except TransitionNotOpen as late:
            raise NotReady(["moved_on"]) from late

    return timely


def act_page(
    request: HttpRequest, form: Any, title: str, back: str, act: Callable[[], str], **more: Any
) -> HttpResponse:
    """The page of an act: done and told, or shown with what was typed and what stands against it.

    `more`: `effects` (what will happen), `danger`, `preview`, `steps` (crumbs before the last).
    """
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act())
            return redirect(back, permanent=False)
        except (NotReady, CannotDraw) as refused:
            for words in sentences(getattr(refused, "why", ()) or getattr(refused, "missing", ())):
                form.add_error(None, words)
    form.cancel_url = back
    steps = [*more.pop("steps", ()), (title, "")]
    context = {"form": form, "act": title, "crumbs": crumbs(*steps), **more}
    return render(request, "evaluations/desk/act.html", context)


def paper_links(paper: OfficialPaper) -> list[dict[str, str]]:
    """The three ways to read a paper."""
    return [
        {"label": _("网页版"), "url": reverse("core:paper", args=[paper.pk]), "icon": "file-text"},
        {"label": "PDF", "url": reverse("core:paper_pdf", args=[paper.pk]), "icon": "file-pdf"},
        {"label": _("图片"), "url": reverse("core:paper_png", args=[paper.pk]), "icon": "image"},
    ]
