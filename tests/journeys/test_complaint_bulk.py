"""Many cases at once: chosen in the list, effects shown, each dealt with by its own right."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from complaints import actions
from complaints.models import Complaint
from portal.core import clock, outbox
from portal.core.models import AuditEvent, Notification, User
from portal.core.roles import Role
from tests import makers
from tests.complaints import makers as make

pytestmark = pytest.mark.django_db
AT = makers.AT


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(act: str, *cases: Any, more: str = "") -> str:
    picks = "".join(f"&pick={getattr(case, 'pk', case)}" for case in cases)
    return f"{reverse('desk:complaints_bulk')}?act={act}{picks}{more}"


@pytest.mark.proves("prod:K10")
def test_assigning_names_what_it_skips_and_what_was_refused() -> None:
    new, old = make.handler(), make.handler()
    free, other = make.complaint(), make.accepted(old)
    his, over = make.accepted(new), make.closed(old, makers.approver())
    tied = make.complaint()
    actions.declare_tie("示例", complaint=tied, by=make.actor(new), at=AT)
    client = signed_in(makers.approver())
    address = page("assign", free, other, his, over, tied)
    shown = client.get(address)
    assert {case.pk for case in shown.context["ready"]} == {free.pk, other.pk, his.pk, tied.pk}
    assert "跳过 1 件" in shown.content.decode()
    assert "改由这位承办人办理" in shown.content.decode()
    assert not AuditEvent.objects.filter(act="complaint.assign", object_id=free.pk).exists()
    answer = client.post(address, {"handler": new.pk})
    report = answer.context["report"]
    assert {case.pk for case in report.done} == {free.pk, other.pk}
    why = {case.pk: text for case, text in report.left}
    assert set(why) == {his.pk, over.pk, tied.pk}
    assert why[his.pk] == "已经由他承办"
    assert "不能交给他" in why[tied.pk]
    assert "没有办 3 件" in answer.content.decode()
    assert set(Complaint.objects.filter(handler=new)) == {free, other, his}
    outbox.drain(AT)
    told = Notification.objects.filter(kind="complaint.assigned", to=new)
    assert told.count() == 2
    assert "请选择" in client.post(address, {}).content.decode()


@pytest.mark.proves("prod:K10")
def test_reminding_reaches_the_handlers_once_a_day() -> None:
    handler = make.handler()
    taken, free = make.accepted(handler), make.complaint()
    client = signed_in(makers.approver())
    shown = client.get(page("remind", taken, free))
    assert [case.pk for case in shown.context["ready"]] == [taken.pk]
    assert "还没有承办人" in shown.content.decode()
    report = client.post(page("remind", taken, free)).context["report"]
    assert ([case.pk for case in report.done], len(report.left)) == ([taken.pk], 1)
    again = client.post(page("remind", taken)).context["report"]
    assert [text for _case, text in again.left] == ["今天已经催办过"]
    outbox.drain(AT)
    assert Notification.objects.filter(kind="complaint.pressed", to=handler).count() == 1
    nothing = client.get(page("remind", free))
    assert "选中的都不能办理这一步" in nothing.content.decode()


@pytest.mark.proves("prod:K10", "sec:W1", "prod:K2")
def test_a_red_case_is_for_the_red_lane_alone() -> None:
    red, common = make.complaint("C1"), make.complaint("C8")
    duty, second = make.duty(), make.duty()
    handler = signed_in(make.handler())
    shown = handler.get(page("assign", red, common))
    assert [case.pk for case in shown.context["ready"]] == [common.pk]
    assert red.number not in shown.content.decode()
    assert handler.get(page("assign", red)).status_code == 302
    every = handler.get(page("assign", more="&all=1&state=every"))
    assert red.pk not in {case.pk for case in every.context["ready"]}
    own = signed_in(duty)
    people = own.get(page("assign", red)).context["form"].fields["handler"].queryset
    assert set(people) == {duty, second}
    report = own.post(page("assign", red, common), {"handler": second.pk}).context["report"]
    assert [case.pk for case in report.done] == [red.pk]
    assert not Complaint.objects.filter(pk=common.pk, handler=second).exists()
    # What somebody holds in the red lane is not counted for those who do not see it.
    held = signed_in(makers.approver()).get(page("assign", common)).content.decode()
    assert "在办 1 件" not in held


def test_who_may_not_and_what_cannot_be_read() -> None:
    case = make.complaint()
    for role in (Role.CLERK, Role.AUDITOR, Role.LEADER):
        assert signed_in(makers.user(role)).get(page("remind", case)).status_code == 403
    client = signed_in(make.handler())
    for address in (page("remind", "nothing"), page("close", case), page("assign")):
        assert client.get(address).status_code == 302, address
    assert client.get(page("assign", case, "x")).status_code == 200


def test_all_within_the_filter_and_not_more_than_the_limit(settings: Any) -> None:
    here = [make.complaint("C9") for _ in range(3)]
    make.complaint("C8")
    new = make.handler()
    client = signed_in(new)
    shown = client.get(page("assign", more="&all=1&category=C9"))
    assert {case.pk for case in shown.context["ready"]} == {case.pk for case in here}
    assert "category=C9" in shown.context["back"]
    settings.BULK_LIMIT = 2
    client.post(page("assign", more="&all=1&category=C9"), {"handler": new.pk})
    assert Complaint.objects.filter(handler=new).count() == 2


def test_what_came_in_after_the_page_was_shown_is_not_touched() -> None:
    here = [make.complaint("C9") for _ in range(2)]
    new = make.handler()
    client = signed_in(new)
    address = page("assign", more="&all=1&category=C9")
    chosen = client.get(address).context["form"]["chosen"].value()
    make.complaint("C9")
    client.post(address, {"handler": new.pk, "chosen": chosen})
    assert {case.pk for case in Complaint.objects.filter(handler=new)} == {c.pk for c in here}


def test_the_list_offers_ticks_without_a_script_and_by_the_persons_rights() -> None:
    case = make.complaint()
    text = signed_in(make.handler()).get(reverse("desk:complaints") + "?category=C8").content
    assert f'name="pick" value="{case.pk}"'.encode() in text
    assert b'type="hidden" name="category" value="C8"' in text
    make.complaint("C12")
    text = signed_in(makers.user(Role.AUDITOR)).get(reverse("desk:complaints")).content
    assert b'name="pick"' not in text
