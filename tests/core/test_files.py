"""A corpus of ordinary and hostile files, made here, and what becomes of each of them."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import random
import struct
import zipfile
import zlib
from pathlib import Path

import pikepdf
import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from portal.core.files import (
    ALL_TYPES,
    IMAGES,
    PDFS,
    Accepted,
    Refused,
    confined,
    inspect_upload,
    pdfs,
    safe_display_name,
    store,
)

NEEDLES = (
    b"Exif",
    b"GPS",
    b"ICC_PROFILE",
    b"iCCP",
    b"http://ns.adobe",
    b"SECRET-PHONE",
    b"PK\x03\x04",
    b"<script",
    b"eXIf",
    b"tEXt",
    b"zTXt",
    b"iTXt",
)


# Makers of the corpus


def picture(size: tuple[int, int] = (320, 240), mode: str = "RGB") -> Image.Image:
    """A picture with enough noise that encoders cannot cheat."""
    dice = random.Random(7)
    noise = Image.frombytes("RGB", (16, 12), dice.randbytes(16 * 12 * 3))
    return noise.resize(size).convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(**options: object) -> bytes:
    return encoded(picture(), "JPEG", **options)


def png(**options: object) -> bytes:
    return encoded(picture(), "PNG", **options)


def exif_block(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0110] = "SECRET-PHONE 12"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (33.0, 17.0, 31.2), 3: "E", 4: (113.0, 31.0, 5.0)})
    return exif


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "hidden")
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_head(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    )


def bare_png(width: int, height: int) -> bytes:
    """A few bytes that claim to be a very large picture."""
    return (
        png_head(width, height) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """A PNG whose comment unpacks to 200 MB."""
    body = b"Comment\0\0" + zlib.compress(b"A" * 200_000_000, 1)
    plain = png()
    return plain[:33] + chunk(b"zTXt", body) + plain[33:]


def sixteen_bit_png() -> bytes:
    grey = Image.frombytes(
        "I;16", (64, 64), b"".join(struct.pack("<H", n * 16) for n in range(4096))
    )
    return encoded(grey, "PNG")


def pdf(pages: int = 1, **root: object) -> bytes:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(595, 842))
    for key, value in root.items():
        document.Root[f"/{key}"] = value
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf_with(change: object, **save: object) -> bytes:
    document = pikepdf.open(io.BytesIO(pdf(2)))
    change(document)  # type: ignore[operator]
    out = io.BytesIO()
    document.save(out, **save)
    return out.getvalue()


def annotation(document: pikepdf.Pdf, **entries: object) -> None:
    made = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Rect=pikepdf.Array([0, 0, 9, 9]), **entries)
    document.pages[0].obj["/Annots"] = pikepdf.Array([made])


def action(kind: str, **entries: object) -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name(f"/{kind}"), **entries)


def add_script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = action("JavaScript", JS=pikepdf.String("app.alert(1)"))


def add_deep_script(document: pikepdf.Pdf) -> None:
    keys = pikepdf.Dictionary(K=action("JavaScript", JS=pikepdf.String("1")))
    document.Root.AcroForm = pikepdf.Dictionary(
        Fields=pikepdf.Array(
            [document.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Tx, AA=keys))]
        )
    )


def add_launch(document: pikepdf.Pdf) -> None:
    annotation(
        document, Subtype=pikepdf.Name.Link, A=action("Launch", F=pikepdf.String("calc.exe"))
    )


def add_attachment(document: pikepdf.Pdf) -> None:
    document.attachments["a.exe"] = b"MZ"


def add_xfa(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = pikepdf.Dictionary(XFA=document.make_stream(b"<xdp/>"))


def add_film(document: pikepdf.Pdf) -> None:
    annotation(document, Subtype=pikepdf.Name("/RichMedia"))


def add_traces(document: pikepdf.Pdf) -> None:
    """A link, metadata, a page action and a signature: all harmless to the look."""
    annotation(
        document, Subtype=pikepdf.Name.Link, A=action("URI", URI=pikepdf.String("http://evil"))
    )
    document.Root.Seven = document.make_indirect(pikepdf.Object.parse(b"7"))
    document.Root.Threads = pikepdf.Array([])
    document.docinfo["/Author"] = "SECRET-PHONE"
    document.Root.Metadata = document.make_stream(b"SECRET-PHONE")
    document.Root.AcroForm = pikepdf.Dictionary(
        Fields=pikepdf.Array(
            [
                document.make_indirect(
                    pikepdf.Dictionary(
                        FT=pikepdf.Name.Sig, V=pikepdf.Dictionary(Contents=b"SECRET-PHONE")
                    )
                )
            ]
        )
    )
    document.pages[0].obj["/Resources"] = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(A=document.make_stream(b"q Q"))
    )


def heic() -> bytes:
    pillow_heif.register_heif_opener()
    return encoded(picture(), "HEIF", quality=60, exif=exif_block().tobytes())


HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
GIF_JS = b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(1)"
JUNK = bytes(random.Random(3).randbytes(4000))

REFUSED = {
    "nothing at all": (lambda: b"", "a.jpg", "empty"),
    "only zeros": (lambda: b"\0" * 3000, "a.pdf", "empty"),
    "html called jpg": (lambda: HTML, "证照.jpg", "type"),
    "program": (lambda: b"MZ\x90\0" + JUNK, "a.exe", "type"),
    "program called pdf": (lambda: b"MZ\x90\0" + JUNK, "a.pdf", "type"),
    "linux program": (lambda: b"\x7fELF" + JUNK, "a.png", "type"),
    "svg": (lambda: SVG, "a.svg", "type"),
    "svg called png": (lambda: SVG, "a.png", "type"),
    "zip": (zipped, "a.zip", "type"),
    "zip called pdf": (zipped, "a.pdf", "type"),
    "gif that is a script": (lambda: GIF_JS, "a.gif", "type"),
    "gif script called jpg": (lambda: GIF_JS, "a.jpg", "type"),
    "animated gif": (
        lambda: encoded(picture(), "GIF", save_all=True, append_images=[picture()]),
        "a.gif",
        "type",
    ),
    "webp": (lambda: encoded(picture(), "WEBP"), "a.webp", "type"),
    "tiff": (lambda: encoded(picture(), "TIFF"), "a.tif", "type"),
    "avif by name of brand": (
        lambda: b"\0\0\0\x18ftypavif\0\0\0\0mif1heic" + JUNK,
        "a.heic",
        "type",
    ),
    "film": (lambda: b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + JUNK, "a.mp4", "type"),
    "pdf with html in front": (lambda: HTML + pdf(), "a.pdf", "type"),
    "noise": (lambda: JUNK, "a.jpg", "type"),
    "jpeg cut in the middle": (lambda: jpeg()[:2000], "a.jpg", "broken"),
    "jpeg of three bytes": (lambda: b"\xff\xd8\xff", "a.jpg", "broken"),
    "png cut in the middle": (lambda: png()[:3000], "a.png", "broken"),
    "png with a wrong checksum": (lambda: png()[:29] + b"\0\0\0\0" + png()[33:], "a.png", "broken"),
    "png text bomb": (text_bomb, "a.png", "broken"),
    "heic that is noise": (
        lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + JUNK,
        "a.heic",
        "broken",
    ),
    "pixel bomb": (lambda: bare_png(30_000, 30_000), "a.png", "too_many_pixels"),
    "pixel bomb beyond the library's own limit": (
        lambda: bare_png(50_000, 50_000),
        "a.png",
        "too_many_pixels",
    ),
    "very long strip": (lambda: bare_png(12_001, 2), "a.png", "too_many_pixels"),
    "just over forty megapixels": (lambda: bare_png(8_000, 5_001), "a.png", "too_many_pixels"),
    "pdf of one line": (lambda: b"%PDF-1.7\n%%EOF", "a.pdf", "broken"),
    "pdf cut in the middle": (lambda: pdf(3)[:200], "a.pdf", "broken"),
    "pdf of 201 pages": (lambda: pdf(201), "a.pdf", "too_many_pages"),
    "pdf with a password": (
        lambda: pdf_with(lambda d: None, encryption=pikepdf.Encryption(owner="o", user="u")),
        "a.pdf",
        "encrypted",
    ),
    "pdf with a script": (lambda: pdf_with(add_script), "a.pdf", "active_content"),
    "pdf with a script in a field": (lambda: pdf_with(add_deep_script), "a.pdf", "active_content"),
    "pdf that starts a program": (lambda: pdf_with(add_launch), "a.pdf", "active_content"),
    "pdf with a file inside": (lambda: pdf_with(add_attachment), "a.pdf", "active_content"),
    "pdf with an xfa form": (lambda: pdf_with(add_xfa), "a.pdf", "active_content"),
    "pdf with a film": (lambda: pdf_with(add_film), "a.pdf", "active_content"),
}

KEPT = {
    "jpeg with place and phone": (
        lambda: jpeg(exif=exif_block().tobytes()),
        "照片.jpg",
        "image/jpeg",
    ),
    "jpeg with a colour profile": (
        lambda: jpeg(icc_profile=b"SECRET-PHONE" * 20),
        "a.jpg",
        "image/jpeg",
    ),
    "jpeg with a comment": (lambda: jpeg(comment=b"SECRET-PHONE <script>"), "a.jpg", "image/jpeg"),
    "jpeg with a zip behind": (lambda: jpeg() + zipped(), "a.jpg", "image/jpeg"),
    "jpeg with html behind": (lambda: jpeg() + HTML, "a.jpg", "image/jpeg"),
    "jpeg with damaged exif": (
        lambda: jpeg(exif=b"Exif\0\0MM\0*\xff\xff\xff\xff" + JUNK[:60]),
        "a.jpg",
        "image/jpeg",
    ),
    "jpeg called png": (jpeg, "a.png", "image/jpeg"),
    "jpeg without a name": (jpeg, "", "image/jpeg"),
    "cmyk jpeg": (lambda: encoded(picture(mode="CMYK"), "JPEG"), "a.jpg", "image/jpeg"),
    "grey jpeg": (lambda: encoded(picture(mode="L"), "JPEG"), "a.jpeg", "image/jpeg"),
    "heic of a phone": (heic, "IMG_0001.HEIC", "image/jpeg"),
    "png with text": (lambda: png(pnginfo=_text()), "a.png", "image/png"),
    "png with 16 bits": (sixteen_bit_png, "a.png", "image/png"),
    "png with a palette": (lambda: encoded(picture(mode="P"), "PNG"), "a.png", "image/png"),
    "png with one bit": (lambda: encoded(picture(mode="1"), "PNG"), "a.png", "image/png"),
    "png with transparency": (lambda: encoded(picture(mode="RGBA"), "PNG"), "a.png", "image/png"),
    "png that moves": (
        lambda: encoded(picture(), "PNG", save_all=True, append_images=[picture().rotate(9)]),
        "a.png",
        "image/png",
    ),
    "png with a zip behind": (lambda: png() + zipped(), "a.png", "image/png"),
    "pdf": (pdf, "报告.pdf", "application/pdf"),
    "pdf of 200 pages": (lambda: pdf(200), "a.pdf", "application/pdf"),
    "pdf with html behind": (lambda: pdf() + HTML, "a.pdf", "application/pdf"),
    "pdf with traces": (lambda: pdf_with(add_traces), "a.pdf", "application/pdf"),
    "pdf locked against printing": (
        lambda: pdf_with(lambda d: None, encryption=pikepdf.Encryption(owner="o")),
        "a.pdf",
        "application/pdf",
    ),
}


def _text() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "SECRET-PHONE")
    info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>SECRET-PHONE</x:xmpmeta>", zip=False)
    return info


@pytest.fixture(autouse=True)
def _without_a_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the cleaning itself is looked at; tests/core/test_corpus.py goes through the cage."""
    monkeypatch.setattr(confined, "AVAILABLE", False)


