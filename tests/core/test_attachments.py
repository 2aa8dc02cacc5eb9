"""Handing in files: who sees them, what is kept when things go wrong, how they are served."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation
from PIL import Image

from portal.core.actors import Actor
from portal.core.attachments import UploadRefused, attach, inspected, refusal_message, remove
from portal.core.files import ALL_TYPES, IMAGES, MEDIA, PDFS, store
from portal.core.models import Attachment, AuditEvent, Notification, User
from tests.core import corpus

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def shelf(settings: Any, tmp_path: Path) -> Path:
    settings.PRIVATE_MEDIA_ROOT = tmp_path
    settings.PRIVATE_MEDIA_ACCEL = ""
    return tmp_path


@pytest.fixture
def anna() -> User:
    return User.objects.create(username="anna", display_name="甲")


@pytest.fixture
def ben() -> User:
    return User.objects.create(username="ben", display_name="乙")


def noun_of(user: User, key: str = "one") -> Notification:
    """A noun only `user` may see: his own message stands for any noun here."""
    return Notification.objects.create(
        to=user, dedup_key=f"{user.username}:{key}", kind="x", title="t", party="SP-TY-0012", at=AT
    )


def photo(size: tuple[int, int] = (900, 600), name: str = "现场 照片.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", size, "green").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "text/html")


def document(name: str = "报告.pdf") -> SimpleUploadedFile:
    out = io.BytesIO()
    made = pikepdf.new()
    made.add_blank_page()
    made.save(out)
    return SimpleUploadedFile(name, out.getvalue())


def handed_in(user: User, upload: Any = None, **options: Any) -> Attachment:
    noun = options.pop("noun", None) or noun_of(user)
    return attach(noun, upload or photo(), slot="licence", by=Actor.person(user), at=AT, **options)


def files_in(shelf: Path) -> list[Path]:
    return [file for file in shelf.rglob("*") if file.is_file()]


# Acts


def test_a_file_is_kept_with_what_is_known_of_it(anna: User) -> None:
    noun = noun_of(anna)
    kept = handed_in(anna, noun=noun)
    assert Attachment.objects.of(noun).get() == kept
    kept.refresh_from_db()
    assert (kept.noun, kept.party, kept.slot) == (noun, "SP-TY-0012", "licence")
    assert (kept.display_name, kept.media_type) == ("现场 照片.jpg", "image/jpeg")
    assert (kept.width, kept.height, kept.pages) == (900, 600, None)
    assert (kept.uploaded_by, kept.uploaded_at) == (anna, AT)
    assert kept.size == len(store.read(kept.storage_key))
    assert kept.thumbnail_sides == (640,)
    assert store.exists(store.derivative_key(kept.storage_key, 640))
    assert str(kept) == kept.display_name


def test_the_trail_names_the_file_by_number_and_hash_only(anna: User) -> None:
    kept = handed_in(anna)
    line = AuditEvent.objects.get(act="attachment.added")
    assert line.object_id == str(kept.noun_id)
    assert line.detail == {
        "attachment": str(kept.pk),
        "slot": "licence",
        "sha256": kept.sha256_received,
    }


def test_a_form_may_have_looked_before(anna: User) -> None:
    kept = handed_in(anna, inspected(document()))
    assert (kept.media_type, kept.pages, kept.is_image) == ("application/pdf", 1, False)
    assert kept.thumbnail_sides == ()


def test_a_resident_hands_in_without_an_account(anna: User) -> None:
    kept = attach(noun_of(anna), photo(), slot="", by=Actor.resident(), at=AT)
    assert kept.uploaded_by is None


def test_removing_hides_and_keeps(anna: User) -> None:
    kept = handed_in(anna)
    for moment in (AT, AT + dt.timedelta(days=1)):
        remove(kept, by=Actor.person(anna), at=moment)
    kept.refresh_from_db()
    assert kept.removed_at == AT
    assert not Attachment.objects.present().exists()
    assert store.exists(kept.storage_key)
    assert AuditEvent.objects.filter(act="attachment.removed").count() == 1


def test_a_refused_file_leaves_nothing(anna: User, shelf: Path) -> None:
    with pytest.raises(UploadRefused) as refused:
        handed_in(anna, SimpleUploadedFile("a.jpg", b"<html>"))
    assert refused.value.code == "type"
    assert refused.value.message == "文件须为 JPG、PNG 或 PDF，您选的是 JPG"
    assert not Attachment.objects.exists()
    assert files_in(shelf) == []


def test_the_caller_says_which_types_fit(anna: User) -> None:
    with pytest.raises(UploadRefused, match="type"):
        handed_in(anna, document(), accept=IMAGES)


@pytest.mark.proves("sec:F4")
def test_a_full_disk_is_told_in_words(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise store.StorageFull("No space left on device")

    monkeypatch.setattr(store, "write", full)
    with pytest.raises(UploadRefused) as refused:
        handed_in(anna)
    assert refused.value.code == "no_room"
    assert not Attachment.objects.exists()


def test_a_full_disk_at_the_copy_takes_the_file_back(
    anna: User, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = store.write

    def full_at_the_copy(content: bytes, key: str | None = None) -> str:
        if key is not None and key.endswith("-640"):
            raise store.StorageFull("No space left on device")
        return write(content, key)

    monkeypatch.setattr(store, "write", full_at_the_copy)
    with pytest.raises(UploadRefused, match="no_room"):
        handed_in(anna)
    assert files_in(shelf) == []


@pytest.mark.django_db(transaction=True)
def test_the_file_goes_when_the_act_around_it_rolls_back(anna: User, shelf: Path) -> None:
    noun = noun_of(anna)

    @transaction.atomic
    def act() -> None:
        handed_in(anna, noun=noun)
        assert len(files_in(shelf)) == 2
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert files_in(shelf) == []
    kept = handed_in(anna, noun=noun)
    assert store.exists(kept.storage_key)
    assert len(files_in(shelf)) == 2


@pytest.mark.django_db(transaction=True)
def test_the_file_goes_with_the_savepoint(anna: User, shelf: Path) -> None:
    noun = noun_of(anna)

    @transaction.atomic
    def step() -> None:
        handed_in(anna, noun=noun)
        raise ZeroDivisionError

    with transaction.atomic():
        with pytest.raises(ZeroDivisionError):
            step()
        assert files_in(shelf) == []
        handed_in(anna, noun=noun)
    assert len(files_in(shelf)) == 2


# Words


@pytest.mark.parametrize(
    ("code", "params", "said"),
    [
        (
            "type",
            {"extension": "EXE", "label": "营业执照"},
            "营业执照须为 JPG、PNG 或 PDF，您选的是 EXE",
        ),
        ("type", {"extension": "", "accept": IMAGES}, "文件须为 JPG 或 PNG，请重新选择"),
        ("type", {"extension": "TXT", "accept": PDFS}, "文件须为 PDF，您选的是 TXT"),
        (
            "size",
            {"limit_mb": 20.0, "size_mb": 23.4},
            "文件 23.4 MB，超过 20 MB。可以拍照上传，系统会自动压缩",
        ),
        ("empty", {}, "文件打不开，请重新选择"),
        ("broken", {}, "文件打不开，请重新选择"),
        ("too_many_pixels", {"limit_mp": 40}, "图片超过 4000 万像素，请缩小后再上传"),
        (
            "too_many_pages",
            {"pages": 201, "limit": 200},
            "文件有 201 页，超过 200 页，请分成几个文件上传",
        ),
        ("encrypted", {}, "文件加了密码，请去掉密码后再上传"),
        (
            "active_content",
            {"what": "script"},
            "PDF 里带有程序或附件，请用“打印为 PDF”另存后再上传",
        ),
        ("no_room", {}, "系统暂时存不下这个文件，请稍后再试。填写的内容没有丢"),
    ],
)
def test_every_refusal_has_words(code: str, params: dict[str, Any], said: str) -> None:
    with translation.override("zh-hans"):
        assert refusal_message(code, params) == said


def test_the_size_is_told_too(settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    with pytest.raises(UploadRefused) as refused:
        inspected(SimpleUploadedFile("a.jpg", b"x" * 1_600_000))
    assert refused.value.message == "文件 1.5 MB，超过 1 MB。可以拍照上传，系统会自动压缩"


# Reach


@pytest.mark.proves("prod:C8")
def test_a_file_is_seen_by_those_who_see_its_noun(anna: User, ben: User) -> None:
    mine, his = handed_in(anna), handed_in(ben)
    assert list(Attachment.objects.visible_to(anna)) == [mine]
    assert list(Attachment.objects.visible_to(ben)) == [his]


def test_what_points_to_a_model_that_is_gone_is_seen_by_nobody(anna: User) -> None:
    kept = handed_in(anna)
    gone = ContentType.objects.create(app_label="gone", model="gone")
    Attachment.objects.filter(pk=kept.pk).update(noun_type=gone)
    assert not Attachment.objects.visible_to(anna)


def test_reach_costs_two_queries_however_many_files(
    anna: User, django_assert_num_queries: Any
) -> None:
    noun = noun_of(anna)
    for _ in range(3):
        handed_in(anna, noun=noun)
    with django_assert_num_queries(2):
        assert len(Attachment.objects.of(noun).visible_to(anna)) == 3


# Serving


def answer_to(client: Client, user: User, name: str, *args: Any, **extra: Any) -> Any:
    client.force_login(user)
    return client.get(reverse(f"core:{name}", args=args), **extra)


@pytest.mark.proves("sec:X3")
def test_a_picture_is_served_sealed(client: Client, anna: User) -> None:
    kept = handed_in(anna)
    answer = answer_to(client, anna, "attachment", kept.pk)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == store.read(kept.storage_key)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Disposition"] == (
        "inline; filename*=utf-8''%E7%8E%B0%E5%9C%BA%20%E7%85%A7%E7%89%87.jpg"
    )
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer["Cache-Control"]
    assert answer["ETag"] == f'"{kept.sha256_stored}"'


def test_a_pdf_may_be_read_in_the_browser(client: Client, anna: User) -> None:
    answer = answer_to(client, anna, "attachment", handed_in(anna, document()).pk)
    assert answer["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "sandbox" not in answer["Content-Security-Policy"]
    answer.close()


def test_a_file_may_be_saved(client: Client, anna: User) -> None:
    client.force_login(anna)
    answer = client.get(reverse("core:attachment", args=[handed_in(anna).pk]), {"download": ""})
    assert answer["Content-Disposition"].startswith("attachment;")
    answer.close()


def test_an_unchanged_file_is_not_sent_again(client: Client, anna: User) -> None:
    kept = handed_in(anna)
    tag = f'"{kept.sha256_stored}"'
    answer = answer_to(client, anna, "attachment", kept.pk, headers={"if-none-match": tag})
    assert answer.status_code == 304


@pytest.mark.parametrize(("side", "width"), [(640, 640), (1600, 900), (77, 900)])
def test_a_smaller_copy_or_the_picture_itself(
    client: Client, anna: User, side: int, width: int
) -> None:
    answer = answer_to(client, anna, "attachment_thumbnail", handed_in(anna).pk, side)
    with Image.open(io.BytesIO(b"".join(answer.streaming_content))) as shown:
        assert shown.width == width


def test_a_pdf_has_no_smaller_copy(client: Client, anna: User) -> None:
    kept = handed_in(anna, document())
    assert answer_to(client, anna, "attachment_thumbnail", kept.pk, 640).status_code == 404


def test_nginx_sends_it_where_there_is_one(client: Client, anna: User, settings: Any) -> None:
    settings.PRIVATE_MEDIA_ACCEL = "/_private/"
    kept = handed_in(anna)
    answer = answer_to(client, anna, "attachment", kept.pk)
    assert answer["X-Accel-Redirect"] == f"/_private/{kept.storage_key}"
    assert answer.content == b""
    assert answer["Content-Type"] == "image/jpeg"


# nginx keeps these of an answer that names a file (its manual, X-Accel-Redirect), or has its own.
KEPT = {
    "Content-Type", "Content-Disposition", "Accept-Ranges", "Set-Cookie", "Cache-Control",
    "Expires", "ETag", "Content-Length", "X-Accel-Redirect",
}  # fmt: skip
OF_NO_USE = {"Content-Language"}


@pytest.mark.proves("sec:X3")
def test_nginx_hands_on_what_a_browser_must_heed(client: Client, anna: User, settings: Any) -> None:
    conf = settings.BASE_DIR / "deploy" / "nginx.conf"
    if not conf.exists():
        pytest.skip("the containers' files are not part of this copy")
    settings.PRIVATE_MEDIA_ACCEL = "/stored/"
    answer = answer_to(client, anna, "attachment", handed_in(anna).pk, secure=True)
    stored = conf.read_text("utf-8").split("location /stored/ {")[1].split("}")[0]
    named = dict(re.findall(r"add_header (\S+) \$upstream_http_(\w+);", stored))
    assert all(value == name.lower().replace("-", "_") for name, value in named.items())
    assert set(answer.headers) - KEPT - OF_NO_USE <= named.keys()
    assert {"Content-Security-Policy", "X-Content-Type-Options"} <= answer.headers.keys()
    assert "Strict-Transport-Security" in named


@pytest.mark.proves("prod:C8", "sec:W1")
def test_out_of_reach_is_not_there(client: Client, anna: User, ben: User) -> None:
    kept = handed_in(anna)
    assert answer_to(client, ben, "attachment", kept.pk).status_code == 404
    assert answer_to(client, ben, "attachment_thumbnail", kept.pk, 640).status_code == 404


def test_a_lost_file_is_not_there(client: Client, anna: User) -> None:
    kept = handed_in(anna)
    store.delete(kept.storage_key)
    assert answer_to(client, anna, "attachment", kept.pk).status_code == 404


@pytest.mark.proves("prod:C8")
def test_without_an_account_there_is_no_file(client: Client, anna: User) -> None:
    answer = client.get(reverse("core:attachment", args=[handed_in(anna).pk]))
    assert answer.status_code == 302


def test_every_type_the_door_knows_can_be_asked_for() -> None:
    assert ALL_TYPES == IMAGES | PDFS


# Limits, and parts of a file


def test_a_matter_holds_so_many_files(anna: User, settings: Any) -> None:
    settings.UPLOAD_MAX_FILES = 2
    noun = noun_of(anna)
    for _ in range(2):
        handed_in(anna, noun=noun)
    with pytest.raises(UploadRefused) as refused:
        handed_in(anna, noun=noun)
    assert refused.value.message == "这件事的附件已有 2 个，不能再添加"
    assert Attachment.objects.count() == 2


def test_a_person_hands_in_so_much_a_day(anna: User, ben: User, settings: Any) -> None:
    settings.UPLOAD_DAY_BYTES = 10
    handed_in_by_nobody = attach(noun_of(anna), photo(), slot="x", by=Actor.resident(), at=AT)
    assert handed_in_by_nobody.uploaded_by is None
    with pytest.raises(UploadRefused, match="quota") as refused:
        handed_in(anna, noun=noun_of(anna, "two"))
    assert "明天" in refused.value.message
    settings.UPLOAD_DAY_BYTES = handed_in_by_nobody.size + 10
    first = handed_in(anna, noun=noun_of(anna, "three"))
    with pytest.raises(UploadRefused, match="quota"):
        handed_in(anna, noun=first.noun)
    handed_in(ben, noun=noun_of(ben))
    tomorrow = AT + dt.timedelta(days=1, seconds=1)
    attach(first.noun, photo(), slot="x", by=Actor.person(anna), at=tomorrow)


@pytest.mark.proves("sec:F4")
def test_uploads_stop_before_the_disk_is_full(anna: User, settings: Any, shelf: Path) -> None:
    settings.UPLOAD_KEEP_FREE = 1 << 60
    with pytest.raises(UploadRefused, match="no_room") as refused:
        handed_in(anna)
    assert "没有丢" in refused.value.message
    assert files_in(shelf) == []
    assert not Attachment.objects.exists()


def film_of(anna: User) -> Attachment:
    film = SimpleUploadedFile("录音.wav", corpus.film("wav", *corpus.SOUND))
    return handed_in(anna, film, accept=MEDIA)


@pytest.mark.proves("sec:X3")
def test_a_recording_is_served_sealed_and_playable(client: Client, anna: User) -> None:
    client.force_login(anna)
    kept = film_of(anna)
    assert (kept.media_type, kept.is_image) == ("audio/wav", False)
    response = client.get(reverse("core:attachment", args=[kept.pk]))
    assert response["Content-Type"] == "audio/wav"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'; media-src 'self'"
    assert b"".join(response.streaming_content) == store.read(kept.storage_key)
    thumbnail = client.get(reverse("core:attachment_thumbnail", args=[kept.pk, 640]))
    assert thumbnail.status_code == 404


@pytest.mark.parametrize(
    ("asked", "part", "said"),
    [
        ("bytes=0-9", slice(0, 10), "bytes 0-9/{size}"),
        ("bytes=10-", slice(10, None), "bytes 10-{last}/{size}"),
        ("bytes=-5", slice(-5, None), "bytes {tail}-{last}/{size}"),
        ("bytes=0-999999999", slice(0, None), "bytes 0-{last}/{size}"),
    ],
)
def test_a_part_is_served(client: Client, anna: User, asked: str, part: slice, said: str) -> None:
    client.force_login(anna)
    kept = film_of(anna)
    whole = store.read(kept.storage_key)
    response = client.get(reverse("core:attachment", args=[kept.pk]), headers={"Range": asked})
    assert response.status_code == 206
    assert response.content == whole[part]
    size = len(whole)
    assert response["Content-Range"] == said.format(size=size, last=size - 1, tail=size - 5)
    assert response["Content-Type"] == "audio/wav"


def test_a_part_beyond_the_end_is_refused(client: Client, anna: User) -> None:
    client.force_login(anna)
    kept = film_of(anna)
    address = reverse("core:attachment", args=[kept.pk])
    response = client.get(address, headers={"Range": "bytes=999999999-"})
    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{kept.size}"
    for odd in ("bytes=-", "bytes=1-2,4-5", "lines=1-2", "bytes=a-b", "bytes=5-2"):
        answer = client.get(address, headers={"Range": odd})
        assert answer.status_code == (416 if odd == "bytes=5-2" else 200)
        assert len(answer.getvalue()) == (0 if odd == "bytes=5-2" else kept.size)
