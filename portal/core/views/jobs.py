"""Exports on their way, imports and what came of them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.core import exports, jobs, permissions
from portal.core.models import Job
from portal.core.pages import Request, lists, offers, shows
from portal.core.paging import page_of
from portal.core.roles import STAFF_ROLES
from portal.core.views.attachments import sealed, stored_file

FORMATS = ("xlsx", "csv")


@lists(Job, roles=STAFF_ROLES)
def job_list(request: Request) -> HttpResponse:
    """What this person asked for and what is shared with his role, the newest first."""
    page = page_of(request, jobs.of(request.user))
    context = {
        "page": page,
        "rows": [permissions.reached(request.user, job) for job in page],
        "is_moving": any(job.is_open for job in page),
        "crumbs": [(_("工作台"), reverse("desk:home")), (_("导入导出"), "")],
    }
    return render(request, "desk/jobs.html", context)


@lists(Job, roles=STAFF_ROLES, methods=("POST",))
def export(request: Request, name: str) -> HttpResponse:
    """The list of that name with the filter of the address: a file at once, or a job."""
    found = exports.named(name)
    if found is None:
        raise Http404
    ending = request.POST.get("format", "")
    ending = ending if ending in FORMATS else FORMATS[0]
    query = request.GET.urlencode()
    try:
        made = exports.ask(found, query, ending, by=request.actor, at=request.at)
    except exports.NotUnderstood as why:
        return _not_understood(request, found, why)
    if isinstance(made, exports.Download):
        return _sent(made)
    messages.success(request, _("正在导出，完成后在这里下载。"))
    return redirect("desk:jobs")


def _not_understood(
    request: Request, export: exports.Export, why: exports.NotUnderstood
) -> HttpResponse:
    """Back to the list as it is without those conditions, where another press takes it away."""
    text = _("筛选条件已经失效：%(names)s。请核对列表后再导出。") % {"names": why.names}
    messages.error(request, text)
    return redirect(f"{reverse(export.route)}?{why.rest}")


def _sent(made: exports.Download) -> HttpResponse:
    """The file; its name on the disk is gone before it is read to the end."""
    response = FileResponse(made.file.open("rb"))
    made.file.unlink()
    response["Content-Type"] = made.media_type
    return sealed(response, media_type=made.media_type, name=made.name, etag=made.file.name,
                  download=True)  # fmt: skip


@shows(Job, roles=STAFF_ROLES, methods=("POST",))
def job_file(request: Request, job: Job) -> HttpResponse:
    """The file of a job, for the person who asked for it."""
    if not job.belongs_to(request.user):
        raise PermissionDenied
    if not job.result_key:
        raise Http404
    if why := exports.withheld(job, request.user):
        return _withheld(request, job, why)
    jobs.downloaded(job, by=request.actor, at=request.at)
    answer = stored_file(request, job.result_key, media_type=job.media_type,
                         name=job.result_name, etag=job.result_key.rpartition("/")[2])  # fmt: skip
    answer["Content-Disposition"] = answer["Content-Disposition"].replace("inline", "attachment", 1)
    return answer


def _withheld(request: Request, job: Job, why: str) -> HttpResponse:
    """Why the file stays, and the list with its filter for who may still export it."""
    export = exports.named(job.params.get("name", ""))
    again = ""
    if export and request.user.has_role(*export.roles):
        again = f"{reverse(export.route)}?{job.params.get('query', '')}"
    crumbs = [(_("工作台"), reverse("desk:home")), (_("导入导出"), reverse("desk:jobs"))]
    context = {"job": job, "why": why, "again": again, "crumbs": [*crumbs, (_("不能下载"), "")]}
    return render(request, "desk/export_withheld.html", context, status=403)


@offers(Job, "confirm", key="id")
def job_confirm(request: Request, job: Job) -> HttpResponse:
    """Let begin what was checked and waits for a word."""
    if request.method == "POST":
        jobs.confirm(job, by=request.actor, at=request.at)
        messages.success(request, _("正在导入，完成后这里会显示结果。"))
    return redirect(job.page or "desk:jobs")


@offers(Job, "cancel", key="id")
def job_cancel(request: Request, job: Job) -> HttpResponse:
    """Stop a job."""
    if request.method == "POST":
        jobs.cancel(job, by=request.actor, at=request.at)
        messages.success(request, _("任务已取消。"))
    return redirect("desk:jobs")


@offers(Job, "retry", key="id")
def job_retry(request: Request, job: Job) -> HttpResponse:
    """Try again what did not succeed."""
    if request.method == "POST":
        jobs.retry(job, by=request.actor, at=request.at)
        messages.success(request, _("任务重新排队了。"))
    return redirect("desk:jobs")
