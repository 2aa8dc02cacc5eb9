"""Many filings at once: giving them to a clerk, reminding those who keep them waiting.

Never a decision. The list names what is meant, a page says what will happen, and each filing goes
through the act with its own check; the report names those that did not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions
from facilities.forms.bulk import AssignForm, RemindForm
from facilities.models import Filing
from facilities.queries.dealing import held_by, whoever_reviews
from portal.core import bulk as bulk_acts
from portal.core import permissions
from portal.core.forms import picked
from portal.core.pages import READ_AND_WRITE, Request, lists, posted
from portal.core.paging import kept
from portal.core.roles import Role

from .lists import crumbs, filtered

ACTS = ("assign", "remind")


@lists(Filing, roles=[Role.CLERK, Role.APPROVER, Role.LEADER], methods=READ_AND_WRITE)
def bulk(request: Request) -> HttpResponse:
    """S4: the effects of the act on the chosen filings, then the report."""
    act, chosen = request.GET.get("act", ""), _chosen(request)
    if act not in ACTS or not chosen:
        messages.warning(request, _("请先在列表里勾选要办理的报送。"))
        return redirect(_list_url(request))
    if f"filing.{act}" not in request.user.rights:
        raise PermissionDenied
    form = _form(request, act, ",".join(each.number for each in chosen))
    if request.method == "POST" and form.is_valid():
        return _report(request, act, _each(chosen, _act(request, act, form)))
    context = {"form": form, "act": act, "chosen": chosen, "limit": settings.BULK_LIMIT}
    return render(request, "desk/bulk.html", context | _frame(request, act))


def _chosen(request: Request) -> list[Filing]:
    """The ticked ones, or all that the filter finds, up to the limit; in any case within reach.

    Once the page was shown it is about those on it, not about what the filter finds meanwhile.
    """
    found = filtered(request)
    rows: QuerySet[Filing] = found.qs.order_by(*found.order)
    if (keys := picked(request)) is not None:
        rows = rows.filter(number__in=keys)
    return [permissions.reached(request.user, each) for each in rows[: settings.BULK_LIMIT]]


def _form(request: Request, act: str, keys: str) -> AssignForm | RemindForm:
    about = {"initial": {"chosen": keys}}
    form: AssignForm | RemindForm = RemindForm(posted(request), **about)
    if act == "assign":
        clerks = whoever_reviews(request.today)
        form = AssignForm(posted(request), clerks=clerks, held=held_by(clerks), **about)
    form.cancel_url = _list_url(request)
    return form


def _act(request: Request, act: str, form: Any) -> Callable[[Filing], bool]:
    def assign(filing: Filing) -> bool:
        handler = form.cleaned_data["handler"]
        return actions.assign_filing(filing, handler, by=request.actor, at=request.at)

    def remind(filing: Filing) -> bool:
        return bool(actions.remind_by_hand(filing, by=request.actor, at=request.at))

    return assign if act == "assign" else remind


def _each(chosen: list[Filing], act: Callable[[Filing], bool]) -> bulk_acts.Report:
    return bulk_acts.each(
        chosen, act, idle=_("今天已经办过，不用再办"),
        refusals={actions.CannotHandle: lambda why: _refusal(why.reason)},
    )  # fmt: skip


def _refusal(reason: str) -> str:
    return {
        "self": _("由他本人录入，须由另一人审核"),
        "role": _("他不负责这个社区（村）的审核"),
        "full": _("他在办的件数已到上限"),
    }[reason]


def _report(request: Request, act: str, report: bulk_acts.Report) -> HttpResponse:
    context = {"report": report, "act": act} | _frame(request, act)
    return render(request, "desk/bulk_report.html", context)


def _frame(request: Request, act: str) -> dict[str, Any]:
    title = _("分派") if act == "assign" else _("催办")
    way = crumbs((_("登记审核"), _list_url(request)), (title, ""))
    return {"title": title, "back": _list_url(request), "kept": kept(request), "crumbs": way}


def _list_url(request: Request) -> str:
    return reverse("desk:filings") + kept(request)
