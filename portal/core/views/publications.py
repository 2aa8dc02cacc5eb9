"""The publication gate at the desk (S31): what waits, what is public, what was taken back.

It stands in the ground because it knows nothing but publications: a noun is reached through its
own `url_for`, and every later app finds its publications here without a page of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core import publishing
from portal.core.models import Publication, PublicationStatus, User
from portal.core.pages import Request, lists, offers, posted, shows
from portal.core.paging import page_of
from portal.core.publication_forms import (
    HandBackForm,
    PublicationFilter,
    PublishForm,
    PutAsideForm,
    ReviseForm,
    WithdrawForm,
)
from portal.core.roles import Role
from portal.core.scanning import Finding, FindingKind

READERS = (Role.CLERK, Role.APPROVER, Role.LEADER, Role.AUDITOR)
S = PublicationStatus
TABS = (S.PROPOSED, S.PUBLISHED, S.HANDED_BACK, S.WITHDRAWN)
FOUND = {
    FindingKind.IDENTITY: gettext_lazy("身份证号"),
    FindingKind.MOBILE: gettext_lazy("手机号"),
    FindingKind.LANDLINE: gettext_lazy("固定电话"),
    FindingKind.BANK_CARD: gettext_lazy("银行卡号"),
    FindingKind.EMAIL: gettext_lazy("电子邮箱"),
    FindingKind.PLATE: gettext_lazy("车牌号"),
    FindingKind.CHILD: gettext_lazy("可能是孩子或家长的姓名"),
}
ACTS = {
    "publication.propose": gettext_lazy("提请公示"),
    "publication.revise": gettext_lazy("修改后重新提请"),
    "publication.set_aside": gettext_lazy("核对扫描提示"),
    "publication.publish": gettext_lazy("公示"),
    "publication.replace": gettext_lazy("由新的一版替换"),
    "publication.hand_back": gettext_lazy("退回"),
    "publication.withdraw": gettext_lazy("撤下"),
}


@lists(Publication, roles=READERS)
def disclosure(request: Request) -> HttpResponse:
    """Publications by state, what waits first."""
    rows = Publication.objects.visible_to(request.user)
    chosen = PublicationFilter(request.GET)
    context = {
        "page": page_of(request, chosen.narrow(rows)),
        "filter": chosen,
        "tabs": _tabs(request, chosen.of_kind(rows), chosen.state),
        "crumbs": _crumbs((_("公示管理"), "")),
    }
    return render(request, "publications/list.html", context)


def _tabs(request: HttpRequest, rows: Any, state: str) -> list[dict[str, Any]]:
    counted = rows.order_by().values("state").annotate(n=Count("pk"))
    counts = {row["state"]: row["n"] for row in counted}
    tabs: list[tuple[str, Any, int]] = [(str(s), s.label, counts.get(s, 0)) for s in TABS]
    tabs.append(("all", _("全部"), sum(counts.values())))
    found = []
    for code, label, count in tabs:
        query = request.GET.copy()
        query.pop("page", None)
        query["state"] = code
        current = code == (state or "all")
        found.append(
            {"label": label, "url": f"?{query.urlencode()}", "count": count, "current": current}
        )
    return found


@shows(Publication, roles=(*READERS, Role.HANDLER))  # who proposes the outcome of a complaint
def publication(request: Request, publication: Publication) -> HttpResponse:
    """One publication: as the public sees it, what the scan found, who did what."""
    context = {
        **_about(publication),
        "versions": publishing.versions_of(publication),
        "entries": _entries(publication),
        "noun_url": _noun_url(publication, request.user),
        "is_proposer": publication.proposed_by_id == request.user.pk,
        "crumbs": _crumbs((_("公示管理"), reverse("desk:disclosure")), (publication.title, "")),
    }
    return render(request, "publications/detail.html", context)


@offers(Publication, "publish")
def publish(request: Request, publication: Publication) -> HttpResponse:
    """The second person makes it public."""
    form = PublishForm(posted(request), now=publication.content_sha256)
    if request.method == "POST" and form.is_valid():
        try:
            publishing.publish(publication, by=request.actor, at=request.at, seen=form.now)
        except publishing.FindingsStand:
            form.add_error(None, _("扫描发现的内容还没有处理完，现在不能公示"))
        except publishing.NoLongerTrue:
            form.add_error(None, _("情况已经变化，内容不再属实，现在不能公示"))
        except publishing.ContentChanged:
            return _look_again(request, "desk:publication_publish", publication)
        else:
            return _done(request, publication, _("“%(title)s”已公示。"))
    return _act(request, publication, form, _("公示"), "publications/publish.html")


@offers(Publication, "hand_back")
def hand_back(request: Request, publication: Publication) -> HttpResponse:
    """The second person returns it."""
    form = HandBackForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        publishing.hand_back_publication(publication, reason, by=request.actor, at=request.at)
        return _done(request, publication, _("“%(title)s”已退回经办人。"))
    return _act(request, publication, form, _("退回经办人"), "publications/reason.html")


@offers(Publication, "withdraw")
def withdraw(request: Request, publication: Publication) -> HttpResponse:
    """Take it back; the address stays and says so."""
    form = WithdrawForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        publishing.withdraw_publication(publication, reason, by=request.actor, at=request.at)
        return _done(request, publication, _("“%(title)s”已撤下，公开页面只显示撤下的日期和原因。"))
    return _act(request, publication, form, _("撤下公示"), "publications/withdraw.html")


@offers(Publication, "revise")
def revise(request: Request, publication: Publication) -> HttpResponse:
    """Another wording before it is public."""
    if not publication.is_revised:
        messages.info(request, _("这类公示不在这里改文字：请经办人在来源页面重新提请。"))
        return redirect("desk:publication", id=publication.pk)
    form = ReviseForm(posted(request), publication=publication)
    if request.method == "POST" and form.is_valid():
        title, body = form.content()
        publishing.revise_publication(
            publication, title=title, body=body, by=request.actor, at=request.at
        )
        return _done(request, publication, _("已保存，由另一人决定是否公示。"))
    return _act(request, publication, form, _("修改公示内容"), "publications/revise.html")


@offers(Publication, "set_aside")
def put_aside(request: Request, publication: Publication, finding: str) -> HttpResponse:
    """Say why a hint is none."""
    hints = [each for each in publication.standing_findings if not each["certain"]]
    shown = next((each for each in hints if each["key"] == finding), None)
    if shown is None:
        raise Http404
    form = PutAsideForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            publishing.put_aside(publication, finding, reason, by=request.actor, at=request.at)
        except publishing.FindingIsCertain:
            return _look_again(request, "desk:publication", publication)
        return _done(request, publication, _("已记下核对的理由。"))
    return _act(request, publication, form, _("核对扫描提示"), "publications/reason.html",
                hint=_said(shown))  # fmt: skip


@lists(Publication, roles=READERS)
def disclosure_log(request: Request) -> HttpResponse:
    """Who proposed, decided, withdrew what, and when."""
    page = page_of(request, publishing.log())
    people = User.objects.in_bulk({line.actor_id for line in page if line.actor_id})
    about = Publication.objects.visible_to(request.user).in_bulk({line.object_id for line in page})
    rows = [
        {
            "line": line,
            "act": ACTS.get(line.act, line.act),
            "who": people.get(line.actor_id),
            "publication": next((p for k, p in about.items() if str(k) == line.object_id), None),
        }
        for line in page
    ]
    crumbs = _crumbs((_("公示管理"), reverse("desk:disclosure")), (_("公示日志"), ""))
    context = {"page": page, "rows": rows, "crumbs": crumbs}
    return render(request, "publications/log.html", context)


# --- what the pages share -----------------------------------------------------------------------


def _noun_url(publication: Publication, user: User) -> str:
    about: Any = publication.noun
    return str(about.url_for(user))


def _crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("工作台"), reverse("desk:home")), *steps]


def _done(request: Request, publication: Publication, text: str) -> HttpResponse:
    messages.success(request, text % {"title": publication.title})
    return redirect("desk:publication", id=publication.pk)


def _look_again(request: Request, page: str, publication: Publication) -> HttpResponse:
    """The text was changed by somebody between the reading and the act."""
    messages.warning(request, _("公示内容刚有变化，请核对下面的内容后再办理"))
    return redirect(page, id=publication.pk)


def _act(
    request: Request,
    publication: Publication,
    form: Any,
    act: str,
    template: str,
    **more: Any,
) -> HttpResponse:
    here = reverse("desk:publication", args=[publication.pk])
    form.cancel_url = here
    crumbs = _crumbs(
        (_("公示管理"), reverse("desk:disclosure")), (publication.title, here), (act, "")
    )
    context = {**_about(publication), "form": form, "act": act, "crumbs": crumbs, **more}
    return render(request, template, context)


def _about(publication: Publication) -> dict[str, Any]:
    standing = {found["key"] for found in publication.standing_findings}
    return {
        "publication": publication,
        "findings": [
            {**_said(found), "stands": found["key"] in standing} for found in publication.findings
        ],
        "certain": [f for f in publication.standing_findings if f["certain"]],
        "standing": publication.standing_findings,
    }


def _said(found: Mapping[str, Any]) -> dict[str, Any]:
    """A stored finding in words: what, where, and the masked text."""
    what = FOUND[FindingKind(found["kind"])]
    return {**found, "what": what, "where": place_words(found["place"])}


def finding_words(found: Finding) -> dict[str, Any]:
    """A finding of a text that is not stored yet, in the same words."""
    known = {"kind": found.kind, "place": found.place, "snippet": found.snippet}
    return _said({**known, "certain": found.certain, "stands": True})


def place_words(place: str) -> str:
    """Where a finding stands: the title, or a paragraph and line."""
    block, _dot, line = place.partition(".")
    if block == "title":
        return _("标题")
    if line:
        return _("第 %(n)s 段第 %(m)s 行") % {"n": block, "m": line}
    return _("第 %(n)s 段") % {"n": block}


def _entries(publication: Publication) -> list[dict[str, Any]]:
    """The steps of this version, the newest first."""
    found = [_entry(publication.proposed_at, publication.proposed_by, _("提请公示"), "", "send")]
    found += [
        {"text": _("核对扫描提示"), "actor": aside["by"], "detail": aside["reason"], "icon": "eye"}
        for aside in publication.put_aside
    ]
    if publication.decided_at:
        text = _("公示") if publication.published_on else _("退回")
        found.append(_entry(publication.decided_at, publication.decided_by, text,
                            publication.decision_reason, "person-check"))  # fmt: skip
    if publication.withdrawn_at:
        found.append(_entry(publication.withdrawn_at, publication.withdrawn_by, _("撤下"),
                            publication.withdrawal_reason, "slash-circle"))  # fmt: skip
    return found[::-1]


def _entry(at: Any, who: User | None, text: str, detail: str, icon: str) -> dict[str, Any]:
    actor = who.signature_label if who else ""
    return {"at": at, "actor": actor, "text": text, "detail": detail, "icon": icon}
