"""PDF files: written again from their objects, or refused.

Refused: a password, scripts, launched programs, attached files, films, sounds and 3-D scenes,
forms of the XFA kind, more than 200 pages. Whoever made such a file can print it to a new PDF, and
what would be left after cutting them out might not be what the sender believes to have sent.

Cleaned silently, because the pages look the same without it: links, page-open actions, metadata,
private editor data, restrictions without a password, unused objects, bytes around the document.
A digital signature cannot survive rewriting: its picture stays, the signature value goes, and the
hash of what was received tells later whether an original shown at the counter is the same file.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from portal.core.files.verdict import Cleaned, RefusedFile

MAX_PAGES = 200
MAX_OBJECTS = 200_000
MAX_DEPTH = 200
MEMORY = 64 * 1024 * 1024

# Process-wide guards against compressed bombs; set once, when the module is first imported.
pikepdf.settings.set_qpdf_limits(
    doc_max_warnings=1000,
    flate_max_memory=MEMORY,
    png_max_memory=MEMORY,
    run_length_max_memory=MEMORY,
    tiff_max_memory=MEMORY,
    dct_max_memory=MEMORY,
    dct_max_progressive_scans=100,
)

ACTIVE_KEYS = {
    "/JS": "script",
    "/JavaScript": "script",
    "/EmbeddedFiles": "attached_file",
    "/EF": "attached_file",
    "/XFA": "dynamic_form",
    "/RichMediaContent": "media",
}
ACTIVE_TYPES = {
    "/JavaScript": "script",
    "/Launch": "launch",
    "/ImportData": "launch",
    "/SubmitForm": "launch",
    "/Rendition": "media",
    "/Movie": "media",
    "/Sound": "media",
    "/Screen": "media",
    "/RichMedia": "media",
    "/3D": "media",
    "/FileAttachment": "attached_file",
}
# Dropped: actions that remain, metadata, editors' private data.
QUIET_KEYS = ("/A", "/AA", "/PA", "/OpenAction", "/Metadata", "/PieceInfo", "/AF", "/URI")
# A dictionary with one of these is a thing. Without, it may be a list of resources or glyphs,
# where "/A" is merely a name.
THING_KEYS = ("/Type", "/Subtype", "/FT", "/Rect", "/Parent")
ROOT_KEYS = ("/Names", "/Outlines", "/Collection", "/SpiderInfo", "/Threads", "/Legal")


def clean_pdf(received: bytes) -> Cleaned:
    """The document written again without what acts or tells about its maker."""
    try:
        with Pdf.open(io.BytesIO(received), attempt_recovery=True) as document:
            return _rewrite(document)
    except pikepdf.PasswordError as error:
        raise RefusedFile("encrypted") from error
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise RefusedFile("broken") from error


def _rewrite(document: Pdf) -> Cleaned:
    pages = len(document.pages)
    if pages > MAX_PAGES:
        raise RefusedFile("too_many_pages", pages=pages, limit=MAX_PAGES)
    if not pages or len(document.objects) > MAX_OBJECTS:
        raise RefusedFile("broken")
    for part in _dictionaries(document):
        _refuse_active(part)
    for part in _dictionaries(document):
        _quieten(part)
    _strip_root(document)
    out = io.BytesIO()
    document.save(
        out,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        compress_streams=True,
    )
    return Cleaned(content=out.getvalue(), media_type="application/pdf", pages=pages)


def _dictionaries(document: Pdf) -> Iterator[Object]:
    """Every dictionary of the file, also those written inside another object."""
    yield document.trailer
    for top in document.objects:
        yield from _inside(top, 0)


def _inside(part: Object, depth: int) -> Iterator[Object]:
    if depth > MAX_DEPTH:
        raise RefusedFile("broken")
    if isinstance(part, (Dictionary, Stream)):
        yield part
        children = [part.get(key) for key in part.keys()]  # ruff: ignore[in-dict-keys] - pikepdf objects
    elif isinstance(part, Array):
        children = list(part)
    else:
        return
    for child in children:
        if isinstance(child, (Dictionary, Array)) and not child.is_indirect:
            yield from _inside(child, depth + 1)


def _refuse_active(part: Object) -> None:
    for key, what in ACTIVE_KEYS.items():
        if key in part:
            raise RefusedFile("active_content", what=what)
    for key in ("/S", "/Subtype"):
        value = part.get(key)
        if isinstance(value, Name) and str(value) in ACTIVE_TYPES:
            raise RefusedFile("active_content", what=ACTIVE_TYPES[str(value)])


def _quieten(part: Object) -> None:
    if not any(key in part for key in THING_KEYS):
        return
    for key in QUIET_KEYS:
        if key in part:
            del part[key]
    # Rewriting ends every digital signature; its picture stays, the now false claim goes.
    if part.get("/FT") == Name("/Sig") and "/V" in part:
        del part["/V"]


def _strip_root(document: Pdf) -> None:
    for key in ROOT_KEYS:
        if key in document.Root:
            del document.Root[key]
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
