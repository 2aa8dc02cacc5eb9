"""Clients that are slow on purpose, or send far too much, against the real web server.

What is promised (docs/operations.md): nginx takes requests in whole, so that slow senders meet it
and not the workers. Without one a few are borne, silent ones are let go, many that have begun to
send hold the pages up until they let go; nothing else happens to anybody.
"""

from __future__ import annotations

import http.client
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest

from portal.embedded.process import spawn, stop_process
from tests.house.in_earnest import HOST, OVER_TLS, InEarnest
from tests.house.standing import BASE, _free_port, until

pytestmark = pytest.mark.full
HEAD = f"Host: {HOST}\r\nX-Forwarded-Proto: https\r\n"
FORM = "POST /complaints/new/topic/ HTTP/1.1\r\n" + HEAD
FORM += "Content-Type: application/x-www-form-urlencoded\r\n"
SILENT = b""
HALF_A_HEAD = f"GET / HTTP/1.1\r\n{HEAD}X-Slow: a".encode()
HALF_A_BODY = f"{FORM}Content-Length: 100000\r\n\r\na".encode()
MANY, VERY_MANY = 40, 400
PATIENCE = 120.0  # seconds; the silent ones are let go in less on a quiet machine
Connect = Callable[[int], socket.socket]


class Lines:
    """Lines held open that have sent only so much."""

    def __init__(self, connect: Connect, count: int, *begun: bytes) -> None:
        self.lines: list[socket.socket] = []
        for number, sent in zip(range(count), cycle(begun), strict=False):
            line = connect(number)
            line.sendall(sent)
            self.lines.append(line)

    def drip(self) -> int:
        """One more byte on each; on how many it could be sent."""
        return sum(_is_taken(line) for line in self.lines)

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        for line in self.lines:
            line.close()


def _is_taken(line: socket.socket) -> bool:
    try:
        line.sendall(b"a")
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def portal() -> Iterator[InEarnest]:
    made = InEarnest()
    try:
        made.prepare()
        made.start("web")
        made.wait_for_web()
        yield made
    finally:
        made.close()


def directly(portal: InEarnest) -> Connect:
    return lambda _number: socket.create_connection(("127.0.0.1", portal.port), timeout=60)


# --- ./run alone ----------------------------------------------------------------------------------


@pytest.mark.proves("sec:X19")
def test_a_few_slow_lines_keep_nobody_waiting(portal: InEarnest) -> None:
    with Lines(directly(portal), 3, SILENT, HALF_A_HEAD, HALF_A_BODY) as slow:
        for _turn in range(20):
            assert portal.get("/healthz", timeout=30) == 200
            assert slow.drip()


@pytest.mark.proves("sec:X19")
def test_lines_that_say_nothing_are_let_go(portal: InEarnest) -> None:
    """They delay others, for as long as they hold out, and no longer."""
    with Lines(directly(portal), MANY, SILENT) as silent:
        assert portal.get("/healthz", timeout=PATIENCE) == 200
        until(lambda: _is_let_go(silent.lines[-1]), PATIENCE, "a silent line is kept")


def _is_let_go(line: socket.socket) -> bool:
    line.settimeout(0.1)
    try:
        return line.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


@pytest.mark.proves("sec:X19")
@pytest.mark.parametrize("begun", [HALF_A_HEAD, HALF_A_BODY], ids=["head", "body"])
def test_many_that_have_begun_hold_it_up_until_they_let_go(portal: InEarnest, begun: bytes) -> None:
    """The limit that docs/operations.md tells; it is why a proxy stands in front."""
    with Lines(directly(portal), MANY, begun):
        assert any(portal.get("/healthz", timeout=2) == 0 for _turn in range(10))
    until(lambda: portal.get("/healthz") == 200, PATIENCE, "the portal does not come back")
    assert portal.get("/", timeout=60) == 200


def answer_to(portal: InEarnest, text: str) -> int:
    """The status that these words are answered with, at once and whatever they still announce."""
    with directly(portal)(0) as line:
        line.sendall(text.encode())
        answer = http.client.HTTPResponse(line)
        answer.begin()
        return answer.status


