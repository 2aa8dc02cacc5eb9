"""The administrator's pages (S39): settings, series, what runs, what was sent, copies."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.core import queries
from portal.core.administration import office, watch
from portal.core.administration_forms import OfficeForm
from portal.core.backups import drill
from portal.core.models import Backup, Counter, Job, Notification, OfficeSetting
from portal.core.pages import READ_AND_WRITE, Request, lists, shows
from portal.core.paging import page_of
from portal.core.roles import Role

ADMIN = (Role.SYSADMIN,)
SERIES_READERS = (Role.CLERK, Role.APPROVER, Role.SYSADMIN, Role.AUDITOR)


def crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way from the desk to the page."""
    return [(_("工作台"), reverse("desk:home")), *steps]


@lists(OfficeSetting, roles=ADMIN, methods=READ_AND_WRITE)
def settings_page(request: Request) -> HttpResponse:
    """Names, telephone, hours, letterhead, and of whom a second factor is asked."""
    now = queries.office()
    initial: dict[str, Any] = {**now, "mfa_roles": [r for r in now["mfa_roles"].split(",") if r]}
    form = OfficeForm(request.POST if request.method == "POST" else None, initial=initial)
    form.cancel_url = reverse("desk:home")
    if form.is_valid():
        changed = office.change(form.words, by=request.actor, at=request.at)
        text = _("已保存 %(n)s 项设置。") % {"n": len(changed)} if changed else _("没有改动。")
        messages.success(request, text)
        return redirect("desk:settings")
    context = {"form": form, "crumbs": crumbs((_("站点设置"), ""))}
    return render(request, "administration/settings.html", context)


@lists(Counter, roles=SERIES_READERS)
def numbering(request: Request) -> HttpResponse:
    """Each series of papers and years with the last number given."""
    rows = []
    for counter in Counter.objects.filter(name__startswith="paper:").order_by("name"):
        _kind, series, year = counter.name.split(":")
        rows.append({"series": series, "year": year, "last": counter.value})
    law = queries.in_force(request.today)
    for row in rows:
        key = f"papers.{row['series']}"
        row["pattern"] = law.text(key) if key in law else ""
    context = {"rows": rows, "crumbs": crumbs((_("文书编号"), ""))}
    return render(request, "administration/numbering.html", context)


@lists(Job, roles=ADMIN)
def system(request: Request) -> HttpResponse:
    """What should go on by itself, and whether it does."""
    rounds = watch.rounds(request.at)
    context = {
        "machinery": watch.machinery(request.at),
        "upkeep": watch.upkeep(request.at, rounds),
        "rounds": rounds,
        "crumbs": crumbs((_("运行状况"), "")),
    }
    return render(request, "administration/system.html", context)


@lists(Notification, roles=ADMIN)
def sent(request: Request) -> HttpResponse:
    """What went out to whom: kind and day, never the words."""
    rows = Notification.objects.select_related("to").order_by("-at", "-id")
    page = page_of(request, rows.only("kind", "at", "read_at", "to"))
    context = {"page": page, "crumbs": crumbs((_("已发出的消息"), ""))}
    return render(request, "administration/sent.html", context)


# --- copies ---------------------------------------------------------------------------------------


@lists(Backup, roles=ADMIN)
def backups(request: Request) -> HttpResponse:
    """The copies, the newest first, and the drills that were asked for."""
    asked = Job.objects.visible_to(request.user).filter(kind__in=[drill.KIND, drill.MAKE])
    page = page_of(request, Backup.objects.visible_to(request.user).select_related("made_by"))
    context = {
        "page": page,
        "asked": asked.select_related("requested_by").order_by("-requested_at")[:5],
        "crumbs": crumbs((_("备份"), "")),
    }
    return render(request, "administration/backups.html", context)


@lists(Backup, roles=ADMIN, methods=("POST",))
def backup_now(request: Request) -> HttpResponse:
    """Ask for a copy now."""
    drill.request_copy(by=request.actor, at=request.at)
    messages.success(request, _("正在备份，完成后列在这里。"))
    return redirect("desk:backups")


@shows(Backup, roles=ADMIN, methods=("POST",))
def backup_drill(request: Request, backup: Backup) -> HttpResponse:
    """Ask for a drill with this copy."""
    job = drill.request(backup, by=request.actor, at=request.at)
    return redirect("desk:backup_report", id=job.pk)


@shows(Job, roles=ADMIN)
def backup_report(request: Request, job: Job) -> HttpResponse:
    """What the drill found."""
    if job.kind != drill.KIND:
        raise Http404
    way = crumbs((_("备份"), reverse("desk:backups")), (_("演练报告"), ""))
    return render(request, "administration/backup_report.html", {"job": job, "crumbs": way})
