"""The public pages of complaints; mounted under /complaints/ by the roof.

No number and no code stands in any path or query (R12): what is open hangs on a sealed cookie.
"""

from django.urls import path

from .views import public

app_name = "complaints"
urlpatterns = [
    path("", public.start, name="start"),
    path("statistics/", public.statistics, name="statistics"),
    path("new/topic/", public.topic, name="topic"),
    path("new/danger/", public.danger, name="danger"),
    path("new/urgent/", public.urgent, name="urgent"),
    path("new/facility/", public.facility, name="facility"),
    path("new/details/", public.details, name="details"),
    path("new/evidence/", public.evidence, name="evidence"),
    path("new/evidence/<uuid:id>/remove/", public.evidence_remove, name="evidence_remove"),
    path("new/contact/", public.contact, name="contact"),
    path("new/check/", public.check, name="check"),
    path("done/", public.done, name="done"),
    path("done/receipt/", public.receipt, name="receipt"),
    path("track/", public.track, name="track"),
    path("track/add/", public.add, name="add"),
    path("track/rate/", public.rate, name="rate"),
    path("track/review/", public.review, name="review"),
    path("track/withdraw/", public.withdraw, name="withdraw"),
    path("track/leave/", public.leave, name="leave"),
]
