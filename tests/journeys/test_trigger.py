"""What called for a visit is known inside the office only (R14): a search that finds nothing.

A complaint with words that occur nowhere else opens a visit, and the visit goes its whole way:
door, findings, papers, answers, reminders, escalation, transfer, publication. Then everything the
facility and the public can open, and everything that was sent to them, is searched. The pages of
the officials who may know are the control: they show the words, or the search proves nothing.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.urls import reverse

from complaints import actions as cases
from complaints.models import Complaint
from facilities.models import Department, Facility
from inspections import actions
from inspections.models import Finding, Inspection
from portal.core import outbox, publishing
from portal.core.files import store
from portal.core.models import Notification, OfficialPaper, Outbox, Publication, User
from portal.core.tasks import run_calendar
from portal.core.topics import Topic
from tests import makers
from tests.complaints import makers as make_case
from tests.house.matrix import MATRIX
from tests.house.test_matrix import OWN, World
from tests.inspections import makers as make
from tests.inspections.makers import AT, LATER, actor

pytestmark = pytest.mark.django_db
Texts = dict[str, str]
DAY = dt.timedelta(days=1)
END = AT + 60 * DAY
PLACES = (
    "happened", "when", "wish", "title", "summary", "note", "contact", "task", "evidence", "reply",
)  # fmt: skip
CANARY = {name: f"QX{number:02d}金丝雀{name}ZV" for number, name in enumerate(PLACES)}
# What would tell the kind of occasion, in texts that are about a visit.
TELLING = ("投诉", "举报", "反映", "信访", "热线", "专项", "触发", "随机", "紧急")
OUTSIDERS = ("operator", "anonymous")
# What the pages lead to: each result, finding, file, notice and the reading view of each paper;
# the PDF and the picture of those about the visit are drawn apart.
WORTH = re.compile(r"/(my/(inspections|findings)/.*|(papers|files|publications)/[^/]+/)$")


@pytest.fixture
def world(settings: LazySettings) -> Iterator[World]:
    settings.MAIL_ON = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    with time_machine.travel(AT, tick=False):
        made = World()
        operator = made.people["operator"]
        operator.email, operator.mail_topics = "operator@example.test", [*Topic.values]
        operator.save()
        yield made


# --- the complaint, and the visit it opens --------------------------------------------------------


def complained(place: Facility, handler: User) -> tuple[Complaint, str]:
    """A case about the place with a word of its own in whatever people fill in, and its code."""
    by = actor(handler)
    told = {name: f"{CANARY[name]}，孩子一直哭。" for name in ("happened", "when", "wish")}
    contact = {"name": CANARY["contact"], "phone": "13987650043", "times": "晚上"}
    made, code = make_case.submitted("C8", told=told, contact=contact)
    made = cases.accept_complaint(made, "major", by=by, at=AT, title="待写", summary="待写")
    made = cases.describe_complaint(
        made, CANARY["title"], CANARY["summary"], facility=place, by=by, at=AT
    )
    made = cases.assign_complaint(made, handler, by=by, at=AT)
    cases.note_complaint(made, CANARY["note"], by=by, at=AT)
    return made, code


def visited(case: Complaint, handler: User) -> Inspection:
    """The visit, with what an official might write to those who go, to the signed papers."""
    visit = cases.open_visit(case, by=actor(handler), at=AT)
    Inspection.objects.filter(pk=visit.pk).update(
        assignment_note=f"{CANARY['task']}：见{case.number}", is_urgent=True
    )
    visit.refresh_from_db()
    codes = [item.code for item in visit.checklist.items.all()[:2]]
    return make.over(visit, *codes)


def answered(visit: Inspection) -> None:
    """The facility confirms, objects, asks for time, reports; returned once, then closed."""
    owner = actor(make.member_of(visit.facility))
    clerk, boss = actor(makers.clerk()), actor(makers.approver())
    visit = actions.acknowledge_inspection(visit, by=owner, at=LATER)
    visit = actions.object_to_inspection(visit, "记录在另一本上", by=owner, at=LATER)
    actions.answer_objection(visit, "复查时一并核实", by=clerk, at=LATER)
    first, second = visit.findings.order_by("item_code")
    first = actions.plan_correction(first, "补齐记录", by=owner, at=LATER)
    first = actions.ask_extension(first, first.due_on + DAY, "等待配件", by=owner, at=LATER)
    first = actions.extend_finding(first, first.due_on + DAY, by=boss, at=LATER)
    first = _reported(first, AT + DAY)
    again = actor(make.inspector())
    first = actions.return_finding(
        first, "还缺一天", first.due_on, by=again, at=AT + DAY, photos=[make.photo()]
    )
    first = _reported(first, AT + 2 * DAY)
    actions.close_finding(first, "已补齐", by=again, at=AT + 2 * DAY, photos=[make.photo()])
    actions.dispute_finding(second, "不是这样", by=owner, at=LATER)
    second.refresh_from_db()
    actions.uphold_finding(second, "经核对照片，情况属实", second.due_on, by=boss, at=LATER)


def _reported(finding: Finding, at: dt.datetime) -> Finding:
    owner = actor(make.member_of(finding.facility))
    return actions.report_correction(
        finding, "已补齐", at.date(), photos=[make.photo()], by=owner, at=at
    )


def delivered(at: dt.datetime) -> None:
    """Everything that is owed goes out."""
    while outbox.drain(at):
        pass


def late(visit: Inspection) -> None:
    """Nobody puts the second one right: reminders, escalation, a name in public, a letter."""
    finding = visit.findings.order_by("item_code").last()
    clerk, boss = actor(makers.clerk()), actor(makers.approver())
    for days in (2, 8, 20, 50):
        with time_machine.travel(AT + days * DAY, tick=False):
            run_calendar(AT + days * DAY)
            delivered(AT + days * DAY)
    actions.remind_facility(finding, by=clerk, at=END)
    finding.refresh_from_db()
    named = actions.propose_overdue(finding, by=clerk, at=END)
    publishing.publish(named, by=boss, at=END)
    finding.refresh_from_db()
    to = Department.objects.get(slug="health")
    actions.transfer_finding(finding, to, "长期没有整改", by=clerk, at=END)
    delivered(END)


def gone_through(world: World) -> tuple[Complaint, str, Inspection, User]:
    """The whole way of case and visit; what was owed has been delivered."""
    place, handler = world.filing("registered", OWN).facility, make_case.handler()
    case, code = complained(place, handler)
    visit = visited(case, handler)
    answered(visit)
    visit.refresh_from_db()
    case.refresh_from_db()
    case = cases.propose_reply(
        case, "upheld", CANARY["evidence"], CANARY["reply"], by=actor(handler), at=LATER
    )
    cases.approve_reply(case, by=actor(makers.approver()), at=LATER)
    result = actions.propose_result(visit, by=actor(makers.clerk()), at=LATER)
    publishing.publish(result, by=actor(makers.approver()), at=LATER)
    delivered(LATER)
    late(visit)
    return case, code, visit, handler


# --- the search -----------------------------------------------------------------------------------


def words_in(body: bytes) -> str:
    """What a file says: the text of a PDF, the parts of a table, else its bytes."""
    if body.startswith(b"%PDF"):
        pages = pypdfium2.PdfDocument(body)
        return re.sub(r"\s", "", "".join(page.get_textpage().get_text_range() for page in pages))
    if body.startswith(b"PK\x03\x04"):
        parts = zipfile.ZipFile(io.BytesIO(body))
        return "".join(parts.read(name).decode("utf-8", "ignore") for name in parts.namelist())
    return body.decode("utf-8", "ignore") + body.decode("latin-1")


def opened(client: Client, url: str) -> tuple[int, str]:
    """Status and words of a page or file, its headers with them."""
    response = client.get(url)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return response.status_code, f"{response.headers}{words_in(body)}"


def addresses(world: World, who: str) -> set[str]:
    """Every page of the table of permissions that this person may open."""
    rows = [(route, row) for route, row in MATRIX.items() if who in row.ok and "GET" in row.methods]
    return {world.url(route, row.state, OWN) for route, row in rows}


def signed_in(who: User | None) -> Client:
    client = Client()
    if who is not None:
        client.force_login(who)
    return client


def followed(client: Client, starts: set[str], most: int = 300) -> dict[str, str]:
    """What the pages say, and the lists, files and papers of supervision to which they lead."""
    waiting, found = sorted(starts), {}
    while waiting:
        url = waiting.pop(0).split("#")[0].replace("&amp;", "&")
        if url in found or (url not in starts and not WORTH.match(url)):
            continue
        assert len(found) < most, "the pages have no end"
        _status, found[url] = opened(client, url)
        waiting += re.findall(r'href="([^"]+)"', found[url])
    return found


def traces(case: Complaint, code: str, visit: Inspection) -> list[str]:
    """Whatever would lead from the visit to the case."""
    plain = case.number.replace("-", "")
    code = code.replace("-", "")
    return [
        *CANARY.values(), case.number, plain, case.number.removeprefix("TS-"), str(case.pk),
        case.pk.hex, code, visit.trigger_key, "13987650043",
    ]  # fmt: skip


def hits(texts: dict[str, str], looked_for: list[str] | tuple[str, ...]) -> dict[str, list[str]]:
    """Where which of these is read."""
    found = {where: [each for each in looked_for if each in text] for where, text in texts.items()}
    return {where: each for where, each in found.items() if each}


def sent_to(people: list[User]) -> dict[str, str]:
    """The messages of these people as they lie in the inbox, in the outbox and in their mail."""
    inbox = Notification.objects.filter(to__in=people)
    found = {f"message {m.pk}": f"{m.kind} {m.title} {m.body} {m.url}" for m in inbox}
    keys = [str(person.pk) for person in people]
    owed = Outbox.objects.filter(payload__to__in=keys)
    found |= {f"owed {row.pk}": f"{row.dedup_key} {row.payload}" for row in owed}
    for number, letter in enumerate(mail.outbox):
        found[f"letter {number}"] = letter.message().as_string() + letter.subject + letter.body
    return found


def papers_about(visit: Inspection) -> dict[str, str]:
    """The papers of a visit and its findings: what is frozen, the PDF and the picture."""
    nouns = [visit, *visit.findings.all()]
    letters = [finding.transfer for finding in visit.findings.all() if finding.transfer]
    found = {}
    for noun in (*nouns, *letters):
        for paper in OfficialPaper.objects.of(noun):
            text = f"{paper.kind} {paper.title} {paper.number} {paper.data}"
            found[f"paper {paper.kind}"] = text + words_in(store.read(paper.pdf_key))
            found[f"picture {paper.kind}"] = words_in(store.read(paper.png_key))
    return found


def main_of(page: str) -> str:
    """What a page says itself, without menus and foot."""
    return "".join(re.findall(r"<main.*?</main>", page, re.DOTALL))


@pytest.mark.lasting(2)
@pytest.mark.full
@pytest.mark.proves("prod:E4", "diff:6")
def test_nothing_outside_the_office_tells_what_called_for_the_visit(world: World) -> None:
    starts = {who: addresses(world, who) for who in OUTSIDERS}
    Outbox.objects.update(done_at=AT)  # what the other objects of the world owe is not looked at
    case, code, visit, handler = gone_through(world)
    operator = world.people["operator"]
    nouns = [visit, *visit.findings.all()]
    starts["operator"] |= {noun.url_for(operator) for noun in nouns}
    visitors = {"operator": operator, "anonymous": None}
    with time_machine.travel(END, tick=False):
        pages = {who: followed(signed_in(person), starts[who]) for who, person in visitors.items()}
        shown = [
            opened(signed_in(who), url)[1]
            for who, url in (
                (handler, reverse("desk:complaint", args=[case.pk])),
                (world.people["clerk"], visit.url_for(world.people["clerk"])),
            )
        ]
    papers, sent = papers_about(visit), sent_to([operator, make.member_of(visit.facility)])
    notices = {
        str(notice.pk): f"{notice.title}{notice.body}"
        for notice in Publication.objects.filter(party=visit.facility.code)
    }
    for texts in (*pages.values(), papers, sent, notices):
        assert hits(texts, traces(case, code, visit)) == {}
    _nor_the_kind_of_occasion(nouns, pages["operator"], papers, sent, notices)
    _the_search_looked(visit, pages, papers)
    # Those who may know read it: the handler of the case, and whoever sends people out.
    assert {"happened", "title", "reply"} <= {
        name for name, word in CANARY.items() if word in shown[0]
    }
    assert case.number in shown[0]
    assert CANARY["task"] in shown[1]


def _nor_the_kind_of_occasion(
    nouns: list[Any], pages: Texts, papers: Texts, sent: Texts, notices: Texts
) -> None:
    """Where the visit is spoken of, no word tells what kind of occasion it had."""
    about = {
        url: main_of(text) for url, text in pages.items()
        if any(f"/{noun.number}/" in url for noun in nouns)
    }  # fmt: skip
    assert len(about) >= len(nouns)
    messages = {
        key: text for key, text in sent.items() if "inspection." in text or "finding." in text
    }
    for texts in (about, papers, messages, notices):
        assert hits(texts, TELLING) == {}


def _the_search_looked(visit: Inspection, pages: dict[str, Texts], papers: Texts) -> None:
    """It went where it says, and reads what there is to be read."""
    kinds = {key.split()[1] for key in papers}
    assert {"patrol_record", "inspection_result", "finding_advice", "recheck_opinion"} <= kinds
    assert "监督检查" in papers["paper patrol_record"]
    assert visit.number in papers["paper patrol_record"]
    told = set(Notification.objects.values_list("kind", flat=True))
    assert {"inspection.completed", "finding.overdue", "finding.remind", "finding.closed"} <= told
    assert mail.outbox
    words = visit.findings.earliest("item_code").text
    assert any(words in text for text in pages["operator"].values())
    assert any(words in text for text in pages["anonymous"].values())  # by publication
