"""The people of a registered facility: who works there, until when the papers are good."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions, queries, rules
from facilities.forms.staff import StaffPersonForm
from facilities.forms.staff_ledger import LeavingForm, StaffChangeForm, StaffPaperForm
from facilities.forms.staff_table import COLUMNS, EXAMPLE, StaffTableForm, judge
from facilities.models import Facility, StaffMember
from facilities.models.choices import StaffPaperKind
from facilities.views.staff_words import needs, report_of, state_badge
from portal.core.identifiers import uuid7
from portal.core.pages import READ_AND_WRITE, Request, lists, posted, shows
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.sheets import Row, marked_errors, template_workbook

from .own import my_facilities
from .progress import home_crumb

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_CARRIED = 400


def own_facility(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """403 for whoever sees the facility only because of an office."""

    @wraps(view)
    def page(request: Request, facility: Facility, **kwargs: Any) -> HttpResponse:
        if not my_facilities(request.user).filter(pk=facility.pk).exists():
            raise PermissionDenied
        try:
            return view(request, facility, **kwargs)
        except actions.NotInRegister:
            return _not_registered(request, facility)

    return page


def _not_registered(request: Request, facility: Facility) -> HttpResponse:
    messages.warning(request, _("这家机构现在没有在街道登记，人员台账不能修改。"))
    return redirect(_ledger_url(facility))


def own_member(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """403 for whoever sees the person only because of an office."""

    @wraps(view)
    def page(request: Request, member: StaffMember, **kwargs: Any) -> HttpResponse:
        if not my_facilities(request.user).filter(pk=member.facility_id).exists():
            raise PermissionDenied
        try:
            return view(request, member, **kwargs)
        except actions.NotInRegister:
            return _not_registered(request, member.facility)

    return page


@lists(StaffMember, roles=[Role.OPERATOR])
def staff_ledger(request: Request) -> HttpResponse:
    """O16: the people of one facility with every paper's state; several facilities as tabs."""
    mine = list(my_facilities(request.user).prefetch_related("classes"))
    wanted = request.GET.get("facility", "")
    facility = next((each for each in mine if each.code == wanted), mine[0] if mine else None)
    context: dict[str, Any] = {"crumbs": [home_crumb(), (_("人员台账"), "")], "facility": facility}
    if facility:
        context |= _ledger(request, facility, mine)
    return render(request, "my/staff_ledger.html", context)


def _ledger(request: Request, facility: Facility, mine: list[Facility]) -> dict[str, Any]:
    law = in_force(request.today)
    people = queries.listed(queries.present_staff(facility, request.user), law)
    facts = queries.facility_staff_facts(facility, law, [each.member for each in people])
    tabs = [
        {"label": each.name, "url": f"?facility={each.code}", "current": each.pk == facility.pk}
        for each in mine
    ]
    return {
        "tabs": tabs if len(mine) > 1 else [],
        "people": [
            {
                "member": each.member,
                "papers": [(p.label, state_badge(p.state, law), p.paper) for p in each.papers],
                "url": reverse("my:staff_member", args=[each.member.pk]),
            }
            for each in people
        ],
        "former": queries.former_staff(facility, request.user)[:50],
        "staffing": needs(rules.staffing(facts, law)),
        "add_url": reverse("my:staff_add", args=[facility.code, uuid7()]),
    }


@shows(Facility, key="code", roles=[Role.OPERATOR], methods=READ_AND_WRITE)
@own_facility
def staff_add(request: Request, facility: Facility, token: UUID) -> HttpResponse:
    """A person begins to work here; in force at once."""
    form = StaffPersonForm(posted(request), stored={}, today=request.today)
    if request.method == "POST" and form.is_valid():
        try:
            member = actions.add_staff(
                facility, token, form.values, by=request.actor, at=request.at
            )
        except actions.AlreadyListed:
            form.add_error("identity", _("这个身份证号的人员已在名单里，请核对"))
        else:
            messages.success(request, _("已添加：%(name)s") % {"name": member.name})
            return HttpResponseRedirect(_ledger_url(facility), status=303)
    return _form_page(request, facility, _("添加人员"), form)


