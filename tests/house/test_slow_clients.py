"""Clients that are slow on purpose, or send far too much, against the real web server.

What is promised (docs/operations.md): nginx takes requests in whole, so that slow senders meet it
and not the workers. Without one a few are borne, silent ones are let go, many that have begun to
send hold the pages up until they let go; nothing else happens to anybody.
"""

from __future__ import annotations

import http.client
import math
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import pytest

from portal.embedded.process import spawn, stop_process
from tests.house.in_earnest import HOST, OVER_TLS, InEarnest
from tests.house.standing import BASE, _free_port, until

pytestmark = pytest.mark.full
HEAD = f"Host: {HOST}\r\nX-Forwarded-Proto: https\r\n"
PAGE = "/complaints/new/topic/"
FORM = f"POST {PAGE} HTTP/1.1\r\n{HEAD}"
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
    """The limit that docs/operations.md tells; it is why a proxy stands in front.

    By the lines alone: just before them as many are answered in time as are asked.
    """
    until(lambda: _are_answered(portal, 10), PATIENCE, "too slow a machine to tell lines from")
    with Lines(directly(portal), MANY, begun):
        assert any(portal.get("/healthz", timeout=2) == 0 for _turn in range(10))
    until(lambda: portal.get("/healthz") == 200, PATIENCE, "the portal does not come back")
    assert portal.get("/", timeout=60) == 200


def _are_answered(portal: InEarnest, count: int) -> bool:
    return all(portal.get("/healthz", timeout=2) == 200 for _turn in range(count))


def answer_to(portal: InEarnest, text: str) -> int:
    """The status that these words are answered with, at once and whatever they still announce."""
    with directly(portal)(0) as line:
        line.sendall(text.encode())
        answer = http.client.HTTPResponse(line)
        answer.begin()
        return answer.status


class Sizes(NamedTuple):
    """Bytes of a body that are announced, fields of it, bytes of an address and head, heads."""

    body: int
    fields: int
    address: int
    header: int
    headers: int


LARGE = Sizes(1_000_000, 1_500, 4_000, 7_000, 90)
ENORMOUS = Sizes(1_000_000_000, 1_501, 9_000, 9_000, 200)


def answers(portal: InEarnest, sizes: Sizes) -> dict[str, int]:
    """What requests of these sizes are answered; of a body that is too large little is sent.

    The forms come from somebody who has opened their page: without its cookie, token and Referer
    they would be turned away unread.
    """
    given, token = portal.opened(PAGE)
    form = FORM + "".join(f"{name}: {value}\r\n" for name, value in given.items())
    mine = f"csrfmiddlewaretoken={token}&a="
    body = mine.ljust(sizes.body, "a") if sizes.body <= LARGE.body else mine
    many = mine + "&a=" * (sizes.fields - 2)
    heads = "X-A: a\r\n" * sizes.headers
    requests = {
        "body": f"{form}Content-Length: {sizes.body}\r\n\r\n{body}",
        "fields": f"{form}Content-Length: {len(many)}\r\n\r\n{many}",
        "address": f"GET /?{'a' * sizes.address} HTTP/1.1\r\n{HEAD}\r\n",
        "header": f"GET / HTTP/1.1\r\n{HEAD}X-Long: {'a' * sizes.header}\r\n\r\n",
        "headers": f"GET / HTTP/1.1\r\n{HEAD}{heads}\r\n",
    }
    return {name: answer_to(portal, text) for name, text in requests.items()}


@pytest.mark.proves("sec:X19")
def test_enormous_requests_are_refused_before_they_are_sent(portal: InEarnest) -> None:
    """A gigabyte announced, endless addresses and heads, more fields than any form has.

    Each for its size alone: what is large within reason is answered.
    """
    assert answers(portal, LARGE) == dict.fromkeys(Sizes._fields, 200)
    assert answers(portal, ENORMOUS) == Sizes(400, 400, 414, 431, 431)._asdict()
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


def programs(*names: str) -> list[str]:
    """Where they lie; without one of them nothing is shown here, and where it is required it fails.

    .ci/run requires nginx where it has fetched it.
    """
    found = [shutil.which(name, path="/usr/sbin:/usr/bin") for name in names]
    if not all(found):
        problem = f"not all of {', '.join(names)} on this machine"
        if os.environ.get("PORTAL_REQUIRE_NGINX"):
            pytest.fail(problem)
        pytest.skip(problem)
    return [str(each) for each in found]


def test_a_missing_nginx_fails_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_REQUIRE_NGINX", "1")
    with pytest.raises(pytest.fail.Exception, match="nginx-of-nobody"):
        programs("env", "nginx-of-nobody")
    monkeypatch.delenv("PORTAL_REQUIRE_NGINX")
    with pytest.raises(pytest.skip.Exception):
        programs("env", "nginx-of-nobody")
    assert programs("env")


@pytest.fixture(scope="module")
def front(portal: InEarnest) -> Iterator[int]:
    """The port of an nginx before the portal."""
    nginx, openssl = programs("nginx", "openssl")
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
    """What 95 of 100 take at most."""
    return sorted(seconds)[math.ceil(len(seconds) * 0.95) - 1]


def test_one_of_twenty_may_take_longer() -> None:
    assert p95([1.0] * 19 + [9.0]) == 1
    assert p95([1.0] * 18 + [9.0] * 2) == 9
    assert p95([1.0]) == 1


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
