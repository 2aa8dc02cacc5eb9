"""Accounts of the office (S40): who there is, invited, given roles by two persons, gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.core import staffing
from portal.core import user_forms as forms
from portal.core.identifiers import show_code
from portal.core.models import AccountChange, RoleAssignment, User
from portal.core.models.accounts import KEEPERS
from portal.core.pages import READ_AND_WRITE, Request, lists, makes, offers, posted, shows
from portal.core.paging import page_of
from portal.core.roles import Role
from portal.core.staffing import certificates, handover, sessions

ADMIN = (Role.SYSADMIN,)


@lists(User, roles=KEEPERS)
def people(request: Request) -> HttpResponse:
    """The accounts of the office, with what waits for a second person."""
    chosen = forms.PeopleFilter(request.GET)
    found = chosen.narrow(User.objects.visible_to(request.user), request.today)
    found = found.annotate(has_factor=_factor()).order_by("-is_active", "display_name", "pk")
    found = found.prefetch_related("role_assignments__community")
    page = page_of(request, found)
    context = {
        "filter": chosen,
        "page": page,
        "rows": _rows(list(page), request.today),
        "waiting": _changes(request).open(),
        "crumbs": _crumbs(last=_("用户与权限")),
    }
    return render(request, "users/list.html", context)


def _rows(people: list[User], today: dt.date) -> list[dict[str, Any]]:
    """The people of a page with the roles they have and the certificate they hold."""
    held = certificates.held_by([one.pk for one in people])
    return [
        {"person": one, "roles": _in_force(one, today), "certificate": held.get(one.pk)}
        for one in people
    ]


@shows(User, roles=KEEPERS)
def person(request: Request, person: User) -> HttpResponse:
    """One account: roles with their dates, deputies, sign-ins, second factor."""
    given = person.role_assignments.select_related("community", "deputy_for", "given_by")
    context = {
        "person": person,
        "roles": [_role(each, request) for each in given.order_by("-valid_from", "role")],
        "deputies": person.deputies.filter(valid_to__gte=request.today).select_related("user"),
        "sessions": sessions.live(person, request.at).count(),
        "has_factor": staffing.factors.is_there(person),
        "waits": staffing.waits_for_password(person),
        "changes": _changes(request).filter(person=person)[:20],
        "work": [] if person.is_active else handover.of(person),
        "is_own": person.pk == request.user.pk,
        "is_admin": request.user.has_role(Role.SYSADMIN),
        "crumbs": _crumbs(last=str(person)),
    }
    return render(request, "users/person.html", context)


@makes(User, roles=ADMIN)
def invite(request: Request) -> HttpResponse:
    """Open an account; its code is shown once."""
    form = forms.InviteForm(posted(request))
    form.cancel_url = reverse("desk:users")
    if form.is_valid():
        try:
            made, code = staffing.invite(**form.cleaned_data, by=request.actor, at=request.at)
        except staffing.NameTaken:
            form.add_error("username", _("这个账号已经有人用，请换一个"))
        else:
            return _code(request, made, code, "account_invited")
    context = {"form": form, "act": _("邀请同事"), "crumbs": _crumbs(last=_("邀请同事"))}
    return render(request, "users/act.html", context)


@shows(User, roles=ADMIN, methods=("POST",))
def invite_again(request: Request, person: User) -> HttpResponse:
    """Another code for somebody who has not come in yet."""
    code = staffing.invite_again(person, by=request.actor, at=request.at)
    return _code(request, person, code, "account_invited")


@shows(User, roles=ADMIN, methods=READ_AND_WRITE)
def role_new(request: Request, person: User) -> HttpResponse:
    """Propose a role."""
    form = forms.RoleForm(posted(request), initial={"valid_from": request.today})

    def act() -> str:
        staffing.propose_role(
            person, form.wanted, form.cleaned_data["reason"], by=request.actor, at=request.at
        )
        return _("已提出，由另一人决定。")

    return _act(request, person, form, act, title=_("授予角色"))


@shows(User, roles=ADMIN, methods=READ_AND_WRITE)
def role_end(request: Request, person: User, assignment: str) -> HttpResponse:
    """Propose the last day of a role."""
    held = _assignment(person, assignment)
    form = forms.EndForm(posted(request), initial={"last_day": request.today})

    def act() -> str:
        data = form.cleaned_data
        staffing.propose_end(
            held, data["last_day"], data["reason"], by=request.actor, at=request.at
        )
        return _("已提出，由另一人决定。")

    return _act(request, person, form, act, title=_("结束角色"), hint=forms.role_words(held))


@shows(User, roles=KEEPERS, methods=READ_AND_WRITE)
def recovery(request: Request, person: User) -> HttpResponse:
    """Propose a code for a colleague who cannot sign in."""
    form = forms.RecoveryForm(posted(request))

    def act() -> str:
        data = form.cleaned_data
        factor = data["resets_factor"]
        staffing.propose_recovery(
            person, data["reason"], resets_factor=factor, by=request.actor, at=request.at
        )
        return _("已提出。另一人同意后，页面上显示一次性代码。")

    return _act(request, person, form, act, title=_("重设登录"))


@shows(User, roles=KEEPERS, methods=READ_AND_WRITE)
def deputy_new(request: Request, person: User) -> HttpResponse:
    """Let somebody else act in this person's post."""
    colleagues = User.objects.visible_to(request.user).exclude(pk=request.user.pk)
    form = forms.DeputyForm(posted(request), person=person, people=colleagues, day=request.today)

    def act() -> str:
        data = form.cleaned_data
        staffing.appoint_deputy(
            data["post"], data["deputy"], data["first"], data["last"],
            by=request.actor, at=request.at,
        )  # fmt: skip
        return _("代理人已任命，文书上会注明代理。")

    return _act(request, person, form, act, title=_("任命代理人"))


