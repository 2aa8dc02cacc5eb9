"""The pages the team carries along; mounted under /desk/ by the roof."""

from django.urls import path

from .views import field

urlpatterns = [
    path("field/", field.today, name="field"),
    path("field/<str:number>/", field.visit, name="field_visit"),
    path("field/<str:number>/start/", field.start, name="field_start"),
    path("field/<str:number>/door/", field.door, name="field_door"),
    path("field/<str:number>/end/", field.end, name="field_end"),
    path("field/<str:number>/check/", field.checking, name="field_check"),
    path("field/<str:number>/answer/", field.answer, name="field_answer"),
    path("field/<str:number>/photo/", field.photo, name="field_photo"),
    path("field/<str:number>/heads/", field.heads, name="field_heads"),
    path("field/<str:number>/staff/", field.staff, name="field_staff"),
    path("field/<str:number>/remarks/", field.remarks, name="field_remarks"),
    path("field/<str:number>/other/", field.other, name="field_other"),
    path("field/<str:number>/other/<uuid:id>/drop/", field.other_drop, name="field_other_drop"),
    path("field/<str:number>/finish/", field.finish, name="field_finish"),
    path("field/<str:number>/sign/", field.sign, name="field_sign"),
    path("field/<str:number>/refuse/", field.refuse, name="field_refuse"),
    path("field/<str:number>/complete/", field.complete, name="field_complete"),
    path("field/<str:number>/reopen/", field.reopen, name="field_reopen"),
]
