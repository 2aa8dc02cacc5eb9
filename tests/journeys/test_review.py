"""A whole review through the browser's door: two officials, one operator, nobody else."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from facilities import actions
from facilities.models import CannedText, Facility, Filing
from facilities.models.choices import Proposal
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import Notification, OfficialPaper, User
from portal.core.roles import Role
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the portal's clock; it starts on Monday 23 November 2026."""

    def set_to(at: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)

    set_to(makers.AT)
    return set_to


@pytest.fixture(autouse=True)
def _monday(now: Any) -> None:
    pass


def signed_in(person: User) -> Client:
    """A browser of this person."""
    client = Client()
    client.force_login(person)
    return client


def page(name: str, filing: Filing, *more: Any) -> str:
    """The address of one of a filing's desk pages."""
    return reverse(f"desk:{name}", args=[filing.number, *more])


def text_of(response: Any) -> str:
    """What a reader sees, roughly."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def follow(client: Client, name: str, filing: Filing, data: dict[str, Any] | None = None) -> Any:
    """Open a form, send it with what it carries unseen, and read the page it leads to."""
    return client.post(page(name, filing), seen(client, name, filing) | (data or {}), follow=True)


def seen(client: Client, name: str, filing: Filing) -> dict[str, str]:
    """What the page says it showed; nothing where the act is not on offer any more."""
    context = client.get(page(name, filing)).context
    now = getattr(context.get("form"), "now", "") if context else ""
    return {"seen": now} if now else {}


def phrase(shipped: str) -> str:
    """The key of one of the phrases the portal comes with."""
    return str(CannedText.objects.get(shipped=shipped).pk)


# --- from inbox to receipt ----------------------------------------------------------------------


@pytest.mark.proves("clause:二(四)2b", "clause:附件2", "prod:B7", "prod:B9", "prod:O1", "diff:21")
def test_two_officials_bring_a_filing_into_the_register() -> None:
    clerk, approver = makers.clerk(post="卫健办经办"), makers.approver(post="分管副主任")
    filing = makers.submitted_filing()
    desk, boss = signed_in(clerk), signed_in(approver)

    inbox = text_of(desk.get(reverse("desk:home")))
    assert "审核登记" in inbox
    assert filing.number in inbox
    assert "办理" in inbox
    assert filing.number not in text_of(boss.get(reverse("desk:home")))

    taken = follow(desk, "filing_take", filing)
    assert "已开始审核" in text_of(taken)
    proposal = desk.get(page("propose", filing))
    assert "居民会看到" in text_of(proposal)
    assert "托育机构登记回执" in text_of(proposal)
    sent = follow(desk, "propose", filing, {"proposal": Proposal.REGISTER, "confirmed": "on"})
    assert "须由另一人审定" in text_of(sent)

    assert "审定登记" in text_of(boss.get(reverse("desk:home")))
    shown = text_of(boss.get(page("register", filing)))
    assert "卫健办经办" in shown
    assert filing.facility_name in shown
    done = follow(boss, "register", filing)
    assert done.redirect_chain[-1][0] == page("decided", filing)

    filing.refresh_from_db()
    paper = OfficialPaper.objects.get(noun_id=filing.pk)
    assert filing.facility is not None
    for expected in (
        filing.facility.code,
        paper.number,
        reverse("core:paper_pdf", args=[paper.pk]),
    ):
        assert expected in done.content.decode()
    assert (filing.handler, filing.proposed_by, filing.decided_by) == (clerk, clerk, approver)
    for address in ("core:paper", "core:paper_pdf", "core:paper_png"):
        assert boss.get(reverse(address, args=[paper.pk])).status_code == 200


@pytest.mark.proves("prod:B7", "prod:M3", "prod:M5")
def test_the_operator_gets_the_receipt() -> None:
    operator = makers.operator()
    makers.proposed_filing(clerk := makers.clerk())
    filing = Filing.objects.get(handler=clerk)
    Filing.objects.filter(pk=filing.pk).update(created_by=operator)
    follow(signed_in(makers.approver()), "register", filing)
    outbox.drain(makers.AT)
    assert Notification.objects.filter(to=operator, kind="filing.registered").count() == 1
    paper = OfficialPaper.objects.get(noun_id=filing.pk)
    pdf = signed_in(operator).get(reverse("core:paper_pdf", args=[paper.pk]))
    assert pdf.status_code == 200
    assert b"".join(pdf).startswith(b"%PDF")


# --- two persons --------------------------------------------------------------------------------


@pytest.mark.proves("clause:附件2", "sec:W8")
@pytest.mark.parametrize("act", ["register", "decline", "hand_back"])
def test_who_proposed_cannot_decide_even_with_both_roles(act: str) -> None:
    both = makers.user(Role.CLERK, Role.APPROVER)
    proposal = Proposal.DECLINE if act == "decline" else Proposal.REGISTER
    filing = makers.proposed_filing(both, proposal)
    client = signed_in(both)
    assert "须由另一人审定" in text_of(client.get(page("filing", filing)))
    assert page(act, filing) not in client.get(page("filing", filing)).content.decode()
    assert client.get(page(act, filing)).status_code == 403
    assert client.post(page(act, filing), {"reason": "理由"}).status_code == 403
    filing.refresh_from_db()
    assert filing.state == "proposed"
    assert filing.number not in text_of(client.get(reverse("desk:filings") + "?state=draft"))


def test_the_proposer_does_not_find_his_own_proposal_in_the_inbox() -> None:
    both = makers.user(Role.CLERK, Role.APPROVER)
    filing = makers.proposed_filing(both)
    inbox = text_of(signed_in(both).get(reverse("desk:home")))
    assert "等待他人（1）" in inbox
    assert "等待审定" in inbox
    assert filing.number in inbox


# --- hand back, decline -------------------------------------------------------------------------


def test_handed_back_with_a_reason_and_proposed_again() -> None:
    clerk, boss = makers.clerk(), signed_in(makers.approver())
    filing = makers.proposed_filing(clerk)
    empty = boss.post(page("hand_back", filing), {})
    assert empty.status_code == 200
    assert "请填写退回的理由" in text_of(empty)
    back = follow(
        boss, "hand_back", filing, {"phrase": phrase("check_again"), "reason": "营业执照名称不同"}
    )
    assert "已退回经办人" in text_of(back)
    desk = signed_in(clerk)
    shown = text_of(desk.get(page("filing", filing)))
    assert "审定人退回" in shown
    assert "营业执照名称不同" in shown
    assert "请再核对材料" in shown
    follow(desk, "propose", filing, {"proposal": "register", "confirmed": "on"})
    follow(boss, "register", filing)
    assert Facility.objects.count() == 1


@pytest.mark.proves("prod:B14", "prod:O1", "diff:21")
def test_declining_needs_a_reason_and_ends_in_a_notice() -> None:
    clerk, boss = makers.clerk(), signed_in(makers.approver())
    filing = makers.taken_filing(clerk)
    desk = signed_in(clerk)
    missing = desk.post(page("propose", filing), {"proposal": "decline"})
    assert "请填写理由或说明，或选一条常用语" in text_of(missing)
    follow(desk, "propose", filing, {"proposal": "decline", "reason": "场所不在本街道"})
    shown = boss.get(page("decline", filing))
    assert "场所不在本街道" in shown.content.decode()
    assert "不予登记告知书" in text_of(shown)
    done = follow(boss, "decline", filing, {"reason": "场所不在本街道范围内"})
    paper = OfficialPaper.objects.get(noun_id=filing.pk)
    assert paper.kind == "decline_notice"
    assert paper.number in text_of(done)
    filing.refresh_from_db()
    assert filing.state == "declined"
    assert not Facility.objects.exists()


def test_only_what_was_proposed_can_be_decided() -> None:
    boss = signed_in(makers.approver())
    wanted = makers.proposed_filing(makers.clerk(), Proposal.DECLINE)
    refused = follow(boss, "register", wanted)
    assert "经办人的意见是“不予登记”" in text_of(refused)
    wanted.refresh_from_db()
    assert wanted.state == "proposed"
    assert not Facility.objects.exists()
    other = makers.proposed_filing(makers.clerk(), Proposal.REGISTER)
    assert "经办人的意见是“准予登记”" in text_of(follow(boss, "decline", other, {"reason": "x"}))


# --- corrections --------------------------------------------------------------------------------


@pytest.fixture
def sent_back(now: Any) -> tuple[Filing, User, User]:
    """A filing the clerk sent back with two things to correct, on Tuesday 24 November."""
    operator, clerk = makers.operator(), makers.clerk()
    filing = makers.submitted_filing(operator)  # due on Monday 30 November
    desk = signed_in(clerk)
    follow(desk, "filing_take", filing)
    add = page("correction_add", filing)
    desk.post(add, {"target": "registration:uscc", "phrase": phrase("mismatch")})
    desk.post(add, {"target": "certificates:fire_certificate", "reason": "看不清"})
    now(makers.AT + dt.timedelta(days=1))
    sent = follow(signed_in(clerk), "corrections_send", filing)
    assert "已发出" in text_of(sent)
    assert "计时暂停：等待机构补正" in text_of(sent)
    filing.refresh_from_db()
    return filing, operator, clerk


@pytest.mark.proves("prod:B11", "diff:21")
def test_the_list_is_built_read_and_sent_once() -> None:
    clerk = makers.clerk()
    filing = makers.taken_filing(clerk)
    desk, add = signed_in(clerk), page("correction_add", filing)
    desk.post(add, {"target": "registration:uscc", "phrase": phrase("mismatch")})
    desk.post(add, {"target": "certificates:fire_certificate", "reason": "看不清"})
    desk.post(add, {"target": "premises", "reason": "地址要写门牌号"})
    items = {item.section: item for item in filing.corrections.all()}
    named = items["registration"].reason
    assert named.startswith("统一社会信用代码：填写的内容与材料不一致")
    gone = page("correction_remove", filing, items["premises"].pk)
    assert desk.post(gone).status_code == 303
    assert desk.post(gone).status_code == 303  # the form sent twice
    shown = text_of(desk.get(page("corrections_send", filing)))
    assert "补正 2 项" in shown
    assert "12月14日" in shown
    assert "登记报送补正通知" in shown
    assert "地址要写门牌号" not in shown
    follow(desk, "corrections_send", filing)
    assert "不用再办理这一步" in text_of(follow(desk, "corrections_send", filing))
    assert OfficialPaper.objects.filter(kind="correction_notice").count() == 1


@pytest.mark.proves("prod:B13", "diff:7")
def test_a_correction_stops_the_clock(sent_back: tuple[Filing, User, User]) -> None:
    filing, _operator, clerk = sent_back
    assert (filing.state, filing.paused_on) == ("correction", dt.date(2026, 11, 24))
    assert filing.correction_due == dt.date(2026, 12, 15)
    inbox = text_of(signed_in(clerk).get(reverse("desk:home")))
    assert "等待他人（1）" in inbox
    assert "计时暂停：等待机构补正" in inbox


@pytest.mark.proves("prod:B12", "diff:10", "ux:16")
def test_what_comes_back_shows_old_beside_new(
    sent_back: tuple[Filing, User, User], now: Any
) -> None:
    filing, operator, clerk = sent_back
    now(later := makers.AT + dt.timedelta(days=9))  # Wednesday 2 December
    by = Actor.person(operator)
    section = filing.sections.get(key="registration")
    answers = {**section.answers, "manager": "另一位负责人"}
    actions.save_section(
        filing, "registration", answers, answers, version=section.version, by=by, at=later
    )
    makers.give(filing, "staff_proof", at=later)
    again = actions.submit_filing(filing, "示例负责人", makers.DECLARATION, by=by, at=later)
    # Four working days were left on 24 November; they run on from 2 December.
    assert (again.state, again.answer_due) == ("submitted", dt.date(2026, 12, 8))

    desk = signed_in(clerk)
    assert "复核补正" in text_of(desk.get(reverse("desk:home")))
    follow(desk, "filing_take", filing)
    review = text_of(desk.get(page("filing", filing)))
    assert "已修改，原来是： 示例负责人" in review
    assert "另一位负责人" in review
    assert "与上次相比改了 1 处" in review
    assert "与上次相同" in review
    assert "第 1 次提交后要求补正" in review


def test_an_empty_list_is_not_sent() -> None:
    clerk = makers.clerk()
    filing = makers.taken_filing(clerk)
    answer = follow(signed_in(clerk), "corrections_send", filing)
    assert "补正清单还是空的" in text_of(answer)
    filing.refresh_from_db()
    assert filing.state == "in_review"


@pytest.mark.proves("ux:12")
def test_what_was_typed_wrong_is_kept() -> None:
    clerk = makers.clerk()
    filing = makers.taken_filing(clerk)
    client = signed_in(clerk)
    answer = client.post(page("correction_add", filing), {"target": "", "reason": "门牌号不对"})
    assert answer.status_code == 200
    assert "请选择哪一项需要补正" in text_of(answer)
    assert "门牌号不对" in answer.content.decode()
    forged = client.post(page("correction_add", filing), {"target": "owner:x", "reason": "x"})
    assert forged.status_code == 200
    assert not filing.corrections.exists()
    long = client.post(page("correction_add", filing), {"target": "premises", "reason": "长" * 251})
    assert "最多 250 个字，现在多了 1 个字" in text_of(long)


def test_a_list_that_changed_meanwhile_is_shown_again() -> None:
    clerk, other = makers.clerk(), makers.clerk()
    filing = makers.taken_filing(clerk)
    desk, colleague = signed_in(clerk), signed_in(other)
    desk.post(page("correction_add", filing), {"target": "premises", "reason": "写门牌号"})
    form = desk.get(page("corrections_send", filing)).context["form"]
    colleague.post(page("correction_add", filing), {"target": "premises", "reason": "写楼层"})
    answer = desk.post(page("corrections_send", filing), {"seen": form.now})
    assert "刚有变化" in text_of(answer)
    assert "写楼层" in text_of(answer)
    filing.refresh_from_db()
    assert filing.state == "in_review"
    follow(desk, "corrections_send", filing, {"seen": answer.context["form"].now})
    filing.refresh_from_db()
    assert filing.state == "correction"


# --- twice, and two at once ---------------------------------------------------------------------


@pytest.mark.proves("sec:W11")
def test_every_form_may_be_sent_twice() -> None:
    clerk = makers.clerk()
    filing = makers.submitted_filing()
    desk, boss = signed_in(clerk), signed_in(makers.approver())
    follow(desk, "filing_take", filing)
    assert "不用再办理这一步" in text_of(follow(desk, "filing_take", filing))
    line = {"target": "premises", "reason": "写门牌号"}
    desk.post(page("correction_add", filing), line)
    desk.post(page("correction_add", filing), line)
    assert filing.corrections.count() == 1
    follow(desk, "propose", filing, {"proposal": "register", "confirmed": "on"})
    assert "不用再办理这一步" in text_of(
        follow(desk, "propose", filing, {"proposal": "register", "confirmed": "on"})
    )
    follow(boss, "register", filing)
    assert "不用再办理这一步" in text_of(follow(boss, "register", filing))
    assert Facility.objects.count() == OfficialPaper.objects.count() == 1


@pytest.mark.proves("sec:W7")
def test_the_slower_official_is_told() -> None:
    filing = makers.submitted_filing()
    first, second = makers.clerk(), makers.clerk()
    follow(signed_in(first), "filing_take", filing)
    late = follow(signed_in(second), "filing_take", filing)
    assert "这条记录现在是“审核中”，不用再办理这一步" in text_of(late)
    filing.refresh_from_db()
    assert filing.handler == first


def test_a_proposal_made_anew_is_shown_before_it_is_decided() -> None:
    clerk, approver = makers.clerk(), makers.approver()
    filing = makers.proposed_filing(clerk)
    boss = signed_in(approver)
    seen = boss.get(page("register", filing)).context["form"].now
    by = Actor.person(clerk)
    actions.hand_back_filing(filing, "再看", by=Actor.person(makers.approver()), at=makers.AT)
    later = makers.AT + dt.timedelta(minutes=5)
    actions.propose_decision(filing, Proposal.REGISTER, "", by=by, at=later)
    answer = boss.post(page("register", filing), {"seen": seen})
    assert "刚有变化" in text_of(answer)
    assert not Facility.objects.exists()


@pytest.mark.proves("prod:B18")
def test_a_credit_code_in_the_register_is_said_in_a_sentence() -> None:
    code = makers.uscc()
    first = makers.facility(uscc=code)
    filing = makers.proposed_filing(makers.clerk(), registration={"uscc": code})
    boss = signed_in(makers.approver())
    assert first.code in text_of(boss.get(page("filing", filing)))
    answer = boss.post(page("register", filing), seen(boss, "register", filing))
    assert answer.status_code == 200
    assert f"{code} 已登记为“{first.name}”" in text_of(answer)
    filing.refresh_from_db()
    assert filing.state == "proposed"
