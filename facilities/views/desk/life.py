"""The office's pages about a facility's life: cancelling, pauses, the county's filing, history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions
from facilities.forms.desk import StatutoryForm
from facilities.forms.life import CancellationForm, NoteForm
from facilities.models import Facility, OperatingPause
from facilities.models.facility import OFFICE_READERS
from facilities.queries import history
from facilities.rules import life as life_rules
from facilities.workflow import StatutoryFilingStatus
from portal.core import permissions
from portal.core.models import User
from portal.core.pages import Request, offers, posted, shows
from portal.core.paging import page_of
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.statemachine import TransitionNotOpen

from .lists import crumbs

READERS = (*OFFICE_READERS, Role.COMMUNITY)
WRITES = ("GET", "HEAD", "POST")
_SEEN = ("status", "number", "filed_on", "reason", "public_link")


def may_mirror(_facility: Facility, user: User) -> bool:
    """Whether the person looks into the health department's system: a right, as roles have it."""
    return "statutoryfiling.check" in user.rights


@shows(Facility, key="code", only=may_mirror, methods=WRITES)
def statutory(request: Request, facility: Facility) -> HttpResponse:
    """Write down what the health department's system shows; what was seen before stands below."""
    mirror = facility.statutory_filing
    initial = {name: getattr(mirror, name) for name in _SEEN}
    form = StatutoryForm(posted(request), initial=initial, today=request.today)
    form.cancel_url = reverse("desk:facility", args=[facility.code])
    if request.method == "POST" and form.is_valid() and _mirror(request, facility, form):
        return redirect("desk:facility", code=facility.code)
    return render(request, "desk/statutory.html", _seen(request, facility) | {"form": form})


def _seen(request: Request, facility: Facility) -> dict[str, Any]:
    """What was seen so far, when to look again, and whether anything is missing."""
    mirror, law = facility.statutory_filing, in_force(request.today)
    missing = {StatutoryFilingStatus.NONE, StatutoryFilingStatus.CANCELLED}
    return {
        "facility": facility,
        "mirror": mirror,
        "again": life_rules.recheck_on(mirror.checked_on, law) if mirror.checked_on else None,
        "is_missing": mirror.status in missing,
        "checks": mirror.checks.select_related("checked_by")[:50],
        "crumbs": _crumbs(facility, _("卫健备案情况")),
    }


def _mirror(request: Request, facility: Facility, form: StatutoryForm) -> bool:
    try:
        actions.record_statutory_filing(
            facility, form.cleaned_data, by=request.actor, at=request.at
        )
    except TransitionNotOpen:
        was = facility.statutory_filing.get_status_display()
        text = _("现在记的是“%(was)s”，不会直接变成这一种。记错了的，请先改为“待核实”再改")
        form.add_error("status", text % {"was": was})
        return False
    messages.success(request, _("已保存%(name)s的卫健备案情况。") % {"name": facility.name})
    return True


@shows(Facility, key="code", roles=(Role.CLERK,), methods=WRITES)
def statutory_remind(request: Request, facility: Facility) -> HttpResponse:
    """Ask the facility to file with the county."""
    if request.method == "POST":
        actions.remind_of_statutory_filing(facility, by=request.actor, at=request.at)
        messages.success(request, _("已提醒机构办理卫健备案。"))
    return redirect("desk:statutory", code=facility.code)


@shows(Facility, key="code", roles=(Role.CLERK,), methods=WRITES)
def statutory_told(request: Request, facility: Facility) -> HttpResponse:
    """Note that the health department has been told."""
    if request.method == "POST":
        actions.note_county_told(facility, by=request.actor, at=request.at)
        messages.success(request, _("已记下：今天告知卫生健康部门。"))
    return redirect("desk:statutory", code=facility.code)


@shows(Facility, key="code", roles=(Role.CLERK,), methods=WRITES)
def cancellation(request: Request, facility: Facility) -> HttpResponse:
    """The office proposes to end a registration by itself; another person decides."""
    form = CancellationForm(
        posted(request), initial={"closing_on": request.today}, today=request.today
    )
    form.cancel_url = reverse("desk:facility", args=[facility.code])
    if request.method == "POST" and form.is_valid():
        return _propose(request, facility, form)
    context = {"facility": facility, "form": form, "crumbs": _crumbs(facility, _("提出注销"))}
    return render(request, "desk/cancellation.html", context)


def _propose(request: Request, facility: Facility, form: CancellationForm) -> HttpResponse:
    given = form.cleaned_data
    try:
        filing = actions.propose_cancellation(
            facility, form.plan, given["ground"], given["token"], by=request.actor, at=request.at
        )
    except actions.OpenFilingExists as standing:
        text = _("这家机构已有一份%(kind)s（%(number)s）还没有办完，请先办完。")
        facts = {"kind": standing.filing.get_kind_display(), "number": standing.filing.number}
        messages.warning(request, text % facts)
        return redirect("desk:facility", code=facility.code)
    except actions.NotInRegister:
        messages.warning(request, _("这家机构已注销。"))
        return redirect("desk:facility", code=facility.code)
    messages.success(
        request, _("%(number)s 已提交审定，由另一人决定。") % {"number": filing.number}
    )
    return HttpResponseRedirect(reverse("desk:filing", args=[filing.number]), status=303)


@shows(OperatingPause, roles=READERS)
def pause(request: Request, pause: OperatingPause) -> HttpResponse:
    """A pause as the office sees it."""
    context = {"pause": pause, "may_note": permissions.can(request.user, "note", pause),
               "crumbs": _crumbs(pause.facility, _("暂停运营"))}  # fmt: skip
    return render(request, "desk/pause.html", context)


@offers(OperatingPause, "note")
def pause_note(request: Request, pause: OperatingPause) -> HttpResponse:
    """The office's remark on a pause."""
    form = NoteForm(posted(request), initial={"note": pause.note})
    form.cancel_url = reverse("desk:pause", args=[pause.pk])
    if request.method == "POST" and form.is_valid():
        actions.note_pause(pause, form.cleaned_data["note"], by=request.actor, at=request.at)
        messages.success(request, _("已保存备注。"))
        return redirect("desk:pause", id=pause.pk)
    context = {"pause": pause, "form": form, "crumbs": _crumbs(pause.facility, _("街道备注"))}
    return render(request, "desk/pause_note.html", context)


def changes(request: Request, facility: Facility) -> dict[str, Any]:
    """The tab 变更记录: when, what, what it was, what it is."""
    return {"page": page_of(request, history.steps(facility))}


def _crumbs(facility: Facility, last: str) -> list[tuple[str, str]]:
    files = (_("机构档案"), reverse("desk:facilities"))
    here = (facility.name, reverse("desk:facility", args=[facility.code]))
    return crumbs(files, here, (last, ""))
