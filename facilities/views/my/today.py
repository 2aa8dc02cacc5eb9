"""What takes effect at once: children of today, and a pause of operation (O1, O15)."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions
from facilities.forms.life import EnrolmentForm, PauseForm, ProlongForm
from facilities.forms.points import PlaceForm, written
from facilities.models import Facility, OperatingPause
from facilities.models.facility import withheld_from
from facilities.queries import life
from facilities.workflow import PAUSE
from portal.core import permissions
from portal.core.middleware import WITH_PLACE
from portal.core.pages import Request, offers, posted, shows
from portal.core.roles import Role

from .own import my_facilities
from .progress import home_crumb

WRITES = ("GET", "HEAD", "POST")


def of_mine(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """403 for whoever sees the facility, but does not work for it."""

    @wraps(view)
    def page(request: Request, facility: Facility, **kwargs: Any) -> HttpResponse:
        if not my_facilities(request.user).filter(pk=facility.pk).exists():
            raise PermissionDenied
        return view(request, facility)

    return page


@shows(Facility, key="code", roles=[Role.OPERATOR], methods=WRITES)
@of_mine
def enrolment(request: Request, facility: Facility) -> HttpResponse:
    """Children and vacancies by class."""
    form = EnrolmentForm(posted(request), groups=facility.classes.all())
    form.cancel_url = reverse("my:home")
    if request.method == "POST" and form.is_valid():
        return _update(request, facility, form)
    context = {"facility": facility, "form": form,
               "crumbs": [home_crumb(), (_("更新空余托位"), "")]}  # fmt: skip
    return render(request, "my/enrolment.html", context)


@shows(Facility, key="code", roles=[Role.OPERATOR], methods=WRITES)
@of_mine
def place(request: Request, facility: Facility) -> HttpResponse:
    """Where the door is, for residents who look for what is near."""
    known = {"point": written(facility.latitude, facility.longitude)}
    form = PlaceForm(posted(request), initial=known)
    form.cancel_url = reverse("my:home")
    if request.method == "POST" and form.is_valid():
        return _mark(request, facility, form)
    crumbs = [home_crumb(), (_("标出位置"), "")]
    context = {"facility": facility, "form": form, "crumbs": crumbs}
    response = render(request, "my/place.html", context)
    response.headers["Permissions-Policy"] = WITH_PLACE
    return response


def _mark(request: Request, facility: Facility, form: PlaceForm) -> HttpResponse:
    point = form.cleaned_data["point"]
    try:
        actions.mark_place(facility, point, by=request.actor, at=request.at)
        messages.success(request, _("位置已保存。") if point else _("位置已删除。"))
    except actions.NotInRegister:
        messages.warning(request, _("这家机构已停办，不再更新。"))
    return redirect("my:home")


def _update(request: Request, facility: Facility, form: EnrolmentForm) -> HttpResponse:
    try:
        fresh = actions.update_enrolment(facility, form.enrolled, by=request.actor, at=request.at)
        facts = {"name": fresh.name, "n": fresh.vacancies}
        messages.success(request, _("已更新%(name)s：空余托位 %(n)s 个。") % facts)
    except actions.NotInRegister:
        messages.warning(request, _("这家机构已停办，不再更新。"))
    return redirect("my:home")


@shows(Facility, key="code", roles=[Role.OPERATOR], methods=WRITES)
@of_mine
def pause_new(request: Request, facility: Facility) -> HttpResponse:
    """Report a pause; one that stands is shown instead."""
    if standing := life.open_pause(facility):
        return redirect("my:pause", id=standing.pk)
    if withheld_from(request.user, facility.pk, PAUSE.right("begin")):
        raise PermissionDenied
    form = PauseForm(posted(request), initial={"starts_on": request.today}, today=request.today)
    form.cancel_url = reverse("my:home")
    if request.method == "POST" and form.is_valid():
        return _report(request, facility, form)
    context = {"facility": facility, "form": form,
               "crumbs": [home_crumb(), (_("报告暂停运营"), "")]}  # fmt: skip
    return render(request, "my/pause_new.html", context)


def _report(request: Request, facility: Facility, form: PauseForm) -> HttpResponse:
    try:
        pause = actions.report_pause(facility, form.cleaned_data, by=request.actor, at=request.at)
    except actions.PauseExists as standing:
        pause = standing.pause
    except actions.NotInRegister:
        messages.warning(request, _("这家机构已停办，不用报告暂停。"))
        return redirect("my:home")
    return HttpResponseRedirect(reverse("my:pause", args=[pause.pk]), status=303)


def own_pause(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """403 for an official who sees the pause only because of his office."""

    @wraps(view)
    def page(request: Request, pause: OperatingPause, **kwargs: Any) -> HttpResponse:
        if not pause.belongs_to(request.user):
            raise PermissionDenied
        return view(request, pause)

    return page


@shows(OperatingPause, roles=[Role.OPERATOR])
@own_pause
def pause(request: Request, pause: OperatingPause) -> HttpResponse:
    """A pause: its days, and what can be done about it."""
    acts = ("prolong", "resume", "cancel")
    context = {
        "pause": pause,
        "may": {act: permissions.can(request.user, act, pause) for act in acts},
        "crumbs": [home_crumb(), (_("暂停运营"), "")],
    }
    return render(request, "my/pause.html", context)


@offers(OperatingPause, "prolong")
@own_pause
def pause_prolong(request: Request, pause: OperatingPause) -> HttpResponse:
    """Another expected last day."""
    earliest = max(request.today, pause.starts_on)
    initial = {"expected_end": pause.expected_end}
    form = ProlongForm(posted(request), earliest=earliest, initial=initial, today=request.today)
    form.cancel_url = reverse("my:pause", args=[pause.pk])
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["expected_end"]
        actions.prolong_pause(pause, day, by=request.actor, at=request.at)
        return HttpResponseRedirect(form.cancel_url, status=303)
    context = {"pause": pause, "form": form, "crumbs": _crumbs(pause, _("改预计最后一天"))}
    return render(request, "my/pause_prolong.html", context)


@offers(OperatingPause, "resume")
@own_pause
def pause_resume(request: Request, pause: OperatingPause) -> HttpResponse:
    """Open again today."""
    if request.method == "POST":
        actions.resume(pause, by=request.actor, at=request.at)
        messages.success(request, _("已恢复运营。请看看空余托位是不是要更新。"))
        return redirect("my:enrolment", code=pause.facility.code)
    effects = [_("从今天起恢复运营，公开页面不再显示“暂停运营”")]
    return _ask(request, pause, _("恢复运营"), _("确认恢复运营"), effects)


@offers(OperatingPause, "cancel")
@own_pause
def pause_cancel(request: Request, pause: OperatingPause) -> HttpResponse:
    """The announced pause does not come."""
    if request.method == "POST":
        actions.cancel_pause(pause, by=request.actor, at=request.at)
        messages.success(request, _("已取消暂停，机构照常运营。"))
        return HttpResponseRedirect(reverse("my:pause", args=[pause.pk]), status=303)
    effects = [_("不再暂停，机构照常运营；街道会收到消息")]
    return _ask(request, pause, _("取消暂停"), _("确认取消暂停"), effects)


def _ask(
    request: Request, pause: OperatingPause, title: str, button: str, effects: list[str]
) -> HttpResponse:
    context = {
        "pause": pause,
        "heading": title,
        "button": button,
        "effects": effects,
        "back": reverse("my:pause", args=[pause.pk]),
        "crumbs": _crumbs(pause, title),
    }
    return render(request, "my/pause_confirm.html", context)


def _crumbs(pause: OperatingPause, last: str) -> list[tuple[str, str]]:
    return [home_crumb(), (_("暂停运营"), reverse("my:pause", args=[pause.pk])), (last, "")]
