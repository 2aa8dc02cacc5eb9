"""The office's pages of complaints; mounted under /desk/ by the roof.

Cases are named by their random id: the number opens the public page and stands in no path (R12).
"""

from django.urls import path

from .views import desk

urlpatterns = [
    path("complaints/", desk.complaints, name="complaints"),
    path("complaints/<uuid:id>/", desk.complaint, name="complaint"),
]
