"""Handing in and removing files, and the words of a refusal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils.translation import gettext as _

from portal.core.actors import Actor
from portal.core.files import (
    ALL_TYPES,
    AUDIO,
    IMAGES,
    PDFS,
    VIDEO,
    Accepted,
    Refused,
    inspect_upload,
    store,
)
from portal.core.files.clamd import Clamd
from portal.core.models.attachments import Attachment
from portal.core.workflow import action, lock, record

MEGABYTE = 1024 * 1024


class UploadRefused(Exception):
    """A file was not taken. `code` and `params` are for programs, `message` is for people."""

    def __init__(self, code: str, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.params = dict(params or {})

    @property
    def message(self) -> str:
        """What happened and what to do, in the language of the request."""
        return refusal_message(self.code, self.params)


def inspected(upload: UploadedFile[Any], *, accept: Collection[str] = ALL_TYPES) -> Accepted:
    """The cleaned upload, or UploadRefused. A form calls this, so that no lock waits for it."""
    verdict = inspect_upload(
        upload,
        upload.name or "",
        accept=accept,
        max_bytes=settings.UPLOAD_MAX_BYTES,
        max_media_bytes=settings.UPLOAD_MEDIA_MAX_BYTES,
        scanner=Clamd(settings.CLAMD) if settings.CLAMD else None,
    )
    if isinstance(verdict, Refused):
        size_mb = round((upload.size or 0) / MEGABYTE, 1)
        raise UploadRefused(verdict.code, {**verdict.params, "size_mb": size_mb})
    return verdict


@action
def attach(
    noun: models.Model,
    upload: UploadedFile[Any] | Accepted,
    *,
    slot: str,
    by: Actor,
    at: dt.datetime,
    accept: Collection[str] = ALL_TYPES,
) -> Attachment:
    """Keep a file with `noun`; an upload that no form has inspected is inspected here.

    The noun says in `party` (if it has one) in whose lists the file appears.
    """
    file = upload if isinstance(upload, Accepted) else inspected(upload, accept=accept)
    _keep_within_quota(noun, file, by, at)
    attachment = Attachment.objects.create(
        noun=noun,
        party=getattr(noun, "party", ""),
        slot=slot,
        display_name=file.display_name,
        media_type=file.media_type,
        size=file.size,
        pages=file.pages,
        width=file.width,
        height=file.height,
        sha256_received=file.sha256_received,
        sha256_stored=file.sha256_stored,
        storage_key=_stored(file),
        uploaded_by=by.user,
        uploaded_at=at,
    )
    record(noun, "attachment.added", by=by, at=at, attachment=attachment.pk, slot=slot,
           sha256=file.sha256_received)  # fmt: skip
    return attachment


@action
def remove(attachment: Attachment, *, by: Actor, at: dt.datetime) -> Attachment:
    """Take a file out of the lists; asking twice is the same as once.

    The content stays until the retention of its noun ends: it may be what a decision rested on.
    """
    attachment = lock(attachment)
    if attachment.removed_at is None:
        attachment.removed_at = at
        attachment.save(update_fields=["removed_at"])
        record(attachment.noun, "attachment.removed", by=by, at=at, attachment=attachment.pk,
               slot=attachment.slot)  # fmt: skip
    return attachment


def _keep_within_quota(noun: models.Model, file: Accepted, by: Actor, at: dt.datetime) -> None:
    """A matter holds so many files and a person hands in so much a day; two at once may pass."""
    if Attachment.objects.of(noun).count() >= settings.UPLOAD_MAX_FILES:
        raise UploadRefused("too_many_files", {"limit": settings.UPLOAD_MAX_FILES})
    if by.user is None:
        return
    day = Attachment.objects.filter(uploaded_by=by.user, uploaded_at__gt=at - dt.timedelta(days=1))
    used = day.aggregate(bytes=models.Sum("size"))["bytes"] or 0
    if used + file.size > settings.UPLOAD_DAY_BYTES:
        raise UploadRefused("quota", {"limit_mb": settings.UPLOAD_DAY_BYTES // MEGABYTE})


def _stored(file: Accepted) -> str:
    """Put the content and its smaller copies on the shelf until the transaction decides."""
    try:
        key = store.write_with_transaction(file.content)
        for side, content in file.thumbnails.items():
            store.write(content, store.derivative_key(key, side))
    except store.StorageFull as full:
        raise UploadRefused("no_room") from full
    return key


def refusal_message(code: str, params: Mapping[str, Any]) -> str:
    """The sentence for a refusal. `params["label"]` may name the material."""
    words = {"label": _("文件"), "wanted": _wanted(params.get("accept", ALL_TYPES)), **params}
    if code == "type" and not params.get("extension"):
        code = "type_unnamed"
    return _sentences().get(code, _("文件打不开，请重新选择")) % words


def _sentences() -> dict[str, str]:
    """By code, in the language of the request; an unknown code reads like a broken file."""
    return {
        "type": _("%(label)s须为 %(wanted)s，您选的是 %(extension)s"),
        "type_unnamed": _("%(label)s须为 %(wanted)s，请重新选择"),
        "size": _("文件 %(size_mb)g MB，超过 %(limit_mb)g MB。可以拍照上传，系统会自动压缩"),
        "too_many_pixels": _("图片超过 %(limit_mp)s00 万像素，请缩小后再上传"),
        "too_many_pages": _("文件有 %(pages)s 页，超过 %(limit)s 页，请分成几个文件上传"),
        "encrypted": _("文件加了密码，请去掉密码后再上传"),
        "active_content": _("PDF 里带有程序或附件，请用“打印为 PDF”另存后再上传"),
        "codec": _("%(label)s的编码方式不常见，请在手机上另存为 MP4 或 MP3 后再上传"),
        "no_media": _("系统暂时不能处理音频和视频，请改传照片"),
        "virus": _("杀毒软件在这个文件里发现病毒，没有接收。请检查您的设备"),
        "scanner_down": _("系统暂时不能检查文件，请稍后再试。填写的内容没有丢"),
        "too_many_files": _("这件事的附件已有 %(limit)s 个，不能再添加"),
        "quota": _("您今天上传的文件已超过 %(limit_mb)s MB，请明天再传"),
        "no_room": _("系统暂时存不下这个文件，请稍后再试。填写的内容没有丢"),
    }


def _wanted(accept: Collection[str]) -> str:
    """The kinds that would have been taken, as people call them."""
    kinds = set(accept)
    said = []
    if kinds & IMAGES:
        said += ["JPG", "PNG"]
    if kinds & PDFS:
        said.append("PDF")
    if kinds & VIDEO:
        said.append(_("视频（MP4、MOV、3GP、WEBM）"))
    if kinds & AUDIO:
        said.append(_("录音（M4A、MP3、WAV、OGG）"))
    if len(said) == 1:
        return said[0]
    return _("%(all)s 或 %(last)s") % {"all": _("、").join(said[:-1]), "last": said[-1]}
