"""The leak canary (sec 5.6): unique strings go in everywhere and come out in one place only.

One case lives its whole life with thirty strings in fields, file names, metadata and headers, with
errors provoked on the way. Then every table, the store, the sessions, the logs, the mails, the
cache and the pages of everybody else are searched. The handler's own page is the control: it must
show them, or the search proves nothing.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
from pathlib import Path
from unittest import mock

import pikepdf
import pytest
import time_machine
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image

from complaints import actions, tasks
from complaints.actions import drafts
from complaints.models import Complaint
from portal.core import outbox
from portal.core.roles import Role
from portal.core.tasks import run_calendar
from tests import makers, register
from tests.complaints import makers as cases
from tests.complaints.makers import AT, actor

pytestmark = pytest.mark.django_db
BACKEND = "portal.core.accounts.SignedIn"
NAMES = [
    "happened", "when", "wish", "extra", "place_name", "place_address", "contact_name", "times",
    "photo_name", "exif_make", "exif_artist", "exif_about", "comment", "pdf_name", "pdf_title",
    "pdf_author", "pdf_words", "agent", "referer", "language", "added", "answered", "reviewed",
    "noted", "asked", "replied", "evidence", "report_note", "reason", "bad_text",
]  # fmt: skip
CANARY = {name: f"QX{n:02d}金丝雀{name.replace('_', '')}ZV" for n, name in enumerate(NAMES)}
# What goes into headers and numbers cannot be Chinese.
CANARY |= {name: f"QX{name}ZV" for name in ("exif_make", "agent", "referer", "language")}
CANARY |= {"phone": "13987650043", "address": "203.0.113.77", "latitude": "33.2751234"}
HEADERS = {
    "HTTP_USER_AGENT": CANARY["agent"],
    "HTTP_X_FORWARDED_FOR": CANARY["address"],
    "REMOTE_ADDR": CANARY["address"],
    "HTTP_REFERER": f"http://testserver/{CANARY['referer']}",
    "HTTP_ACCEPT_LANGUAGE": f"zh-hans,{CANARY['language']}",
}


def page(name):
    return reverse(f"complaints:{name}")


def photo():
    out = io.BytesIO()
    picture = Image.new("RGB", (80, 60), (200, 120, 40))
    exif = picture.getexif()
    exif[0x010F], exif[0x010E], exif[0x013B] = (
        CANARY["exif_make"], CANARY["exif_about"], CANARY["exif_artist"],
    )  # fmt: skip
    exif.get_ifd(0x8825)[29] = CANARY["latitude"]
    picture.save(out, "JPEG", exif=exif, comment=CANARY["comment"].encode())
    assert CANARY["exif_make"].encode() in out.getvalue()
    out.seek(0)
    out.name = f"{CANARY['photo_name']}.jpg"
    return out


def paper():
    document = pikepdf.new()
    document.add_blank_page()
    document.docinfo["/Title"] = CANARY["pdf_title"]
    document.docinfo["/Author"] = CANARY["pdf_author"]
    with document.open_metadata() as meta:
        meta["dc:description"] = CANARY["pdf_words"]
    out = io.BytesIO()
    document.save(out)
    out.seek(0)
    out.name = f"{CANARY['pdf_name']}.pdf"
    return out


def tell(client):
    """The screens, with an error provoked on each of them."""
    client.post(page("topic"), {"category": "C8"})
    client.post(page("facility"), {"q": CANARY["place_name"], "search": "1"})
    client.post(page("facility"), {
        "choice": "other", "place_name": CANARY["place_name"],
        "place_address": CANARY["place_address"],
    })  # fmt: skip
    client.post(page("details"), {"happened": f"\0{CANARY['bad_text']}", "when": "长" * 99})
    client.post(page("details"), {
        "happened": f"{CANARY['happened']}，老师推搡小朋友，孩子一直哭。",
        "when": CANARY["when"], "wish": CANARY["wish"], "extra": CANARY["extra"],
    })  # fmt: skip
    broken = io.BytesIO(b"\xff\xd8\xff broken")
    broken.name = f"{CANARY['photo_name']}.jpg"
    client.post(page("evidence"), {"file": broken})
    client.post(page("evidence"), {"file": photo()})
    client.post(page("evidence"), {"file": paper()})
    client.post(page("contact"), {"way": "named", "phone": f"{CANARY['phone']}9"})
    client.post(page("contact"), {
        "way": "named", "name": CANARY["contact_name"], "phone": CANARY["phone"],
        "times": CANARY["times"],
    })  # fmt: skip
    client.raise_request_exception = False
    with mock.patch.object(drafts, "drop_draft", side_effect=RuntimeError("provoked")):
        assert client.post(page("check")).status_code == 500
    assert client.post(page("check"))["Location"] == page("done")
    client.raise_request_exception = True


def number_and_code(client):
    shown = client.get(page("done")).content.decode()
    client.get(page("receipt"))
    number = re.search(r"TS-\w{4}-\w{4}-\w", shown).group()
    return number, re.search(r'id="receipt-code">([\w-]+)<', shown).group(1)


def live(client, facility):
    """From the form to the review, with the facility heard and a letter sent."""
    handler, second = cases.handler(), cases.handler()
    approver, operator = makers.approver(), cases.member_of(facility)
    by, other, boss = actor(handler), actor(second), actor(approver)
    made = Complaint.objects.get()
    made = actions.accept_complaint(made, "major", by=by, at=AT, title="收费", summary="退费")
    made = actions.describe_complaint(made, "收费", "退费", facility=facility, by=by, at=AT)
    made = actions.assign_complaint(made, handler, by=by, at=AT)
    actions.note_complaint(made, CANARY["noted"], by=by, at=AT)
    actions.propose_category(made, "C9", CANARY["reason"], by=by, at=AT)
    made = actions.refuse_category(made, by=boss, at=AT)
    client.post(page("add"), {"text": CANARY["added"]}, **HEADERS)
    asked = actions.request_statement(made, "请说明收费的项目和依据", by=by, at=AT)
    asked = actions.release_statement(asked, by=other, at=AT - dt.timedelta(days=7))
    actions.answer_statement(asked, "收费按公示执行", by=actor(operator), at=AT)
    made.refresh_from_db()
    actions.ask_complainant(made, CANARY["asked"], by=by, at=AT)
    client.post(page("add"), {"text": CANARY["answered"], "file": photo()}, **HEADERS)
    wish = actions.ask_contact(made, "需要当面核实", by=by, at=AT)
    actions.open_contact(actions.grant_contact(wish, by=boss, at=AT), by=by, at=AT)
    made.refresh_from_db()
    made = actions.propose_reply(
        made, "not_upheld", CANARY["evidence"], CANARY["replied"], by=by, at=AT
    )
    actions.approve_reply(made, by=boss, at=AT)
    client.post(page("rate"), {"solved": "no", "satisfaction": "poor"}, **HEADERS)
    client.post(page("review"), {"text": CANARY["reviewed"]}, **HEADERS)
    made.refresh_from_db()
    actions.assign_complaint(made, second, by=boss, at=AT)
    return handler, second, operator


def forms_of(secret):
    """As it would look in a dump: as it is, as hexadecimal bytes, escaped."""
    raw = secret.encode()
    return (secret, raw.hex(), secret.encode("unicode_escape").decode())


def hits(text):
    return {name for name, secret in CANARY.items() if any(f in text for f in forms_of(secret))}


def tables():
    """Every row of every table as the database would dump it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        for (name,) in cursor.fetchall():
            cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", [name])
            if cursor.fetchone()[0]:
                cursor.execute(f'SELECT t::text FROM "{name}" t')
                yield name, "\n".join(row[0] for row in cursor.fetchall())


