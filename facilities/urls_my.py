"""The operator's pages; mounted under /my/ by the roof."""

from django.urls import path

from .views import my

urlpatterns = [
    path("", my.home, name="home"),
    path("documents/", my.documents, name="documents"),
    path("filing/start/", my.start, name="filing_start"),
    path("filing/<str:number>/", my.filing, name="filing"),
    path("filing/<str:number>/registration/", my.registration, name="registration"),
    path("filing/<str:number>/premises/", my.premises, name="premises"),
    path("filing/<str:number>/certificates/", my.certificates, name="certificates"),
    path("filing/<str:number>/certificates/<slug:material>/", my.certificate, name="certificate"),
    path(
        "filing/<str:number>/certificates/<slug:material>/remove/<uuid:file>/",
        my.certificate_file_remove,
        name="certificate_file_remove",
    ),
    path(
        "filing/<str:number>/certificates/<slug:material>/autosave/",
        my.certificate_autosave,
        name="certificate_autosave",
    ),
    path("filing/<str:number>/<slug:section>/autosave/", my.autosave, name="autosave"),
    path("filing/<str:number>/check/", my.check, name="check"),
    path("filing/<str:number>/declaration/", my.declaration, name="declaration"),
    path("filing/<str:number>/done/", my.done, name="done"),
    path("filing/<str:number>/withdraw/", my.withdraw, name="withdraw"),
]
