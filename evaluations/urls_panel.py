"""The evaluators' pages; mounted under /panel/ by the roof."""

from django.urls import path

from .views import panel

urlpatterns = [
    path("", panel.home, name="home"),
    path("skips/<uuid:id>/", panel.skip_answer, name="skip_answer"),
    path("sheets/<uuid:id>/", panel.dossier, name="dossier"),
    path("sheets/<uuid:id>/evidence/", panel.evidence, name="evidence"),
    path("sheets/<uuid:id>/evidence/<str:code>/", panel.evidence_new, name="evidence_new"),
    path("sheets/<uuid:id>/files/<uuid:file>/remove/", panel.evidence_remove,
         name="evidence_remove"),
    path("sheets/<uuid:id>/recuse/", panel.recuse, name="recuse"),
    path("sheets/<uuid:id>/check/", panel.check, name="check"),
    path("sheets/<uuid:id>/<int:no>/", panel.dimension, name="dimension"),
    path("sheets/<uuid:id>/<int:no>/autosave/", panel.autosave, name="autosave"),
    path("sheets/<uuid:id>/skip/<str:code>/", panel.skip, name="skip"),
    path("moderation/<uuid:id>/", panel.moderation, name="moderation"),
    path("moderation/items/<uuid:id>/say/", panel.discuss, name="discuss"),
    path("moderation/items/<uuid:id>/agree/", panel.agree, name="agree"),
    path("moderation/items/<uuid:id>/reopen/", panel.reopen, name="reopen"),
    path("objections/<str:number>/", panel.objection, name="objection"),
    path("<str:number>/pledge/", panel.pledge, name="pledge"),
]  # fmt: skip
