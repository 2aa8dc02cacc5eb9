"""Nobody learns of another's scores before the time: not by pages, files, or the work done.

Time itself is no measure on a busy machine. What a page costs is the questions it asks, so the test
compares those, and every byte of the answer, with and without the other's scores.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluations import actions, urls_panel
from evaluations.models import PanelMember, ScoreSheet, SelfAssessment
from portal.core import attachments
from portal.core.models import Attachment, User
from tests import makers

from . import makers as own
from .makers import actor

pytestmark = pytest.mark.django_db
AT = own.AT
# What a page makes anew each time it is asked: the token against forged forms, and that of a form.
FRESH = re.compile(rb'\b[A-Za-z0-9]{64}\b|name="token" value="[^"]*"')
Seen = dict[str, tuple[int, bytes, int]]


@pytest.fixture(autouse=True)
def now(settings: Any, tmp_path: Path) -> Iterator[Any]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def client(person: User) -> Client:
    made = Client()
    made.force_login(User.objects.get(pk=person.pk))
    return made


def status(reader: Client, url: str) -> int:
    """What an address answers; a file that is served is read to its end, and so closed."""
    answer = reader.get(url)
    answer.getvalue()
    return int(answer.status_code)


def evidence(stage: own.Stage, seat: PanelMember) -> Attachment:
    """A photo of the member to an item of his sheet."""
    photo = attachments.inspected(makers.jpeg())
    by = actor(stage.user(seat))
    return actions.attach_evidence(stage.sheet(seat), "4.1.1", photo, by=by, at=AT)


def addresses(sheet: ScoreSheet) -> dict[str, str]:
    """Every address of the evaluators, about this sheet or (where it is about one) its facility."""
    evaluation = sheet.evaluation
    rest: dict[str, Any] = {"no": 4, "code": "4.1.1", "file": uuid.UUID(int=0)}
    found = {}
    for pattern in urls_panel.urlpatterns:
        given = {name: rest[name] for name in pattern.pattern.converters if name in rest}
        if "number" in pattern.pattern.converters:
            given["number"] = evaluation.round.number
        if "id" in pattern.pattern.converters:
            given["id"] = evaluation.pk if pattern.name == "moderation" else sheet.pk
        found[str(pattern.name)] = reverse(f"panel:{pattern.name}", kwargs=given)
    return found


def asked(reader: Client, urls: Iterable[str]) -> Seen:
    """What each address answers: status, bytes, and how many questions it asks."""
    found = {}
    for url in urls:
        with CaptureQueriesContext(connection) as captured:
            answer = reader.get(url)
        found[url] = (answer.status_code, FRESH.sub(b"", answer.content), len(captured))
    return found


# The pages about one sheet; that of another does not exist for him.
OF_SHEETS = (
    "dossier",
    "evidence",
    "evidence_new",
    "recuse",
    "check",
    "dimension",
    "autosave",
    "skip",
)


@pytest.mark.proves("prod:I4", "sec:W6", "diff:16")
def test_every_page_does_the_same_work_whether_the_other_has_scored_or_not() -> None:
    stage = own.scoring()
    mine, theirs = stage.seats[0], stage.seats[1]
    # Both worlds have a file of an evaluator, so that files are asked about in both.
    evidence(stage, mine)
    reader, urls = client(stage.user(mine)), addresses(stage.sheet(mine))
    foreign = addresses(stage.sheet(theirs))
    pages = [*urls.values(), *(foreign[name] for name in OF_SHEETS)]
    asked(reader, urls.values())  # what the first page of a process looks up is nobody's secret
    nothing = asked(reader, pages)
    photo = evidence(stage, theirs)
    own.score(stage, theirs, values=own.marks("0.5"))
    assert asked(reader, pages) == nothing
    assert {nothing[urls[name]][0] for name in ("home", *OF_SHEETS)} == {200, 302}
    assert {nothing[foreign[name]][0] for name in OF_SHEETS} == {404}
    files = {
        pk: asked(reader, [reverse("core:attachment", args=[pk]),
                           reverse("core:attachment_thumbnail", args=[pk, 640])])
        for pk in (photo.pk, uuid.UUID(int=0))
    }  # fmt: skip
    theirs_cost, nowhere = ([(s, n) for s, _b, n in each.values()] for each in files.values())
    assert theirs_cost == nowhere
    assert {answer for answer, _n in nowhere} == {404}


@pytest.mark.proves("prod:I4", "diff:16")
def test_saving_and_handing_in_answer_the_same_whatever_the_other_gave() -> None:
    """Two members do the same one after the other; the second learns nothing of the first."""
    stage = own.scoring()
    answers = []
    for seat in stage.seats[:2]:
        sheet, writer = stage.sheet(seat), client(stage.user(seat))
        for _time in ("once for the caches", "and again"):
            data = {"item7-points": "1", "item7-words": "x", "item7-is_met": "yes"}
            with CaptureQueriesContext(connection) as captured:
                saved = writer.post(reverse("panel:autosave", args=[sheet.pk, 4]), data)
            refused = writer.post(reverse("panel:check", args=[sheet.pk]), {"signature": "x"})
        answers.append((saved.status_code, len(captured), refused.status_code))
    assert answers[0] == answers[1]


@pytest.mark.proves("prod:I9")
def test_an_evaluator_puts_a_photo_to_an_item_and_takes_it_back() -> None:
    stage = own.scoring()
    seat, other = stage.seats[:2]
    writer, sheet = client(stage.user(seat)), stage.sheet(seat)
    url = reverse("panel:evidence_new", args=[sheet.pk, "4.1.1"])
    page = reverse("panel:dimension", args=[sheet.pk, 1])
    assert url in writer.get(page).content.decode()
    assert "请选择要上传的文件" in writer.post(url).content.decode()
    assert writer.get(reverse("panel:evidence_new", args=[sheet.pk, "9.9.9"])).status_code == 404
    for _ in range(2):
        assert writer.post(url, {"file": makers.jpeg("某某.jpg")}).url.startswith(page)
    shown = writer.get(page).content.decode()
    assert "4.1.1-2.jpg" in shown
    assert "某某" not in shown
    first, second = Attachment.objects.order_by("display_name")
    away = reverse("panel:evidence_remove", args=[sheet.pk, first.pk])
    assert "确认删除" in writer.get(away).content.decode()
    assert writer.post(away).status_code == 303
    assert writer.post(away).status_code == 404
    foreign = reverse("panel:evidence_remove", args=[stage.sheet(other).pk, second.pk])
    assert client(stage.user(other)).get(foreign).status_code == 404
    files = [reverse("core:attachment", args=[second.pk])]
    for person in (stage.user(other), stage.clerk, stage.operators[0], stage.approver):
        assert {status(client(person), each) for each in files} == {404}
    assert status(writer, files[0]) == 200
    own.score_all(stage)
    assert writer.post(url, {"file": makers.jpeg()}).status_code == 303  # back with a sentence
    assert Attachment.objects.present().count() == 1
    opened(stage, second, stage.user(other))


def opened(stage: own.Stage, photo: Attachment, member: User) -> None:
    """Once the scores are opened panel and office find it under a letter, the facility does not."""
    actions.open_scores(stage.again(), by=actor(stage.clerk), at=AT)
    file = reverse("core:attachment", args=[photo.pk])
    pages = {member: reverse("panel:moderation", args=[stage.evaluation().pk]),
             stage.clerk: stage.evaluation().url_for(stage.clerk) + "?tab=process"}  # fmt: skip
    for person, url in pages.items():
        assert file in client(person).get(url).content.decode()
        assert status(client(person), file) == 200
    assert status(client(stage.operators[0]), file) == 404


def test_evidence_needs_room_a_pledge_and_a_sheet_of_ones_own(settings: Any) -> None:
    stage = own.scoring()
    mine, theirs = stage.seats[:2]
    foreign = evidence(stage, theirs)
    with pytest.raises(PermissionDenied):
        actions.remove_evidence(stage.sheet(mine), foreign, by=actor(stage.user(mine)), at=AT)
    settings.UPLOAD_MAX_FILES = 0
    url = reverse("panel:evidence_new", args=[stage.sheet(mine).pk, "4.1.1"])
    said = client(stage.user(mine)).post(url, {"file": makers.jpeg()}).content.decode()
    assert "不能再添加" in said
    PanelMember.objects.filter(pk=mine.pk).update(pledged_at=None, pledge_text="")
    promise = reverse("panel:pledge", args=[stage.round.number])
    remove = reverse("panel:evidence_remove", args=[stage.sheet(mine).pk, foreign.pk])
    for asked_for in (url, remove):
        assert client(stage.user(mine)).get(asked_for).url == promise


def assessed() -> tuple[own.Stage, Attachment, Any]:
    """A round being scored whose facility has put a photo to its own assessment."""
    stage = own.drawn()
    actions.start_round(stage.again(), by=actor(stage.approver), at=AT)
    photo = attachments.inspected(makers.jpeg())
    found = SelfAssessment.objects.get(evaluation=stage.evaluation())
    stored = actions.attach_self_evidence(
        found, "4.1.1", photo, by=actor(stage.operators[0]), at=AT
    )
    actions.open_scoring(stage.again(), by=actor(stage.clerk), at=AT)
    stage.again()
    return stage, stored, found


@pytest.mark.proves("prod:I5", "diff:16")
def test_nothing_of_the_facility_is_open_before_the_pledge_not_even_by_its_address() -> None:
    stage, photo, _found = assessed()
    seat = stage.seats[0]
    urls = [reverse("core:attachment", args=[photo.pk]),
            reverse("core:attachment_thumbnail", args=[photo.pk, 640])]  # fmt: skip
    reader = client(stage.user(seat))
    assert [status(reader, url) for url in urls] == [404, 404]
    actions.pledge(seat, own.PLEDGE, by=actor(stage.user(seat)), at=AT)
    assert [status(reader, url) for url in urls] == [200, 200]
    for person in (stage.operators[0], stage.clerk):
        assert status(client(person), urls[0]) == 200


@pytest.mark.proves("prod:I5", "diff:16")
def test_who_is_recused_gets_404_at_every_address_of_the_facility() -> None:
    stage, photo, found = assessed()
    for each in stage.seats:
        actions.pledge(each, own.PLEDGE, by=actor(stage.user(each)), at=AT)
    seat, other = stage.seats[1:3]
    person, urls = stage.user(seat), addresses(stage.sheet(seat))
    mine = evidence(stage, seat)
    item = stage.round.indicator_set.indicators.get(code="4.1.1")
    skip = actions.ask_to_skip(stage.evaluation(), item, "x", by=actor(stage.user(other)), at=AT)
    actions.refuse_skip(skip, "x", by=actor(stage.leader), at=AT)
    actions.recuse(stage.evaluation(), seat, "kinship", by=actor(person), at=AT)
    # His pages of the round stay: it may have other facilities.
    in_general = [urls.pop(name) for name in ("home", "pledge")]
    urls["skip_answer"] = reverse("panel:skip_answer", args=[skip.pk])
    urls["evidence_remove"] = urls["evidence_remove"].replace(str(uuid.UUID(int=0)), str(mine.pk))
    files = [reverse("core:attachment", args=[each.pk]) for each in (photo, mine)]
    files += [reverse("core:attachment_thumbnail", args=[photo.pk, 640])]
    reader = client(person)
    assert_gone(reader, [*urls.values(), *files])
    for url in (reverse("my:self_assessment", args=[found.pk]),
                reverse("my:evaluation", args=[stage.evaluation().pk])):  # fmt: skip
        assert status(reader, url) in {403, 404}
    own.score_all(stage)
    actions.open_scores(stage.again(), by=actor(stage.clerk), at=AT)
    talk = actions.bring_up(stage.evaluation(), item, by=actor(stage.clerk), at=AT)
    for name in ("discuss", "agree", "reopen"):
        urls[name] = reverse(f"panel:{name}", args=[talk.pk])
    opened_now = ("dossier", "moderation", "discuss", "agree", "reopen")
    assert_gone(reader, [*(urls[name] for name in opened_now), *files])
    for url in in_general:
        assert stage.facilities[0].code not in reader.get(url).content.decode()


def assert_gone(reader: Client, urls: Iterable[str]) -> None:
    """Asked for and sent to, nothing is there."""
    for url in urls:
        assert status(reader, url) == 404, url
        assert reader.post(url).status_code in {404, 405}, url
