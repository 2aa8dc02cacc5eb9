"""Serving files: only to those who see the noun, never as anything but what they are."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from portal.core.files import store
from portal.core.models.attachments import Attachment
from portal.core.pages import Request, shows

SEALED = "sandbox; default-src 'none'"
# A sandbox keeps the PDF viewer of older Chromium kinds from starting. The file was written anew
# without scripts, its type is fixed, and nothing may be loaded from it.
READABLE = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)


@shows(Attachment, key="id", audited="attachment.read")
def attachment_file(request: Request, attachment: Attachment) -> HttpResponse:
    """The stored file, shown in the browser; saved with `?download`."""
    return stored_file(
        request,
        attachment.storage_key,
        media_type=attachment.media_type,
        name=attachment.display_name,
        etag=attachment.sha256_stored,
    )


@shows(Attachment, key="id")
def attachment_thumbnail(request: Request, attachment: Attachment, side: int) -> HttpResponse:
    """A smaller copy of a picture; the picture itself where it is small enough already."""
    if not attachment.is_image:
        raise Http404
    key, media_type = attachment.storage_key, attachment.media_type
    if side in attachment.thumbnail_sides:
        key, media_type = store.derivative_key(key, side), "image/jpeg"
    return stored_file(
        request,
        key,
        media_type=media_type,
        name=attachment.display_name,
        etag=f"{attachment.sha256_stored}-{side}",
    )


def stored_file(
    request: Request, key: str, *, media_type: str, name: str, etag: str
) -> HttpResponse:
    """A file of the private store: through nginx where it is set up, else through Django."""
    quoted = f'"{etag}"'
    response = get_conditional_response(request, etag=quoted) or _body(key)
    response["Content-Type"] = media_type
    return sealed(response, media_type=media_type, name=name, etag=etag,
                  download="download" in request.GET)  # fmt: skip


def sealed(
    response: HttpResponseBase, *, media_type: str, name: str, etag: str, download: bool
) -> HttpResponse:
    """The headers that keep a file from becoming a page."""
    disposition = content_disposition_header(download, name) or "inline"
    response["Content-Disposition"] = disposition
    response["Content-Security-Policy"] = READABLE if media_type == "application/pdf" else SEALED
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private"
    response["ETag"] = f'"{etag}"'
    # A streamed file is no HttpResponse by class, but one to everything that handles it here.
    return cast("HttpResponse", response)


def _body(key: str) -> HttpResponseBase:
    if settings.PRIVATE_MEDIA_ACCEL:
        response = HttpResponse()
        response["X-Accel-Redirect"] = f"{settings.PRIVATE_MEDIA_ACCEL.rstrip('/')}/{key}"
        return response
    try:
        return FileResponse(store.path(key).open("rb"))
    except FileNotFoundError:
        raise Http404 from None
