"""The leak canary (sec 5.6): unique strings go in everywhere and come out in one place only.

One case lives its whole life with thirty strings in fields, file names, metadata and headers: the
facility heard, a letter sent and answered, the contact opened, a review asked for. A second, red,
is reported to the police. Errors are provoked on the way, in the web and in the worker. Then every
table, the store, the sessions, the logs, the mails, the broker with its messages and budgets, the
papers and the pages of everybody else are searched, and once more when both are destroyed. The
handler's own page, his file of the whole case and the contact he opened are the control: they must
show the strings, or the search proves nothing; once the key is gone they show none.
"""

from __future__ import annotations

import base64
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
from django.db import connection
from django.test import Client
from django.urls import reverse
from PIL import Image

from complaints import actions, tasks
from complaints.actions import drafts
from complaints.models import Complaint
from facilities.models import Department
from portal.core import outbox
from portal.core.files import store
from portal.core.roles import Role
from portal.core.tasks import run_calendar
from portal.embedded import valkey
from tests import makers, register
from tests.complaints import makers as cases
from tests.complaints.makers import AT, actor
from tests.complaints.test_case_sheet import words
from tests.house.lives import Broker, calling_through

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


def opened_and_referred(made, handler, boss):
    """Who complained is looked at by two; a letter goes out and is answered."""
    by = actor(handler)
    wish = actions.ask_contact(made, "需要当面核实", by=by, at=AT)
    wish = actions.grant_contact(wish, by=boss, at=AT)
    look = reverse("desk:complaint_contact_open", args=[wish.pk])
    seen = hits(signed_in(handler).post(look).content.decode())
    assert seen == {"contact_name", "phone", "times"}, "the control: it was opened"
    to = Department.objects.earliest("position")
    made.refresh_from_db()
    letter = actions.refer_complaint(made, to, "收费没有公示", by=by, at=AT)
    actions.note_referral_receipt(made, letter, AT.date(), by=by, at=AT)
    actions.note_referral_result(made, letter, AT.date(), "已责令公示", by=by, at=AT)
    return Complaint.objects.get(pk=made.pk)


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
    made = opened_and_referred(made, handler, boss)
    made = actions.propose_reply(
        made, "not_upheld", CANARY["evidence"], CANARY["replied"], by=by, at=AT
    )
    actions.approve_reply(made, by=boss, at=AT)
    client.post(page("rate"), {"solved": "no", "satisfaction": "poor"}, **HEADERS)
    client.post(page("review"), {"text": CANARY["reviewed"]}, **HEADERS)
    made.refresh_from_db()
    actions.assign_complaint(made, second, by=boss, at=AT)
    return handler, second, operator


def report_another(duty):
    """Suspected abuse with the same strings, told to the police, taken on and noted."""
    told = {name: CANARY[name] for name in ("happened", "when", "wish")}
    contact = {"name": CANARY["contact_name"], "phone": CANARY["phone"]}
    made = cases.complaint("C1", told=told, contact=contact)
    report = cases.report(note=CANARY["report_note"])
    actions.record_report(made, report, by=actor(duty), at=AT)
    made = actions.accept_complaint(made, "critical", by=actor(duty), at=AT, title="看护方式")
    actions.note_complaint(made, CANARY["noted"], by=actor(duty), at=AT)
    return actions.assign_complaint(made, duty, by=actor(duty), at=AT)


def work_with_errors():
    """The worker delivers, fails at everything once, and delivers; the calendar too."""
    real = dict(outbox._handlers)

    def failing(payload, at):
        real["notify" if "key" in payload else "paper.render"](payload, at)
        raise RuntimeError("provoked")

    broken = dict.fromkeys(("notify", "paper.render"), failing)
    with mock.patch.dict(outbox._handlers, broken):
        assert outbox.drain(AT) == 0
    with mock.patch.object(drafts, "forget_drafts", side_effect=RuntimeError("provoked")):
        run_calendar(AT)
    assert outbox.drain(AT + dt.timedelta(hours=2)) > 0
    run_calendar(AT)
    outbox.drain(AT + dt.timedelta(hours=2))


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


BODY = re.compile(r'"body": ?"([A-Za-z0-9+/=]+)"')


def broker_contents(broker):
    """Every key of the server with what is in it; the bodies of messages also decoded."""
    keys = broker.says("KEYS *").decode("latin-1").split("\r\n")[2::2]
    reads = {"list": "LRANGE {} 0 -1", "hash": "HGETALL {}", "set": "SMEMBERS {}"}
    for key in filter(None, keys):
        kind = broker.says(f"TYPE {key}").decode().strip("+\r\n")
        text = broker.says(reads.get(kind, "GET {}").format(key)).decode("latin-1")
        bodies = [base64.b64decode(body).decode("latin-1") for body in BODY.findall(text)]
        yield key, "\n".join([key, text, *bodies])


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