def judged(content: bytes, name: str = "a.jpg", **options: object) -> Accepted | Refused:
    return inspect_upload(io.BytesIO(content), name, **options)  # type: ignore[arg-type]


def accepted(content: bytes, name: str = "a.jpg") -> Accepted:
    verdict = judged(content, name)
    assert isinstance(verdict, Accepted), verdict
    return verdict


# The corpus


@pytest.mark.proves("prod:C5", "sec:X4", "sec:X5")
@pytest.mark.parametrize("case", REFUSED)
def test_hostile_and_broken_files_are_refused_with_a_reason(case: str) -> None:
    make, name, code = REFUSED[case]
    verdict = judged(make(), name)
    assert isinstance(verdict, Refused)
    assert verdict.code == code


@pytest.mark.proves("prod:C5", "prod:C7")
@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
@pytest.mark.parametrize("case", KEPT)
def test_ordinary_files_are_kept_clean(case: str) -> None:
    make, name, media_type = KEPT[case]
    kept = accepted(make(), name)
    assert kept.media_type == media_type
    assert kept.display_name.endswith(kept.extension)
    assert not [needle for needle in NEEDLES if needle in kept.content]
    assert kept.sha256_stored == hashlib.sha256(kept.content).hexdigest()
    assert kept.size == len(kept.content)
    if media_type == "application/pdf":
        assert kept.pages
    else:
        with Image.open(io.BytesIO(kept.content)) as again:
            again.load()
            assert again.size == (kept.width, kept.height)
            assert not again.getexif()
            assert not set(again.info) & {"exif", "icc_profile", "xmp", "comment"}


