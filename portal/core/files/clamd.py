"""Asking a virus scanner (clamd) about bytes: its INSTREAM command over a socket, nothing more.

Without an address nothing is asked. With one, a scanner that does not answer means that no file is
taken until it does: the sentence says so, and the rest of the form is kept.
"""

from __future__ import annotations

import logging
import socket
import struct

from portal.core.files.verdict import RefusedFile

SECONDS = 30.0
PIECE = 64 * 1024
LONGEST_REPLY = 4096
_LENGTH = struct.Struct(">I")

logger = logging.getLogger(__name__)


class Clamd:
    """A scanner at `unix:/path` or `tcp:host:port`; called with the bytes of an upload."""

    def __init__(self, address: str) -> None:
        self.kind, _, self.place = address.partition(":")
        if self.kind not in {"unix", "tcp"} or not self.place:
            raise ValueError("CLAMD reads unix:/path or tcp:host:port")

    def __call__(self, received: bytes) -> None:
        """RefusedFile for a find, and for a scanner that does not answer."""
        try:
            reply = self._ask(received)
        except OSError as fault:
            logger.warning("the virus scanner does not answer (%s)", type(fault).__name__)
            raise RefusedFile("scanner_down") from fault
        if reply.endswith(" FOUND"):
            logger.warning("the virus scanner refused an upload: %s", reply)
            raise RefusedFile("virus")
        if not reply.endswith(": OK"):
            logger.warning("the virus scanner could not look: %s", reply)
            raise RefusedFile("scanner_down")

    def _ask(self, received: bytes) -> str:
        with self._line() as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(received), PIECE):
                piece = received[start : start + PIECE]
                line.sendall(_LENGTH.pack(len(piece)) + piece)
            line.sendall(_LENGTH.pack(0))
            with line.makefile("rb") as stream:
                reply = stream.read(LONGEST_REPLY)
        return reply.rstrip(b"\0\n").decode("ascii", "replace")

    def _line(self) -> socket.socket:
        if self.kind == "unix":
            line = socket.socket(socket.AF_UNIX)
            line.settimeout(SECONDS)
            try:
                line.connect(self.place)
            except OSError:
                line.close()
                raise
            return line
        host, _, port = self.place.rpartition(":")
        return socket.create_connection((host, int(port)), SECONDS)
