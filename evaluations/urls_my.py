"""The facility's pages; mounted under /my/ by the roof."""

from django.urls import path

from .views import my

urlpatterns = [
    path("evaluation/", my.evaluations, name="evaluations"),
    path("evaluation/<uuid:id>/", my.result, name="evaluation"),
    path("evaluation/<uuid:id>/facts/", my.facts, name="evaluation_facts"),
    path("evaluation/<uuid:id>/objection/", my.objection, name="objection_new"),
    path("evaluation/<uuid:id>/reply/", my.reply, name="evaluation_reply"),
    path("evaluation/objections/<str:number>/withdraw/", my.objection_withdraw,
         name="objection_withdraw"),
    path("evaluation/plans/<uuid:id>/", my.plan, name="plan"),
    path("evaluation/plans/<uuid:id>/again/", my.plan_again, name="plan_again"),
    path("evaluation/self/<uuid:id>/", my.assessment, name="self_assessment"),
    path("evaluation/self/<uuid:id>/submit/", my.submit, name="self_submit"),
    path("evaluation/self/<uuid:id>/<int:no>/", my.items, name="self_items"),
    path("evaluation/self/<uuid:id>/<int:no>/autosave/", my.autosave, name="self_autosave"),
    path("evaluation/self/<uuid:id>/evidence/<str:code>/", my.evidence, name="self_evidence"),
    path("evaluation/self/<uuid:id>/files/<uuid:file>/remove/", my.evidence_remove,
         name="self_evidence_remove"),
]  # fmt: skip
