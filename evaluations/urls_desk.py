"""The officials' pages about evaluations; mounted under /desk/ by the roof."""

from django.urls import path

from .views import desk

ROUND = "evaluations/<str:number>"
urlpatterns = [
    path("evaluations/", desk.evaluations, name="evaluations"),
    path("evaluations/new/", desk.evaluation_new, name="evaluation_new"),
    path("evaluators/", desk.evaluators, name="evaluators"),
    path("evaluators/new/", desk.evaluator_new, name="evaluator_new"),
    path("evaluators/<uuid:id>/end/", desk.evaluator_end, name="evaluator_end"),
    path("evaluators/<uuid:id>/tie/", desk.tie_new, name="evaluator_tie"),
    path("evaluators/ties/<uuid:id>/end/", desk.tie_end, name="evaluator_tie_end"),
    path("indicators/", desk.indicator_sets, name="indicators"),
    path("indicators/import/", desk.indicator_import, name="indicator_import"),
    path("indicators/template/", desk.indicator_template, name="indicator_template"),
    path("indicators/<int:version>/", desk.indicator_set, name="indicator_set"),
    path(
        "indicators/<int:version>/compare/<int:other>/",
        desk.indicator_compare,
        name="indicator_compare",
    ),
    path("indicators/<int:version>/propose/", desk.indicator_propose, name="indicator_propose"),
    path("indicators/<int:version>/publish/", desk.indicator_publish, name="indicator_publish"),
    path(
        "indicators/<int:version>/hand-back/",
        desk.indicator_hand_back,
        name="indicator_hand_back",
    ),
    path("indicators/<int:version>/retire/", desk.indicator_retire, name="indicator_retire"),
    path("meetings/<uuid:id>/", desk.meeting, name="meeting"),
    path("meetings/<uuid:id>/hold/", desk.meeting_hold, name="meeting_hold"),
    path("meetings/<uuid:id>/vote/<str:code>/", desk.meeting_vote, name="meeting_vote"),
    path("meetings/<uuid:id>/close/", desk.meeting_close, name="meeting_close"),
    path("objections/<str:number>/", desk.objection, name="objection"),
    path("objections/<str:number>/assign/", desk.objection_assign, name="objection_assign"),
    path(
        "objections/<str:number>/hand-back/", desk.objection_hand_back, name="objection_hand_back"
    ),
    path("objections/<str:number>/answer/", desk.objection_answer, name="objection_answer"),
    path("sheets/<uuid:id>/return/", desk.sheet_return, name="sheet_return"),
    path("self-assessments/<uuid:id>/reopen/", desk.self_reopen, name="self_reopen"),
    path("remarks/<uuid:id>/answer/", desk.remark_answer, name="remark_answer"),
    path("improvement/<uuid:id>/accept/", desk.plan_accept, name="improvement_accept"),
    path("improvement/<uuid:id>/hand-back/", desk.plan_hand_back, name="improvement_hand_back"),
    path("amendments/<uuid:id>/grant/", desk.amendment_grant, name="amendment_grant"),
    path("amendments/<uuid:id>/refuse/", desk.amendment_refuse, name="amendment_refuse"),
    path(f"{ROUND}/", desk.evaluation, name="evaluation"),
    path(f"{ROUND}/setup/", desk.settings, name="evaluation_setup"),
    path(f"{ROUND}/facilities/", desk.facilities, name="evaluation_facilities"),
    path(f"{ROUND}/draw/", desk.draw, name="evaluation_draw"),
    path(f"{ROUND}/draw/record/", desk.draw_record, name="evaluation_draw_record"),
    path(f"{ROUND}/start/", desk.start, name="evaluation_start"),
    path(f"{ROUND}/open-scoring/", desk.open_scoring, name="evaluation_open_scoring"),
    path(f"{ROUND}/close-self/", desk.close_self, name="evaluation_close_self"),
    path(f"{ROUND}/remind/", desk.remind, name="evaluation_remind"),
    path(f"{ROUND}/open-scores/", desk.open_scores, name="evaluation_open_scores"),
    path(f"{ROUND}/send-facts/", desk.send_facts, name="evaluation_send_facts"),
    path(f"{ROUND}/notice/", desk.propose_notice, name="evaluation_notice"),
    path(f"{ROUND}/close-notice/", desk.close_notice, name="evaluation_close_notice"),
    path(f"{ROUND}/publish/", desk.propose_result, name="evaluation_publish"),
    path(f"{ROUND}/cancel/", desk.cancel, name="evaluation_cancel"),
    path(f"{ROUND}/meetings/new/", desk.meeting_new, name="meeting_new"),
    path(f"{ROUND}/decide/<uuid:meeting>/", desk.meeting_decide, name="evaluation_decide"),
    path(f"{ROUND}/results/<str:code>/", desk.evaluation_result, name="evaluation_result"),
    path(f"{ROUND}/results/<str:code>/amend/", desk.amend, name="evaluation_amend"),
]
