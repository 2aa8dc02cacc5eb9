"""The facility's pages of complaints: requests to say what happened, under their own numbers."""

from django.urls import path

from .views import my

urlpatterns = [
    path("statements/", my.statements, name="statements"),
    path("statements/<str:number>/", my.statement, name="statement"),
    path("statements/<str:number>/answer/", my.statement_answer, name="statement_answer"),
]
