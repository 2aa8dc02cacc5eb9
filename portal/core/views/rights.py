"""What each role may do (S40): seen by role, changed by two persons, with all that was changed."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.core import staffing
from portal.core import user_forms as forms
from portal.core.models import GrantChange
from portal.core.models.grants import PROPOSERS, RIGHTS_READERS, GrantKind, GrantState
from portal.core.pages import Request, lists, makes, offers, posted, shows
from portal.core.paging import page_of
from portal.core.roles import Role
from portal.core.staffing import holdings
from portal.core.staffing import rights as acts

from .administration import crumbs


@lists(GrantChange, roles=RIGHTS_READERS)
def overview(request: Request) -> HttpResponse:
    """Every role with how far it differs from its default, what waits, and what was changed."""
    changes = _changes(request)
    context = {
        "roles": holdings.overview(),
        "waiting": _with_rights(changes.open()),
        "page": page_of(request, changes.exclude(state="proposed")),
        "crumbs": crumbs((_("角色权限"), "")),
    }
    context["history"] = _with_rights(context["page"])
    return render(request, "rights/list.html", context)


@lists(GrantChange, roles=RIGHTS_READERS)
def role_rights(request: Request, role: str) -> HttpResponse:
    """What one role may do, by app and noun, beside its default."""
    named = _role(role)
    chosen = forms.RightsFilter(request.GET)
    waiting = {each.right: each for each in _changes(request).open().filter(role=role)}
    shown = chosen.narrow(holdings.lines(role, waiting))
    context = {
        "role": named,
        "filter": chosen,
        "sections": [
            {"app": app, "lines": list(each)}
            for app, each in groupby(shown, lambda line: str(line.right.app))
        ],
        "may_propose": request.user.has_role(*PROPOSERS),
        "crumbs": _way((named.label, "")),
    }
    return render(request, "rights/role.html", context)


@makes(GrantChange, roles=PROPOSERS)
def propose(request: Request, role: str, right: str, kind: str) -> HttpResponse:
    """Propose to give a role a right, or to take it away; with it the default is restored too."""
    named, known = _role(role), holdings.rights().get(right)
    if known is None or kind not in GrantKind.values:
        raise Http404
    form = forms.RightForm(posted(request))
    form.cancel_url = reverse("desk:role_rights", args=[role])
    if form.is_valid() and (made := _proposed(request, form, role, right, kind)):
        messages.success(request, _("已提出，由另一人决定。"))
        return redirect("desk:right_change", id=made.pk)
    title = GrantKind(kind).label
    is_default = (kind == GrantKind.GIVE) == (role in known.roles)
    way = _way((named.label, form.cancel_url), (title, ""))
    context = {"form": form, "act": title, "role": named, "right": known,
               "is_default": is_default, "takes_last": _takes_last(role, right, kind),
               "crumbs": way}  # fmt: skip
    return render(request, "rights/act.html", context)


@shows(GrantChange, roles=RIGHTS_READERS)
def change(request: Request, change: GrantChange) -> HttpResponse:
    """What is proposed, by whom, and what became of it."""
    context = _decided_about(request, change) | {
        "is_proposer": change.belongs_to(request.user),
        "crumbs": _way((_role_words(change), _of_role(change)), (str(change), "")),
    }
    return render(request, "rights/change.html", context)


@offers(GrantChange, "agree")
def agree(request: Request, change: GrantChange) -> HttpResponse:
    """The second person agrees."""
    form = forms.ConfirmForm(posted(request), label=_("同意"))
    if form.is_valid():
        try:
            acts.agree(change, by=request.actor, at=request.at)
        except staffing.Refused as why:
            form.refused(why.code)
        else:
            return _done(request, change, _("已同意，从现在起按新的权限。"))
    return _decision(request, change, form, _("同意"))


@offers(GrantChange, "refuse")
def refuse(request: Request, change: GrantChange) -> HttpResponse:
    """The second person does not agree."""
    form = forms.RefuseForm(posted(request))
    if form.is_valid():
        acts.refuse(change, form.cleaned_data["reason"], by=request.actor, at=request.at)
        return _done(request, change, _("已记下不同意。"))
    return _decision(request, change, form, _("不同意"))


@offers(GrantChange, "withdraw")
def withdraw(request: Request, change: GrantChange) -> HttpResponse:
    """The proposer takes it back."""
    form = forms.ConfirmForm(posted(request), label=_("撤回"))
    if form.is_valid():
        acts.withdraw(change, by=request.actor, at=request.at)
        return _done(request, change, _("已撤回。"))
    return _decision(request, change, form, _("撤回"))


# --- what the pages share -----------------------------------------------------------------------


def _role(name: str) -> Role:
    if name not in Role.values:
        raise Http404
    return Role(name)


def _proposed(
    request: Request, form: forms.RightForm, role: str, right: str, kind: str
) -> GrantChange | None:
    """The proposal; None where it cannot be, which the form then says."""
    reason = form.cleaned_data["reason"]
    try:
        return acts.propose(role, right, kind, reason, by=request.actor, at=request.at)
    except staffing.Refused as why:
        form.refused(why.code)
        return None


def _changes(request: Request) -> Any:
    found = GrantChange.objects.visible_to(request.user)
    return found.select_related("proposed_by", "decided_by")


def _with_rights(changes: Any) -> list[dict[str, Any]]:
    return [_about(each) for each in changes]


def _about(change: GrantChange) -> dict[str, Any]:
    """A change with its right; a table may have lost the transition since."""
    return {"change": change, "right": holdings.rights().get(change.right) or change.right}


def _decided_about(request: Request, change: GrantChange) -> dict[str, Any]:
    """The same, with what is to be known before it is decided."""
    waits = change.state == GrantState.PROPOSED
    is_for_others = acts.is_for_approvers(change.role, change.kind)
    return _about(change) | {
        "takes_last": waits and _takes_last(change.role, change.right, change.kind),
        "is_for_approvers": waits and is_for_others and not request.user.has_role(Role.APPROVER),
    }


def _takes_last(role: str, right: str, kind: str) -> bool:
    """Whether nobody could do the step any more."""
    return kind == GrantKind.TAKE and holdings.is_last(role, right)


def _role_words(change: GrantChange) -> str:
    return str(change.get_role_display())


def _of_role(change: GrantChange) -> str:
    return reverse("desk:role_rights", args=[change.role])


def _way(*steps: tuple[Any, str]) -> list[tuple[str, str]]:
    return crumbs((_("角色权限"), reverse("desk:rights")), *steps)


def _done(request: Request, change: GrantChange, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("desk:right_change", id=change.pk)


def _decision(request: Request, change: GrantChange, form: Any, title: str) -> HttpResponse:
    here = reverse("desk:right_change", args=[change.pk])
    form.cancel_url = here
    context = _decided_about(request, change) | {
        "form": form,
        "act": title,
        "crumbs": _way((_role_words(change), _of_role(change)), (str(change), here), (title, "")),
    }
    return render(request, "rights/act.html", context)
