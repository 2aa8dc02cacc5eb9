"""What the pages of the acts share: the way there, the refusals in plain words, the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import actions, queries
from complaints.models import Complaint, Erased
from facilities.actions import NotAnswering
from portal.core.attachments import UploadRefused
from portal.core.files.store import StorageFull
from portal.core.pages import Request


def crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way from the desk over the list of cases to this page."""
    return [
        (_("工作台"), reverse("desk:home")),
        (_("投诉举报"), reverse("desk:complaints") if steps else ""),
        *steps,
    ]


def way_to(complaint: Complaint, words: str) -> list[tuple[str, str]]:
    """The way to a page about the case."""
    return crumbs((complaint.number, reverse("desk:complaint", args=[complaint.pk])), (words, ""))


def act_on(
    request: Request,
    complaint: Complaint,
    form: Any,
    words: Any,
    act: Callable[[], str],
    **more: Any,
) -> HttpResponse:
    """The page of an act: done and told, or shown with what was typed and why it was refused."""
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act())
        except REFUSED as why:
            form.add_error(None, refusal(why))
        else:
            return back(request, complaint)
    form.cancel_url = reverse("desk:complaint", args=[complaint.pk])
    context = {
        "complaint": complaint, "form": form, "act": words,
        "crumbs": way_to(complaint, str(words)), **more,
    }  # fmt: skip
    return render(request, "complaints/desk/act.html", context)


def back(request: Request, complaint: Complaint) -> HttpResponseRedirect:
    """To the case; to the list where the act has put it out of one's reach."""
    if queries.may_see(complaint, request.user):
        return redirect("desk:complaint", id=complaint.pk)
    return redirect("desk:complaints")


def refusal(why: Exception) -> str:
    """Why the act was not done, for the person who tried."""
    if isinstance(why, actions.TooClose):
        words = _("与投诉人的原话有一段相同：“%(shared)s”。请用自己的话写，以免被认出来")
        return words % {"shared": why.shared}
    return str(_WORDS[type(why)]())


_WORDS: dict[type[Exception], Callable[[], str]] = {
    StorageFull: lambda: UploadRefused("no_room").message,
    actions.NotReported: lambda: _("紧急举报要先向公安或主管部门报告并记下来，才能办理这一步"),
    actions.NotProposed: lambda: _("没有待确认的类别调整"),
    actions.CannotTake: lambda: _("这件不能交给他：不在他的范围内、需要回避，或他办过原件"),
    actions.CannotMerge: lambda: _("这两件不能合并：专线不同、已经并入别的件，或对方已办结"),
    actions.NoFacility: lambda: _("还没有写明是哪家机构，请先在“标题和摘要”里写上"),
    actions.CannotExtend: lambda: _("已经延长过，或这一类没有办结期限"),
    actions.GivenDay: lambda: _("12345 工单的办结日期由 12345 定，请向 12345 申请延期"),
    actions.NothingFollows: lambda: _("属实的要有后续：先移送、报告、安排检查或记为未登记线索"),
    actions.FoundNothing: lambda: _("检查没有发现问题，仍认定属实的，请写明理由"),
    actions.NotToBeShown: lambda: _("只有属实、类别可以公示、机构在册的投诉能公示处理结果"),
    actions.AlreadyRed: lambda: _("这件已经是紧急举报"),
    actions.CaseEnded: lambda: _("这件已经结束，不再请机构说明"),
    Erased: lambda: _("这件的内容已按期销毁，不能再写"),
    NotAnswering: lambda: _("这个部门已经停用，请选别的部门"),
    actions.NoContact: lambda: _("这件是匿名的，或联系方式已按期销毁"),
}
REFUSED: tuple[type[Exception], ...] = (*_WORDS, actions.TooClose)

__all__ = ["REFUSED", "act_on", "back", "crumbs", "refusal", "way_to"]
