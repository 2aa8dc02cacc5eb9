"""Many cases at once: giving them to a caseworker, reminding those who deal with them.

Never a decision. What may not be done now is named before and after; a case out of reach is not
among the chosen at all, so nobody learns of one.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import actions, queries
from complaints.forms.bulk import AssignManyForm, RemindManyForm
from complaints.models import Complaint
from complaints.queries import casework
from portal.core import bulk as bulk_acts
from portal.core import permissions
from portal.core.forms import picked
from portal.core.pages import READ_AND_WRITE, Request, lists, posted
from portal.core.paging import kept
from portal.core.roles import Role

from .acting import crumbs, refusal
from .lists import filtered

ACTS = ("assign", "remind")


@lists(Complaint, roles=[Role.HANDLER, Role.RED_LANE, Role.APPROVER], methods=READ_AND_WRITE)
def complaints_bulk(request: Request) -> HttpResponse:
    """The effects of the act on the chosen cases, then the report."""
    act, chosen = request.GET.get("act", ""), _chosen(request)
    if act not in ACTS or not chosen:
        messages.warning(request, _("请先在列表里勾选要办理的投诉。"))
        return redirect(_list_url(request))
    if f"complaint.{act}" not in request.user.rights:
        raise PermissionDenied
    ready, left = _split(request, act, chosen)
    form = _form(request, act, ready, ",".join(str(each.pk) for each in chosen))
    if request.method == "POST" and form.is_valid():
        return _report(request, act, _done(request, act, form, ready), left)
    context = {"form": form, "ready": ready, "left": left, "limit": settings.BULK_LIMIT}
    return render(request, "complaints/desk/bulk.html", context | _frame(request, act))


def _chosen(request: Request) -> list[Complaint]:
    """The ticked ones, or all that the filter finds, up to the limit; in any case within reach.

    What was ticked is asked for without the filter: one that moved on since is named, not lost.
    Once the page was shown it is about those on it, not about what the filter finds meanwhile.
    """
    keys = picked(request)
    if keys is None:
        found = filtered(request)
        rows = found.qs.order_by(*found.order)
    else:
        rows = queries.office_cases(request.user).filter(pk__in=_ids(keys))
    return [permissions.reached(request.user, each) for each in rows[: settings.BULK_LIMIT]]


def _ids(keys: list[str]) -> list[uuid.UUID]:
    found = []
    for key in keys:
        try:
            found.append(uuid.UUID(key))
        except ValueError:
            continue
    return found


def _split(
    request: Request, act: str, chosen: list[Complaint]
) -> tuple[list[Complaint], list[tuple[Complaint, str]]]:
    """Those on which the act would succeed now, and the others with the reason."""
    ready, left = [], []
    for case in chosen:
        if why := _obstacle(request, act, case):
            left.append((case, why))
        else:
            ready.append(case)
    return ready, left


def _obstacle(request: Request, act: str, case: Complaint) -> str:
    if not permissions.can(request.user, act, case):
        return _("现在的状态不能办理这一步")
    if act == "remind" and case.handler_id is None:
        return _("还没有承办人，请先分派")
    return ""


def _form(
    request: Request, act: str, ready: list[Complaint], keys: str
) -> AssignManyForm | RemindManyForm:
    about = {"initial": {"chosen": keys}}
    form: AssignManyForm | RemindManyForm = RemindManyForm(posted(request), **about)
    if act == "assign":
        people = casework.workers_for({case.lane for case in ready}, request.today)
        held = casework.held_by(people, request.user)
        form = AssignManyForm(posted(request), people=people, held=held, **about)
    form.cancel_url = _list_url(request)
    return form


def _done(request: Request, act: str, form: Any, ready: list[Complaint]) -> bulk_acts.Report:
    def assign(case: Complaint) -> bool:
        handler = form.cleaned_data["handler"]
        if case.handler_id == handler.pk:
            return False
        actions.assign_complaint(case, handler, by=request.actor, at=request.at)
        return True

    def remind(case: Complaint) -> bool:
        return bool(actions.remind_handler(case, by=request.actor, at=request.at))

    doing: Callable[[Complaint], bool] = assign if act == "assign" else remind
    idle = _("已经由他承办") if act == "assign" else _("今天已经催办过")
    return bulk_acts.each(ready, doing, idle=idle, refusals={actions.CannotTake: refusal})


def _report(
    request: Request, act: str, report: bulk_acts.Report, left: list[tuple[Complaint, str]]
) -> HttpResponse:
    """What was not to be done from the start is named with what was refused."""
    report.left += left
    context = {"report": report} | _frame(request, act)
    return render(request, "complaints/desk/bulk_report.html", context)


def _frame(request: Request, act: str) -> dict[str, Any]:
    title = _("分派") if act == "assign" else _("催办")
    return {"title": title, "act": act, "back": _list_url(request), "crumbs": crumbs((title, ""))}


def _list_url(request: Request) -> str:
    return reverse("desk:complaints") + kept(request)