def dumps(log, broker):
    """What a copy of the machine would hold."""
    found = {name: hits(text) for name, text in tables()}
    found["store"] = set().union(*(hits(text) for text in store_contents()))
    found["sessions"] = hits(str([s.get_decoded() for s in Session.objects.all()]))
    found["logs"] = hits(log)
    found["mails"] = hits(str([(m.subject, m.body) for m in mail.outbox]))
    found["broker"] = set().union(*(hits(text) for _key, text in broker_contents(broker)))
    return found


def pages_of_others(operator, red):
    """What everybody else can open; of the red lane somebody who keeps away from the case."""
    mine = ["/my/", reverse("my:statements"), reverse("core:messages")]
    found = {
        "public": hits("".join(pages_of(Client(), ["/", "/complaints/"], most=25))),
        "operator": hits("".join(pages_of(signed_in(operator), mine, most=25))),
    }
    for role in (Role.CLERK, Role.INSPECTOR, Role.LEADER, Role.AUDITOR, Role.SYSADMIN,
                 Role.COMMUNITY, Role.RED_LANE):  # fmt: skip
        starts = ["/desk/", reverse("core:messages"), reverse("desk:complaints")]
        person = makers.user(role)
        if role == Role.RED_LANE:
            actions.declare_tie("同事", complaint=red, by=actor(person), at=AT)
        found[role] = hits("".join(pages_of(signed_in(person), starts, most=25)))
    return found


@pytest.fixture
def broker(tmp_path, settings):
    """A real server: the messages to the worker and the budgets of the hour lie in it."""
    made = Broker(tmp_path)
    settings.CACHES = {
        **settings.CACHES,
        "budgets": {"BACKEND": "django.core.cache.backends.redis.RedisCache",
                    "LOCATION": f"unix://{made.path}?db=0"},
    }  # fmt: skip
    settings.PRIVATE_MEDIA_ROOT = tmp_path / "media"
    try:
        with calling_through(valkey.url(made.path)):
            yield made
    finally:
        made.stop()


def shown_to(person, route, case):
    """A page or paper of the case, as this person reads it."""
    content = signed_in(person).get(reverse(f"desk:{route}", args=[case.pk])).content
    return words(content)[0] if content.startswith(b"%PDF") else content.decode()


def leaks(*sinks):
    """Where something came out, and what."""
    return {name: found for each in sinks for name, found in each.items() if found}


@pytest.mark.proves("sec:C3", "sec:C11", "sec:C12", "prod:L11")
def test_nothing_of_a_case_comes_out_but_on_its_handlers_page(
    caplog, broker, django_capture_on_commit_callbacks
):
    caplog.set_level(logging.DEBUG)
    facility, duty = register.facility(), cases.duty()
    with time_machine.travel(AT, tick=False):
        with django_capture_on_commit_callbacks(execute=True):
            client = Client(**HEADERS)
            tell(client)
            number, code = number_and_code(client)
            client.post(page("track"), {"number": number, "code": "0" * 16})
            client.post(page("done"))
            handler, second, operator = live(client, facility)
            red = report_another(duty)
        work_with_errors()
        for said in ("was not delivered", "forget_what_is_over failed", "Internal Server Error"):
            assert said in caplog.text, "the errors are told, without a word of what they met"
        assert any("drain_outbox" in text for _key, text in broker_contents(broker))
        assert leaks(dumps(caplog.text, broker), pages_of_others(operator, red)) == {}
        assert not any(code.replace("-", "") in text for _name, text in tables())
        case = Complaint.objects.exclude(pk=red.pk).get()
        for person, about, more in ((second, case, "added"), (duty, red, "report_note")):
            for route in ("complaint", "complaint_print", "complaint_pdf"):
                seen = hits(shown_to(person, route, about))
                assert {"happened", "when", "wish", more} <= seen, route
                assert not seen & {"contact_name", "phone"}, "masked, even here"
        assert handler != second
        destroyed(case, red, second, duty)
        assert leaks(dumps(caplog.text, broker)) == {}


def destroyed(case, red, second, duty):
    """Their days are over: not even those who dealt with them read a word."""
    files = [file.storage_key for file in case.files.all()]
    for each in (case, red):
        Complaint.objects.filter(pk=each.pk).update(state="archived", closed_on=AT.date())
        actions.erase_complaint(Complaint.objects.get(pk=each.pk), at=AT)
    assert files
    assert not any(store.exists(key) for key in files)
    assert not Complaint.objects.exclude(data_key=None).exists()
    for person, about in ((second, case), (duty, red)):
        for route in ("complaint", "complaint_print", "complaint_pdf"):
            assert hits(shown_to(person, route, about)) == set(), route


def test_the_search_finds_what_it_looks_for():
    """A canary planted in the open is seen in a table, in the store and in a page."""
    facility = register.facility()
    type(facility).objects.filter(pk=facility.pk).update(introduction=CANARY["happened"])
    assert any("happened" in hits(text) for _name, text in tables())
    assert "happened" in hits(f"\\x{CANARY['happened'].encode().hex()}")
    url = reverse("public:facility", args=[facility.code])
    assert "happened" in hits("".join(pages_of(Client(), [url], most=1)))
    assert tasks.escalate