def test_the_corpus_is_large_enough() -> None:
    assert len(REFUSED) + len(KEPT) >= 44


# What cleaning does to a picture


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(orientation: int) -> None:
    image = Image.new("RGB", (80, 40), "white")
    image.paste("red", (0, 0, 20, 20))
    kept = accepted(encoded(image, "JPEG", quality=95, exif=exif_block(orientation).tobytes()))
    upright = Image.open(io.BytesIO(kept.content)).convert("RGB")
    assert upright.size == ((80, 40) if orientation < 5 else (40, 80))
    right, low = upright.width - 6, upright.height - 6
    corners = [(5, 5), (right, 5), (right, low), (5, low)]
    red = [index for index, at in enumerate(corners) if upright.getpixel(at)[1] < 100]  # type: ignore[index]
    assert red == [{1: 0, 2: 1, 3: 2, 4: 3, 5: 0, 6: 1, 7: 2, 8: 3}[orientation]]


def test_sixteen_bits_become_eight_without_being_clipped() -> None:
    kept = accepted(sixteen_bit_png(), "a.png")
    low, high = Image.open(io.BytesIO(kept.content)).getextrema()
    assert (low, high) == (0, 255)


def test_a_large_picture_is_made_smaller_and_gets_two_copies() -> None:
    kept = accepted(encoded(picture((6000, 3000)), "JPEG", quality=70))
    assert (kept.width, kept.height) == (4000, 2000)
    assert sorted(kept.thumbnails) == [640, 1600]
    for side, content in kept.thumbnails.items():
        with Image.open(io.BytesIO(content)) as small:
            assert small.format == "JPEG"
            assert max(small.size) == side


