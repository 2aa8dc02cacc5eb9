"""Results of visits (O18): the papers, the receipt, one objection."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.models.facility import withheld_from
from inspections import actions
from inspections.forms.answering import ObjectionForm
from inspections.models import Inspection
from inspections.papers import SOURCE
from inspections.queries import field as field_queries
from inspections.queries import visits as queries
from portal.core import permissions
from portal.core.pages import Request, lists, offers, posted, shows
from portal.core.paging import page_of
from portal.core.roles import Role

from .own import form_page, home_crumb, of_mine


@lists(Inspection, roles=[Role.OPERATOR])
def inspections(request: Request) -> HttpResponse:
    """The visits of the own facilities that are over."""
    context = {
        "page": page_of(request, field_queries.inspections_of(request.user)),
        "crumbs": [home_crumb(), (_("检查记录"), "")],
    }
    return render(request, "my/inspections/list.html", context)


@shows(Inspection, key="number", roles=[Role.OPERATOR])
@of_mine()
def inspection(request: Request, inspection: Inspection) -> HttpResponse:
    """One result: what was found, the papers, what the facility may do now."""
    context = {
        "inspection": inspection,
        "facility": inspection.facility,
        "source": SOURCE,
        "team": queries.team_of(inspection),
        "findings": queries.findings_of(inspection),
        "papers": queries.papers_standing(inspection),
        "may_object": inspection.objected_at is None and _may(request, "object", inspection),
        "may_acknowledge": (
            inspection.acknowledged_at is None and _may(request, "acknowledge", inspection)
        ),
        "crumbs": [home_crumb(), _listed(), (inspection.number, "")],
    }
    return render(request, "my/inspections/inspection.html", context)


def _may(request: Request, act: str, inspection: Inspection) -> bool:
    """Whether the act would succeed: whoever only fills in forms for a facility does not sign."""
    right = f"inspection.{act}"
    withheld = withheld_from(request.user, inspection.facility_id, right)
    return not withheld and permissions.can(request.user, act, inspection)


def _listed() -> tuple[str, str]:
    return _("检查记录"), reverse("my:inspections")


@offers(Inspection, "acknowledge", key="number")
@of_mine("inspection.acknowledge")
def inspection_acknowledge(request: Request, inspection: Inspection) -> HttpResponse:
    """Confirm that the result has arrived; twice is once."""
    if request.method == "POST":
        actions.acknowledge_inspection(inspection, by=request.actor, at=request.at)
        messages.success(request, _("已确认收到。确认收到不等于同意检查结果。"))
    return redirect("my:inspection", number=inspection.number)


@offers(Inspection, "object", key="number")
@of_mine("inspection.object")
def inspection_object(request: Request, inspection: Inspection) -> HttpResponse:
    """Say once why the result is not right."""
    form = ObjectionForm(posted(request))
    if inspection.objected_at:
        return _objected_before(request, inspection)
    if request.method == "POST" and form.is_valid():
        return _objected(request, inspection, form.cleaned_data["words"])
    return form_page(
        request, inspection, form, _("提出异议"),
        lead=_("异议只能提出一次，请一次写清楚；街道会答复。"),
    )  # fmt: skip


def _objected(request: Request, inspection: Inspection, words: str) -> HttpResponse:
    try:
        actions.object_to_inspection(inspection, words, by=request.actor, at=request.at)
    except actions.ObjectedBefore:
        return _objected_before(request, inspection)
    messages.success(request, _("异议已提交，街道会答复。"))
    return redirect("my:inspection", number=inspection.number)


def _objected_before(request: Request, inspection: Inspection) -> HttpResponse:
    messages.info(request, _("这次检查已经提出过异议。"))
    return redirect("my:inspection", number=inspection.number)
