"""Where an operator begins: facilities, filings, messages, papers; and a new filing."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, Sum
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions
from facilities.badges import STATUTORY
from facilities.forms import StartForm
from facilities.models import Filing
from facilities.workflow import OperatingStatus, RegistrationStatus
from portal.core import badges, dues
from portal.core.models import Notification, OfficialPaper
from portal.core.pages import Request, lists, makes, posted
from portal.core.paging import page_of
from portal.core.roles import Role

from . import progress
from .own import my_facilities, my_filings

SHOWN = 5
MOST_FILINGS = 20


@lists(Filing, roles=[Role.OPERATOR])
def home(request: Request) -> HttpResponse:
    """O1: what to do first, then what there is."""
    user = request.user
    filings = progress.ordered(my_filings(user).distinct()[:MOST_FILINGS])
    messages = Notification.objects.visible_to(user).unread()
    context = {
        "rows": [_filing_row(request, filing) for filing in filings],
        "facilities": [_facility_card(facility) for facility in _facilities(request)],
        "due": dues.of(user, request.today),
        "unread": messages[:SHOWN],
        "papers": _papers(request)[:SHOWN],
        "has_open_filing": any(filing.state in {"draft", "correction"} for filing in filings),
    }
    return render(request, "my/home.html", context)


def _filing_row(request: Request, filing: Filing) -> dict[str, Any]:
    label, url = progress.next_step(filing)
    return {
        "filing": filing,
        "name": filing.facility_name or _("还没有填机构名称"),
        "state": progress.state_badge(filing),
        "sentence": progress.sentence(filing, request.today),
        "step": label,
        "url": url,
        "is_mine_to_do": filing.state in {"draft", "correction"},
    }


def _facilities(request: Request) -> Any:
    mine = my_facilities(request.user).select_related("community", "statutory_filing")
    return mine.annotate(taken=Sum("classes__enrolled"))


def _facility_card(facility: Any) -> dict[str, Any]:
    statutory = facility.statutory_filing
    number = f" {statutory.number}" if statutory.number else ""
    return {
        "facility": facility,
        "badges": _badges(facility),
        "actions": _acts(facility),
        "rows": [
            (_("街道登记号"), facility.code),
            (_("卫健备案"), f"{statutory.get_status_display()}{number}"),
            (_("所在社区"), facility.community.name),
            (_("托位"), _("%(places)s 个，在托 %(taken)s 人")
                % {"places": facility.places, "taken": facility.taken or 0}),
        ],
        "url": reverse("public:facility", args=[facility.code]),
    }  # fmt: skip


def _badges(facility: Any) -> list[badges.Badge]:
    """Registration, the county's filing, and operation where it is not as usual."""
    shown = [badges.of(facility, "registration"), STATUTORY[facility.statutory_filing.status]]
    if facility.operating not in {OperatingStatus.OPEN, OperatingStatus.CLOSED}:
        shown.append(badges.of(facility, "operating"))
    return shown


def _acts(facility: Any) -> list[dict[str, str]]:
    """What is done with a facility from day to day; nothing with a closed one."""
    if facility.registration != RegistrationStatus.REGISTERED:
        return []
    is_open = facility.operating == OperatingStatus.OPEN
    code = [facility.code]
    return [
        {"label": _("更新空余托位"), "url": reverse("my:enrolment", args=code)},
        {"label": _("标出位置"), "url": reverse("my:place", args=code)},
        {"label": _("报送变更"), "url": reverse("my:change_new")},
        {"label": _("报告暂停运营") if is_open else _("暂停和恢复运营"),
         "url": reverse("my:pause_new", args=code)},
        {"label": _("报送停办"), "url": reverse("my:closure_new")},
    ]  # fmt: skip


def _papers(request: Request) -> Any:
    """The papers about the person's own filings and facilities, the newest first."""
    filings = my_filings(request.user).order_by().values("pk")
    facilities = my_facilities(request.user).order_by().values("pk")
    own = Q(noun_id__in=filings) | Q(noun_id__in=facilities)
    papers = OfficialPaper.objects.visible_to(request.user).filter(own)
    return papers.order_by("-issued_at", "-id")


@lists(OfficialPaper, roles=[Role.OPERATOR])
def documents(request: Request) -> HttpResponse:
    """O24: papers to read, keep and check."""
    crumbs = [(_("我的机构"), reverse("my:home")), (_("文书"), "")]
    context = {"page": page_of(request, _papers(request)), "crumbs": crumbs}
    return render(request, "my/documents.html", context)


@makes(Filing, roles=[Role.OPERATOR])
def start(request: Request) -> HttpResponse:
    """O2: what has to come first and what is needed, then the filing; pressed twice it is one."""
    form = StartForm(posted(request))
    if request.method == "POST" and form.is_valid():
        token = form.cleaned_data["token"]
        filing = actions.start_filing(token, by=request.actor, at=request.at)
        return HttpResponseRedirect(reverse("my:filing", args=[filing.number]), status=303)
    crumbs = [(_("我的机构"), reverse("my:home")), (_("登记报送须知"), "")]
    # A token that came back broken is nobody's to mend: a new one stands in the page.
    context = {"form": StartForm(), "is_stale": form.is_bound, "crumbs": crumbs}
    return render(request, "my/start.html", context)