def _ledger_url(facility: Facility) -> str:
    return f"{reverse('my:staff_ledger')}?facility={facility.code}"


def _form_page(
    request: Request, facility: Facility, heading: str, form: Any, **more: Any
) -> HttpResponse:
    back = more.pop("back", _ledger_url(facility))
    form.cancel_url = back
    context = {
        "facility": facility,
        "form": form,
        "heading": heading,
        "back": back,
        "page_has_errors": bool(form.is_bound and form.errors),
        "crumbs": [home_crumb(), (_("人员台账"), _ledger_url(facility)), (heading, "")],
        **more,
    }
    return render(request, "my/staff_form.html", context)


@shows(Facility, key="code", roles=[Role.OPERATOR], methods=READ_AND_WRITE)
@own_facility
def staff_ledger_import(request: Request, facility: Facility) -> HttpResponse:
    """Many people at once: the sound rows come in, the others are told one by one."""
    most = in_force(request.today).integer("staff.rows_max")
    form = StaffTableForm(posted(request), files=request.FILES or None, most=most)
    report = None
    if request.method == "POST" and form.is_valid():
        report = _bring_in(request, facility, form)
        form = StaffTableForm(most=most)
    return _import_page(request, facility, form, report)


def _bring_in(request: Request, facility: Facility, form: StaffTableForm) -> dict[str, Any]:
    """Enter the sound rows; what came of all of them, for the page."""
    judged = judge(form.read.rows, _present(facility), today=request.today)
    added, changed = (0, 0)
    if judged.sound:
        added, changed = actions.import_staff(
            facility, judged.sound, by=request.actor, at=request.at
        )
    return report_of(judged, form.read, added, changed)


def _present(facility: Facility) -> dict[str, str]:
    return {member.identity: member.name for member in facility.staff.present()}


def _import_page(
    request: Request, facility: Facility, form: StaffTableForm, report: dict[str, Any] | None
) -> HttpResponse:
    context = {
        "facility": facility,
        "form": form,
        "report": report,
        "back": _ledger_url(facility),
        "back_label": _("返回人员台账"),
        "page_has_errors": bool(form.is_bound and form.errors),
        "crumbs": [home_crumb(), (_("人员台账"), _ledger_url(facility)), (_("批量导入"), "")],
    }
    return render(request, "my/staff_import.html", context)


# --- one person ---------------------------------------------------------------------------------


@shows(StaffMember, roles=[Role.OPERATOR], methods=READ_AND_WRITE)
@own_member
def staff_member(request: Request, member: StaffMember) -> HttpResponse:
    """One person: what may change, the papers, and the papers of before."""
    initial = {name: getattr(member, name) for name in StaffChangeForm.base_fields}
    classes = list(member.facility.classes.values_list("name", flat=True))
    form = StaffChangeForm(posted(request), initial=initial, classes=classes)
    if request.method == "POST" and not member.left_on and form.is_valid():
        actions.change_staff(member, form.values, by=request.actor, at=request.at)
        messages.success(request, _("已保存：%(name)s") % {"name": member.name})
        return HttpResponseRedirect(_ledger_url(member.facility), status=303)
    return _form_page(
        request, member.facility, member.name, form, member=member, papers=_papers(request, member)
    )


def _papers(request: Request, member: StaffMember) -> dict[str, Any]:
    law = in_force(request.today)
    held = list(member.papers.all())
    current: Any = member
    current.current_papers = [paper for paper in held if paper.is_current]
    states = queries.listed([current], law)[0].papers
    return {
        "now": [
            {
                "state": each,
                "badge": state_badge(each.state, law),
                "url": reverse("my:staff_paper", args=[member.pk, each.kind]),
            }
            for each in states
        ],
        "before": [paper for paper in held if not paper.is_current],
    }


