"""Lists of the national register: bring them in, take them back, hold them against our own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions
from facilities.actions import comparing, importing
from facilities.forms.national import KINDS, ComparisonForm, ListForm, sentences
from facilities.models import Facility
from facilities.queries import national
from portal.core import clock, jobs
from portal.core.models import Job
from portal.core.models.jobs import JobState
from portal.core.pages import READ_AND_WRITE, Request, lists, makes, offers, shows
from portal.core.paging import page_of
from portal.core.roles import Role
from portal.core.sheets import marked_errors, template_workbook
from portal.core.statemachine import TransitionNotOpen
from portal.core.views.attachments import workbook

from .lists import crumbs

CLERK = (Role.CLERK,)
SHOWN = 50
LATEST = 5
EXAMPLE = (
    "小太阳托育园（示例）", "91410481MA00000155", "龙泉社区", "龙泉路18号", "独立托育机构",
    "营利性", "舞钢市市场监督管理局", "2025-05-01", "示例法人", "示例负责人", "0375-0000000",
    "已备案", "示例编号", "2025-06-01", "全日托、半日托", "420", "360", "150", "1-2", "租赁",
    "60", "12", "1280",
)  # fmt: skip


@makes(Facility, roles=CLERK)
def import_list(request: Request) -> HttpResponse:
    """Upload a list: it is checked, nothing is written."""
    form = _form(request, ListForm)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["file"].name
        job = actions.start_import(form.content, name, by=request.actor, at=request.at)
        return redirect("desk:import_job", id=job.pk)
    context = {"form": form, "latest": _latest(request, importing.IMPORT), "crumbs": _crumbs()}
    return render(request, "desk/import.html", context)


@lists(Facility, roles=CLERK)
def import_template(request: Request) -> HttpResponse:
    """The empty table to fill in."""
    notes = (
        _("在第一个工作表里每行填一家机构，列的先后不限。"),
        _("信用代码已在名录里的，导入时会列为“名录里已有”，不会覆盖。"),
        _("不要填写法人证件号；写了也不会导入。"),
    )
    content = template_workbook(_("机构名录"), national.columns(), [EXAMPLE], notes)
    return workbook(content, _("机构名录导入模板.xlsx"))


@shows(Job, roles=CLERK)
def import_job(request: Request, job: Job) -> HttpResponse:
    """What the check found, and how the import went."""
    _of_kind(job, importing.IMPORT)
    report = job.report
    kinds = [(KINDS[code], count) for code, count in report.get("kinds", {}).items()]
    context = {
        "job": job,
        "good": len(report["good"]),
        "kinds": sorted(kinds, key=lambda kind: -kind[1]),
        "faults": _faults(job) if job.input_key and report["faulty"] else [],
        "shown": SHOWN,
        "may_undo": _may_undo(request, job),
        "crumbs": _crumbs(str(job)),
    }
    return render(request, "desk/import_job.html", context)


def _may_undo(request: Request, job: Job) -> bool:
    is_done = job.state in {JobState.DONE, JobState.EXPIRED}
    return is_done and importing.may_be_undone(job, request.today)


def _faults(job: Job) -> list[tuple[int, str, list[str]]]:
    """Row number, name and sentences of the first rows at fault, as they were when checked."""
    table, faults, titles = _checked(job)
    rows = [row for row in table.rows if row.number in faults][:SHOWN]
    return [
        (row.number, row.raw.get("name", ""), [*sentences(faults[row.number], titles).values()])
        for row in rows
    ]


def _checked(job: Job) -> tuple[Any, dict[int, Any], dict[str, str]]:
    try:
        table = importing.table_of(job)
    except jobs.JobFailed as gone:
        raise Http404 from gone
    _good, faults = importing.checked(table, clock.day_of(job.requested_at))
    kept = set(job.report["good"])  # a row that has been entered since is no fault
    faults = {number: found for number, found in faults.items() if number not in kept}
    return table, faults, {column.name: column.title for column in national.columns()}


@shows(Job, roles=CLERK)
def import_errors(request: Request, job: Job) -> HttpResponse:
    """The rows at fault, marked, to be corrected and uploaded again."""
    _of_kind(job, importing.IMPORT)
    if not job.input_key:
        raise Http404
    table, faults, titles = _checked(job)
    errors = {number: sentences(found, titles) for number, found in faults.items()}
    content = marked_errors(_("有问题的行"), national.columns(), table.rows, errors)
    return workbook(content, _("名录导入有问题的行.xlsx"))


@offers(Job, "undo", key="id")
def import_undo(request: Request, job: Job) -> HttpResponse:
    """Take an import back, as far as nobody has worked on it."""
    _of_kind(job, importing.IMPORT)
    if request.method == "POST":
        try:
            actions.undo_import(job, by=request.actor, at=request.at)
            messages.success(request, _("导入已撤回。"))
        except actions.UndoTooLate:
            messages.warning(request, _("可以撤回的日子已经过了，请逐家处理。"))
        return redirect("desk:import_job", id=job.pk)
    context = {"job": job, "going": importing.untouched(job).count(),
               "crumbs": _crumbs(str(job))}  # fmt: skip
    return render(request, "desk/import_undo.html", context)


# --- comparison ---------------------------------------------------------------------------------


@makes(Facility, roles=CLERK)
def compare(request: Request) -> HttpResponse:
    """Upload the national list: it is held against the register, nothing is written."""
    form = _form(request, ComparisonForm)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["file"].name
        job = actions.start_comparison(form.content, name, by=request.actor, at=request.at)
        return redirect("desk:compare_job", id=job.pk)
    context = {"form": form, "latest": _latest(request, importing.COMPARE),
               "crumbs": _crumbs(_("名单比对"))}  # fmt: skip
    return render(request, "desk/compare.html", context)


PARTS = ("missing_here", "missing_there", "different")


@shows(Job, roles=CLERK)
def compare_job(request: Request, job: Job) -> HttpResponse:
    """Three lists: missing here, missing there, different."""
    _of_kind(job, importing.COMPARE)
    part = request.GET.get("part", "")
    part = part if part in PARTS else PARTS[0]
    names = (_("街道没有"), _("名单没有"), _("不一致"))
    tabs = [
        {"label": name, "url": f"?part={key}", "count": len(job.report.get(key, ())),
         "current": key == part}
        for key, name in zip(PARTS, names, strict=True)
    ]  # fmt: skip
    titles = {column.name: column.title for column in national.columns()}
    context = {"job": job, "part": part, "tabs": tabs, "titles": titles,
               "page": page_of(request, job.report.get(part, ())),
               "crumbs": _crumbs(_("名单比对"))}  # fmt: skip
    return render(request, "desk/compare_job.html", context)


@shows(Job, roles=CLERK, methods=READ_AND_WRITE)
def compare_take(request: Request, job: Job, code: str) -> HttpResponse:
    """Write the list's filing of one facility into the mirror."""
    _of_kind(job, importing.COMPARE)
    if request.method == "POST":
        _take(request, job, get_object_or_404(Facility.objects.visible_to(request.user), code=code))
    return redirect(f"{reverse('desk:compare_job', args=[job.pk])}?part=different")


