"""Verdicts, phrases, twins, and decisions about what was read: the acts of a review in depth."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from facilities import actions
from facilities.models import CannedText, CorrectionItem, Filing, ReviewVerdict
from facilities.models.choices import Proposal
from facilities.models.review import Verdict
from facilities.queries.duplicates import Reason, twins
from facilities.queries.phrases import phrases_for
from facilities.workflow import OperatingStatus
from portal.core import outbox
from portal.core.actors import Actor
from portal.core.models import Notification
from portal.core.queries import in_force
from portal.core.workflow import FactMissing
from tests import makers

pytestmark = pytest.mark.django_db
AT = makers.AT
LATER = AT + dt.timedelta(hours=1)


def say(filing: Filing, by: Any, section: str, verdict: str, note: str = "", item: str = "") -> Any:
    return actions.give_verdict(filing, section, item, verdict, note, by=Actor.person(by), at=AT)


# --- verdicts -------------------------------------------------------------------------------------


@pytest.mark.proves("diff:10")
def test_one_verdict_an_item_and_round_the_last_word_counts() -> None:
    filing = makers.taken_filing(clerk := makers.clerk())
    say(filing, clerk, "premises", Verdict.PASS)
    say(filing, clerk, "premises", Verdict.VISIT, "看疏散通道")
    kept = ReviewVerdict.objects.get(filing=filing)
    assert (kept.verdict, kept.note, kept.by) == (Verdict.VISIT, "看疏散通道", clerk)


@pytest.mark.proves("prod:B11", "diff:10")
def test_to_correct_puts_the_reason_on_the_list_once() -> None:
    filing = makers.taken_filing(clerk := makers.clerk())
    for _ in range(2):
        say(filing, clerk, "certificates", Verdict.CORRECT, "看不清", "fire_certificate")
    item = CorrectionItem.objects.get(filing=filing)
    assert (item.section, item.item, item.reason) == ("certificates", "fire_certificate", "看不清")
    with pytest.raises(FactMissing):
        say(filing, clerk, "premises", Verdict.CORRECT)


def test_an_item_on_the_list_cannot_pass_until_the_line_is_taken_off() -> None:
    filing = makers.taken_filing(clerk := makers.clerk())
    by = Actor.person(clerk)
    line = actions.add_correction(filing, "premises", "address", "补门牌号", by=by, at=AT)
    assert filing.verdicts.get().verdict == Verdict.CORRECT
    with pytest.raises(actions.StillAsked):
        say(filing, clerk, "premises", Verdict.PASS)
    actions.remove_correction(line, by=by, at=AT)
    assert not filing.verdicts.exists()
    say(filing, clerk, "premises", Verdict.PASS)
    assert filing.verdicts.get().verdict == Verdict.PASS


def test_a_visit_wanted_does_not_block_the_proposal() -> None:
    filing = makers.taken_filing(clerk := makers.clerk())
    say(filing, clerk, "premises", Verdict.VISIT)
    by = Actor.person(clerk)
    done = actions.propose_decision(filing, Proposal.REGISTER, "", by=by, at=AT, unread=3)
    assert done.state == "proposed"


def test_only_a_reviewer_judges_and_never_his_own() -> None:
    operator = makers.operator()
    filing = makers.taken_filing(makers.clerk())
    for person in (operator, makers.approver(), filing.created_by):
        with pytest.raises(PermissionDenied):
            say(filing, person, "premises", Verdict.PASS)
    assert not ReviewVerdict.objects.exists()


def test_the_handler_hears_that_somebody_else_noted() -> None:
    handler, other = makers.clerk(), makers.clerk()
    filing = makers.taken_filing(handler)
    say(filing, other, "premises", Verdict.PASS)
    say(filing, other, "registration", Verdict.PASS)
    say(filing, handler, "registration", Verdict.PASS)
    outbox.drain(AT)
    told = Notification.objects.filter(kind="filing.noted")
    assert [message.to for message in told] == [handler]


# --- decisions about what was read ----------------------------------------------------------------


@pytest.mark.parametrize("act", ["register", "decline", "hand_back"])
def test_a_decision_about_another_proposal_is_refused_under_the_lock(act: str) -> None:
    clerk, approver = makers.clerk(), Actor.person(makers.approver())
    proposal = Proposal.DECLINE if act == "decline" else Proposal.REGISTER
    filing = makers.proposed_filing(clerk, proposal)
    seen = actions.proposal_version(filing)
    other = Actor.person(makers.approver())
    actions.hand_back_filing(filing, "再核对", by=other, at=AT)
    actions.propose_decision(filing, proposal, "换了理由", by=Actor.person(clerk), at=LATER)
    do: Any = getattr(actions, f"{act}_filing")
    reason = () if act == "register" else ("理由",)
    with pytest.raises(actions.Changed) as changed:
        do(filing, *reason, by=approver, at=LATER, seen=seen)
    filing.refresh_from_db()
    assert filing.state == "proposed"
    do(filing, *reason, by=approver, at=LATER, seen=changed.value.now)
    filing.refresh_from_db()
    assert filing.state != "proposed"


def test_a_list_that_grew_is_not_sent_unread() -> None:
    filing = makers.taken_filing(clerk := makers.clerk())
    by = Actor.person(clerk)
    first = actions.add_correction(filing, "premises", "", "一", by=by, at=AT)
    seen = actions.list_version(filing, [first])
    actions.add_correction(filing, "premises", "", "二", by=Actor.person(makers.clerk()), at=AT)
    with pytest.raises(actions.Changed):
        actions.request_correction(filing, by=by, at=AT, seen=seen)
    filing.refresh_from_db()
    assert filing.state == "in_review"
    now = actions.list_version(filing, filing.corrections.order_by("id"))
    assert actions.request_correction(filing, by=by, at=AT, seen=now).state == "correction"


# --- phrases --------------------------------------------------------------------------------------

VALUES = {"text": "请重新拍照", "section": "any", "order": 5, "is_own": False, "is_active": True}


def test_phrases_that_came_with_the_portal_are_loaded_once_and_never_over_an_edit() -> None:
    clerk = makers.clerk()
    assert CannedText.objects.exclude(shipped="").count() >= 12
    phrase = CannedText.objects.get(shipped="stamp")
    actions.keep_phrase(phrase, {**VALUES, "is_active": False}, by=Actor.person(clerk), at=AT)
    CannedText.objects.filter(shipped="fill").delete()
    assert actions.load_phrases() == 1
    assert actions.load_phrases() == 0
    phrase.refresh_from_db()
    assert (phrase.text, phrase.is_active) == ("请重新拍照", False)


def test_own_phrases_are_offered_to_their_owner_only() -> None:
    mine, other = makers.clerk(), makers.clerk()
    actions.keep_phrase(None, {**VALUES, "is_own": True}, by=Actor.person(mine), at=AT)
    assert "请重新拍照" in [text for _key, _use, text in phrases_for(mine, "any")]
    assert "请重新拍照" not in [text for _key, _use, text in phrases_for(other, "any")]
    assert phrases_for(makers.operator(), "any") == []
    with pytest.raises(actions.PhraseExists):
        actions.keep_phrase(None, {**VALUES, "is_own": True}, by=Actor.person(mine), at=AT)


# --- twins ----------------------------------------------------------------------------------------


def reasons(filing: Filing) -> dict[str, set[Reason]]:
    law, clerk = in_force(AT.date()), makers.clerk()
    answers = filing.submissions.latest("round").answers
    return {twin.number: set(twin.reasons) for twin in twins(filing, clerk, law, answers)}


@pytest.mark.proves("prod:B18")
def test_twins_by_code_name_address_and_persons() -> None:
    registration = {"facility_name": "大风车托育园", "short_name": "大风车"}
    place = {"address": "河南省舞钢市寺坡街道垭口路9号"}
    same_name = makers.submitted_filing(
        registration={"facility_name": "舞钢市大风车托育服务有限公司", "short_name": ""},
        premises={"address": "别处1号"},
    )
    near = makers.facility(facility_name="大风车乐托育中心", short_name="")
    same_place = makers.submitted_filing(
        registration={"facility_name": "蓝天托育园", "short_name": ""},
        premises={"address": "垭口路９号"},
    )
    stranger = makers.submitted_filing(
        registration={"facility_name": "月亮湾托育园", "short_name": ""},
        premises={"address": "远处7号"},
    )
    people = makers.submitted_filing(
        registration={"facility_name": "向日葵托育园", "short_name": ""},
        premises={"address": "远处8号"},
    )
    Filing.objects.filter(pk=people.pk).update(person_keys=["k1", "k2"])
    filing = makers.submitted_filing(registration=registration, premises=place)
    filing.person_keys = ["k2", "k3"]
    found = reasons(filing)
    assert found[same_name.number] == {Reason.NAME}
    assert found[near.code] == {Reason.NEAR_NAME}
    assert found[same_place.number] == {Reason.ADDRESS}
    assert found[people.number] == {Reason.PERSONS}
    assert stranger.number not in found


@pytest.mark.proves("prod:B18")
def test_a_closed_facility_at_the_same_place_is_shown_as_closed() -> None:
    closed = makers.facility(facility_name="旧日托育园", short_name="")
    closed.operating = OperatingStatus.CLOSED
    closed.save()
    filing = makers.submitted_filing(registration={"facility_name": "新芽托育园", "short_name": ""})
    law, answers = in_force(AT.date()), filing.submissions.get().answers
    found = {t.number: t for t in twins(filing, makers.clerk(), law, answers)}
    assert Reason.ADDRESS in found[closed.code].reasons
    assert found[closed.code].status == "已停办"
