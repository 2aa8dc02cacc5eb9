"""What browsers are told about every page, found or not."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from portal.core.actors import Actor
from portal.core.attachments import attach
from portal.site.views import public
from tests import makers as make

pytestmark = pytest.mark.django_db


@pytest.mark.proves("prod:V7", "ux:7")
@pytest.mark.parametrize("address", ["/", "/facilities/", "/v/", "/accounts/login/", "/nowhere/"])
def test_every_page_is_bound_to_this_site(client, address):
    rules = dict(
        part.strip().partition(" ")[::2]
        for part in client.get(address).headers["Content-Security-Policy"].split(";")
    )
    assert rules["default-src"] == rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["object-src"] == rules["base-uri"] == "'none'"
    assert rules["form-action"] == rules["frame-ancestors"] == "'self'"
    assert "unsafe" not in " ".join(rules.values())


@pytest.mark.parametrize("address", ["/", "/nowhere/"])
def test_every_answer_forbids_guessing_framing_and_referrers(client, address):
    headers = client.get(address).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_pages_of_signed_in_people_are_not_kept(client):
    client.force_login(make.clerk())
    assert "no-store" in client.get(reverse("desk:home")).headers["Cache-Control"]


def test_a_visitor_who_only_reads_gets_no_cookie(client):
    for address in ("/", "/facilities/"):
        assert not client.get(address).cookies


# Every kind of answer (the ten tests of the HTTP Observatory, as far as an answer shows them)


def kinds_of_answers(monkeypatch):
    """A page, a file of the site, an upload, a redirect, and each way to be refused."""
    person, visitor = make.operator(), Client()
    signed_in = Client(raise_request_exception=False)
    signed_in.force_login(person)
    filing = make.filing(person)
    kept = {
        name: attach(filing, upload, slot="x", by=Actor.person(person), at=make.AT)
        for name, upload in (("picture", make.jpeg()), ("paper", make.pdf()))
    }
    yield "page", visitor.get("/")
    yield "style", visitor.get("/static/css/portal.css")
    yield "redirect", visitor.get("/desk/")
    yield "health", visitor.get("/healthz")
    yield "page of a person", signed_in.get("/my/")
    for name, one in kept.items():
        yield name, signed_in.get(reverse("core:attachment", args=[one.pk]))
    yield "not found", visitor.get("/nowhere/")
    yield "no such path", visitor.get("/%00/")
    yield "not allowed", signed_in.get(reverse("desk:users"))
    yield "wrong method", signed_in.get("/messages/read/")
    yield "forged", Client(enforce_csrf_checks=True).post("/accounts/login/", {})
    yield "foreign host", visitor.get("/", headers={"host": "evil.example"})

    def broken(*_args, **_kwargs):
        raise RuntimeError("示例")

    monkeypatch.setattr(public, "render", broken)
    yield "fault", Client(raise_request_exception=False).get("/")


@pytest.mark.proves("sec:X11", "sec:G6")
def test_every_answer_carries_the_rules(monkeypatch):
    seen = {}
    for kind, answer in kinds_of_answers(monkeypatch):
        list(answer.streaming_content) if answer.streaming else None
        headers, seen[kind] = answer.headers, answer.status_code
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy or "default-src 'none'" in policy, kind
        assert "unsafe-eval" not in policy, kind
        assert ("unsafe-inline" in policy) == (kind == "paper"), kind
        assert headers["X-Content-Type-Options"] == "nosniff", kind
        assert headers["X-Frame-Options"] == "SAMEORIGIN", kind
        assert headers["Referrer-Policy"] == "same-origin", kind
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", kind
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", kind
        assert "camera=()" in headers["Permissions-Policy"], kind
        assert "Access-Control-Allow-Origin" not in headers or kind == "style", kind
        assert "Server" not in headers, kind
        assert "X-Powered-By" not in headers, kind
    assert seen == {
        "page": 200, "style": 200, "redirect": 302, "health": 200, "page of a person": 200,
        "picture": 200, "paper": 200, "not found": 404, "no such path": 404, "not allowed": 403,
        "wrong method": 405, "forged": 403, "foreign host": 400, "fault": 500,
    }  # fmt: skip


@pytest.mark.proves("sec:X12")
@pytest.mark.parametrize("header", ["host", "x-forwarded-host", "forwarded", "x-host"])
def test_a_forged_host_stands_on_no_page(header):
    for address in ("/", "/accounts/login/", "/desk/", "/nowhere/"):
        answer = Client().get(address, headers={header: "evil.example"})
        assert "evil.example" not in answer.headers.get("Location", "")
        assert b"evil.example" not in answer.content
        assert answer.status_code == 400 or header != "host"


@pytest.mark.proves("sec:X23")
@pytest.mark.parametrize(
    "path",
    [
        ".env", ".git/config", ".git/HEAD", ".svn/entries", ".DS_Store", ".htaccess", "admin/",
        "admin/login/", "debug/", "__debug__/", "server-status", "phpinfo.php", "wp-login.php",
        "wp-admin/", "xmlrpc.php", "config.json", "settings.py", "manage.py", "requirements.lock",
        "docker-compose.yml", "Dockerfile", "backup.sql", "dump.sql", "db.sqlite3", "var/",
        "keys/seal.json", "static/../manage.py", "static/%2e%2e/manage.py", "static/..%2fmanage.py",
        "media/keys/seal.json", "media/", "actuator/health", "console/", "swagger/", "graphql",
        "id_rsa", ".ssh/id_rsa", ".aws/credentials", "web.config", "WEB-INF/web.xml", "cgi-bin/",
        "_profiler/", "trace.axd", "elmah.axd", "solr/", "jenkins/", "package.json", "yarn.lock",
        "static/css/portal.css.map", "static/admin/", "robots.txt.bak", "index.php", "shell.php",
        "vendor/", "node_modules/", "tests/", "docs/security.md", "locale/en/LC_MESSAGES/django.po",
        "portal/settings.py", "celery.log",
    ],
)  # fmt: skip
def test_forgotten_files_are_not_there(path):
    assert Client().get(f"/{path}").status_code == 404


ASKED = """
import json, django
from django.conf import settings
django.setup()
names = ("SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE"
         " SESSION_COOKIE_HTTPONLY CSRF_COOKIE_HTTPONLY SESSION_COOKIE_SAMESITE SECURE_SSL_REDIRECT"
         " SECURE_HSTS_SECONDS DEBUG").split()
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


@pytest.mark.proves("sec:G6", "sec:X11")
@pytest.mark.parametrize(("prefix", "mark"), [("", "__Host-"), ("/tuoyu", "__Secure-")])
def test_over_tls_the_cookies_are_as_strict_as_they_can_be(tmp_path, prefix, mark):
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", "PORTAL_PRODUCTION": "1",
        "PUBLIC_ORIGIN": "https://portal.example", "SECRET_KEY": "x" * 60,
        "FORCE_SCRIPT_NAME": prefix, "PORTAL_STATE": str(tmp_path),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        env=environment,
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
    )
    told = json.loads(done.stdout)
    assert told["SESSION_COOKIE_NAME"] == f"{mark}session"
    assert told["CSRF_COOKIE_NAME"] == f"{mark}csrf"
    assert told["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert told["SECURE_HSTS_SECONDS"] >= 180 * 86400
    assert not told["DEBUG"]
    assert all(value for name, value in told.items() if "SECURE" in name or "HTTPONLY" in name)
