"""An act asks for one right: whoever holds it alone goes through, whatever follows from the act.

What follows (the version before gives way, the case waits) is the calendar's: were it a right of
its own, taking it away would leave a button that ends in a refusal.
"""

from __future__ import annotations

import uuid

import pytest
import time_machine

from complaints import actions as complaints
from facilities import actions as facilities
from facilities.models import Department, Facility
from facilities.models.leads import REGISTRATION_NOTICE
from facilities.queries import notices
from inspections import actions as inspections
from inspections.models import Checklist
from portal.core import publishing
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Grant, Publication, User
from portal.core.roles import Role
from portal.core.staffing import holdings
from tests import makers as make
from tests.complaints import makers as cases
from tests.inspections import makers as visits

pytestmark = pytest.mark.django_db
AT = make.AT


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(AT, tick=False):
        yield


def by(person):
    return Actor.person(person)


def alone(person, *rights):
    """The person as he comes next time, when his roles hold these rights and no other."""
    Grant.objects.exclude(right__in=rights).delete()
    fresh = User.objects.get(pk=person.pk)
    assert fresh.rights == set(rights)
    return Actor.person(fresh)


def given(role, right):
    """The right, where the tables give it to others."""
    Grant.objects.create(role=role, right=right)


def more_than_one(events):
    """The acts, as transactions, in which one person used several rights."""
    used = {}
    for event in events:
        if event.actor_id and event.act in holdings.rights():
            used.setdefault((event.txid, event.at, event.actor_id), set()).add(event.act)
    return [sorted(rights) for rights in used.values() if len(rights) > 1]


# --- the acts -------------------------------------------------------------------------------------


def change_filing():
    """Registered by a clerk to whom the right was given."""
    facility = make.facility()
    owner = by(facility.memberships.get().user)
    filing = facilities.start_change(facility, ["manager"], uuid.uuid4(), by=owner, at=AT)
    part = filing.sections.get(key="registration")
    answers = part.answers | {"manager": "新负责人"}
    facilities.save_section(
        filing, part.key, answers, answers, version=part.version, by=owner, at=AT
    )
    filing.refresh_from_db()
    filing = facilities.submit_filing(filing, "示例负责人", make.DECLARATION, by=owner, at=AT)
    first = by(make.clerk())
    filing = facilities.take_filing(filing, by=first, at=AT)
    filing = facilities.propose_decision(filing, "register", "", by=first, at=AT)
    given(Role.CLERK, "filing.register")

    def act(actor):
        facilities.register_filing(filing, by=actor, at=AT)
        states = facility.filings.order_by("created_at").values_list("state", flat=True)
        assert list(states) == ["superseded", "registered"]

    return make.clerk(), act


def two_records():
    source, target = make.facility(), make.facility()
    seen = {"status": "filed", "number": "示例备1", "filed_on": AT.date()}
    facilities.record_statutory_filing(source, seen, by=by(make.clerk()), at=AT)
    source.refresh_from_db()
    merge = facilities.propose_merge(
        source, target, "营业执照同一份", uuid.uuid4(), by=by(make.clerk()), at=AT
    )

    def act(actor):
        facilities.merge_facilities(merge, by=actor, at=AT)
        kept = Facility.objects.get(pk=target.pk)
        assert kept.statutory_filing.status == "filed"
        assert kept.filings.filter(state="superseded").exists()
        assert not publishing.open_or_standing(source, REGISTRATION_NOTICE)

    return make.approver(), act


def next_version():
    facility = make.facility()
    body = notices.registration_notice(facility)
    made = publishing.propose_publication(
        REGISTRATION_NOTICE, facility, title="新的标题（示例）", body=body, by=by(make.clerk()),
        at=AT, party=facility.code, public_numbers=[facility.public_phone],
    )  # fmt: skip
    assert made.version == 2

    def act(actor):
        publishing.publish(made, by=actor, at=AT)
        states = Publication.objects.of(facility).order_by("version").values_list("state")
        assert [state for (state,) in states] == ["replaced", "published"]

    return make.approver(), act


def named_place(end):
    """A place that was named as unregistered: `end` says what became of it."""
    clerk = make.clerk()
    lead = make.lead(clerk, "guided")
    publishing.publish(
        facilities.propose_unregistered(lead, by=by(clerk), at=AT), by=by(make.approver()), at=AT
    )

    def act(actor):
        end(lead, actor)
        assert Publication.objects.of(lead).get().state == "withdrawn"

    return clerk, act


def linked():
    facility = make.facility()
    return named_place(lambda lead, b: facilities.link_lead(lead, facility, None, by=b, at=AT))


def closed():
    return named_place(lambda lead, b: facilities.close_lead(lead, "stopped", "", by=b, at=AT))


def list_version():
    clerk = by(make.clerk())
    version = inspections.start_version(Checklist.objects.get(slug="food"), by=clerk, at=AT)
    version = inspections.propose_version(version, by=clerk, at=AT)

    def act(actor):
        inspections.publish_version(version, by=actor, at=AT)
        assert version.checklist.versions.filter(state="superseded").count() == 1

    return make.approver(), act


def put_right_on_site():
    made = visits.signed(visits.answered(visits.on_site(), "ZH-06", "ZH-07", fixed=True))

    def act(actor):
        inspections.complete_inspection(made, by=actor, at=visits.LATER)
        found = made.findings.values_list("item_code", "state", "closed_by")
        assert set(found) == {
            ("ZH-06", "reported", None), ("ZH-07", "closed", visits.lead_of(made).pk),
        }  # fmt: skip

    return visits.lead_of(made), act


