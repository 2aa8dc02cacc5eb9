"""The cage around what others sent, the scanner beside it, and what people read when it is shut."""

from __future__ import annotations

import io
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator

import pytest

from portal.core.attachments import UploadRefused, inspected, refusal_message
from portal.core.files import (
    MEDIA,
    Accepted,
    Refused,
    answers,
    confined,
    inspect_upload,
    limits,
    media,
)
from portal.core.files.clamd import Clamd
from portal.core.files.verdict import Cleaned, RefusedFile
from tests import makers as make
from tests.core import corpus
from tests.core.test_files import jpeg, pdf

LIMITS = limits.Limits(memory=512 << 20, seconds=5, written=1000, files=20)


def judged(content: bytes, **options: object) -> Accepted | Refused:
    return inspect_upload(io.BytesIO(content), "a.jpg", **options)  # type: ignore[arg-type]


def in_the_cage(script: str, bounds: limits.Limits = LIMITS, seconds: float = 20) -> str:
    return confined.run(["/bin/sh", "-c", script], [], bounds=bounds, seconds=seconds)


# What a confined program cannot do


@pytest.mark.proves("sec:X7", "sec:X5")
@pytest.mark.parametrize(
    "attempt",
    [
        'at=$(mktemp) && dd if=/dev/zero of="$at" bs=1000 count=50 || { rm "$at"; exit 1; }',
        "dd if=/dev/zero of=/dev/null bs=900M count=1",
        "while :; do :; done",
    ],
    ids=["large file", "memory", "processor time"],
)
def test_a_confined_program_is_stopped(attempt):
    bounds = limits.Limits(memory=512 << 20, seconds=1, written=1000, files=8)
    with pytest.raises(confined.ProgramFailed):
        in_the_cage(attempt, bounds)


def test_a_confined_program_opens_few_files():
    assert in_the_cage("ulimit -n >&2").strip() == str(LIMITS.files)


@pytest.mark.proves("sec:X7")
def test_there_is_no_network_at_all_in_the_cage():
    said = in_the_cage("cat /proc/self/net/dev >&2")
    assert [line.split(":")[0].strip() for line in said.splitlines() if ":" in line] == ["lo"]


def test_a_program_that_only_waits_is_stopped_by_the_clock():
    with pytest.raises(confined.ProgramFailed, match="too long"):
        in_the_cage("sleep 60", seconds=0.5)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_root_becomes_nobody():
    assert in_the_cage("id -u >&2").strip() == str(limits.NOBODY)


# The worker and its children


def test_one_worker_serves_many_files_and_is_replaced_when_it_dies():
    assert isinstance(judged(jpeg()), Accepted)
    first = confined._worker
    assert first is not None
    assert isinstance(judged(pdf()), Accepted)
    assert confined._worker is first
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    assert isinstance(judged(jpeg()), Accepted)
    assert confined._worker is not first


def test_a_worker_that_dies_unseen_is_replaced_too(monkeypatch):
    assert isinstance(judged(jpeg()), Accepted)
    dead = confined._worker
    os.kill(dead.process.pid, signal.SIGKILL)
    dead.process.wait()
    monkeypatch.setattr(confined._Worker, "lives", True)
    assert isinstance(judged(jpeg()), Accepted)


def test_a_worker_that_does_not_start_is_our_fault_and_said_so(monkeypatch):
    confined.stop()
    confined.stop()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert judged(jpeg()) == Refused("scanner_down")


def test_a_child_that_dies_means_a_broken_file(monkeypatch):
    monkeypatch.setattr(answers, "question", lambda *_: iter([b"nonsense" * 5]))
    monkeypatch.setattr(confined, "PATIENCE", 20.0)
    assert judged(jpeg()) == Refused("broken")


