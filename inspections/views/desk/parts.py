"""What the desk pages of supervision share: the page of an act, cells, refusals in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.actions import NotAnswering
from inspections import actions
from inspections.rules import kinds
from portal.core.attachments import UploadRefused
from portal.core.models import Attachment, OfficialPaper, User
from portal.core.templatetags.portal import cn_date

THUMBNAIL = 320
Way = list[tuple[str, str]]


def crumbs(*steps: tuple[str, str]) -> Way:
    """The way from the desk to this page."""
    return [(_("工作台"), reverse("desk:home")), *steps]


def tabs_of(
    request: HttpRequest, name: str, current: str, tabs: Iterable[tuple[str, Any, int]]
) -> list[dict[str, Any]]:
    """Tabs that keep the rest of the filter."""
    shown = []
    for value, label, count in tabs:
        query = request.GET.copy()
        query.pop("page", None)
        query[name] = value
        url = f"?{query.urlencode()}"
        shown.append({"label": label, "url": url, "count": count, "current": value == current})
    return shown


def act_page(
    request: HttpRequest, noun: Any, form: Any, words: str, act: Callable[[], str], **more: Any
) -> HttpResponse:
    """The page of an act: done and told, or shown with what was typed and why it was refused."""
    here = more.pop("here", "") or noun.url_for(request.user)
    way: Way = more.pop("way", [])
    if request.method == "POST" and form.is_valid():
        try:
            told = act()
        except REFUSALS as refused:
            form.add_error(None, sentence(refused))
        else:
            messages.success(request, told)
            return redirect(here)
    form.cancel_url = here
    context = {"noun": noun, "form": form, "act": words, "here": here, **more}
    context["crumbs"] = crumbs(*way, (str(noun), here), (words, "")) if noun else crumbs(*way)
    return render(request, "desk/inspections/act.html", context)


REFUSALS = (
    actions.TeamRefused,
    actions.CapReached,
    actions.NotDelegated,
    actions.NoLead,
    actions.WrongKind,
    actions.DayNotAllowed,
    actions.ExtendedBefore,
    actions.NobodyLeft,
    actions.NotByLot,
    actions.NothingToDraw,
    actions.OnSiteOnly,
    actions.EmptyChecklist,
    actions.NumberTaken,
    actions.OwnTie,
    actions.Tied,
    actions.NotPutForward,
    actions.MatterKnown,
    actions.NotToBeNamed,
    actions.NoConflict,
    actions.FactStruck,
    NotAnswering,
    UploadRefused,
)


def sentence(refused: Exception) -> str:
    """What happened and what to do, in plain words."""
    if isinstance(refused, actions.TeamRefused):
        return "；".join(_team_words(refused))
    if isinstance(refused, actions.CapReached):
        facts = {"year": refused.year, "n": refused.counted, "cap": refused.cap}
        return (
            _(
                "这家机构%(year)s年的行政检查已经安排 %(n)s 次，达到上限 %(cap)s 次，不能再安排。"
                "可以改为属地巡查，或并入部门联合检查"
            )
            % facts
        )
    if isinstance(refused, UploadRefused):
        return refused.message
    if isinstance(refused, actions.DayNotAllowed):
        return _("日期不在允许的范围内，最晚可以到 %(day)s") % {"day": cn_date(refused.limit)}
    return _PLAIN[type(refused)]()


_PLAIN: dict[type[Exception], Callable[[], str]] = {
    actions.NotDelegated: lambda: _(
        "行政检查须有现行有效的赋权事项；没有赋权的，只能做属地巡查或由主管部门检查"
    ),
    actions.NoLead: lambda: _("联合检查由部门牵头：请先写明牵头部门"),
    actions.WrongKind: lambda: _("这项操作不适用于这一类检查"),
    actions.ExtendedBefore: lambda: _("这个问题已经延期一次，不能再延期"),
    actions.NobodyLeft: lambda: _("没有其他可以抽取的人员，请先补充检查人员名单"),
    actions.NotByLot: lambda: _(
        "这次检查的人员由双随机抽取决定，只能因回避或病假由系统抽取替换，不能另行指定"
    ),
    actions.NothingToDraw: lambda: _("没有可以抽取的机构或人员，请看下面不参加抽取的原因"),
    actions.OnSiteOnly: lambda: _("重大问题必须现场复查"),
    actions.EmptyChecklist: lambda: _("检查表里还没有检查项目"),
    actions.NumberTaken: lambda: _("这个证号已经登记在别人名下，请核对"),
    actions.Tied: lambda: _("您与该机构有回避关系，请由别人办理"),
    actions.OwnTie: lambda: _("本人的回避关系要由别人解除"),
    actions.NotPutForward: lambda: _("这一事项还没有经办人核对原文，请经办人先提交核对"),
    actions.NotToBeNamed: lambda: _("只有重大问题和超期没有整改的问题，才可以提请公示"),
    actions.NoConflict: lambda: _("风险等级和公开的评估等级现在不再相反，不用说明"),
    actions.FactStruck: lambda: _("这条情况已经撤销，要再记，请重新打开表单"),
    NotAnswering: lambda: _("这个部门已经停用，请选别的部门"),
    actions.MatterKnown: lambda: _("同一代号、同一起始日期的事项已经登记，请核对"),
}


def _team_words(refused: Any) -> list[str]:
    """Each reason with the person it is about."""
    keys = [each.who for each in refused.refusals if each.who]
    names = {str(p.pk): str(p) for p in User.objects.filter(pk__in=keys)}
    words = team_reasons()
    return [words[each.reason] % {"who": names.get(each.who, "")} for each in refused.refusals]


def team_reasons() -> dict[str, str]:
    """Why somebody may not go, by code."""
    return {
        kinds.TOO_FEW: _("检查人员不够：行政检查和联合检查至少两人"),
        kinds.TIED: _("%(who)s申报了与该机构的回避关系"),
        kinds.NO_CERTIFICATE: _("%(who)s当天没有有效的行政执法证"),
        kinds.NOT_AN_OFFICER: _("%(who)s不能参加这一类检查"),
        kinds.TWICE: _("%(who)s重复选择"),
    }


def paper_links(paper: OfficialPaper) -> list[dict[str, str]]:
    """The three ways to read a paper."""
    return [
        {"label": _("网页版"), "url": reverse("core:paper", args=[paper.pk]), "icon": "file-text"},
        {"label": "PDF", "url": reverse("core:paper_pdf", args=[paper.pk]), "icon": "file-pdf"},
        {"label": _("图片"), "url": reverse("core:paper_png", args=[paper.pk]), "icon": "image"},
    ]


def with_links(papers: Iterable[OfficialPaper]) -> list[tuple[OfficialPaper, Any]]:
    """Papers with the ways to read each."""
    return [(each, paper_links(each)) for each in papers]


def photo(file: Attachment) -> dict[str, Any]:
    """A picture as the list of files shows it."""
    sides = file.thumbnail_sides
    side = min((s for s in sides if s >= THUMBNAIL), default=max(sides, default=THUMBNAIL))
    return {
        "name": file.display_name,
        "url": reverse("core:attachment", args=[file.pk]),
        "size": file.size,
        "thumb": reverse("core:attachment_thumbnail", args=[file.pk, side]),
        "alt": _("现场照片"),
    }


# Cells of a list: the template reads whichever is there.


def link(text: Any, url: str) -> dict[str, Any]:
    """A word that leads somewhere."""
    return {"text": text, "url": url}


def text(value: Any, *, css: str = "") -> dict[str, Any]:
    """A plain word."""
    return {"text": value, "css": css}


def badge(noun: Any, field: str = "state") -> dict[str, Any]:
    """The badge of a state or choice."""
    return {"noun": noun, "field": field}


def day(value: Any) -> dict[str, Any]:
    """A day."""
    return {"day": value, "is_day": True}
