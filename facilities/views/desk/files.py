"""Facility files (一企一档) and the mirror of the health department's filing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import queries
from facilities.filters import FacilityFilter
from facilities.models import Certificate, Facility, Filing
from facilities.models.facility import OFFICE_READERS
from facilities.queries import desk as desk_queries
from facilities.queries import life
from facilities.workflow import OperatingStatus, RegistrationStatus
from portal.core.badges import Badge
from portal.core.pages import Request, lists, shows
from portal.core.paging import kept, page_of
from portal.core.queries import in_force
from portal.core.regulation import Regulation
from portal.core.roles import Role

from . import reading
from .history import history
from .life import changes, may_mirror
from .lists import READERS as FILING_PAGE_READERS
from .lists import crumbs, tab_url
from .merging import moved_on
from .offering import offering_tab
from .staff import staff_tab

READERS = (*OFFICE_READERS, Role.COMMUNITY)


@lists(Facility, roles=READERS)
def facilities(request: Request) -> HttpResponse:
    """The facility files within reach; a number typed in full opens its file."""
    target = desk_queries.named_exactly(request.user, request.GET.get("q", ""))
    if target is not None:
        return redirect(target.url_for(request.user))
    return render(request, "desk/facilities.html", _list(request))


def _list(request: Request) -> dict[str, Any]:
    found = FacilityFilter(
        request.GET, desk_queries.facility_files(request.user), request=request, at=request.at
    )
    page = page_of(request, found.qs)
    law = in_force(request.today)
    return {
        "page": page,
        "rows": [(each, _expiry(each.expires, request, law)) for each in page],
        "filter": found,
        "tabs": _by_registration(request, found),
        "may_import": request.user.has_role(Role.CLERK),
        "kept": kept(request),
        "crumbs": crumbs((_("机构档案"), "")),
    }


def _by_registration(request: Request, found: FacilityFilter) -> list[dict[str, Any]]:
    """All, 街道已登记, 未登记 (known from a list only) and 已注销, with their numbers."""
    rows = found.any_state.order_by().values("registration").annotate(n=Count("pk"))
    counts = {row["registration"]: row["n"] for row in rows}
    order = (RegistrationStatus.REGISTERED, RegistrationStatus.NONE, RegistrationStatus.CANCELLED)
    shown: list[tuple[str, Any, int]] = [("", _("全部"), sum(counts.values()))]
    shown += [(s, s.label, counts.get(s, 0)) for s in order]
    return [
        {
            "label": label,
            "url": tab_url(request, found.tab_name, value),
            "count": count,
            "current": value == found.tab,
        }
        for value, label, count in shown
    ]


@shows(Facility, key="code", roles=READERS)
def facility(request: Request, facility: Facility) -> HttpResponse:
    """One facility: overview, registration, papers it holds, papers we issued."""
    if elsewhere := moved_on(request, facility):
        return elsewhere
    query = _by_tab()
    tab = request.GET.get("tab", "")
    tab = tab if tab in query else ""
    context = {
        "facility": facility,
        "tab": tab,
        "tabs": [*_tabs(tab), *_further(request, facility)],
        "may_mirror": may_mirror(facility, request.user),
        "ways": _ways(request, facility),
        "crumbs": crumbs((_("机构档案"), reverse("desk:facilities")), (facility.name, "")),
        **query.get(tab, _overview)(request, facility),
    }
    return render(request, "desk/facility.html", context)


def _ways(request: Request, facility: Facility) -> list[tuple[str, str]]:
    """What else may be done with the file: words and address, only what this person may do."""
    rights = request.user.rights
    code: list[Any] = [facility.code]
    stands = facility.registration == RegistrationStatus.REGISTERED
    is_open = stands and facility.operating != OperatingStatus.CLOSED
    pause = life.open_pause(facility) if stands else None
    ways: list[tuple[bool, str, str, list[Any]]] = [
        (is_open, _("门口公示牌"), "public:facility_sign", code),
        (may_mirror(facility, request.user), _("更新备案情况"), "desk:statutory", code),
        (request.user.has_role(Role.CLERK), _("账号成员"), "desk:members", code),
        (pause is not None, _("看暂停运营"), "desk:pause", [pause.pk] if pause else []),
        (
            request.user.has_role(Role.CLERK)
            and facility.registration != RegistrationStatus.CANCELLED,
            _("合并重复机构"),
            "desk:merge_new",
            code,
        ),
        (stands and "filing.initiate" in rights, _("提出注销"), "desk:cancellation", code),
    ]
    return [(words, reverse(name, args=args)) for may, words, name, args in ways if may]


def _by_tab() -> dict[str, Callable[[Request, Facility], dict[str, Any]]]:
    """What each tab shows; the overview is the tab without a name."""
    return {
        "registration": _registration,
        "services": offering_tab,
        "staff": staff_tab,
        "certificates": _certificates,
        "papers": _papers,
        "history": history,
        "changes": changes,
    }


def _tabs(tab: str) -> list[dict[str, Any]]:
    words = {
        "": _("概况"),
        "registration": _("登记"),
        "services": _("服务与安全"),
        "staff": _("人员"),
        "certificates": _("证照"),
        "papers": _("文书"),
        "history": _("动态"),
        "changes": _("变更记录"),
    }
    return [
        {"label": label, "url": f"?tab={key}" if key else "?", "current": key == tab}
        for key, label in words.items()
    ]


def _further(request: Request, facility: Facility) -> list[dict[str, Any]]:
    """What stands about the facility on pages of other apps, for those who may read it there."""
    if not request.user.has_role(*FILING_PAGE_READERS):
        return []
    url = reverse("desk:facility_evaluation", args=[facility.code])
    return [{"label": _("评估"), "url": url, "current": False}]


# --- the tabs -----------------------------------------------------------------------------------


def _overview(_request: Request, facility: Facility) -> dict[str, Any]:
    classes = list(facility.classes.all())
    return {
        "classes": classes,
        "places": sum(group.capacity for group in classes),
        "vacancies": sum(group.vacancies for group in classes),
    }


def _registration(request: Request, facility: Facility) -> dict[str, Any]:
    filings = desk_queries.sent_filings(request.user).filter(facility=facility)
    may_read = request.user.has_role(*FILING_PAGE_READERS)
    return {"filings": filings.order_by("-submitted_at") if may_read else Filing.objects.none()}


def _certificates(request: Request, facility: Facility) -> dict[str, Any]:
    law = in_force(request.today)
    papers = queries.current_certificates(facility)
    return {
        "certificates": [
            (
                paper,
                reading.material_name(paper.material, law),
                certificate_badge(paper, request, law),
            )
            for paper in papers
        ]
    }


def _papers(request: Request, facility: Facility) -> dict[str, Any]:
    issued = desk_queries.papers_of_facility(facility, request.user)
    return {"issued": [(paper, reading.paper_links(paper)) for paper in issued]}


def certificate_badge(paper: Certificate, request: Request, law: Regulation) -> Badge:
    """In force, soon to expire, expired, or without an end."""
    return _expiry(paper.valid_until, request, law) or Badge(
        "ok", "check-circle-fill", _("长期有效")
    )


def _expiry(until: Any, request: Request, law: Regulation) -> Badge | None:
    if until is None:
        return None
    left = (until - request.today).days
    if left < 0:
        return Badge("danger", "x-octagon-fill", _("已过期"))
    if left <= law.integer("materials.expiring_days"):
        return Badge("warn", "clock-history", _("剩 %(n)s 天") % {"n": left})
    return Badge("ok", "check-circle-fill", _("有效"))