def test_four_at_once_do_not_wait_for_each_other():
    found: list[Accepted | Refused] = []
    threads = [threading.Thread(target=lambda: found.append(judged(jpeg()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(isinstance(each, Accepted) for each in found)
    assert len(found) == 4


def test_without_a_cage_pictures_are_opened_here_and_films_refused(monkeypatch):
    monkeypatch.setattr(confined, "AVAILABLE", False)
    assert isinstance(judged(jpeg()), Accepted)
    assert judged(corpus.film("wav", *corpus.SOUND), accept=MEDIA) == Refused("no_media")


# A child that lies


def told(*parts: bytes) -> io.BytesIO:
    return io.BytesIO(b"".join(len(part).to_bytes(8, "big") + part for part in parts))


PICTURE = b'{"media_type":"image/jpeg","pages":null,"width":1,"height":99999,"sides":[640]}'


@pytest.mark.parametrize(
    "stream",
    [
        io.BytesIO(b""),
        io.BytesIO(b"\xff" * 8),
        told(b"[]"),
        told(b"not json"),
        told(b'{"code": "surprise", "params": {}}'),
        told(b'{"code": "broken", "params": {"x": [1]}}'),
        told(PICTURE.replace(b"640", b"641"), b"\xff\xd8\xff", b"\xff\xd8\xff"),
        told(PICTURE.replace(b"image/jpeg", b"text/html"), b"<script>"),
        told(PICTURE, b"<script>", b"\xff\xd8\xff"),
        told(PICTURE, b"\xff\xd8\xff", b"<script>"),
        told(PICTURE, b"\xff\xd8\xff"),
        io.BytesIO(told(PICTURE, b"\xff\xd8\xff").getvalue()[:-1]),
    ],
)
def test_what_no_honest_child_says_is_not_believed(stream):
    with pytest.raises(answers.BadAnswer):
        answers.read_answer(stream)


def test_what_an_honest_child_says_is_read():
    made = Cleaned(
        b"\xff\xd8\xff1", "image/jpeg", width=5, height=4, thumbnails={640: b"\xff\xd8\xff"}
    )
    assert answers.read_answer(io.BytesIO(b"".join(answers.answer(made)))) == made
    refused = RefusedFile("too_many_pages", pages=201, limit=200)
    assert answers.read_answer(io.BytesIO(b"".join(answers.answer(refused)))) == refused.refusal


# The virus scanner


class Scanner:
    """A clamd that says what it is told to say."""

    def __init__(self, reply: bytes) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.reply, self.received = reply, b""
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"tcp:127.0.0.1:{self.server.getsockname()[1]}"

    def _serve(self) -> None:
        line, _address = self.server.accept()
        with line, line.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while length := int.from_bytes(stream.read(4), "big"):
                self.received += stream.read(length)
            line.sendall(self.reply)


@pytest.fixture
def scanner(request: pytest.FixtureRequest) -> Iterator[Scanner]:
    made = Scanner(request.param)
    yield made
    made.server.close()


@pytest.mark.proves("sec:F9")
@pytest.mark.parametrize(
    ("scanner", "code"),
    [
        (b"stream: OK\0", None),
        (b"stream: Eicar-Test-Signature FOUND\0", "virus"),
        (b"INSTREAM size limit exceeded. ERROR\0", "scanner_down"),
        (b"", "scanner_down"),
    ],
    indirect=["scanner"],
)
def test_the_scanner_decides(scanner, code, settings):
    settings.CLAMD = scanner.address
    upload = make.jpeg()
    sent = upload.read()
    upload.seek(0)
    if code is None:
        assert isinstance(inspected(upload), Accepted)
    else:
        with pytest.raises(UploadRefused) as refusal:
            inspected(upload)
        assert refusal.value.code == code
    assert scanner.received == sent


@pytest.mark.proves("sec:F9")
def test_a_scanner_that_is_down_refuses_in_words(settings, tmp_path):
    settings.CLAMD = f"unix:{tmp_path}/none.ctl"
    with pytest.raises(UploadRefused) as refusal:
        inspected(make.jpeg())
    assert "没有丢" in refusal.value.message


@pytest.mark.parametrize("address", ["/run/clamd.ctl", "http://x", "unix:", ""])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(ValueError, match="CLAMD"):
        Clamd(address)


# Sound and film


@pytest.mark.proves("sec:C2")
def test_a_film_is_only_taken_where_one_is_asked_for():
    film = corpus.film("wav", *corpus.SOUND)
    assert judged(film).code == "type"  # type: ignore[union-attr]
    assert isinstance(judged(film, accept={"audio/wav"}), Accepted)
    assert judged(film, accept={"video/mp4"}).code == "type"  # type: ignore[union-attr]


def test_films_have_a_limit_of_their_own():
    film = corpus.film("wav", *corpus.SOUND)
    assert isinstance(judged(film, accept=MEDIA, max_bytes=1000), Accepted)
    assert judged(film, accept=MEDIA, max_media_bytes=1000).code == "size"  # type: ignore[union-attr]
    assert judged(jpeg(), accept={"image/jpeg", *MEDIA}, max_bytes=1000).code == "size"  # type: ignore[union-attr]


def test_without_ffmpeg_films_are_refused_in_words(monkeypatch):
    film = corpus.film("wav", *corpus.SOUND)  # made while there is one
    monkeypatch.setattr(media, "program", lambda: None)
    verdict = judged(film, accept=MEDIA)
    assert verdict == Refused("no_media")
    assert "照片" in refusal_message("no_media", {})


def test_the_system_s_own_ffmpeg_will_do(monkeypatch):
    def none() -> str:
        raise RuntimeError

    monkeypatch.setattr(media, "get_ffmpeg_exe", none)
    monkeypatch.setattr(media.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert media.program.__wrapped__() == "/usr/bin/ffmpeg"


@pytest.mark.parametrize("fails", [1, 2])
def test_a_film_that_cannot_be_rewritten_is_broken(monkeypatch, fails):
    runs = []
    run = confined.run

    def failing(*args: object, **kwargs: object) -> str:
        runs.append(args)
        if len(runs) == fails:
            raise confined.ProgramFailed("")
        return run(*args, **kwargs)

    monkeypatch.setattr(confined, "run", failing)
    assert judged(corpus.film("wav", *corpus.SOUND), accept=MEDIA) == Refused("broken")


def test_a_film_that_comes_out_empty_is_broken(monkeypatch):
    run = confined.run
    monkeypatch.setattr(
        confined, "run", lambda p, files, **k: run(p, files, **k) if len(files) == 1 else ""
    )
    assert judged(corpus.film("wav", *corpus.SOUND), accept=MEDIA) == Refused("broken")


def test_a_film_of_absurd_size_is_refused():
    said = "  Stream #0:0[0x1](und): Video: h264 (High), yuv420p, 16000x9000, 25 fps\n"
    with pytest.raises(RefusedFile, match="too_many_pixels"):
        media._understood(said, media.MPEG4)


def test_an_old_phone_s_voice_stays_in_its_container():
    said = "  Stream #0:0: Audio: amr_nb (samr / 0x726D6173), 8000 Hz, mono\n"
    assert media._understood(said, media.MPEG4).media_type == "audio/3gpp"


@pytest.mark.parametrize("accept", [{"video/mp4"}, {"audio/mp4", "image/jpeg"}, MEDIA])
def test_the_kinds_that_are_wanted_are_named(accept):
    text = refusal_message("type", {"accept": frozenset(accept)})
    assert ("视频" in text) == bool(accept & {"video/mp4"})
    assert ("录音" in text) == bool(accept & {"audio/mp4"})
