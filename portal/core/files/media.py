"""Sound and film: the streams copied into a new container, and nothing else (security.md C2, X7).

Place, device, title, chapters, cover pictures, subtitles, attached files and timed metadata stay
behind; so do the notes an encoder leaves between the pictures (SEI). The first seconds are decoded
to see that it is what it says. Pictures and voices themselves are not touched: who can be seen or
heard stays recognisable, and the pages that take films say so.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from imageio_ffmpeg import get_ffmpeg_exe

from portal.core.files import confined, limits
from portal.core.files.verdict import Cleaned, RefusedFile

SECONDS = 120.0
BOUNDS = limits.Limits(
    memory=3072 * limits.MEGABYTE, seconds=100, written=600 * limits.MEGABYTE, files=64
)
TRIED_SECONDS = "2"
_FTYP_BRANDS = re.compile(
    rb"isom|iso[2-9]|mp4[12]|avc1|M4[AV] |MSNV|dash|qt  |3gp[4-9]|3g2[abc]|mmp4"
)
# What an encoder may write between the pictures, by codec.
_WITHOUT_NOTES = {
    "h264": "filter_units=remove_types=6",
    "hevc": "filter_units=remove_types=39|40",
}
_STREAM = re.compile(r"Stream #0:\d+\S*: (Video|Audio): (\w+)(.*)")
_SIZE = re.compile(r" (\d{2,5})x(\d{2,5})\b")
MAX_SIDE = 8192


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of container: how it is read, what may be in it, how it is written."""

    demuxer: str
    video: frozenset[str]
    audio: frozenset[str]
    video_type: str = ""
    audio_type: str = ""


