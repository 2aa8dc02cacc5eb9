"""Work orders of 12345 from a workbook: uploaded, checked, confirmed."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints.actions import orders
from complaints.forms.orders import KINDS, OrdersForm, sentences
from complaints.models import Complaint
from complaints.queries import orders as queries
from complaints.rules.orders import Checked, order_of
from complaints.workflow import TAKERS
from portal.core import clock, jobs
from portal.core.models import Job
from portal.core.models.jobs import JobState
from portal.core.pages import Request, lists, makes, shows
from portal.core.sheets import Table, marked_errors, template_workbook
from portal.core.views.attachments import workbook

from .acting import crumbs
from .lists import READERS

SHOWN = 50
OPENED = frozenset({JobState.WAITING, JobState.FAILED})
LATEST = 5
EXAMPLE = (
    "PDS-20261123-001（示例）", "2026-12-03", "收费、退费、合同", "", "龙泉路口的托育园（示例）",
    "龙泉社区", "来电人反映托育园收取的费用没有公示，要求退还多收的部分。", "上个月",
    "退还多收的费用", "", "", "",
)  # fmt: skip


@makes(Complaint, roles=TAKERS)
def complaint_orders(request: Request) -> HttpResponse:
    """Upload a list: it is checked and kept sealed, no case is made."""
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = OrdersForm(*data)
    if request.method == "POST" and form.is_valid():
        job = orders.start_orders(form.content, by=request.actor, at=request.at)
        return redirect("desk:complaint_orders_job", id=job.pk)
    form.cancel_url = reverse("desk:complaint_new")
    form.cancel_label = _("返回，不导入")
    mine = jobs.of(request.user).filter(kind=orders.KIND, requested_by=request.user)
    context = {"form": form, "latest": list(mine[:LATEST]), "crumbs": _way(request)}
    return render(request, "complaints/desk/orders.html", context)


@lists(Complaint, roles=TAKERS)
def complaint_orders_template(request: Request) -> HttpResponse:
    """The empty table to fill in."""
    notes = (
        _("在第一个工作表里每行填一件工单，列的先后不限。"),
        _("已经登记过的工单号，导入时会列出并跳过，不会重复登记。"),
        _("导入的内容加密保存。填好的文件用完请删除，不要转发。"),
    )
    content = template_workbook(_("12345 工单"), queries.columns(), [EXAMPLE], notes)
    return workbook(content, _("12345 工单导入模板.xlsx"))


def _reading(job: Job) -> str:
    """The list is opened while somebody decides about it, not at each look at the progress."""
    return "complaint.orders_read" if job.state in OPENED else ""


@shows(Job, roles=TAKERS, audited=_reading)
def complaint_orders_job(request: Request, job: Job) -> HttpResponse:
    """What the check found, and how the import went; for the person who uploaded it."""
    table = _table(request, job)
    found = queries.checked(table, clock.day_of(job.requested_at)) if table else Checked()
    report = job.report
    kinds = [(KINDS[code], count) for code, count in report["kinds"].items()]
    context = {
        "job": job, "good": len(report["good"]), "kinds": sorted(kinds, key=lambda k: -k[1]),
        "unknown": table.unknown if table else (), "shown": SHOWN,
        "faults": _faults(table, found) if table else [], "known": found.known[:SHOWN],
        "is_kept": table is not None, "crumbs": _way(request, str(job)),
    }  # fmt: skip
    return render(request, "complaints/desk/orders_job.html", context)


@shows(Job, roles=TAKERS, audited=_reading)
def complaint_orders_errors(request: Request, job: Job) -> HttpResponse:
    """The rows at fault, marked, to be corrected and uploaded again."""
    table = _table(request, job)
    if table is None:
        raise Http404
    found = queries.checked(table, clock.day_of(job.requested_at))
    errors = {number: sentences(each, _titles()) for number, each in found.faults.items()}
    content = marked_errors(_("有问题的行"), queries.columns(), table.rows, errors)
    response = workbook(content, _("12345 工单有问题的行.xlsx"))
    response["Cache-Control"] = "no-store"
    return response


def _table(request: Request, job: Job) -> Table | None:
    """The list of a job of one's own; None once it is not kept, or not to be decided about."""
    if job.kind != orders.KIND or not job.belongs_to(request.user):
        raise Http404
    if job.state not in OPENED:
        return None
    try:
        return orders.table_of(job)
    except orders.ListGone:
        return None


def _faults(table: Table, found: Checked) -> list[tuple[int, str, list[tuple[str, str]]]]:
    """Row number, work order, and column and sentence of each fault, of the first rows."""
    titles = _titles()
    rows = [row for row in table.rows if row.number in found.faults][:SHOWN]
    return [
        (row.number, order_of(row.values),
         [(titles[name], text) for name, text in
          sentences(found.faults[row.number], titles).items()])
        for row in rows
    ]  # fmt: skip


def _titles() -> dict[str, str]:
    return {column.name: column.title for column in queries.columns()}


def _way(request: Request, *more: str) -> list[tuple[str, Any]]:
    """Over the list for those who read it; a clerk of the counter has none."""
    here = (_("导入 12345 工单"), reverse("desk:complaint_orders") if more else "")
    steps = [here, *((text, "") for text in more)]
    return crumbs(*steps) if request.user.has_role(*READERS) else []
