"""Pages for residents: find a facility, read its two lines, see who is registered, learn how."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities import queries
from facilities.models import Facility
from portal.core.context import EMERGENCY
from portal.core.pages import Request, public
from portal.core.paging import PUBLIC_PAGE, page_of
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.site import disclosure, queries_public
from portal.site.filters import DisclosureFilter, PublicFacilityFilter

HOME_CARDS = 3
DISCLOSURE_PAGE = 30
MEGABYTE = 1024 * 1024
# What the site map lists; a page that is not built yet is left out by the template.
PAGES = (
    (
        gettext_lazy("家长和居民"),
        (
            ("public:home", gettext_lazy("首页")),
            ("public:facilities", gettext_lazy("找托育机构")),
            ("complaints:start", gettext_lazy("投诉举报")),
            ("complaints:track", gettext_lazy("查投诉进度")),
            ("public:disclosure_filings", gettext_lazy("登记公示")),
            ("core:verify", gettext_lazy("文书核验")),
        ),
    ),
    (
        gettext_lazy("托育机构"),
        (
            ("public:guide_filing", gettext_lazy("登记报送怎么办")),
            ("account_signup", gettext_lazy("开通机构账号")),
            ("account_login", gettext_lazy("登录")),
        ),
    ),
    (
        gettext_lazy("关于本平台"),
        (
            ("public:contact", gettext_lazy("联系我们")),
            ("core:preferences", gettext_lazy("显示设置")),
            ("public:accessibility", gettext_lazy("无障碍声明")),
            ("public:privacy", gettext_lazy("隐私说明")),
            ("public:sitemap", gettext_lazy("网站地图")),
        ),
    ),
)


def _crumbs(*steps: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("首页"), reverse("public:home")), *steps]


@public()
def home(request: Request) -> HttpResponse:
    """One box to search with, the four ways on, what is new, the street in numbers."""
    context = {
        "cards": disclosure.cards(queries_public.newest(HOME_CARDS), request.today),
        "numbers": queries_public.street_numbers(),
        "today": request.today,
    }
    return render(request, "public/home.html", context)


@public()
def facilities(request: Request) -> HttpResponse:
    """The registered facilities, filtered by the address of the page."""
    listing = PublicFacilityFilter.understood(request.GET)
    page = page_of(request, listing.qs, PUBLIC_PAGE)
    context = {
        "listing": listing,
        "page": page,
        "cards": disclosure.cards(page, request.today),
        "crumbs": _crumbs((_("找托育"), "")),
    }
    return render(request, "public/facilities.html", context)


@public()
def facility(request: Request, code: str) -> HttpResponse:
    """One facility: the sentence, the two lines, classes by counts, how to reach it."""
    found = queries.public_facilities().filter(code=code.upper()).first()
    if found is None:
        return _gone(request, code.upper())
    (card,) = disclosure.cards([found], request.today)
    list_url = reverse("public:facilities")
    context = {
        "card": card,
        "facility": found,
        "crumbs": _crumbs((_("找托育"), list_url), (found.name, "")),
        "bar": _bar(found, list_url),
    }
    return render(request, "public/facility.html", context)


def _bar(found: Facility, list_url: str) -> list[dict[str, str]]:
    """What the thumb reaches on a phone."""
    hotline = EMERGENCY["hotline"]
    complain = _("投诉 %(phone)s") % {"phone": hotline}
    return [
        {"label": _("打电话"), "url": f"tel:{found.public_phone}", "icon": "telephone"},
        {"label": complain, "url": f"tel:{hotline}", "icon": "megaphone"},
        {"label": _("返回列表"), "url": list_url, "icon": "search"},
    ]


def _gone(request: Request, code: str) -> HttpResponse:
    """410 for a facility that was public once, 404 for a code nobody knows."""
    if not queries_public.is_withdrawn(code):
        raise Http404
    reason = _("这家机构已停办，或者已在街道注销登记，登记信息不再公示。")
    return render(request, "410.html", {"reason": reason}, status=410)


@public()
def facility_short(request: Request, code: str) -> HttpResponse:
    """The short link of the code on a door."""
    return redirect("public:facility", code=code.upper())


@public()
def disclosure_filings(request: Request) -> HttpResponse:
    """Who is registered with the street, and what the health department's system says."""
    listing = DisclosureFilter.understood(request.GET)
    page = page_of(request, listing.qs, DISCLOSURE_PAGE)
    context = {
        "listing": listing,
        "page": page,
        "rows": [(each, disclosure.statutory_badge(each)) for each in page],
        "crumbs": _crumbs((_("登记公示"), "")),
    }
    return render(request, "public/disclosure_filings.html", context)


@public()
def guide_filing(request: Request) -> HttpResponse:
    """How to report a registration: the order, the papers, the days, the cost."""
    law = in_force(request.today)
    context = {
        "lists": queries_public.material_lists(law),
        "days": {figure.key.partition(".")[2]: figure.value for figure in law.by_prefix("filing")},
        "upload_mb": settings.UPLOAD_MAX_BYTES // MEGABYTE,
        "is_operator": request.user.is_authenticated and request.user.has_role(Role.OPERATOR),
        "crumbs": _crumbs((_("登记报送怎么办"), "")),
    }
    return render(request, "public/guide_filing.html", context)


@public()
def sitemap(request: Request) -> HttpResponse:
    """Every public page."""
    context = {"groups": PAGES, "crumbs": _crumbs((_("网站地图"), ""))}
    return render(request, "public/sitemap.html", context)


@public()
def accessibility(request: Request) -> HttpResponse:
    """What the portal does for readers who need more."""
    context = {"crumbs": _crumbs((_("无障碍声明"), ""))}
    return render(request, "public/accessibility.html", context)


@public()
def privacy(request: Request) -> HttpResponse:
    """What is kept about people, why, and for how long."""
    context = {
        "draft_days": in_force(request.today).integer("filing.draft_days"),
        "idle_minutes": settings.IDLE_MINUTES_OPERATOR,
        "crumbs": _crumbs((_("隐私说明"), "")),
    }
    return render(request, "public/privacy.html", context)


@public()
def contact(request: Request) -> HttpResponse:
    """Whom to call about what."""
    return render(request, "public/contact.html", {"crumbs": _crumbs((_("联系我们"), ""))})
