"""Erasing what need not be kept: what is due, the plan, the second person."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.core.administration import retention
from portal.core.administration_forms import DeclineForm
from portal.core.models import Erasure
from portal.core.models.retention import ERASURE_READERS
from portal.core.pages import Request, lists, offers, shows
from portal.core.paging import page_of
from portal.core.roles import Role

from .administration import crumbs


@lists(Erasure, roles=ERASURE_READERS)
def erasures(request: Request) -> HttpResponse:
    """What has come to the end of its time, and the plans so far."""
    plans = Erasure.objects.visible_to(request.user).select_related("proposed_by", "decided_by")
    context = {
        "due": retention.due(request.at),
        "page": page_of(request, plans),
        "may_propose": request.user.has_role(Role.SYSADMIN),
        "crumbs": crumbs((_("到期清理"), "")),
    }
    return render(request, "administration/erasures.html", context)


@lists(Erasure, roles=(Role.SYSADMIN,), methods=("POST",))
def erasure_propose(request: Request) -> HttpResponse:
    """Put it before the second person."""
    try:
        made = retention.propose(by=request.actor, at=request.at)
    except retention.NothingDue:
        messages.info(request, _("现在没有到期的记录。"))
    except retention.Waiting:
        messages.info(request, _("已经有一份在等审定人决定。"))
    else:
        messages.success(request, _("已提出，由审定人决定。"))
        return redirect("desk:erasure", id=made.pk)
    return redirect("desk:erasures")


@shows(Erasure, roles=ERASURE_READERS)
def erasure(request: Request, erasure: Erasure) -> HttpResponse:
    """One plan and what became of it."""
    steps = [
        {**step, "label": retention.label(step["name"]), "erased": erasure.erased.get(step["name"])}
        for step in erasure.plan
    ]
    way = crumbs((_("到期清理"), reverse("desk:erasures")), (str(erasure), ""))
    context = {"erasure": erasure, "steps": steps, "crumbs": way}
    return render(request, "administration/erasure.html", context)


@offers(Erasure, "approve")
def erasure_approve(request: Request, erasure: Erasure) -> HttpResponse:
    """The second person agrees, and it happens."""
    if request.method == "POST":
        retention.approve(erasure, by=request.actor, at=request.at)
        messages.success(request, _("已清理。"))
    return redirect("desk:erasure", id=erasure.pk)


@offers(Erasure, "decline")
def erasure_decline(request: Request, erasure: Erasure) -> HttpResponse:
    """The second person does not agree."""
    form = DeclineForm(request.POST if request.method == "POST" else None)
    form.cancel_url = reverse("desk:erasure", args=[erasure.pk])
    if form.is_valid():
        retention.decline(erasure, form.cleaned_data["reason"], by=request.actor, at=request.at)
        messages.success(request, _("已记下不同意。"))
        return redirect("desk:erasure", id=erasure.pk)
    way = crumbs((_("到期清理"), reverse("desk:erasures")), (_("不同意"), ""))
    context = {"form": form, "act": _("不同意"), "about": _("到期清理"), "crumbs": way}
    return render(request, "administration/form.html", context)


@offers(Erasure, "withdraw")
def erasure_withdraw(request: Request, erasure: Erasure) -> HttpResponse:
    """The proposer takes it back."""
    if request.method == "POST":
        retention.withdraw(erasure, by=request.actor, at=request.at)
        messages.success(request, _("已撤回。"))
    return redirect("desk:erasure", id=erasure.pk)