@shows(Job, roles=CLERK, methods=READ_AND_WRITE)
def compare_leads(request: Request, job: Job) -> HttpResponse:
    """A hint for every facility of the list that is missing here; pressed twice, the same ones."""
    _of_kind(job, importing.COMPARE)
    if request.method == "POST":
        rows = national.rows_of_leads(job.report.get("missing_here", ()))
        made = actions.start_leads_from_list(rows, by=request.actor, at=request.at)
        if made:
            messages.success(request, _("已建立 %(n)s 条未登记线索。") % {"n": len(made)})
        else:
            messages.info(request, _("这些机构都已有线索，没有再建。"))
        return redirect("desk:leads")
    return redirect("desk:compare_job", id=job.pk)


def _take(request: Request, job: Job, facility: Facility) -> None:
    try:
        comparing.take_over_statutory(job, facility, by=request.actor, at=request.at)
        messages.success(
            request, _("已照名单更新%(name)s的卫健备案情况。") % {"name": facility.name}
        )
    except LookupError:
        messages.warning(request, _("名单里没有这家机构。"))
    except comparing.ComparisonOutdated:
        text = _("比对以后%(name)s的备案情况有了变动，请重新上传名单比对。")
        messages.warning(request, text % {"name": facility.name})
    except (ValueError, TransitionNotOpen):
        text = _("名单上的备案情况与现在的记录接不上，请打开%(name)s的档案核对。")
        messages.warning(request, text % {"name": facility.name})


# --- what the pages share -----------------------------------------------------------------------


def _form(request: Request, kind: type[ListForm]) -> ListForm:
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = kind(*data)
    form.cancel_url = reverse("desk:facilities")
    form.cancel_label = _("返回名录")
    return form


def _latest(request: Request, kind: str) -> list[Job]:
    return list(jobs.of(request.user).filter(kind=kind)[:LATEST])


def _of_kind(job: Job, kind: str) -> None:
    if job.kind != kind:
        raise Http404


def _crumbs(*more: str) -> list[tuple[str, str]]:
    files = (_("机构档案"), reverse("desk:facilities"))
    if not more:
        return crumbs(files, (_("批量导入"), ""))
    return crumbs(files, *((text, "") for text in more))