def test_a_small_picture_needs_no_copies() -> None:
    assert accepted(jpeg()).thumbnails == {}


def test_transparency_becomes_white_in_a_copy() -> None:
    clear = Image.new("RGBA", (800, 800), (0, 0, 0, 0))
    kept = accepted(encoded(clear, "PNG"), "a.png")
    small = Image.open(io.BytesIO(kept.thumbnails[640]))
    assert small.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


# What cleaning does to a PDF


def test_a_pdf_loses_what_tells_and_what_acts_but_no_page() -> None:
    kept = accepted(pdf_with(add_traces), "a.pdf")
    with pikepdf.open(io.BytesIO(kept.content)) as document:
        written = b"".join(
            item.unparse() + (item.read_raw_bytes() if isinstance(item, pikepdf.Stream) else b"")
            for item in document.objects
        )
        assert b"SECRET-PHONE" not in written
        assert b"evil" not in written
        assert "/A" in document.pages[0].Resources.XObject
        assert len(document.pages) == 2


def test_a_pdf_locked_against_printing_can_be_printed_here() -> None:
    make, name, _ = KEPT["pdf locked against printing"]
    with pikepdf.open(io.BytesIO(accepted(make(), name).content)) as document:
        assert not document.is_encrypted


def nested(depth: int) -> pikepdf.Object:
    inner = pikepdf.Dictionary(Type=pikepdf.Name("/X"))
    for _ in range(depth):
        inner = pikepdf.Array([inner])
    return inner


