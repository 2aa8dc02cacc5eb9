"""What the facility reads to check the facts: every item, why, and nobody's name."""

from __future__ import annotations

import html as escaping
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from evaluations import actions
from evaluations.models import Moderation, PanelMember, SelfAssessment
from evaluations.queries import items
from portal.core import attachments
from portal.core.actors import Actor
from portal.core.models import Attachment, User
from tests import makers

from . import makers as own
from .makers import actor

pytestmark = pytest.mark.django_db
AT = own.AT


def checked() -> own.Stage:
    """A basic item fails, one is agreed on, one does not apply, one is low with its reasons."""
    stage = own.scoring()
    asked = actions.ask_to_skip(
        stage.evaluation(), stage.round.indicator_set.indicators.get(code="5.1.2"), "没有乳儿班",
        by=actor(stage.user(stage.seats[1])), at=AT,
    )  # fmt: skip
    actions.allow_skip(asked, by=actor(stage.leader), at=AT)
    for n, seat in enumerate(stage.seats):
        values = own.marks()
        del values["5.1.2"]
        values["7.1.1"] |= {"points": Decimal(0), "is_met": False, "reason": "没有查验接种证"}
        values["6.1.1"] |= {"points": Decimal(50), "reason": f"记录缺{n % 2}月"}
        if n == 0:
            values["4.1.1"] |= {"points": Decimal(0), "reason": "没有看到"}
        own.score(stage, seat, values=values)
    actions.open_scores(stage.again(), by=actor(stage.clerk), at=AT)
    for talk in Moderation.objects.all():
        actions.agree(talk, Decimal(40), "复看以后有", by=actor(stage.leader), at=AT)
    actions.send_facts(stage.again(), by=actor(stage.clerk), at=AT)
    stage.again()
    return stage


@pytest.mark.proves("diff:27", "prod:I11")
def test_the_facility_reads_every_item_with_its_reasons_and_no_name() -> None:
    stage = checked()
    evaluation = stage.evaluation()
    rows = {
        row["item"].code: row
        for part in items.parts_of(evaluation, evaluation.result)
        for row in part["rows"]
    }
    assert set(rows) == set(own.marks())
    assert (rows["7.1.1"]["failed"], rows["7.1.1"]["reasons"]) == (True, ["没有查验接种证"])
    assert rows["4.1.1"]["reasons"] == ["复看以后有"]
    assert rows["6.1.1"]["reasons"] == ["记录缺0月", "记录缺1月"]
    assert (rows["5.1.2"]["skipped"], rows["5.1.2"]["reasons"]) == (True, ["没有乳儿班"])
    reader = Client()
    reader.force_login(User.objects.get(pk=stage.operators[0].pk))
    with time_machine.travel(AT, tick=False):
        answer = reader.get(reverse("my:evaluation", args=[evaluation.pk]))
    page = escaping.unescape(answer.content.decode())
    for words in ("7.1.1 ", "没有查验接种证", "触发一票否决：7.1.1", "记录缺1月", "复看以后有"):
        assert words in page
    for seat in stage.seats:
        assert stage.user(seat).display_name not in page
    evaluation.objections.create(
        number="YY-2026-901", text="x", filed_by=stage.operators[0], filed_on=AT.date(),
        due_on=AT.date(), state="upheld", decided_on=AT.date(), decided_by=stage.approver,
        amendments={"6.1.1": {"points": "50", "reason": "核对了记录"}}, answer="x",
    )  # fmt: skip
    changed = {**evaluation.result["items"]["6.1.1"], "way": "reviewed"}
    found = items.parts_of(evaluation, {"items": {"6.1.1": changed}})
    assert [row["reasons"] for part in found for row in part["rows"]] == [["核对了记录"]]


def assessed() -> tuple[own.Stage, Attachment]:
    """A round in its notice whose facility has looked at itself, with a photo to one item."""
    stage = own.drawn()
    operator, clerk = actor(stage.operators[0]), actor(stage.clerk)
    actions.start_round(stage.again(), by=actor(stage.approver), at=AT)
    found = SelfAssessment.objects.get(evaluation=stage.evaluation())
    said = {
        code: {"points": given["points"], "is_met": given.get("is_met"), "text": f"自评{code}"}
        for code, given in own.marks("1").items()
    }
    actions.save_self_assessment(found, said, by=operator, at=AT)
    photo = actions.attach_self_evidence(
        found, "6.1.1", attachments.inspected(makers.jpeg()), by=operator, at=AT
    )
    actions.submit_self_assessment(found, "示例", by=operator, at=AT)
    actions.open_scoring(stage.again(), by=clerk, at=AT)
    for seat in stage.seats:
        actions.pledge(seat, own.PLEDGE, by=actor(stage.user(seat)), at=AT)
    low = {"points": Decimal(50), "reason": "没有看到名册"}
    own.score_all(stage, {0: own.marks("1", _6_1_1=low)})
    actions.open_scores(stage.again(), by=clerk, at=AT)
    actions.send_facts(stage.again(), by=clerk, at=AT)
    later = AT + 10 * own.DAY
    text = own.pass_gate(
        actions.propose_notice(stage.again(), by=clerk, at=later), stage.approver, at=later
    )
    actions.announce(stage.again(), text, by=Actor.calendar(), at=later)
    stage.again()
    return stage, photo


@pytest.mark.proves("prod:I11", "diff:27")
def test_who_looks_at_it_again_reads_what_was_given_and_what_the_facility_showed(
    settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(AT, tick=False):
        stage, photo = assessed()
    at = AT + 11 * own.DAY
    filed = actions.file_objection(
        stage.evaluation(), "少看了名册", by=actor(stage.operators[0]), at=at, token=uuid.uuid4()
    )
    for _ in range(3):
        own.evaluator("parent")
    panel = actions.assign_objection(filed, by=actor(stage.clerk), at=at)
    with time_machine.travel(at, tick=False):
        for member in panel.members.all():
            page = read_by(member, filed.number)
            for words in ("没有看到名册", "自评6.1.1", f"总分 {stage.evaluation().total} 分"):
                assert words in page
            file = reverse("core:attachment", args=[photo.pk])
            assert file in page
            answer = signed_in(member).get(file)
            assert (answer.status_code, bool(answer.getvalue())) == (200, True)
            for seat in stage.seats:
                assert stage.user(seat).display_name not in page


def signed_in(member: PanelMember) -> Client:
    reader = Client()
    reader.force_login(User.objects.get(pk=member.evaluator.user_id))
    return reader


def read_by(member: PanelMember, number: str) -> str:
    answer = signed_in(member).get(reverse("panel:objection", args=[number]))
    assert answer.status_code == 200
    return escaping.unescape(answer.content.decode())
