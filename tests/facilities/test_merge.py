"""Two records of one facility become one: two persons, one transaction, nothing lost."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from facilities import actions
from facilities.models import Facility, FacilityMerge, StatutoryFiling
from facilities.queries import life, merging
from facilities.queries.merging import Obstacle
from portal.core import clock
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Community, Notification, OfficialPaper, Publication
from portal.core.outbox import drain
from portal.core.roles import Role
from portal.core.statemachine import TransitionNotOpen
from portal.core.workflow import FactMissing, NotAllowed
from tests import makers as make

AT = make.AT


@pytest.fixture
def pair(db):
    return make.facility(), make.facility()


def proposed(source, target, by=None, token=None):
    actor = Actor.person(by or make.clerk())
    return actions.propose_merge(
        source, target, "营业执照同一份", token or uuid.uuid4(), by=actor, at=AT
    )


def merged(source, target):
    done = actions.merge_facilities(
        proposed(source, target), by=Actor.person(make.approver()), at=AT
    )
    source.refresh_from_db()
    target.refresh_from_db()
    return done


def test_everything_comes_over_and_the_kept_facts_stay(pair):
    source, target = pair
    name, answers = target.name, life.current_answers(target)
    owner = source.memberships.get().user
    filings = set(source.filings.values_list("pk", flat=True))
    lead = make.lead(make.clerk())
    type(lead).objects.filter(pk=lead.pk).update(facility=source)
    seen = {"status": "filed", "number": "示例备1", "filed_on": AT.date()}
    actions.record_statutory_filing(source, seen, by=Actor.person(make.clerk()), at=AT)
    source.refresh_from_db()
    target.certificates.filter(material="hygiene_report").update(is_current=False)
    staff = source.staff.present().count() + target.staff.present().count()
    merged(source, target)
    assert (source.merged_into, source.registration, source.operating, source.vacancies) == (
        target, "cancelled", "closed", 0,
    )  # fmt: skip
    assert target.name == name
    assert life.current_answers(target)["registration"] == answers["registration"]
    assert target.memberships.filter(user=owner, left_on=None).count() == 1
    assert filings < set(target.filings.values_list("pk", flat=True))
    assert set(target.filings.filter(pk__in=filings).values_list("state", flat=True)) == {
        "superseded"
    }
    assert target.staff.present().count() == staff
    assert not source.certificates.exists()
    current = target.certificates.filter(is_current=True)
    assert current.count() == len(set(current.values_list("material", flat=True)))
    assert current.filter(material="hygiene_report").count() == 1
    mirror = StatutoryFiling.objects.get(facility=target)
    assert (mirror.status, mirror.number, mirror.checked_on) == ("filed", "示例备1", AT.date())
    assert mirror.checks.get().number == "示例备1"
    lead.refresh_from_db()
    assert lead.facility == target


def test_receipt_and_notice_of_the_source_end_and_both_are_in_the_audit(pair):
    source, target = pair
    receipt = OfficialPaper.objects.valid().get(party=source.code)
    merged(source, target)
    receipt.refresh_from_db()
    assert receipt.status == "withdrawn"
    assert target.code in receipt.status_reason
    assert not Publication.objects.standing(AT.date()).filter(party=source.code).exists()
    assert Publication.objects.standing(AT.date()).filter(party=target.code).exists()
    acts = AuditEvent.objects.values_list("act", flat=True)
    assert {"facility.merged_away", "facility.merged_in", "facilitymerge.propose"} <= set(acts)


def test_who_is_in_both_is_there_once(pair):
    source, target = pair
    owner = target.memberships.get().user
    source.memberships.update(user=owner)
    target.staff.filter(pk=target.staff.earliest("id").pk).update(
        identity_key=source.staff.earliest("id").identity_key
    )
    told = merging.effects(source, target)
    assert (told.members, told.members_there, told.staff_there) == (0, 1, 1)
    merged(source, target)
    assert target.memberships.filter(user=owner, left_on=None).count() == 1
    assert not source.memberships.filter(left_on=None).exists()
    assert source.staff.present().count() == 1


def test_what_the_target_knows_of_the_county_is_kept(pair):
    source, target = pair
    for each, number in ((source, "示例备1"), (target, "示例备2")):
        StatutoryFiling.objects.filter(facility=each).update(
            status="filed", number=number, filed_on=AT.date()
        )
    merged(source, target)
    assert StatutoryFiling.objects.get(facility=target).number == "示例备2"


def test_the_pages_of_the_source_lead_to_the_target(pair, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    source, target = pair
    merged(source, target)
    answer = client.get(reverse("public:facility", args=[source.code]))
    assert (answer.status_code, answer["Location"]) == (
        301, reverse("public:facility", args=[target.code]),
    )  # fmt: skip
    short = client.get(reverse("public:facility_short", args=[source.code]), follow=True)
    assert short.redirect_chain[-1][0] == reverse("public:facility", args=[target.code])
    client.force_login(make.clerk())
    page = client.get(reverse("desk:facility", args=[source.code]), follow=True)
    assert page.redirect_chain[-1][0] == reverse("desk:facility", args=[target.code])
    assert f"已并入{target.code}" in page.content.decode()
    for state in ("", "?registration=cancelled", "?q=托育园"):
        rows = client.get(reverse("desk:facilities") + state).content.decode()
        assert reverse("desk:facility", args=[source.code]) not in rows
    listed = client.get(reverse("public:facilities")).content.decode()
    assert source.code not in listed


# --- refused ------------------------------------------------------------------------------------


def why(source, target):
    with pytest.raises(actions.MergeRefused) as refusal:
        proposed(source, target)
    return refusal.value.why


def test_itself_an_open_filing_a_chain_and_a_second_proposal_are_refused(pair):
    source, target = pair
    assert why(source, source) == Obstacle.SAME
    by = Actor.person(source.memberships.get().user)
    change = actions.start_change(source, ["manager"], uuid.uuid4(), by=by, at=AT)
    assert why(source, target) == why(target, source) == Obstacle.OPEN_FILING
    actions.withdraw_filing(change, by=by, at=AT)
    waiting = proposed(source, target)
    assert why(source, target) == Obstacle.PROPOSED
    actions.merge_facilities(waiting, by=Actor.person(make.approver()), at=AT)
    source.refresh_from_db()
    third = make.facility()
    assert why(source, third) == Obstacle.SOURCE_MERGED
    assert why(third, source) == Obstacle.TARGET_MERGED
    assert why(target, third) == Obstacle.CHAIN
    with pytest.raises(actions.NotInRegister):
        actions.start_change(source, ["manager"], uuid.uuid4(), by=by, at=AT)


def test_a_granted_closure_a_joiner_and_a_lesser_record_are_refused(pair):
    source, target = pair
    Facility.objects.filter(pk=target.pk).update(closes_on=AT.date())
    assert why(source, target) == Obstacle.CLOSING
    Facility.objects.filter(pk=target.pk).update(closes_on=None, registration="none")
    assert why(source, target) == Obstacle.TARGET_LESSER
    Facility.objects.filter(pk=target.pk).update(registration="cancelled")
    assert why(source, target) == Obstacle.TARGET_ENDED
    assert why(target, source) == Obstacle.SOURCE_ENDED
    Facility.objects.filter(pk=target.pk).update(registration="registered")
    source.join_requests.create(user=make.operator(), asked_at=AT)
    assert why(source, target) == Obstacle.JOINING


def test_what_came_between_rolls_everything_back(pair):
    source, target = pair
    waiting = proposed(source, target)
    by = Actor.person(source.memberships.get().user)
    actions.start_change(source, ["manager"], uuid.uuid4(), by=by, at=AT)
    with pytest.raises(actions.MergeRefused):
        actions.merge_facilities(waiting, by=Actor.person(make.approver()), at=AT)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.moved_filings) == ("proposed", [])
    assert source.memberships.filter(left_on=None).exists()


def test_two_persons_and_only_those_who_may(pair):
    source, target = pair
    both = make.user("clerk", "approver")
    waiting = proposed(source, target, by=both)
    with pytest.raises(NotAllowed):
        actions.merge_facilities(waiting, by=Actor.person(both), at=AT)
    with pytest.raises(NotAllowed):
        actions.withdraw_merge(waiting, by=Actor.person(make.clerk()), at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        FacilityMerge.objects.filter(pk=waiting.pk).update(decided_by=both)
    assert actions.withdraw_merge(waiting, by=Actor.person(both), at=AT).state == "withdrawn"


def test_declined_both_stay_and_the_proposer_reads_why(pair):
    source, target = pair
    clerk, approver = make.clerk(), Actor.person(make.approver())
    waiting = proposed(source, target, by=clerk)
    with pytest.raises(FactMissing):
        actions.decline_merge(waiting, "", by=approver, at=AT)
    done = actions.decline_merge(waiting, "两家营业执照不同", by=approver, at=AT)
    assert (done.state, done.decision_reason) == ("declined", "两家营业执照不同")
    source.refresh_from_db()
    assert (source.registration, source.merged_into) == ("registered", None)
    drain(AT)
    assert Notification.objects.get(kind="merge.declined").to == clerk
    assert proposed(source, target).state == "proposed"


def test_a_clerk_of_one_ground_does_not_merge_with_another(pair):
    source, target = pair
    other = Community.objects.exclude(pk=target.community_id).first()
    near = make.user(Role.CLERK, community=target.community)
    assert proposed(source, target, by=near).state == "proposed"
    Facility.objects.filter(pk=target.pk).update(community=other)
    with pytest.raises(PermissionDenied):
        proposed(source, target, by=near)


def test_a_form_sent_twice_proposes_once(pair):
    token, by = uuid.uuid4(), make.clerk()
    first = proposed(*pair, by=by, token=token)
    assert proposed(*pair, by=by, token=token) == first


# --- at once ------------------------------------------------------------------------------------


def at_once(*calls):
    gate = Barrier(len(calls))

    def run(call):
        connection.ensure_connection()
        gate.wait()
        try:
            return call()
        except (TransitionNotOpen, actions.MergeRefused, actions.NotInRegister) as fault:
            return fault
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_two_deciders_and_a_change_begun_at_once_leave_one_truth():
    source, target = make.facility(), make.facility()
    waiting = proposed(source, target)
    owner = Actor.person(source.memberships.get().user)
    first, second = (Actor.person(make.approver()) for _ in range(2))
    answers = at_once(
        lambda: actions.merge_facilities(waiting, by=first, at=AT),
        lambda: actions.merge_facilities(waiting, by=second, at=AT),
        lambda: actions.start_change(source, ["manager"], uuid.uuid4(), by=owner, at=AT),
    )
    faults = [each for each in answers if isinstance(each, Exception)]
    source.refresh_from_db()
    if source.merged_into_id:
        assert len(faults) == 2
        assert life.open_filing(source) is None
        assert life.open_filing(target) is None
    else:
        assert len(faults) == 2
        assert life.open_filing(source) is not None
        assert FacilityMerge.objects.get(pk=waiting.pk).state == "proposed"


@pytest.mark.django_db(transaction=True)
def test_two_proposals_of_one_source_at_once():
    source, one, other, by = make.facility(), make.facility(), make.facility(), make.clerk()
    answers = at_once(lambda: proposed(source, one, by=by), lambda: proposed(source, other, by=by))
    assert sorted(type(each).__name__ for each in answers) == ["FacilityMerge", "MergeRefused"]


# --- the journey --------------------------------------------------------------------------------


def test_from_the_file_to_the_decision(pair, client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    source, target = pair
    clerk, approver = make.clerk(), make.approver()
    client.force_login(clerk)
    start = reverse("desk:merge_new", args=[source.code])
    assert start in client.get(reverse("desk:facility", args=[source.code])).content.decode()
    assert "没有找到这家机构" in client.get(f"{start}?target=SP-TY-9999").content.decode()
    assert "不能把机构并入它自己" in client.get(f"{start}?target={source.code}").content.decode()
    page = client.get(f"{start}?target={target.code.lower()}").content.decode()
    assert "账号成员转过来 1 人" in page
    assert target.name in page
    address = f"{start}?target={target.code}"
    assert "请填写为什么是同一家" in client.post(address, {"token": uuid.uuid4()}).content.decode()
    sent = client.post(address, {"token": uuid.uuid4(), "reason": "同一份营业执照"})
    merge = FacilityMerge.objects.get()
    assert sent["Location"] == reverse("desk:merge", args=[merge.pk])
    assert "撤回合并" in client.get(sent["Location"]).content.decode()
    client.force_login(approver)
    home = client.get(reverse("desk:home")).content.decode()
    assert "审定合并" in home
    assert sent["Location"] in home
    decide = reverse("desk:merge_decide", args=[merge.pk])
    assert "请填写不合并的理由" in client.post(decide, {"decision": "decline"}).content.decode()
    done = client.post(decide, {"decision": "merge"}, follow=True).content.decode()
    assert f"已合并，保留{target.name}（{target.code}）" in done
    source.refresh_from_db()
    assert source.merged_into == target
    assert "审定合并" not in client.get(reverse("desk:home")).content.decode()
