"""Who works for a facility: by a code, by asking; what an editor may not; the last manager."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from facilities import actions
from facilities.models import Facility, Filing, Invitation, JoinRequest, Membership
from facilities.queries.leads import known_by_code
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Notification, User
from portal.core.permissions import can
from portal.core.workflow import NotAllowed, TransitionNotOpen
from tests import makers as make

pytestmark = pytest.mark.django_db
AT = make.AT
person = Actor.person


@pytest.fixture
def facility():
    return make.facility()


@pytest.fixture
def manager(facility):
    return facility.memberships.get().user


def editor_of(facility, manager):
    someone = make.operator()
    _made, code = actions.invite(facility, "editor", by=person(manager), at=AT)
    actions.join_by_code(code, by=person(someone), at=AT)
    return someone


def titles(user):
    outbox.drain(AT)
    return list(Notification.objects.filter(to=user).values_list("title", flat=True))


# --- invited ------------------------------------------------------------------------------------


def test_a_code_makes_one_person_a_member_once(facility, manager):
    made, code = actions.invite(facility, "editor", by=person(manager), at=AT)
    assert code not in str(made.__dict__)
    first, second = make.operator(), make.operator()
    member = actions.join_by_code(code.lower(), by=person(first), at=AT)
    assert (member.role, member.since) == ("editor", clock.day_of(AT))
    assert actions.join_by_code(code, by=person(first), at=AT) == member
    with pytest.raises(actions.NoSuchInvitation):
        actions.join_by_code(code, by=person(second), at=AT)
    assert f"{facility.name}有新成员加入" in titles(manager)
    assert code not in "".join(str(line.detail) for line in AuditEvent.objects.all())


def test_a_code_ends_with_its_last_day(facility, manager):
    _made, code = actions.invite(facility, "editor", by=person(manager), at=AT)
    late = AT + dt.timedelta(days=8)
    with pytest.raises(actions.NoSuchInvitation):
        actions.join_by_code(code, by=person(make.operator()), at=late)
    actions.join_by_code(code, by=person(make.operator()), at=late - dt.timedelta(days=1))


def test_a_code_taken_back_does_not_work(facility, manager):
    made, code = actions.invite(facility, "manager", by=person(manager), at=AT)
    actions.take_back_invitation(made, by=person(manager), at=AT)
    with pytest.raises(actions.NoSuchInvitation):
        actions.join_by_code(code, by=person(make.operator()), at=AT)


def test_who_is_a_member_already_does_not_use_up_a_code(facility, manager):
    made, code = actions.invite(facility, "editor", by=person(manager), at=AT)
    assert actions.join_by_code(code, by=person(manager), at=AT).role == "manager"
    made.refresh_from_db()
    assert made.ended_at is None


def test_only_so_many_codes_stand_open(facility, manager):
    for _ in range(5):
        actions.invite(facility, "editor", by=person(manager), at=AT)
    with pytest.raises(actions.TooManyInvitations):
        actions.invite(facility, "editor", by=person(manager), at=AT)
    assert actions.invite(facility, "editor", by=person(manager), at=AT + dt.timedelta(days=8))


def test_an_editor_and_a_clerk_do_not_invite(facility, manager):
    for someone in (editor_of(facility, manager), make.clerk(), make.operator()):
        with pytest.raises(PermissionDenied):
            actions.invite(facility, "editor", by=person(someone), at=AT)


# --- asking -------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False])
def test_the_answer_is_the_same_whether_the_code_is_known(client, facility, known):
    client.force_login(make.operator())
    code = facility.uscc if known else make.uscc()
    page = client.post(reverse("my:join"), {"uscc": code}, follow=True).content.decode()
    assert "申请已收到" in page
    assert facility.name not in page
    assert JoinRequest.objects.exists() == known


def test_who_asks_sees_nothing_until_somebody_admits(client, facility, manager):
    someone = make.operator()
    for _twice in range(2):
        actions.ask_to_join(facility.uscc, by=person(someone), at=AT)
    asked = JoinRequest.objects.get()
    assert not Facility.objects.visible_to(someone).exists()
    assert not JoinRequest.objects.visible_to(someone).exists()
    assert f"有人申请加入{facility.name}，请答复" in titles(manager)
    actions.admit(asked, "editor", by=person(manager), at=AT)
    assert Facility.objects.visible_to(someone).get() == facility
    assert f"您已加入{facility.name}" in titles(someone)
    with pytest.raises(TransitionNotOpen):
        actions.refuse_to_admit(asked, by=person(manager), at=AT)


def test_a_clerk_of_the_ground_answers_another_does_not(facility):
    someone = make.operator()
    actions.ask_to_join(facility.uscc, by=person(someone), at=AT)
    asked = JoinRequest.objects.get()
    elsewhere = make.clerk(community=make.community("hubin"))
    with pytest.raises(NotAllowed):
        actions.refuse_to_admit(asked, by=person(elsewhere), at=AT)
    actions.refuse_to_admit(asked, by=person(make.clerk()), at=AT)
    told = titles(someone)
    assert told == ["您加入机构的申请没有得到同意"]
    assert not Facility.objects.visible_to(someone).exists()


def test_nobody_admits_himself(facility):
    both = make.user("operator", "clerk")
    actions.ask_to_join(facility.uscc, by=person(both), at=AT)
    asked = JoinRequest.objects.get()
    with pytest.raises(NotAllowed):
        actions.admit(asked, "manager", by=person(both), at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        JoinRequest.objects.filter(pk=asked.pk).update(state="admitted", decided_by=both)


# --- parts --------------------------------------------------------------------------------------


def test_an_editor_fills_in_and_does_not_submit(facility, manager):
    editor = editor_of(facility, manager)
    filing = actions.start_change(facility, ["services"], uuid.uuid4(), by=person(manager), at=AT)
    assert can(editor, "edit", filing)
    assert not can(editor, "submit", filing)
    assert not can(editor, "withdraw", filing)
    assert can(manager, "submit", filing)
    with pytest.raises(NotAllowed):
        actions.withdraw_filing(filing, by=person(editor), at=AT)


def test_the_last_manager_stays_until_another_is_named(facility, manager):
    mine = facility.memberships.get()
    with pytest.raises(actions.LastManager):
        actions.end_membership(mine, by=person(manager), at=AT)
    with pytest.raises(actions.LastManager):
        actions.give_role(mine, "editor", by=person(manager), at=AT)
    editor = editor_of(facility, manager)
    theirs = Membership.objects.get(user=editor)
    actions.give_role(theirs, "manager", by=person(manager), at=AT)
    actions.end_membership(mine, by=person(manager), at=AT)
    mine.refresh_from_db()
    assert mine.left_on == clock.day_of(AT)
    assert not Facility.objects.visible_to(manager).exists()
    assert f"{facility.name}有成员离开" in titles(editor)


def test_an_editor_leaves_by_himself_and_removes_nobody(facility, manager):
    editor = editor_of(facility, manager)
    with pytest.raises(PermissionDenied):
        actions.end_membership(Membership.objects.get(user=manager), by=person(editor), at=AT)
    with pytest.raises(PermissionDenied):
        actions.give_role(Membership.objects.get(user=editor), "manager", by=person(editor), at=AT)
    actions.end_membership(Membership.objects.get(user=editor), by=person(editor), at=AT)
    assert Membership.objects.filter(user=editor, left_on=None).count() == 0


def test_a_clerk_names_a_manager_at_the_counter(client, facility, manager):
    editor = editor_of(facility, manager)
    member = Membership.objects.get(user=editor)
    client.force_login(make.clerk())
    client.post(reverse("desk:member_change", args=[member.pk]), {"act": "manager"})
    member.refresh_from_db()
    assert member.role == "manager"
    page = client.get(reverse("desk:members", args=[facility.code])).content.decode()
    assert str(editor) in page


def left(facility, manager, *, role="manager"):
    """Somebody who worked for the facility, and what he had begun for it before he left."""
    _made, code = actions.invite(facility, role, by=person(manager), at=AT)
    someone = make.operator()
    member = actions.join_by_code(code, by=person(someone), at=AT)
    filing = actions.start_change(facility, ["services"], uuid.uuid4(), by=person(someone), at=AT)
    actions.end_membership(member, by=person(manager), at=AT)
    return someone, filing


def test_who_left_has_no_part_in_what_he_had_begun(client, facility, manager):
    someone, filing = left(facility, manager)
    filing = Filing.objects.get(pk=filing.pk)
    assert not Filing.objects.visible_to(someone).exists()
    assert not any(can(someone, act, filing) for act in ("edit", "submit", "withdraw"))
    assert can(manager, "submit", filing)
    with pytest.raises(NotAllowed):
        actions.withdraw_filing(filing, by=person(someone), at=AT)
    client.force_login(someone)
    assert client.get(reverse("my:filing", args=[filing.number])).status_code in {403, 404}


def test_who_left_does_not_take_back_a_granted_closure_he_had_begun(facility, manager):
    mine = facility.memberships.get()
    closure = make.granted(make.closure_filing(facility))
    editor = editor_of(facility, manager)
    theirs = Membership.objects.get(user=editor)
    actions.give_role(theirs, "manager", by=person(manager), at=AT)
    actions.end_membership(mine, by=person(manager), at=AT)
    with pytest.raises(NotAllowed):
        actions.revoke_closure(closure, by=person(manager), at=AT)
    actions.revoke_closure(closure, by=person(editor), at=AT)


def test_a_correction_reaches_the_members_and_not_who_left(facility, manager):
    closure = make.closure_filing(facility)
    clerk = person(make.clerk())
    editor = editor_of(facility, manager)
    actions.give_role(Membership.objects.get(user=editor), "manager", by=clerk, at=AT)
    actions.end_membership(Membership.objects.get(user=manager), by=clerk, at=AT)
    closure = actions.take_filing(closure, by=clerk, at=AT)
    actions.add_correction(closure, "closure", "", "请补充安置方案", by=clerk, at=AT)
    actions.request_correction(closure, by=clerk, at=AT)
    words = f"登记报送 {closure.number} 需要补充材料，请按补正通知修改"
    assert words in titles(editor)
    assert words not in titles(manager)


def test_a_line_that_has_ended_is_given_no_other_part(facility, manager):
    editor = editor_of(facility, manager)
    member = Membership.objects.get(user=editor)
    actions.end_membership(member, by=person(manager), at=AT)
    with pytest.raises(PermissionDenied):
        actions.give_role(member, "manager", by=person(manager), at=AT)
    member.refresh_from_db()
    assert member.role == "editor"


def test_an_account_that_is_switched_off_is_not_the_manager_who_stays(facility, manager):
    other = editor_of(facility, manager)
    theirs = Membership.objects.get(user=other)
    actions.give_role(theirs, "manager", by=person(manager), at=AT)
    User.objects.filter(pk=other.pk).update(is_active=False)
    with pytest.raises(actions.LastManager):
        actions.end_membership(Membership.objects.get(user=manager), by=person(manager), at=AT)


def test_asking_reaches_the_record_that_lives_and_not_the_closed_one(facility, manager):
    Facility.objects.filter(pk=facility.pk).update(registration="cancelled", operating="closed")
    again = make.facility(uscc=facility.uscc)
    someone = make.operator()
    actions.ask_to_join(facility.uscc, by=person(someone), at=AT)
    assert JoinRequest.objects.get(user=someone).facility == again
    assert known_by_code(facility.uscc)[0] == again


@pytest.mark.django_db(transaction=True)
def test_two_codes_used_at_once_make_one_member(facility, manager):
    codes = [actions.invite(facility, "editor", by=person(manager), at=AT)[1] for _ in range(2)]
    someone, both = make.operator(), Barrier(2)

    def use(code):
        both.wait()
        try:
            return actions.join_by_code(code, by=person(someone), at=AT).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(use, codes))) == 1
    assert Membership.objects.filter(user=someone).count() == 1


# --- pages --------------------------------------------------------------------------------------


def test_the_code_is_shown_once(client, facility, manager):
    client.force_login(manager)
    page = client.post(reverse("my:invite", args=[facility.code]), {"role": "editor"})
    assert "只显示这一次" in page.content.decode()
    again = client.get(reverse("my:members")).content.decode()
    assert "只显示这一次" not in again
    assert "未使用的邀请码" in again
    made = Invitation.objects.get()
    client.post(reverse("my:invitation_end", args=[made.pk]))
    made.refresh_from_db()
    assert made.ended_at is not None


def test_an_invited_person_joins_through_the_page(client, facility, manager):
    _made, code = actions.invite(facility, "editor", by=person(manager), at=clock.now())
    client.force_login(make.operator())
    bad = client.post(reverse("my:join"), {"code": "0" * 16}).content.decode()
    assert "这个邀请码不能用" in bad
    assert "请填写邀请码" in client.post(reverse("my:join"), {}).content.decode()
    page = client.post(reverse("my:join"), {"code": code}, follow=True).content.decode()
    assert f"您已加入{facility.name}。" in page


def test_the_page_says_why_the_last_manager_cannot_leave(client, facility, manager):
    client.force_login(manager)
    mine = facility.memberships.get()
    url = reverse("my:member_change", args=[mine.pk])
    page = client.post(url, {"act": "leave"}, follow=True).content.decode()
    assert "至少要有一名负责人" in page


# --- sent twice -----------------------------------------------------------------------------------


def test_a_code_is_taken_back_once(facility, manager):
    made, _code = actions.invite(facility, "editor", by=person(manager), at=AT)
    actions.take_back_invitation(made, by=person(manager), at=AT)
    actions.take_back_invitation(made, by=person(manager), at=AT + dt.timedelta(hours=1))
    made.refresh_from_db()
    assert made.ended_at == AT


def test_who_came_in_by_a_code_meanwhile_is_admitted_without_a_second_membership(facility, manager):
    someone = make.operator()
    asked = facility.join_requests.create(user=someone, asked_at=AT)
    _made, code = actions.invite(facility, "editor", by=person(manager), at=AT)
    actions.join_by_code(code, by=person(someone), at=AT)
    assert actions.admit(asked, "manager", by=person(manager), at=AT).state == "admitted"
    (member,) = facility.memberships.filter(user=someone)
    assert member.role == "editor"


def test_the_same_part_given_twice_and_a_membership_ended_twice_are_one_line(facility, manager):
    editor_of(facility, manager)
    member = facility.memberships.get(role="editor")
    for _press in range(2):
        actions.give_role(member, "manager", by=person(manager), at=AT)
        member.refresh_from_db()
    for hours in range(2):
        actions.end_membership(member, by=person(manager), at=AT + dt.timedelta(days=hours))
        member.refresh_from_db()
    assert member.left_on == clock.day_of(AT)
    for act in ("facility.member_role", "facility.member_left"):
        assert AuditEvent.objects.filter(act=act).count() == 1
