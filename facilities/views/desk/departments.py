"""The departments matters are handed to: the list, one of them, and what is changed about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions
from facilities.forms.departments import DepartmentForm, EndForm, MatterForm
from facilities.models import Department, DepartmentMatter
from facilities.models.departments import DEPARTMENT_KEEPERS, DEPARTMENT_READERS
from facilities.queries.departments import all_departments
from portal.core.pages import READ_AND_WRITE, Request, lists, makes, posted, shows

from .lists import crumbs


@lists(Department, roles=DEPARTMENT_READERS)
def departments(request: Request) -> HttpResponse:
    """Every department with what it answers for today, those that have ended at the end."""
    day = request.today
    rows = [(each, each.matter_on(day)) for each in all_departments(request.user)]
    context = {
        "answering": [row for row in rows if row[1]],
        "others": [row for row in rows if not row[1]],
        "may_keep": request.user.has_role(*DEPARTMENT_KEEPERS),
        "crumbs": crumbs((_("移送部门"), "")),
    }
    return render(request, "desk/departments.html", context)


@shows(Department, roles=DEPARTMENT_READERS)
def department(request: Request, department: Department) -> HttpResponse:
    """One of them: what it answers for and answered for, with the days."""
    context = {
        "department": department,
        "matters": department.matters.all(),
        "is_over": department.is_over(request.today),
        "may_keep": request.user.has_role(*DEPARTMENT_KEEPERS),
        "crumbs": crumbs((_("移送部门"), reverse("desk:departments")), (department.name, "")),
    }
    return render(request, "desk/department.html", context)


@makes(Department, roles=DEPARTMENT_KEEPERS)
def department_new(request: Request) -> HttpResponse:
    """A department that was not in the list."""
    form = DepartmentForm(posted(request), initial={"since": request.today}, today=request.today)

    def act() -> Department | None:
        given = form.cleaned_data
        try:
            return actions.add_department(
                given["name"], given["matter"], given["since"], by=request.actor, at=request.at
            )
        except actions.DepartmentKnown:
            form.is_known()
            return None

    return _keep(request, None, form, _("新增部门"), act)


@shows(Department, roles=DEPARTMENT_KEEPERS, methods=READ_AND_WRITE)
def department_matter(request: Request, department: Department) -> HttpResponse:
    """From a day on it answers for something else."""
    form = MatterForm.about(department, posted(request), request.today)

    def act() -> Department | None:
        told = form.cleaned_data["matter"], form.cleaned_data["since"]
        try:
            return actions.change_matter(department, *told, by=request.actor, at=request.at)
        except actions.BeginsTooEarly as why:
            form.begins_too_early(why.first)
        except actions.DepartmentEnded:
            form.has_ended()
        return None

    return _keep(request, department, form, _("修改事项"), act)


@shows(Department, roles=DEPARTMENT_KEEPERS, methods=READ_AND_WRITE)
def department_end(request: Request, department: Department) -> HttpResponse:
    """The last day of it, or that it goes on."""
    form = EndForm(posted(request), ends=department.valid_until, today=request.today)

    def act() -> Department:
        given = form.cleaned_data
        return actions.end_department(
            department, given["last"], given["reason"], by=request.actor, at=request.at
        )

    title = _("修改最后一天") if department.valid_until else _("停用部门")
    return _keep(request, department, form, title, act)


def _keep(
    request: Request,
    department: Department | None,
    form: DepartmentForm | MatterForm | EndForm,
    title: str,
    act: Callable[[], Department | None],
) -> HttpResponse:
    """The page of a change: done and told, or shown with what was typed and why it was refused."""
    here = department.url_for(request.user) if department else reverse("desk:departments")
    if request.method == "POST" and form.is_valid() and (kept := act()):
        messages.success(request, _("已保存。"))
        return redirect(kept.url_for(request.user))
    form.cancel_url = here
    way = [(_("移送部门"), reverse("desk:departments"))]
    way += [(department.name, here)] if department else []
    context = {
        "form": form,
        "planned": _planned(department, request.today) if isinstance(form, MatterForm) else None,
        "title": title,
        "department": department,
        "crumbs": crumbs(*way, (title, "")),
    }
    return render(request, "desk/department_act.html", context)


def _planned(department: Department | None, today: dt.date) -> DepartmentMatter | None:
    return department.planned_after(today) if department else None