@pytest.mark.proves("sec:X19")
def test_enormous_requests_are_refused_before_they_are_sent(portal: InEarnest) -> None:
    """A gigabyte announced, endless addresses and heads, more fields than any form has."""
    fields = "&".join(["a=1"] * 1501)
    enormous = {
        "body": f"{FORM}Content-Length: 1000000000\r\n\r\na=1",
        "fields": f"{FORM}Content-Length: {len(fields)}\r\n\r\n{fields}",
        "address": f"GET /?{'a' * 9_000} HTTP/1.1\r\n{HEAD}\r\n",
        "header": f"GET / HTTP/1.1\r\n{HEAD}X-Long: {'a' * 100_000}\r\n\r\n",
        "headers": f"GET / HTTP/1.1\r\n{HEAD}{'X-Many: a' * 1}\r\n" + "X-A: a\r\n" * 200 + "\r\n",
    }
    answers = {name: answer_to(portal, text) for name, text in enormous.items()}
    assert {name: status // 100 for name, status in answers.items()} == dict.fromkeys(enormous, 4)
    assert portal.get("/healthz") == 200


# --- behind nginx, as the containers stand --------------------------------------------------------


def adapted(conf: str, folder: Path, upstream: int, port: int) -> str:
    """deploy/nginx.conf for this machine: other places and ports, every rule as it stands."""
    for old, new in (
        ("listen 8080;", f"listen 127.0.0.1:{_free_port()};"),
        ("listen 8443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        ("        http2 on;\n", ""),  # not known to versions before 1.25
        ("server web:8000;", f"server 127.0.0.1:{upstream};"),
        ("/tmp/", f"{folder}/"),  # before the next: the folder may lie there itself
        ("/etc/nginx/certs/", f"{folder}/"),
    ):
        assert old in conf, old
        conf = conf.replace(old, new)
    return conf


def test_the_adapted_rules_are_those_of_the_containers() -> None:
    conf = (BASE / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    text = adapted(conf, Path("/nowhere"), 1, 2)
    changed = set(conf.splitlines()) - set(text.splitlines())
    assert len(changed) == 12
    for rule in ("client_header_timeout 15s;", "proxy_request_buffering on;",
                 "limit_conn visitors 40;", "client_max_body_size 64m;"):  # fmt: skip
        assert rule in text


@pytest.fixture(scope="module")
def front(portal: InEarnest) -> Iterator[int]:
    """The port of an nginx before the portal."""
    nginx, openssl = shutil.which("nginx", path="/usr/sbin:/usr/bin"), shutil.which("openssl")
    if not nginx or not openssl:
        pytest.skip("no nginx on this machine")
    folder, port = portal.folder / "nginx", _free_port()
    folder.mkdir(mode=0o711)
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         f"/CN={HOST}", "-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    conf = (BASE / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    file = folder / "nginx.conf"
    file.write_text(adapted(conf, folder, portal.port, port), encoding="utf-8")
    server = spawn(
        [nginx, "-p", str(folder), "-e", "stderr", "-c", str(file), "-g", "daemon off;"],
        stop_signal=signal.SIGTERM, output=portal.log, environment={}, folder=folder,
    )  # fmt: skip
    try:
        until(lambda: _seconds(port) > 0, 60, "nginx does not come up")
        yield port
    finally:
        stop_process(server, signal.SIGTERM, 20)


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _seconds(port: int) -> float:
    """How long the home page takes somebody; 0 when it does not come."""
    began = time.monotonic()
    line = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=_tls())
    try:
        line.request("GET", "/", headers={"Host": f"{HOST}:{port}", **OVER_TLS})
        answer = line.getresponse()
        answer.read()
    except OSError:
        return 0
    finally:
        line.close()
    return time.monotonic() - began if answer.status == 200 else 0


def through_nginx(port: int) -> Connect:
    """Lines of ten strangers, each with as many as nginx lets one have."""
    context = _tls()

    def connect(number: int) -> socket.socket:
        stranger = (f"127.0.0.{number % 10 + 2}", 0)
        line = socket.create_connection(("127.0.0.1", port), timeout=60, source_address=stranger)
        return context.wrap_socket(line, server_hostname=HOST)

    return connect


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)]


@pytest.mark.proves("sec:X19", "sec:G16")
@pytest.mark.parametrize("begun", [HALF_A_HEAD, HALF_A_BODY], ids=["head", "body"])
def test_behind_nginx_nobody_notices_slow_lines(
    front: int, begun: bytes, record_property: Callable[[str, object], None]
) -> None:
    """Four hundred that drip, ten times what holds up the web alone."""
    quiet = [_seconds(front) for _turn in range(20)]
    with Lines(through_nginx(front), VERY_MANY, begun) as slow:
        assert slow.drip() == VERY_MANY
        held = [(_seconds(front), slow.drip()) for _turn in range(20)]
    meanwhile = [seconds for seconds, _lines in held]
    record_property("p95", f"{p95(quiet):.3f} s alone, {p95(meanwhile):.3f} s meanwhile")
    assert all(quiet)
    assert all(meanwhile)
    # A second for a machine that does other things as well.
    assert p95(meanwhile) < 2 * p95(quiet) + 1


@pytest.mark.proves("sec:X19")
def test_nginx_refuses_what_is_too_large_before_it_is_sent(front: int) -> None:
    with through_nginx(front)(0) as line:
        line.sendall(f"{FORM}Content-Length: 1000000000\r\n\r\na=1".encode())
        answer = http.client.HTTPResponse(line)
        answer.begin()
        assert answer.status == 413