def test_a_pdf_without_pages_is_broken() -> None:
    document = pikepdf.new()
    out = io.BytesIO()
    document.save(out)
    assert judged(out.getvalue()) == Refused("broken")


def test_a_pdf_of_absurd_depth_is_broken() -> None:
    assert isinstance(judged(pdf(X=nested(100), Y=pikepdf.Array([7]))), Accepted)
    assert judged(pdf(X=nested(300))) == Refused("broken")


def test_a_pdf_of_absurdly_many_objects_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfs, "MAX_OBJECTS", 3)
    assert judged(pdf(2)) == Refused("broken")


def test_a_packed_bomb_is_never_unpacked_whole() -> None:
    document = pikepdf.new()
    document.add_blank_page()
    bomb = document.make_stream(b"x")
    bomb.write(
        zlib.compress(b" " * 200_000_000, 1), filter=pikepdf.Name.FlateDecode, decode_parms=None
    )
    with pytest.raises(RuntimeError, match="memory limit"):
        bomb.read_bytes()


def test_the_same_pdf_is_stored_the_same() -> None:
    content = pdf(3)
    assert accepted(content, "a.pdf").sha256_stored == accepted(content, "b.pdf").sha256_stored


# Limits and choices of the caller


def test_the_size_limit_is_the_callers() -> None:
    content = jpeg()
    verdict = judged(content, max_bytes=len(content) - 1)
    assert isinstance(verdict, Refused)
    assert verdict.code == "size"
    assert isinstance(judged(content, max_bytes=len(content)), Accepted)


def test_no_more_than_the_limit_is_read() -> None:
    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1) -> bytes:
            assert size >= 0
            self.asked += size
            return b"\xff" * size

    stream = Endless()
    verdict = inspect_upload(stream, "a.jpg", max_bytes=1000)
    assert isinstance(verdict, Refused)
    assert verdict.code == "size"
    assert stream.asked == 1001


@pytest.mark.parametrize(
    ("content", "accept", "fits"),
    [
        (jpeg, IMAGES, True),
        (jpeg, PDFS, False),
        (pdf, PDFS, True),
        (pdf, IMAGES, False),
        (pdf, ALL_TYPES, True),
    ],
)
def test_the_caller_says_which_types_fit(
    content: object, accept: frozenset[str], fits: bool
) -> None:
    verdict = judged(content(), accept=accept)  # type: ignore[operator]
    assert isinstance(verdict, Accepted) is fits


