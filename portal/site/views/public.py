"""Pages for residents: find a facility, read its two lines, see who is registered, learn how."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models.choices import FacilityType
from portal.core.pages import Request, public
from portal.core.paging import page_of
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.site import disclosure, queries_public
from portal.site.filters import DisclosureFilter

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
            ("public:disclosure", gettext_lazy("信息公示")),
            ("public:disclosure_filings", gettext_lazy("登记公示")),
            ("public:not_open", gettext_lazy("暂停和停办的机构")),
            ("public:refusals", gettext_lazy("不予登记")),
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
def disclosure_filings(request: Request) -> HttpResponse:
    """Who is registered with the street, and what the health department's system says."""
    listing = DisclosureFilter.understood(request.GET)
    page = page_of(request, queries_public.disclosed(listing.qs, request.today), DISCLOSURE_PAGE)
    notices = queries_public.notices_of([each.code for each in page], request.today)
    context = {
        "listing": listing,
        "page": page,
        "rows": [(each, disclosure.statutory_badge(each), notices[each.code]) for each in page],
        "crumbs": _crumbs((_("信息公示"), reverse("public:disclosure")), (_("登记公示"), "")),
    }
    return render(request, "public/disclosure_filings.html", context)


@public()
def guide_filing(request: Request) -> HttpResponse:
    """How to report a registration: the order, the papers, the days, the cost."""
    law = in_force(request.today)
    kind = request.GET.get("kind", "")
    context = {
        "lists": queries_public.material_lists(law, kind),
        "kinds": FacilityType.choices,
        "kind": kind if kind in FacilityType.values else "",
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
