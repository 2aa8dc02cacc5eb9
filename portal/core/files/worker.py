"""The process that opens pictures and PDFs: `python -m portal.core.files.worker FD`.

It loads the decoders once and then only forks. Each file is opened in a child of its own, which
has no network, no privileges, no way to open any file, and little memory and time. Whatever a
damaged or hostile file does there, the portal sees a child that ended without an answer.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping

from pikepdf import Encryption, Pdf
from PIL import Image

from portal.core.files import answers
from portal.core.files.images import clean_image
from portal.core.files.limits import MEGABYTE, Limits, confine
from portal.core.files.pdfs import clean_pdf
from portal.core.files.verdict import Cleaned, RefusedFile

SECONDS = 60
READY = b"!"
# Beyond what the process has already mapped. A picture of 40 megapixels needs about 400 MB.
MEMORY = 2048 * MEGABYTE
LIMITS = Limits(memory=MEMORY, seconds=SECONDS, written=0, files=0)
CLEANERS: Mapping[str, Callable[[bytes], Cleaned]] = {
    "image/jpeg": lambda received: clean_image(received, "image/jpeg"),
    "image/png": lambda received: clean_image(received, "image/png"),
    "image/heic": lambda received: clean_image(received, "image/heic"),
    "application/pdf": clean_pdf,
}


def serve(control: socket.socket) -> None:
    """Fork for every connection that is handed over, until the portal's process has gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries the children
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _warm_up()
    gc.collect()
    gc.freeze()
    control.sendall(READY)
    while True:
        message, handed, _flags, _address = socket.recv_fds(control, 1, 1)
        if not message:
            return
        with socket.socket(fileno=handed[0]) as job:
            if os.fork() == 0:
                control.close()
                _child(job)


def _child(job: socket.socket) -> None:
    """One file, and the end; without the parent's clean-up."""
    try:
        signal.alarm(SECONDS)
        with job.makefile("rb") as stream:
            media_type, received = answers.read_question(stream)
        confine(LIMITS)
        for part in answers.answer(_judge(received, media_type)):
            job.sendall(part)
    finally:
        os._exit(0)


def _judge(received: bytes, media_type: str) -> Cleaned | RefusedFile:
    try:
        return CLEANERS[media_type](received)
    except RefusedFile as refused:
        return refused


def _warm_up() -> None:
    """Load whatever a decoder may want, before no file can be opened any more.

    Libraries load parts of themselves when a file first asks for them; a part that is missing here
    makes ordinary files look broken, which tests/core/test_corpus.py would show.
    """
    Image.init()
    described = Image.Exif()
    described[0x0112], described[0x0110] = 6, "x"
    described.get_ifd(0x8825)[1] = "N"
    exif = described.tobytes()
    for mode in ("RGB", "L", "CMYK"):
        _try("image/jpeg", "JPEG", mode, exif=exif)
    for mode in ("RGBA", "P", "1", "I;16", "LA"):
        _try("image/png", "PNG", mode, exif=exif)
    _try("image/heic", "HEIF", "RGBA", exif=exif)
    _try("image/jpeg", "JPEG", "RGB", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    old = Encryption(owner="x", R=3, aes=False, metadata=False)
    for encryption in (None, Encryption(owner="x", R=6), Encryption(owner="x", R=4), old):
        _judge(_blank_pdf(encryption), "application/pdf")
    _judge(b"%PDF-1.7\n%%EOF", "application/pdf")


def _try(media_type: str, kind: str, mode: str, **options: object) -> None:
    out = io.BytesIO()
    Image.new(mode, (700, 8)).save(out, kind, **options)
    _judge(out.getvalue(), media_type)
    _judge(out.getvalue()[:60], media_type)


def _blank_pdf(encryption: Encryption | None) -> bytes:
    out = io.BytesIO()
    with Pdf.new() as document:
        document.add_blank_page()
        document.save(out, encryption=encryption or False)
    return out.getvalue()


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as handed_over:
        serve(handed_over)
