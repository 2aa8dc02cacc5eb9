"""Two records of one facility: the clerk lays them side by side, another person decides."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions
from facilities.forms.merging import MERGE, KeptForm, MergeDecisionForm, MergeForm
from facilities.models import Facility, FacilityMerge
from facilities.queries import merging
from facilities.workflow import MergeStatus
from portal.core import permissions
from portal.core.pages import Request, offers, posted, shows
from portal.core.roles import Role

from .lists import crumbs

READERS = (Role.CLERK, Role.APPROVER, Role.LEADER, Role.AUDITOR)
WRITES = ("GET", "HEAD", "POST")


@shows(Facility, key="code", roles=(Role.CLERK,), methods=WRITES)
def merge_new(request: Request, facility: Facility) -> HttpResponse:
    """Which record stays; then both side by side, what would happen, and why."""
    asked = request.GET if "target" in request.GET else None
    kept = KeptForm(asked, source=facility, user=request.user)
    kept.cancel_url = reverse("desk:facility", args=[facility.code])
    context = {"facility": facility, "form": kept, "crumbs": _crumbs(facility, _("合并重复机构"))}
    if not (kept.is_bound and kept.is_valid() and kept.kept):
        return render(request, "desk/merge_new.html", context)
    form = MergeForm(posted(request))
    form.cancel_url = reverse("desk:merge_new", args=[facility.code])
    if request.method == "POST" and form.is_valid():
        return _propose(request, facility, kept.kept, form)
    return render(
        request,
        "desk/merge_new.html",
        context | _side_by_side(facility, kept.kept) | {"form": form},
    )


def _propose(request: Request, source: Facility, target: Facility, form: MergeForm) -> HttpResponse:
    given = form.cleaned_data
    try:
        merge = actions.propose_merge(
            source, target, given["reason"], given["token"], by=request.actor, at=request.at
        )
    except actions.MergeRefused as refusal:
        messages.warning(request, f"{refusal.why.label}。")
        return redirect("desk:facility", code=source.code)
    messages.success(request, _("合并已提交审定，由另一人决定。"))
    return HttpResponseRedirect(merge.url_for(request.user), status=303)


@shows(FacilityMerge, roles=READERS)
def merge(request: Request, merge: FacilityMerge) -> HttpResponse:
    """A proposal: both records, what it would do, and how it was decided."""
    context = _about(merge) | {
        "may_decide": permissions.can(request.user, "merge", merge),
        "may_withdraw": permissions.can(request.user, "withdraw", merge),
    }
    return render(request, "desk/merge.html", context)


@offers(FacilityMerge, "merge")
def merge_decide(request: Request, merge: FacilityMerge) -> HttpResponse:
    """The second person: merge, or leave both."""
    form = MergeDecisionForm(posted(request))
    form.cancel_url = merge.url_for(request.user)
    if request.method == "POST" and form.is_valid():
        _decide(request, merge, form)
        return HttpResponseRedirect(merge.url_for(request.user), status=303)
    return render(request, "desk/merge.html", _about(merge) | {"form": form})


def _decide(request: Request, merge: FacilityMerge, form: MergeDecisionForm) -> None:
    given = form.cleaned_data
    if given["decision"] != MERGE:
        actions.decline_merge(merge, given["reason"], by=request.actor, at=request.at)
        messages.success(request, _("已审定不合并，理由已告诉提出的人。"))
        return
    try:
        actions.merge_facilities(merge, by=request.actor, at=request.at)
    except actions.MergeRefused as refusal:
        messages.warning(request, f"{refusal.why.label}。")
        return
    facts = {"name": merge.target.name, "code": merge.target.code}
    messages.success(request, _("已合并，保留%(name)s（%(code)s）。") % facts)


@offers(FacilityMerge, "withdraw")
def merge_withdraw(request: Request, merge: FacilityMerge) -> HttpResponse:
    """Whoever proposed it takes it back."""
    if request.method == "POST":
        actions.withdraw_merge(merge, by=request.actor, at=request.at)
        messages.success(request, _("已撤回合并。"))
    return HttpResponseRedirect(merge.url_for(request.user), status=303)


def moved_on(request: Request, facility: Facility) -> HttpResponse | None:
    """The way from a record that became part of another to that one, within reach."""
    if facility.merged_into_id is None:
        return None
    target = Facility.objects.visible_to(request.user).filter(merged_from=facility).first()
    if target is None:
        return None
    facts = {"name": facility.name, "code": facility.code, "kept": target.code}
    messages.info(request, _("%(name)s（%(code)s）已并入%(kept)s，这里是保留的档案。") % facts)
    return redirect("desk:facility", code=target.code)


def _about(merge: FacilityMerge) -> dict[str, Any]:
    merge, where = merging.whole(merge), _("合并重复机构")
    if merge.state == MergeStatus.PROPOSED:
        sides = _side_by_side(merge.source, merge.target)
    else:
        sides = {"source": merge.source, "target": merge.target}
    return sides | {"merge": merge, "crumbs": _crumbs(merge.target, where)}


def _side_by_side(source: Facility, target: Facility) -> dict[str, Any]:
    return {
        "source": source,
        "target": target,
        "effects": merging.effects(source, target),
        "obstacle": merging.obstacle(source, target),
    }


def _crumbs(facility: Facility, last: str) -> list[tuple[str, str]]:
    files = (_("机构档案"), reverse("desk:facilities"))
    here = (facility.name, reverse("desk:facility", args=[facility.code]))
    return crumbs(files, here, (last, ""))