_PCM = {f"pcm_{kind}" for kind in ("s16le", "s16be", "s24le", "s24be", "u8", "s32le", "f32le")}
MPEG4 = Family(
    "mov",
    frozenset({"h264", "hevc", "mpeg4", "av1"}),
    frozenset({"aac", "mp3", "alac", "opus"}),
    "video/mp4",
    "audio/mp4",
)
FAMILIES = {
    "mpeg4": MPEG4,
    "webm": Family(
        "matroska",
        frozenset({"vp8", "vp9", "av1"}),
        frozenset({"opus", "vorbis"}),
        "video/webm",
        "audio/webm",
    ),
    "mp3": Family("mp3", frozenset(), frozenset({"mp3"}), audio_type="audio/mpeg"),
    "wav": Family("wav", frozenset(), frozenset(_PCM), audio_type="audio/wav"),
    "ogg": Family("ogg", frozenset(), frozenset({"opus", "vorbis"}), audio_type="audio/ogg"),
}
# Old telephones: what no mp4 may hold stays in the container it came in.
THIRD_GENERATION = Family(
    "mov",
    MPEG4.video | {"h263"},
    MPEG4.audio | {"amr_nb", "amr_wb"},
    "video/3gpp",
    "audio/3gpp",
)
MUXERS = {
    "video/mp4": "mp4",
    "audio/mp4": "ipod",
    "video/3gpp": "3gp",
    "audio/3gpp": "3gp",
    "video/webm": "webm",
    "audio/webm": "webm",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the first look told."""

    family: Family
    video: str
    audio: str
    width: int | None
    height: int | None

    @property
    def media_type(self) -> str:
        return self.family.video_type if self.video else self.family.audio_type


def family_of(received: bytes) -> str | None:
    """The family by the marks at the start; None for anything else."""
    if received[4:8] == b"ftyp" and _FTYP_BRANDS.match(received[8:12]):
        return "mpeg4"
    if received[:4] == b"RIFF" and received[8:12] == b"WAVE":
        return "wav"
    if received[:4] == b"OggS":
        return "ogg"
    if received[:4] == b"\x1aE\xdf\xa3" and b"webm" in received[:64]:
        return "webm"
    if received[:3] == b"ID3" or _is_mpeg_frame(received):
        return "mp3"
    return None


def _is_mpeg_frame(received: bytes) -> bool:
    """An MPEG audio frame of layer III with a bit rate and a sampling rate that exist."""
    if len(received) < 4 or received[0] != 0xFF or received[1] & 0xE6 != 0xE2:
        return False
    return received[2] & 0xF0 not in {0x00, 0xF0} and received[2] & 0x0C != 0x0C


@cache
def program() -> str | None:
    """The ffmpeg of the wheel, else of the system; None where there is neither."""
    try:
        return str(get_ffmpeg_exe())
    except RuntimeError:
        return shutil.which("ffmpeg")


def clean_media(received: bytes, family: str, accept: Collection[str]) -> Cleaned:
    """The film or sound in a container written anew."""
    ffmpeg = program()
    if ffmpeg is None or not confined.AVAILABLE:
        raise RefusedFile("no_media")
    source = _in_memory(received)
    try:
        found = _looked_at(ffmpeg, source, FAMILIES[family])
        if found.media_type not in accept:
            raise RefusedFile("type", accept=frozenset(accept), extension="")
        content = _rewritten(ffmpeg, source, found)
    finally:
        os.close(source)
    return Cleaned(
        content=content, media_type=found.media_type, width=found.width, height=found.height
    )


def _in_memory(content: bytes = b"") -> int:
    """A file without a name that never touches the disk."""
    handle = os.memfd_create("upload", os.MFD_CLOEXEC)
    with os.fdopen(os.dup(handle), "wb") as out:
        out.write(content)
    os.lseek(handle, 0, os.SEEK_SET)
    return handle


def _opened(ffmpeg: str, source: int, family: Family) -> list[str]:
    """The options that read the file as this family, and open nothing else."""
    os.lseek(source, 0, os.SEEK_SET)
    return [
        ffmpeg, "-nostdin", "-hide_banner", "-threads", "1",
        "-format_whitelist", family.demuxer, "-protocol_whitelist", "fd",
        "-f", family.demuxer, "-fd", str(source), "-i", "fd:",
    ]  # fmt: skip


def _looked_at(ffmpeg: str, source: int, family: Family) -> Found:
    """Names of the streams, and whether their first seconds can be decoded."""
    tried = ["-map", "0:V:0?", "-map", "0:a:0?", "-t", TRIED_SECONDS, "-f", "null", "-"]
    command = [*_opened(ffmpeg, source, family), "-xerror", "-err_detect", "crccheck", *tried]
    try:
        said = confined.run(command, [source], bounds=BOUNDS, seconds=SECONDS)
    except confined.ProgramFailed as fault:
        raise RefusedFile("broken") from fault
    return _understood(said.partition("Stream mapping:")[0], family)


def _understood(said: str, family: Family) -> Found:
    streams = [found for found in _STREAM.findall(said) if "(attached pic)" not in found[2]]
    video = next((each for each in streams if each[0] == "Video"), ("", "", ""))
    audio = next((each[1] for each in streams if each[0] == "Audio"), "")
    if family is MPEG4 and (video[1] not in {"", *MPEG4.video} or audio not in {"", *MPEG4.audio}):
        family = THIRD_GENERATION
    knows = video[1] in {"", *family.video} and audio in {"", *family.audio}
    if not knows or not (video[1] or audio):
        raise RefusedFile("codec")
    size = _SIZE.search(video[2])
    width, height = (int(size[1]), int(size[2])) if size else (None, None)
    if max(width or 0, height or 0) > MAX_SIDE:
        raise RefusedFile("too_many_pixels", limit_mp=3300)
    return Found(family, video[1], audio, width, height)


def _rewritten(ffmpeg: str, source: int, found: Found) -> bytes:
    """The streams and nothing but the streams."""
    target = _in_memory()
    chosen = ["-map", "0:V:0"] if found.video else []
    chosen += ["-map", "0:a:0"] if found.audio else []
    if found.video in _WITHOUT_NOTES:
        chosen += ["-bsf:v", _WITHOUT_NOTES[found.video]]
    if found.media_type == "audio/mpeg":
        chosen += ["-write_xing", "0", "-id3v2_version", "0"]
    muxer = MUXERS[found.media_type]
    if muxer in {"mp4", "ipod"}:
        chosen += ["-movflags", "+faststart"]
    command = [
        *_opened(ffmpeg, source, found.family), *chosen, "-c", "copy",
        "-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1",
        "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact",
        "-f", muxer, "-y", "-fd", str(target), "fd:",
    ]  # fmt: skip
    try:
        confined.run(command, [source, target], bounds=BOUNDS, seconds=SECONDS)
        with os.fdopen(os.dup(target), "rb") as written:
            written.seek(0)
            content = written.read()
    except confined.ProgramFailed as fault:
        raise RefusedFile("broken") from fault
    finally:
        os.close(target)
    if not content:
        raise RefusedFile("broken")
    return content
