"""The office's pages of complaints; mounted under /desk/ by the roof.

Cases are named by their random id: the number opens the public page and stands in no path (R12).
"""

from django.urls import path

from .views import desk

urlpatterns = [
    path("complaints/", desk.complaints, name="complaints"),
    path("complaints/bulk/", desk.complaints_bulk, name="complaints_bulk"),
    path("complaints/new/", desk.complaint_new, name="complaint_new"),
    path("complaints/orders/", desk.complaint_orders, name="complaint_orders"),
    path(
        "complaints/orders/template/",
        desk.complaint_orders_template,
        name="complaint_orders_template",
    ),
    path("complaints/orders/<uuid:id>/", desk.complaint_orders_job, name="complaint_orders_job"),
    path(
        "complaints/orders/<uuid:id>/errors/",
        desk.complaint_orders_errors,
        name="complaint_orders_errors",
    ),
    path("complaints/views/new/", desk.complaint_view_new, name="complaint_view_new"),
    path("complaints/reports/", desk.complaint_reports, name="complaint_reports"),
    path("complaints/ties/", desk.complaint_ties, name="complaint_ties"),
    path("complaints/ties/<uuid:id>/end/", desk.complaint_tie_end, name="complaint_tie_end"),
    path("complaints/<uuid:id>/", desk.complaint, name="complaint"),
    path("complaints/<uuid:id>/pdf/", desk.complaint_pdf, name="complaint_pdf"),
    path("complaints/<uuid:id>/print/", desk.complaint_print, name="complaint_print"),
    path("complaints/<uuid:id>/files/<uuid:file>/", desk.complaint_file, name="complaint_file"),
    path("complaints/<uuid:id>/accept/", desk.complaint_accept, name="complaint_accept"),
    path(
        "complaints/<uuid:id>/acknowledge/",
        desk.complaint_acknowledge,
        name="complaint_acknowledge",
    ),
    path(
        "complaints/<uuid:id>/answer-discipline/",
        desk.complaint_answer_discipline,
        name="complaint_answer_discipline",
    ),
    path(
        "complaints/<uuid:id>/approve-reply/",
        desk.complaint_approve_reply,
        name="complaint_approve_reply",
    ),
    path("complaints/<uuid:id>/ask/", desk.complaint_ask, name="complaint_ask"),
    path(
        "complaints/<uuid:id>/ask-contact/",
        desk.complaint_ask_contact,
        name="complaint_ask_contact",
    ),
    path(
        "complaints/<uuid:id>/ask-discipline/",
        desk.complaint_ask_discipline,
        name="complaint_ask_discipline",
    ),
    path("complaints/<uuid:id>/add-file/", desk.complaint_add_file, name="complaint_add_file"),
    path("complaints/<uuid:id>/assign/", desk.complaint_assign, name="complaint_assign"),
    path("complaints/<uuid:id>/assist/", desk.complaint_assist, name="complaint_assist"),
    path(
        "complaints/<uuid:id>/confirm-category/",
        desk.complaint_confirm_category,
        name="complaint_confirm_category",
    ),
    path("complaints/<uuid:id>/describe/", desk.complaint_describe, name="complaint_describe"),
    path("complaints/<uuid:id>/end-pause/", desk.complaint_end_pause, name="complaint_end_pause"),
    path("complaints/<uuid:id>/extend/", desk.complaint_extend, name="complaint_extend"),
    path("complaints/<uuid:id>/hand-back/", desk.complaint_hand_back, name="complaint_hand_back"),
    path("complaints/<uuid:id>/outcome/", desk.complaint_outcome, name="complaint_outcome"),
    path("complaints/<uuid:id>/hold/", desk.complaint_hold, name="complaint_hold"),
    path(
        "complaints/<uuid:id>/investigate/",
        desk.complaint_investigate,
        name="complaint_investigate",
    ),
    path("complaints/<uuid:id>/lift-hold/", desk.complaint_lift_hold, name="complaint_lift_hold"),
    path("complaints/<uuid:id>/merge/", desk.complaint_merge, name="complaint_merge"),
    path("complaints/<uuid:id>/note/", desk.complaint_note, name="complaint_note"),
    path(
        "complaints/<uuid:id>/pass-on-place/",
        desk.complaint_pass_on_place,
        name="complaint_pass_on_place",
    ),
    path(
        "complaints/<uuid:id>/open-inspection/",
        desk.complaint_open_inspection,
        name="complaint_open_inspection",
    ),
    path("complaints/<uuid:id>/pause/", desk.complaint_pause, name="complaint_pause"),
    path(
        "complaints/<uuid:id>/propose-category/",
        desk.complaint_propose_category,
        name="complaint_propose_category",
    ),
    path(
        "complaints/<uuid:id>/propose-reply/",
        desk.complaint_propose_reply,
        name="complaint_propose_reply",
    ),
    path(
        "complaints/<uuid:id>/raise-alarm/",
        desk.complaint_raise_alarm,
        name="complaint_raise_alarm",
    ),
    path("complaints/<uuid:id>/refer/", desk.complaint_refer, name="complaint_refer"),
    path(
        "complaints/<uuid:id>/refuse-category/",
        desk.complaint_refuse_category,
        name="complaint_refuse_category",
    ),
    path("complaints/<uuid:id>/reject/", desk.complaint_reject, name="complaint_reject"),
    path("complaints/<uuid:id>/remind/", desk.complaint_remind, name="complaint_remind"),
    path("complaints/<uuid:id>/report/", desk.complaint_report, name="complaint_report"),
    path(
        "complaints/<uuid:id>/request-statement/",
        desk.complaint_request_statement,
        name="complaint_request_statement",
    ),
    path("complaints/<uuid:id>/resume/", desk.complaint_resume, name="complaint_resume"),
    path(
        "complaints/<uuid:id>/resume-discipline/",
        desk.complaint_resume_discipline,
        name="complaint_resume_discipline",
    ),
    path("complaints/<uuid:id>/separate/", desk.complaint_separate, name="complaint_separate"),
    path("complaints/<uuid:id>/take-over/", desk.complaint_take_over, name="complaint_take_over"),
    path("complaints/<uuid:id>/tie/", desk.complaint_tie, name="complaint_tie"),
    path("complaints/<uuid:id>/write/", desk.complaint_write, name="complaint_write"),
    path(
        "complaints/<uuid:id>/letters/<uuid:letter>/receipt/",
        desk.complaint_receipt,
        name="complaint_receipt",
    ),
    path(
        "complaints/<uuid:id>/letters/<uuid:letter>/feedback/",
        desk.complaint_feedback,
        name="complaint_feedback",
    ),
    path(
        "complaints/statements/<uuid:id>/rewrite/",
        desk.statement_rewrite,
        name="complaint_statement_rewrite",
    ),
    path(
        "complaints/statements/<uuid:id>/release/",
        desk.statement_release,
        name="complaint_statement_release",
    ),
    path(
        "complaints/statements/<uuid:id>/hand-back/",
        desk.statement_hand_back,
        name="complaint_statement_hand_back",
    ),
    path("complaints/contacts/<uuid:id>/grant/", desk.reveal_grant, name="complaint_contact_grant"),
    path(
        "complaints/contacts/<uuid:id>/refuse/", desk.reveal_refuse, name="complaint_contact_refuse"
    ),
    path("complaints/contacts/<uuid:id>/open/", desk.reveal_open, name="complaint_contact_open"),
]
