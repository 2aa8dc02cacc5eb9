"""The officials' pages about the register; mounted under /desk/ by the roof."""

from django.urls import path

from .views import desk

urlpatterns = [
    path("filings/", desk.filings, name="filings"),
    path("filings/<str:number>/", desk.filing, name="filing"),
    path("filings/<str:number>/take/", desk.take, name="filing_take"),
    path("filings/<str:number>/corrections/add/", desk.correction_add, name="correction_add"),
    path(
        "filings/<str:number>/corrections/<uuid:item>/remove/",
        desk.correction_remove,
        name="correction_remove",
    ),
    path("filings/<str:number>/corrections/send/", desk.corrections_send, name="corrections_send"),
    path("filings/<str:number>/propose/", desk.propose, name="propose"),
    path("filings/<str:number>/register/", desk.register, name="register"),
    path("filings/<str:number>/decline/", desk.decline, name="decline"),
    path("filings/<str:number>/hand-back/", desk.hand_back, name="hand_back"),
    path("filings/<str:number>/decided/", desk.decided, name="decided"),
    path("facilities/", desk.facilities, name="facilities"),
    path("facilities/<str:code>/", desk.facility, name="facility"),
    path("facilities/<str:code>/statutory/", desk.statutory, name="statutory"),
]
