"""The facility's side of supervision; mounted under /my/ by the roof."""

from django.urls import path

from .views import my

urlpatterns = [
    path("inspections/", my.inspections, name="inspections"),
    path("inspections/<str:number>/", my.inspection, name="inspection"),
    path(
        "inspections/<str:number>/acknowledge/",
        my.inspection_acknowledge,
        name="inspection_acknowledge",
    ),
    path("inspections/<str:number>/object/", my.inspection_object, name="inspection_object"),
    path("findings/", my.findings, name="findings"),
    path("findings/<str:number>/", my.finding, name="finding"),
    path("findings/<str:number>/plan/", my.finding_plan, name="finding_plan"),
    path("findings/<str:number>/report/", my.finding_report, name="finding_report"),
    path("findings/<str:number>/extension/", my.finding_extension, name="finding_extension"),
    path("findings/<str:number>/dispute/", my.finding_dispute, name="finding_dispute"),
    path("self-checks/", my.self_checks, name="self_checks"),
    path("self-checks/start/<str:code>/", my.self_check_start, name="self_check_start"),
    path("self-checks/<uuid:id>/", my.self_check, name="self_check"),
    path("self-checks/<uuid:id>/submit/", my.self_check_submit, name="self_check_submit"),
]