def handed_over_by_mistake():
    made, clerk = visits.finding("ZH-06"), make.clerk()
    market = Department.objects.get(slug="market")
    letter = inspections.transfer_finding(made, market, "过期食品。", by=by(clerk), at=visits.LATER)
    made.refresh_from_db()

    def act(actor):
        due = made.due_on
        inspections.take_back_finding(made, "发错部门", due, by=actor, at=visits.LATER)
        letter.refresh_from_db()
        assert (letter.state, letter.paper.status) == ("answered", "withdrawn")

    return clerk, act


def drawn(kind="visit", state="assigned", **values):
    for _ in range(2):
        visits.facility()
    plan = visits.plan_in_force(kind=kind, percent=100, **values)

    def act(actor):
        drawing = inspections.draw_plan(plan, seed="2026-示例", by=actor, at=AT)
        assert {visit.state for visit in drawing.inspections.all()} == {state}

    return make.clerk(), act


def drawn_visits():
    for _ in range(2):
        visits.inspector()
    return drawn()


def drawn_administrative():
    for _ in range(2):
        visits.certified()
    fire = {"delegated": visits.confirmed(), "checklist": visits.checklist("fire")}
    return drawn("administrative", "awaiting_approval", **fire)


def answered_with_its_child():
    writer = cases.handler()
    child, parent = cases.accepted(writer), cases.accepted(writer)
    complaints.merge_complaint(child, parent, by=by(writer), at=AT)
    parent = complaints.propose_reply(parent, "not_upheld", "票据", "一致。", by=by(writer), at=AT)
    second = make.approver()

    def act(actor):
        complaints.approve_reply(parent, by=actor, at=AT)
        child.refresh_from_db()
        assert (child.state, child.decided_by, child.proposed_by) == ("resolved", second, writer)

    return second, act


def visit_for_a_case():
    handler = cases.handler()
    case = cases.complaint(facility=visits.facility())
    case = complaints.accept_complaint(case, "major", by=by(handler), at=AT, title="收费")

    def act(actor):
        complaints.open_visit(case, by=actor, at=AT)
        case.refresh_from_db()
        assert case.state == "investigating"

    return handler, act


def authority_answers():
    handler = cases.handler()
    case = cases.accepted(handler)
    to = Department.objects.earliest("position")
    letter = complaints.refer_complaint(case, to, "收费没有公示", by=by(handler), at=AT)

    def act(actor):
        complaints.note_referral_result(case, letter, AT.date(), "已公示", by=actor, at=AT)
        case.refresh_from_db()
        assert case.state == "investigating"

    return handler, act


def asked_of_the_facility():
    handler, second = cases.handler(), cases.handler()
    case = cases.accepted(handler, facility=visits.facility())
    asked = cases.statement(handler, case)

    def act(actor):
        complaints.release_statement(asked, by=actor, at=AT)
        case.refresh_from_db()
        asked.refresh_from_db()
        assert (case.state, asked.checked_by) == ("awaiting_facility", second)

    return second, act


ACTS = {
    change_filing: "filing.register",
    two_records: "facilitymerge.merge",
    next_version: "publication.publish",
    linked: "lead.link",
    closed: "lead.close",
    list_version: "checklistversion.publish",
    put_right_on_site: "inspection.complete",
    handed_over_by_mistake: "finding.take_back",
    drawn_visits: "inspectionplan.draw",
    drawn_administrative: "inspectionplan.draw",
    answered_with_its_child: "complaint.approve_reply",
    visit_for_a_case: "complaint.open_inspection",
    authority_answers: "transfer.answer",
    asked_of_the_facility: "statementrequest.release",
}


@pytest.mark.proves("prod:T2")
@pytest.mark.parametrize(("ready", "right"), ACTS.items(), ids=lambda x: getattr(x, "__name__", x))
def test_with_this_right_alone_the_act_goes_through(ready, right):
    person, act = ready()
    before = AuditEvent.objects.order_by("seq").values_list("seq", flat=True).last()
    act(alone(person, right))
    done = AuditEvent.objects.filter(seq__gt=before)
    assert done.filter(act=right, actor_id=person.pk).exists()
    assert more_than_one(done) == []


@pytest.mark.parametrize(
    ("rights", "state"),
    [
        ((), "proposed"),
        (("publication.publish",), "proposed"),
        (("publication.publish", "publication.set_aside"), "published"),
    ],
)
def test_who_does_not_hold_the_rights_of_the_gate_registers_and_the_notice_waits(rights, state):
    """The name looks like a child's: such a hint is set aside by a right of its own."""
    filing = make.proposed_filing(make.clerk(), registration={"facility_name": "孩子王示例托育园"})
    approver = alone(make.approver(), "filing.register", *rights)
    done = facilities.register_filing(filing, by=approver, at=AT)
    assert done.state == "registered"
    assert Publication.objects.of(done.facility).get().state == state


# --- the rule catches a planted violation ---------------------------------------------------------


def test_a_planted_second_right_is_caught():
    person = make.clerk()
    same = {"txid": 1, "at": AT, "actor_id": person.pk}
    taken, noted = (AuditEvent(act=f"filing.{each}", **same) for each in ("take", "note"))
    assert more_than_one([taken, noted]) == [["filing.note", "filing.take"]]
    by_itself = AuditEvent(act="filing.lapse", txid=1, at=AT, actor_label="calendar")
    assert more_than_one([taken, taken, by_itself]) == []