@shows(User, roles=KEEPERS, methods=("POST",))
def deputy_end(request: Request, person: User, assignment: str) -> HttpResponse:
    """End a deputyship of this person early."""
    staffing.end_deputy(_assignment(person, assignment), by=request.actor, at=request.at)
    messages.success(request, _("代理到今天为止。"))
    return redirect("desk:user", id=person.pk)


@shows(User, roles=ADMIN, methods=READ_AND_WRITE)
def left(request: Request, person: User) -> HttpResponse:
    """The person has left."""
    form = forms.ConfirmForm(posted(request), label=_("停用账号"), css="btn-danger")

    def act() -> str:
        staffing.mark_left(person, by=request.actor, at=request.at)
        return _("账号已停用，角色到今天为止。请看下面还有没有要移交的工作。")

    hint = _("停用后马上不能登录，打开的登录全部结束，角色到今天为止。以前的办理记录不变。")
    return _act(request, person, form, act, title=_("停用账号"), hint=hint)


@shows(AccountChange, roles=KEEPERS)
def change(request: Request, change: AccountChange) -> HttpResponse:
    """What is proposed, by whom, and what became of it."""
    context = {
        "change": change,
        "person": change.person,
        "is_proposer": change.proposed_by_id == request.user.pk,
        "is_own": change.person_id == request.user.pk,
        "crumbs": _crumbs((str(change.person), _url(change.person)), last=str(change)),
    }
    return render(request, "users/change.html", context)


@offers(AccountChange, "grant")
def change_grant(request: Request, change: AccountChange) -> HttpResponse:
    """The second person agrees; a recovery's code is shown to him once."""
    form = forms.ConfirmForm(posted(request), label=_("同意"))
    if form.is_valid():
        try:
            change, code = staffing.grant(change, by=request.actor, at=request.at)
        except staffing.Refused as why:
            form.refused(why.code)
        else:
            if code:
                return _code(request, change.person, code, "account_recover")
            return _done(request, change.person, _("已同意，变更已经生效。"))
    return _decision(request, change, form, _("同意"))


@offers(AccountChange, "refuse")
def change_refuse(request: Request, change: AccountChange) -> HttpResponse:
    """The second person does not agree."""
    form = forms.RefuseForm(posted(request))
    if form.is_valid():
        staffing.refuse(change, form.cleaned_data["reason"], by=request.actor, at=request.at)
        return _done(request, change.person, _("已记下不同意。"))
    return _decision(request, change, form, _("不同意"))