def store_contents():
    for path in Path(settings.PRIVATE_MEDIA_ROOT).rglob("*"):
        if path.is_file():
            yield str(path) + path.read_bytes().decode("latin-1")


def pages_of(client, starts, most=70):
    """What somebody can reach by following links."""
    waiting, seen, texts = [*starts], set(), []
    while waiting and len(seen) < most:
        url = waiting.pop(0).split("#")[0]
        if not url.startswith("/") or url in seen or "/static/" in url or "logout" in url:
            continue
        seen.add(url)
        response = client.get(url)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        text = body.decode("latin-1") + body.decode("utf-8", "ignore")
        texts.append(text)
        waiting += re.findall(r'href="([^"]+)"', text)
        if "Location" in response.headers:
            waiting.append(response["Location"])
    return texts


def signed_in(person):
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def dumps(log):
    """What a copy of the machine would hold."""
    found = {name: hits(text) for name, text in tables()}
    found["store"] = set().union(*(hits(text) for text in store_contents()))
    found["sessions"] = hits(str([s.get_decoded() for s in Session.objects.all()]))
    found["logs"] = hits(log)
    found["mails"] = hits(str([(m.subject, m.body) for m in mail.outbox]))
    found["cache"] = hits(str(caches["budgets"]._cache))
    return found


def pages_of_others(operator):
    """What everybody else can open."""
    mine = ["/my/", reverse("my:statements"), reverse("core:messages")]
    found = {
        "public": hits("".join(pages_of(Client(), ["/", "/complaints/"], most=25))),
        "operator": hits("".join(pages_of(signed_in(operator), mine, most=25))),
    }
    for role in (Role.CLERK, Role.INSPECTOR, Role.LEADER, Role.AUDITOR, Role.SYSADMIN,
                 Role.COMMUNITY, Role.RED_LANE):  # fmt: skip
        starts = ["/desk/", reverse("core:messages"), reverse("desk:complaints")]
        found[role] = hits("".join(pages_of(signed_in(makers.user(role)), starts, most=25)))
    return found


@pytest.mark.proves("sec:C3", "sec:C11", "sec:C12", "prod:L11")
def test_nothing_of_a_case_comes_out_but_on_its_handlers_page(caplog):
    caplog.set_level(logging.DEBUG)
    caches["budgets"].clear()
    facility = register.facility()
    with time_machine.travel(AT, tick=False):
        client = Client(**HEADERS)
        tell(client)
        number, code = number_and_code(client)
        client.post(page("track"), {"number": number, "code": "0" * 16})
        client.post(page("done"))
        handler, second, operator = live(client, facility)
        outbox.drain(AT)
        run_calendar(AT)
        outbox.drain(AT)
        sinks = {**dumps(caplog.text), **pages_of_others(operator)}
        assert {name: found for name, found in sinks.items() if found} == {}
        assert not any(code.replace("-", "") in text for _name, text in tables())
        case = Complaint.objects.get()
        shown = signed_in(second).get(reverse("desk:complaint", args=[case.pk])).content.decode()
    assert CANARY["happened"] in shown
    assert handler != second


def test_the_search_finds_what_it_looks_for():
    """A canary planted in the open is seen in a table, in the store and in a page."""
    facility = register.facility()
    type(facility).objects.filter(pk=facility.pk).update(introduction=CANARY["happened"])
    assert any("happened" in hits(text) for _name, text in tables())
    assert "happened" in hits(f"\\x{CANARY['happened'].encode().hex()}")
    url = reverse("public:facility", args=[facility.code])
    assert "happened" in hits("".join(pages_of(Client(), [url], most=1)))
    assert tasks.escalate
