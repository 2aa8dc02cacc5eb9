"""Pages of the ground: landing, messages, files, papers, verification, preferences."""

from django.urls import path

from .views import attachments, inbox, mail, papers, preferences

app_name = "core"
urlpatterns = [
    path("home/", inbox.landing, name="landing"),
    path("messages/", inbox.messages, name="messages"),
    path("messages/read/", inbox.messages_read, name="messages_read"),
    path("messages/mail/", mail.mail_settings, name="mail_settings"),
    path("messages/<uuid:id>/open/", inbox.message_open, name="message_open"),
    path("desk/messages/failed/", mail.undelivered, name="undelivered"),
    path("desk/messages/failed/<uuid:message>/again/", mail.send_again, name="send_again"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("files/<uuid:id>/", attachments.attachment_file, name="attachment"),
    path(
        "files/<uuid:id>/<int:side>/", attachments.attachment_thumbnail, name="attachment_thumbnail"
    ),
    path("papers/<uuid:id>/", papers.paper_detail, name="paper"),
    path("papers/<uuid:id>/paper.pdf", papers.paper_pdf, name="paper_pdf"),
    path("papers/<uuid:id>/paper.png", papers.paper_png, name="paper_png"),
    path("v/", papers.verify, name="verify"),
    path("v/<str:code>/", papers.verify, name="verify_code"),
]