@offers(AccountChange, "withdraw")
def change_withdraw(request: Request, change: AccountChange) -> HttpResponse:
    """The proposer takes it back."""
    form = forms.ConfirmForm(posted(request), label=_("撤回"))
    if form.is_valid():
        staffing.withdraw(change, by=request.actor, at=request.at)
        return _done(request, change.person, _("已撤回。"))
    return _decision(request, change, form, _("撤回"))


@makes(User, roles=(Role.CLERK,))
def operator_code(request: Request) -> HttpResponse:
    """A clerk gives an operator at the counter a code (R23)."""
    form = forms.OperatorCodeForm(posted(request))
    form.cancel_url = reverse("desk:home")
    if form.is_valid():
        data = form.cleaned_data
        code = staffing.give_operator_code(
            data["username"], resets_factor=data["resets_factor"], by=request.actor, at=request.at
        )
        if code:
            return _code(request, None, code, "account_recover")
        form.add_error("username", _("没有这个机构账号。工作人员的账号由两人办理"))
    crumbs = [(_("工作台"), reverse("desk:home")), (_("机构账号重设"), "")]
    context = {"form": form, "act": _("机构账号重设"), "crumbs": crumbs}
    return render(request, "users/act.html", context)


# --- what the pages share -----------------------------------------------------------------------


def _factor() -> Exists:
    return Exists(
        Authenticator.objects.filter(user=OuterRef("pk"), type__in=staffing.factors.KINDS)
    )


def _changes(request: Request) -> Any:
    found = AccountChange.objects.visible_to(request.user)
    return found.select_related("person", "community", "proposed_by", "decided_by")


def _in_force(person: User, day: Any) -> list[RoleAssignment]:
    """The roles of today, out of those read with the page."""
    held = person.role_assignments.all()
    return [a for a in held if a.valid_from <= day and (not a.valid_to or a.valid_to >= day)]


def _role(assignment: RoleAssignment, request: Request) -> dict[str, Any]:
    ends = assignment.valid_to
    over = ends is not None and ends < request.today
    to_come = assignment.valid_from > request.today
    return {"role": assignment, "is_over": over, "is_to_come": to_come, "may_end": not over}


def _assignment(person: User, pk: str) -> RoleAssignment:
    found = person.role_assignments.filter(pk=pk).select_related("community", "user").first()
    if found is None:
        raise Http404
    return found


def _url(person: User) -> str:
    return reverse("desk:user", args=[person.pk])


def _crumbs(*steps: tuple[str, str], last: str) -> list[tuple[str, str]]:
    start = [(_("工作台"), reverse("desk:home"))]
    if steps or last != _("用户与权限"):
        start.append((_("用户与权限"), reverse("desk:users")))
    return [*start, *steps, (last, "")]


def _done(request: Request, person: User, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect("desk:user", id=person.pk)


def _act(
    request: Request,
    person: User,
    form: Any,
    act: Callable[[], str],
    *,
    title: str,
    hint: str = "",
) -> HttpResponse:
    """A form about a person: done and back to the person, or the same page with the reason."""
    form.cancel_url = _url(person)
    if form.is_valid():
        try:
            return _done(request, person, act())
        except staffing.Refused as why:
            form.refused(why.code)
    crumbs = _crumbs((str(person), _url(person)), last=title)
    context = {"form": form, "act": title, "person": person, "hint": hint, "crumbs": crumbs}
    return render(request, "users/act.html", context)


def _decision(request: Request, change: AccountChange, form: Any, title: str) -> HttpResponse:
    here = reverse("desk:account_change", args=[change.pk])
    form.cancel_url = here
    crumbs = _crumbs((str(change), here), last=title)
    context = {"form": form, "act": title, "person": change.person, "change": change,
               "crumbs": crumbs}  # fmt: skip
    return render(request, "users/act.html", context)


def _code(request: Request, person: User | None, code: str, route: str) -> HttpResponse:
    """The one page that ever shows the code; it is not stored and cannot be opened again."""
    title = _("一次性代码")
    home = [(_("工作台"), reverse("desk:home")), (title, "")]
    crumbs = _crumbs((str(person), _url(person)), last=title) if person else home
    context = {
        "person": person,
        "code": show_code(code),
        "where": f"{settings.PUBLIC_ORIGIN}{reverse(route)}",
        "is_invitation": route == "account_invited",
        "crumbs": crumbs,
    }
    return render(request, "users/code.html", context)
