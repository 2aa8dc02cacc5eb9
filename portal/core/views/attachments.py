"""Serving files: only to those who see the noun, never as anything but what they are."""

from __future__ import annotations

import os
import re
from http import HTTPStatus
from typing import IO, cast

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from portal.core.files import store
from portal.core.models.attachments import Attachment
from portal.core.pages import Request, shows
from portal.core.sheets import XLSX

SEALED = "sandbox; default-src 'none'"
PLAYABLE = "sandbox; default-src 'none'; media-src 'self'"
# A sandbox keeps the PDF viewer of older Chromium kinds from starting. The file was written anew
# without scripts, its type is fixed, and nothing may be loaded from it.
READABLE = (
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
_SPAN = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})")


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
    response = get_conditional_response(request, etag=quoted) or _body(request, key)
    response["Content-Type"] = media_type
    return sealed(response, media_type=media_type, name=name, etag=etag,
                  download="download" in request.GET)  # fmt: skip


def sealed(
    response: HttpResponseBase, *, media_type: str, name: str, etag: str, download: bool
) -> HttpResponse:
    """The headers that keep a file from becoming a page."""
    disposition = content_disposition_header(download, name) or "inline"
    response["Content-Disposition"] = disposition
    response["Content-Security-Policy"] = _rules(media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private"
    response["ETag"] = f'"{etag}"'
    # A streamed file is no HttpResponse by class, but one to everything that handles it here.
    return cast("HttpResponse", response)


def workbook(content: bytes, name: str) -> HttpResponse:
    """An Excel file that was just made and is kept nowhere."""
    response = HttpResponse(content, content_type=XLSX)
    return sealed(response, media_type=XLSX, name=name, etag=str(len(content)), download=True)


def _rules(media_type: str) -> str:
    if media_type == "application/pdf":
        return READABLE
    return PLAYABLE if media_type.startswith(("audio/", "video/")) else SEALED


def _body(request: Request, key: str) -> HttpResponseBase:
    if settings.PRIVATE_MEDIA_ACCEL:
        response = HttpResponse()
        response["X-Accel-Redirect"] = f"{settings.PRIVATE_MEDIA_ACCEL.rstrip('/')}/{key}"
        return response
    try:
        file = store.path(key).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    size = os.fstat(file.fileno()).st_size
    span = _asked_span(request.headers.get("Range", ""), size)
    served = FileResponse(file) if span is None else _part(file, span, size)
    served["Accept-Ranges"] = "bytes"
    return served


def _asked_span(header: str, size: int) -> range | None:
    """The one span of bytes that is asked for; None for the whole (several are not served)."""
    found = _SPAN.fullmatch(header)
    if found is None or (not found["first"] and not found["last"]):
        return None
    if not found["first"]:
        return range(max(size - int(found["last"]), 0), size)
    last = int(found["last"]) if found["last"] else size - 1
    return range(int(found["first"]), min(last + 1, size))


def _part(file: IO[bytes], span: range, size: int) -> HttpResponseBase:
    """Players of films ask for parts; Safari plays nothing without them."""
    if not span:
        file.close()
        refusal = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        refusal["Content-Range"] = f"bytes */{size}"
        return refusal
    with file:
        file.seek(span.start)
        response = HttpResponse(file.read(len(span)), status=HTTPStatus.PARTIAL_CONTENT)
    response["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    return response
