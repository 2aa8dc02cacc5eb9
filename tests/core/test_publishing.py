"""The gate: two persons, no number of a person, nothing changed once public, a trace when gone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, IntegrityError, transaction

from portal.core import outbox, publishing
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Notification, Publication, User
from portal.core.papers import content
from portal.core.workflow import FactMissing, NotAllowed, TransitionNotOpen
from tests import makers

pytestmark = pytest.mark.django_db
AT = makers.AT
PHONE = "13800000001"


@pytest.fixture
def facility() -> Any:
    return makers.facility()


@pytest.fixture
def clerk() -> User:
    return makers.clerk()


@pytest.fixture
def approver() -> User:
    return makers.approver()


def body(text: str = "托位 35 个。") -> list[dict[str, Any]]:
    return [content.facts([("名称", "小太阳")]), content.paragraph(text)]


def propose(facility: Any, clerk: User, text: str = "托位 35 个。", **more: Any) -> Publication:
    return publishing.propose_publication(
        "sample", facility, title="示例公示", body=body(text), by=Actor.person(clerk), at=AT,
        party=facility.code, **more,
    )  # fmt: skip


def publish(made: Publication, person: User) -> Publication:
    return publishing.publish(made, by=Actor.person(person), at=AT)


# --- the second person ----------------------------------------------------------------------------


@pytest.mark.proves("diff:15")
def test_two_persons_make_it_public(facility: Any, clerk: User, approver: User) -> None:
    made = propose(facility, clerk)
    assert made.state == "proposed"
    assert not Publication.objects.standing(AT.date()).filter(pk=made.pk).exists()
    done = publish(made, approver)
    assert (done.state, done.published_on, done.decided_by) == ("published", AT.date(), approver)
    assert Publication.objects.standing(AT.date()).filter(pk=made.pk).exists()


def test_nobody_publishes_what_he_proposed(facility: Any) -> None:
    both = makers.user("clerk", "approver")
    made = propose(facility, both)
    with pytest.raises(NotAllowed):
        publish(made, both)
    assert AuditEvent.objects.filter(act="publication.publish.refused").exists()
    made.decided_by = both
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save()


def test_a_clerk_alone_publishes_nothing(facility: Any, clerk: User) -> None:
    with pytest.raises(NotAllowed):
        publish(propose(facility, clerk), makers.clerk())


def test_who_rewords_it_proposes_it(facility: Any, clerk: User) -> None:
    both = makers.user("clerk", "approver")
    made = propose(facility, clerk)
    made = publishing.revise_publication(
        made, title="新的标题", body=body("改过。"), by=Actor.person(both), at=AT
    )
    assert made.proposed_by == both
    with pytest.raises(NotAllowed):
        publish(made, both)


def test_what_was_read_is_what_is_published(facility: Any, clerk: User, approver: User) -> None:
    made = propose(facility, clerk)
    seen = made.content_sha256
    made = publishing.revise_publication(
        made, title="示例公示", body=body("改过。"), by=Actor.person(clerk), at=AT
    )
    with pytest.raises(publishing.ContentChanged):
        publishing.publish(made, by=Actor.person(approver), at=AT, seen=seen)


def test_handed_back_with_a_reason_and_proposed_again(
    facility: Any, clerk: User, approver: User
) -> None:
    made = propose(facility, clerk)
    with pytest.raises(FactMissing):
        publishing.hand_back_publication(made, "", by=Actor.person(approver), at=AT)
    back = publishing.hand_back_publication(made, "请核对", by=Actor.person(approver), at=AT)
    assert (back.state, back.decision_reason) == ("handed_back", "请核对")
    with pytest.raises(TransitionNotOpen):
        publish(back, approver)
    again = propose(facility, clerk, "核对过。")
    assert (again.pk, again.state, again.decision_reason) == (made.pk, "proposed", "")
    moved = AuditEvent.objects.get(act="publication.revise", object_id=str(made.pk))
    assert (moved.detail["source"], moved.detail["target"]) == ("handed_back", "proposed")
    publish(again, approver)


# --- the scan -------------------------------------------------------------------------------------


@pytest.mark.proves("diff:15")
def test_a_text_with_a_phone_number_is_stopped(facility: Any, clerk: User, approver: User) -> None:
    made = propose(facility, clerk, f"请联系 {PHONE}。")
    with pytest.raises(publishing.FindingsStand):
        publish(made, approver)
    made.refresh_from_db()
    assert made.state == "proposed"
    assert PHONE not in str(made.findings)
    key = made.findings[0]["key"]
    with pytest.raises(publishing.FindingIsCertain):
        publishing.put_aside(made, key, "没有关系", by=Actor.person(approver), at=AT)
    changed = publishing.revise_publication(
        made, title=made.title, body=body("请联系街道。"), by=Actor.person(clerk), at=AT
    )
    assert publish(changed, approver).state == "published"


def test_a_public_number_does_not_stop_it(facility: Any, clerk: User, approver: User) -> None:
    made = propose(facility, clerk, f"请联系 {PHONE}。", public_numbers=[PHONE])
    assert publish(made, approver).state == "published"


def test_a_hint_is_put_aside_with_a_reason_that_stays(
    facility: Any, clerk: User, approver: User
) -> None:
    made = propose(facility, clerk, "幼儿王小明活动室")
    with pytest.raises(publishing.FindingsStand):
        publish(made, approver)
    key = made.findings[0]["key"]
    with pytest.raises(FactMissing):
        publishing.put_aside(made, key, "", by=Actor.person(approver), at=AT)
    with pytest.raises(NotAllowed):  # not the hints in his own text
        publishing.put_aside(made, key, "是活动室的名称", by=Actor.person(clerk), at=AT)
    publishing.put_aside(made, key, "是活动室的名称", by=Actor.person(makers.clerk()), at=AT)
    done = publish(made, approver)
    assert done.put_aside[0]["reason"] == "是活动室的名称"


def test_a_hint_put_aside_stands_again_in_another_text(
    facility: Any, clerk: User, approver: User
) -> None:
    made = propose(facility, clerk, "幼儿王小明活动室")
    key = made.findings[0]["key"]
    publishing.put_aside(made, key, "是活动室的名称", by=Actor.person(approver), at=AT)
    made = propose(facility, clerk, "幼儿王小花活动室")
    assert made.findings[0]["key"] == key
    with pytest.raises(publishing.FindingsStand):
        publish(made, approver)


def test_the_table_and_the_title_are_scanned_too(facility: Any, clerk: User) -> None:
    made = publishing.propose_publication(
        "sample", facility, title=f"公示 {PHONE}",
        body=[content.facts([("负责人", f"电话{PHONE}")]), content.items([PHONE])],
        by=Actor.person(clerk), at=AT,
    )  # fmt: skip
    assert [found["place"] for found in made.findings] == ["title", "1.1", "2.1"]


# --- versions -------------------------------------------------------------------------------------


def test_the_same_text_is_proposed_once(facility: Any, clerk: User, approver: User) -> None:
    made = propose(facility, clerk)
    assert propose(facility, clerk).pk == made.pk
    publish(made, approver)
    assert propose(facility, clerk).pk == made.pk


@pytest.mark.proves("prod:I13")
def test_what_was_public_is_frozen_and_a_change_is_the_next_version(
    facility: Any, clerk: User, approver: User
) -> None:
    first = publish(propose(facility, clerk), approver)
    second = propose(facility, clerk, "托位 40 个。")
    assert (second.version, second.pk == first.pk) == (2, False)
    assert Publication.objects.get(pk=first.pk).state == "published"  # until the second stands
    publish(second, approver)
    first.refresh_from_db()
    assert (first.state, first.body) == ("replaced", body())
    for change in ({"body": body("改了")}, {"title": "改了"}, {"published_on": None}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Publication.objects.filter(pk=first.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        first.delete()


def test_a_period_ends_by_itself(facility: Any, clerk: User, approver: User) -> None:
    done = publish(propose(facility, clerk, display_days=10), approver)
    last = AT.date() + dt.timedelta(days=10)
    assert done.until == last
    assert Publication.objects.standing(last).filter(pk=done.pk).exists()
    next_day = last + dt.timedelta(days=1)
    assert not Publication.objects.standing(next_day).filter(pk=done.pk).exists()


# --- the trace ------------------------------------------------------------------------------------


def test_withdrawn_with_reason_and_trace(facility: Any, clerk: User, approver: User) -> None:
    done = publish(propose(facility, clerk), approver)
    with pytest.raises(FactMissing):
        publishing.withdraw_publication(done, "", by=Actor.person(clerk), at=AT)
    gone = publishing.withdraw_publication(done, "有误", by=Actor.person(clerk), at=AT)
    assert (gone.state, gone.withdrawn_on, gone.withdrawn_by) == ("withdrawn", AT.date(), clerk)
    assert not Publication.objects.standing(AT.date()).filter(pk=gone.pk).exists()
    acts = list(publishing.log().filter(object_id=str(gone.pk)).values_list("act", flat=True))
    assert acts == ["publication.withdraw", "publication.publish", "publication.propose"]


def test_the_trail_holds_no_word_of_the_text(facility: Any, clerk: User, approver: User) -> None:
    made = propose(facility, clerk, f"请联系 {PHONE}。")
    lines = AuditEvent.objects.filter(object_id=str(made.pk))
    assert lines
    assert not [
        line for line in lines if PHONE in str(line.detail) or "示例公示" in str(line.detail)
    ]


def test_the_people_are_told(facility: Any, clerk: User, approver: User) -> None:
    made = propose(facility, clerk)
    outbox.drain(AT)
    told = Notification.objects.filter(kind="publication.proposed", to=approver)
    assert [message.title for message in told] == ["待公示：示例公示"]
    publish(made, approver)
    outbox.drain(AT)
    assert Notification.objects.filter(kind="publication.published", to=clerk).count() == 1


def test_whoever_sees_the_noun_sees_its_publications(facility: Any, clerk: User) -> None:
    made = propose(facility, clerk)
    hubin = makers.user("community", community=makers.community("hubin"))
    assert Publication.objects.visible_to(clerk).filter(pk=made.pk).exists()
    assert not Publication.objects.visible_to(hubin).filter(pk=made.pk).exists()
    assert not Publication.objects.visible_to(makers.operator()).filter(pk=made.pk).exists()
    assert made.noun_type == ContentType.objects.get_for_model(facility)