def test_a_refused_type_names_the_ending_the_sender_sees() -> None:
    verdict = judged(SVG, "图纸.SVG")
    assert isinstance(verdict, Refused)
    assert verdict.params == {"extension": "SVG", "accept": ALL_TYPES}


# Names


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("营业执照（正本）.pdf", "营业执照（正本）.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\a.dll", "a.dll"),
        ("/", "未命名"),
        ("..", "未命名"),
        ("", "未命名"),
        (".htaccess", "htaccess"),
        ("a\0.php.jpg", "a.php.jpg"),
        ("报告\u202egpj.exe", "报告gpj.exe"),
        ("a\r\nSet-Cookie: x=1.jpg", "aSet-Cookie x=1.jpg"),
        ("\u200b\ufeff 图 \u3000 片 .PNG", "图 片.png"),
        ('a"><img src=x>.jpg', "a img src=x.jpg"),
        ("con|prn?.txt", "con prn.txt"),
        ("e\u0301.jpg", "é.jpg"),
        ("龘靐𬭎.jpg", "龘靐𬭎.jpg"),
        ("𲎯.jpg", "𲎯.jpg"),
        ("\ud800.jpg", "jpg"),
    ],
)
def test_a_name_is_made_fit_to_show(given_name: str, shown: str) -> None:
    assert safe_display_name(given_name) == shown


def test_a_long_name_keeps_its_ending() -> None:
    shown = safe_display_name("长" * 300 + ".pdf")
    assert len(shown) == 120
    assert shown.endswith(".pdf")


def test_the_ending_can_be_set_to_the_truth() -> None:
    assert safe_display_name("图片.png", extension=".jpg") == "图片.jpg"
    assert safe_display_name("图片", extension=".jpg") == "图片.jpg"


@pytest.mark.proves("sec:X8")
@given(st.text(max_size=400))
def test_no_name_breaks_the_rules(name: str) -> None:
    shown = safe_display_name(name)
    assert 1 <= len(shown) <= 120
    assert not set(shown) & set("/\\\0\r\n\u202e\u200f")
    assert shown.strip(". ")
    shown.encode()


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"%PDF-1.4\n", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"]),
)
def test_no_bytes_break_the_door(body: bytes, head: bytes) -> None:
    assert isinstance(judged(head + body), Refused | Accepted)


# The store


@pytest.fixture
def shelf(settings: object, tmp_path: Path) -> Path:
    settings.PRIVATE_MEDIA_ROOT = tmp_path / "private"  # type: ignore[attr-defined]
    return tmp_path / "private"


def test_what_is_written_is_read(shelf: Path) -> None:
    key = store.write(b"content")
    assert store.read(key) == b"content"
    assert store.exists(key)
    assert store.path(key).is_relative_to(shelf)
    assert store.path(key).stat().st_mode & 0o007 == 0
    assert [file.name for file in store.path(key).parent.iterdir()] == [key.rpartition("/")[2]]


def test_deleting_takes_the_copies_along_and_may_be_repeated(shelf: Path) -> None:
    key = store.write(b"content")
    small = store.write(b"small", store.derivative_key(key, 640))
    other = store.write(b"other")
    store.delete(key)
    store.delete(key)
    assert not store.exists(key)
    assert not store.exists(small)
    assert store.exists(other)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "../../etc/passwd",
        "ab/cd/x",
        "/etc/passwd",
        "ab/cd/" + "0" * 32 + "/..",
        "ab/cd/" + "0" * 32 + "\n",
    ],
)
def test_a_key_of_another_shape_is_refused(shelf: Path, key: str) -> None:
    for use in (store.read, store.delete, store.exists):
        with pytest.raises(ValueError, match="storage key"):
            use(key)


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_nothing_behind(
    shelf: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if call == "write":
        monkeypatch.setattr(store, "_write_through", full)
    elif call == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(store.StorageFull):
        store.write(b"content")
    assert [file for file in shelf.rglob("*") if file.is_file()] == []
