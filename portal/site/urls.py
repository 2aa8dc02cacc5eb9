"""The roof: public pages, the operator's place, the desk, the panel."""

from typing import Any

from django.urls import include, path

from . import views

public: list[Any] = [
    path("", views.home, name="home"),
    path("facilities/", views.facilities, name="facilities"),
    path("near/", views.near, name="near"),
    path("facilities/<str:code>/", views.facility, name="facility"),
    path("facilities/<str:code>/sign/", views.facility_sign, name="facility_sign"),
    path("guide/filing/", views.guide_filing, name="guide_filing"),
    path("disclosure/", views.disclosure_index, name="disclosure"),
    path("disclosure/unregistered/", views.unregistered, name="unregistered"),
    path("disclosure/not-open/", views.not_open, name="not_open"),
    path("disclosure/refusals/", views.refusals, name="refusals"),
    path("disclosure/<uuid:id>/", views.publication, name="publication"),
    path("disclosure/inspections/", views.disclosure_inspections, name="disclosure_inspections"),
    path(
        "disclosure/rectifications/",
        views.disclosure_rectifications,
        name="disclosure_rectifications",
    ),
    path("disclosure/filings/", views.disclosure_filings, name="disclosure_filings"),
    path("disclosure/evaluations/", views.evaluations, name="evaluations"),
    path("disclosure/evaluations/<str:number>/", views.evaluation_round, name="evaluation_round"),
    path("sitemap/", views.sitemap, name="sitemap"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("privacy/", views.privacy, name="privacy"),
    path("contact/", views.contact, name="contact"),
    path("f/<str:code>/", views.facility_short, name="facility_short"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap_xml, name="sitemap_xml"),
    path("", include("inspections.urls")),
]
desk: list[Any] = [
    path("", views.desk_home, name="home"),
    path("", include("facilities.urls_desk")),
    path("", include("inspections.urls_desk")),
    path("", include("inspections.urls_field")),
    path("", include("evaluations.urls_desk")),
    path("", include("complaints.urls_desk")),
    path("", include("portal.core.urls_desk")),
]
my: list[Any] = [
    path("", include("facilities.urls_my")),
    path("", include("inspections.urls_my")),
    path("", include("evaluations.urls_my")),
    path("", include("complaints.urls_my")),
]
panel: list[Any] = [path("", include("evaluations.urls_panel"))]

urlpatterns = [
    path("", include((public, "public"))),
    # allauth's own pages ask for this name, so it stands outside our namespaces.
    path("accounts/signup/", views.signup, name="account_signup"),
    path("my/", include((my, "my"))),
    path("desk/", include((desk, "desk"))),
    path("complaints/", include("complaints.urls")),
    path("panel/", include((panel, "panel"))),
]