@shows(StaffMember, roles=[Role.OPERATOR], methods=READ_AND_WRITE)
@own_member
def staff_paper(request: Request, member: StaffMember, kind: str) -> HttpResponse:
    """A new paper takes the place of the old one."""
    if kind not in StaffPaperKind.values or member.left_on:
        raise Http404
    form = StaffPaperForm(posted(request), kind=kind, today=request.today)
    back = reverse("my:staff_member", args=[member.pk])
    if request.method == "POST" and form.is_valid():
        actions.renew_staff_paper(member, kind, form.cleaned_data, by=request.actor, at=request.at)
        messages.success(request, _("已更新%(paper)s。") % {"paper": StaffPaperKind(kind).label})
        return HttpResponseRedirect(back, status=303)
    words = {"paper": StaffPaperKind(kind).label, "name": member.name}
    heading = _("更新%(paper)s：%(name)s") % words
    return _form_page(request, member.facility, heading, form, back=back)


@shows(StaffMember, roles=[Role.OPERATOR], methods=READ_AND_WRITE)
@own_member
def staff_leave(request: Request, member: StaffMember) -> HttpResponse:
    """A person stops working here."""
    form = LeavingForm(
        posted(request), initial={"left_on": request.today},
        joined_on=member.joined_on, today=request.today,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        day, reason = form.cleaned_data["left_on"], form.cleaned_data["reason"]
        actions.record_leaving(member, day, reason, by=request.actor, at=request.at)
        messages.success(request, _("已登记离职：%(name)s") % {"name": member.name})
        return HttpResponseRedirect(_ledger_url(member.facility), status=303)
    return _leave_page(request, member, form)


def _leave_page(request: Request, member: StaffMember, form: LeavingForm) -> HttpResponse:
    context = {
        "facility": member.facility,
        "member": member,
        "form": form,
        "effects": [_("马上从在岗名单里去掉，人数和配比随之变化"), _("证件记录保留，可以查看")],
        "back": reverse("my:staff_member", args=[member.pk]),
        "page_has_errors": bool(form.is_bound and form.errors),
        "crumbs": [
            home_crumb(),
            (_("人员台账"), _ledger_url(member.facility)),
            (_("登记离职"), ""),
        ],
    }
    return render(request, "my/staff_leave.html", context)


# --- files --------------------------------------------------------------------------------------


@lists(StaffMember, roles=[Role.OPERATOR])
def staff_template(request: Request) -> HttpResponse:
    """The empty table to fill in."""
    notes = (
        "一行一个人。姓名、岗位、身份证号要填，其余可以先空着。",
        "身份证号请设为文本格式，避免后几位变成 0。",
    )
    return _download(template_workbook("工作人员", COLUMNS, [EXAMPLE], notes), "工作人员模板.xlsx")


@lists(StaffMember, roles=[Role.OPERATOR], methods=("POST",))
def staff_faults(request: Request) -> HttpResponse:
    """The rows that did not come in, as the report carried them, marked for correction."""
    rows, faults = _carried(request.POST.get("rows", ""))
    if not rows:
        return redirect("my:staff_ledger")
    content = marked_errors("需要改的人员", COLUMNS, rows, faults)
    return _download(content, "需要改的人员.xlsx")


def _carried(text: str) -> tuple[list[Row], dict[int, Mapping[str, str]]]:
    """The rows of the report, taken only in the shape in which it wrote them."""
    names = {column.name for column in COLUMNS}
    try:
        listed = json.loads(text)[:MOST_CARRIED]
        rows = [
            Row(int(each["number"]), {}, {n: str(v) for n, v in each["raw"].items() if n in names})
            for each in listed
        ]
        faults: dict[int, Mapping[str, str]] = {
            int(each["number"]): {str(n): str(v) for n, v in each["faults"].items()}
            for each in listed
        }
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return [], {}
    return rows, faults


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
