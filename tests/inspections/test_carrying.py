"""From the door to the signed papers."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

import pypdfium2
import pytest
from django.core.exceptions import PermissionDenied
from django.template.loader import render_to_string

from inspections import actions
from inspections.models import (
    Checklist,
    ChecklistItem,
    Finding,
    Inspection,
    InspectionAnswer,
)
from inspections.queries import public, visits
from portal.core.models import Attachment, OfficialPaper
from portal.core.papers import content, render
from portal.core.workflow import NotAllowed, TransitionNotOpen
from tests import makers
from tests.inspections import makers as make
from tests.inspections.makers import AT, DAY, LATER, actor

pytestmark = pytest.mark.django_db


def words_of(paper: OfficialPaper) -> str:
    return content.all_text(content.printed(paper, origin="https://example.invalid"))


@pytest.fixture
def visit() -> Inspection:
    return make.on_site()


def item(visit: Inspection, code: str) -> ChecklistItem:
    return next(each for each in visits.items_of(visit) if each.code == code)


# --- the door -------------------------------------------------------------------------------------


@pytest.mark.proves("prod:F8")
def test_place_and_time_are_kept_at_the_door() -> None:
    made = make.assigned()
    made = actions.start_inspection(
        made, by=actor(make.lead_of(made)), at=AT, latitude=Decimal("33.2999999"),
        longitude=Decimal("113.5"),
    )  # fmt: skip
    assert (made.started_at, made.latitude) == (AT, Decimal("33.30000"))


def test_nothing_is_written_down_before_the_certificates_are_shown() -> None:
    made = make.assigned()
    by = actor(make.lead_of(made))
    made = actions.start_inspection(made, by=by, at=AT)
    with pytest.raises(actions.NotYetShown):
        actions.record_access(made, "granted", by=by, at=AT)
    with pytest.raises(actions.NotYetShown):
        actions.answer_item(made, item(made, "ZH-01"), "pass", by=by, at=AT)
    with pytest.raises(actions.NotYetShown):
        actions.finish_inspection(made, by=by, at=AT)


@pytest.mark.proves("prod:E9")
@pytest.mark.parametrize(
    ("access", "result"),
    [("nobody", "unreachable"), ("refused", "not_cooperating"), ("not_operating", "not_operating")],
)
def test_nobody_came_in(access: str, result: str) -> None:
    made = make.assigned()
    by = actor(make.lead_of(made))
    made = actions.start_inspection(made, by=by, at=AT)
    made = actions.record_access(made, access, note="敲门无人应答", by=by, at=AT)
    made = actions.end_inspection(made, by=by, at=LATER)
    assert (made.state, made.result) == ("completed", result)
    kinds = set(OfficialPaper.objects.of(made).values_list("kind", flat=True))
    assert kinds == {"patrol_record", "inspection_result"}


def test_where_nothing_was_looked_at_nothing_is_said_about_it(visit: Inspection) -> None:
    by = actor(make.lead_of(visit))
    items = visits.items_of(visit)
    for each in items:
        actions.answer_item(visit, each, "unseen", by=by, at=AT)
    with pytest.raises(actions.Unfinished) as refused:
        actions.finish_inspection(visit, by=by, at=LATER)
    assert refused.value.missing == (("", "nothing_seen"),)
    actions.answer_item(visit, items[0], "pass", by=by, at=LATER)
    done = actions.complete_inspection(make.signed(visit), by=by, at=LATER)
    # What was left out stands in what the public reads.
    (facts,) = public.result_notice(done)
    assert ["未查项目", f"{len(items) - 1}项（共{len(items)}项）"] in [
        list(row) for row in facts["rows"]
    ]


def test_a_visit_is_not_ended_while_they_are_inside(visit: Inspection) -> None:
    with pytest.raises(ValueError, match="access"):
        actions.end_inspection(visit, by=actor(make.lead_of(visit)), at=AT)


# --- answers --------------------------------------------------------------------------------------


@pytest.mark.proves("prod:F1")
def test_an_answer_is_kept_once_however_often_it_comes(visit: Inspection) -> None:
    by, question, token = actor(make.lead_of(visit)), item(visit, "ZH-01"), uuid.uuid4()
    first = actions.answer_item(visit, question, "pass", token=token, by=by, at=AT)
    again = actions.answer_item(visit, question, "fail", token=token, by=by, at=LATER)
    assert (first.pk, again.value) == (again.pk, "pass")
    assert InspectionAnswer.objects.count() == 1


@pytest.mark.proves("prod:F2")
def test_an_answer_from_the_queue_does_not_overwrite_a_later_one(visit: Inspection) -> None:
    by, question = actor(make.lead_of(visit)), item(visit, "ZH-01")
    late = AT + dt.timedelta(minutes=30)
    actions.answer_item(visit, question, "na", by=by, at=late)
    kept = actions.answer_item(visit, question, "pass", given_at=AT, by=by, at=LATER)
    assert (kept.value, kept.given_at) == ("na", late)
    # A phone whose clock is ahead does not block everything after it.
    ahead = AT + dt.timedelta(days=9)
    kept = actions.answer_item(visit, question, "pass", given_at=ahead, by=by, at=LATER)
    assert (kept.value, kept.given_at) == ("pass", LATER)


@pytest.mark.proves("prod:F9", "prod:F5")
def test_the_list_grows_where_a_key_question_fails(visit: Inspection) -> None:
    by = actor(make.lead_of(visit))
    before = len(visits.items_of(visit))
    actions.answer_item(visit, item(visit, "ZH-02"), "fail", by=by, at=AT)
    along = [each.code for each in visits.items_of(visit)][before:]
    assert along == ["XF-03", "XF-07", "XF-08", "XF-20"]
    actions.answer_item(visit, item(visit, "XF-03"), "pass", by=by, at=AT)


def test_a_newer_version_of_a_list_brings_no_question_twice(visit: Inspection) -> None:
    by, clerk = actor(make.lead_of(visit)), actor(makers.clerk())
    key = item(visit, "ZH-02")
    actions.answer_item(visit, key, "fail", by=by, at=AT)
    before = [each.code for each in visits.items_of(visit)]
    version = actions.start_version(Checklist.objects.get(slug="fire"), by=clerk, at=AT)
    version = actions.propose_version(version, by=clerk, at=AT)
    actions.publish_version(version, by=actor(makers.approver()), at=AT)
    actions.answer_item(visit, key, "fail", by=by, at=LATER)
    assert [each.code for each in visits.items_of(visit)] == before


def test_a_question_of_another_list_is_refused(visit: Inspection) -> None:
    other = ChecklistItem.objects.get(code="SP-01")
    with pytest.raises(actions.NoSuchItem):
        actions.answer_item(visit, other, "pass", by=actor(make.lead_of(visit)), at=AT)


def test_a_corrected_answer_takes_its_note_away(visit: Inspection) -> None:
    by, question = actor(make.lead_of(visit)), item(visit, "ZH-07")
    actions.answer_item(visit, question, "fail", by=by, at=AT)
    actions.add_finding(visit, "晨检记录缺2天", item=question, by=by, at=AT)
    actions.answer_item(visit, question, "pass", by=by, at=LATER)
    assert not Finding.objects.exists()


@pytest.mark.proves("prod:F12", "diff:14")
def test_a_photo_is_kept_once_and_its_arrival_is_told(visit: Inspection) -> None:
    by, question, picture = actor(make.lead_of(visit)), item(visit, "ZH-07"), make.photo()
    kept = actions.add_photo(visit, question, picture, by=by, at=AT)
    assert actions.add_photo(visit, question, picture, by=by, at=AT) == kept
    digests = [picture.sha256_received, "0" * 64]
    safe = actions.confirm_photos(visit, digests, by=by, at=AT)
    assert safe == [picture.sha256_received]
    actions.remove_photo(visit, kept, by=by, at=AT)
    assert actions.confirm_photos(visit, digests, by=by, at=AT) == []


def test_a_foreign_photo_is_not_removed(visit: Inspection) -> None:
    other = make.on_site()
    photo = actions.add_photo(
        other, item(other, "ZH-07"), make.photo(), by=actor(make.lead_of(other)), at=AT
    )
    with pytest.raises(Attachment.DoesNotExist):
        actions.remove_photo(visit, photo, by=actor(make.lead_of(visit)), at=AT)


def test_heads_are_counted_and_the_need_computed(visit: Inspection) -> None:
    by = actor(make.lead_of(visit))
    actions.count_heads(visit, [("小一班", "toddler", 11, 2)], by=by, at=AT)
    counted = actions.count_heads(visit, [("小二班", "toddler", 10, 2)], by=by, at=AT)
    assert [(c.label, c.needed) for c in counted] == [("小二班", 2)]
    assert visits.head_counts_of(visit) == counted


def test_staff_of_another_facility_is_not_sampled(visit: Inspection) -> None:
    stranger = make.facility().staff.all()
    by = actor(make.lead_of(visit))
    own = visit.facility.staff.first()
    if own is not None:
        actions.sample_staff(visit, own, is_in_order=True, by=by, at=AT)
        actions.sample_staff(visit, own, is_in_order=False, note="健康证过期", by=by, at=AT)
        assert [s.note for s in visits.samples_of(visit)] == ["健康证过期"]
    for person in stranger[:1]:
        with pytest.raises(ValueError, match="facility"):
            actions.sample_staff(visit, person, is_in_order=True, by=by, at=AT)


# --- notes ----------------------------------------------------------------------------------------


@pytest.mark.proves("prod:G1")
def test_severity_and_day_are_proposed(visit: Inspection) -> None:
    by, question = actor(make.lead_of(visit)), item(visit, "ZH-07")
    made = actions.add_finding(visit, "晨检记录缺2天", item=question, by=by, at=AT)
    assert (made.severity, made.due_on, made.issued_on) == (
        "major", DAY + dt.timedelta(days=7), None,
    )  # fmt: skip
    again = actions.add_finding(
        visit, "晨检记录缺3天", item=question, severity="minor", by=by, at=AT
    )
    assert (again.pk, again.text, again.severity) == (made.pk, "晨检记录缺3天", "minor")
    free = actions.add_finding(visit, "院内有积水", by=by, at=AT)
    assert (free.severity, free.item_code) == ("minor", "")
    actions.drop_finding(free, by=by, at=AT)
    assert Finding.objects.count() == 1


@pytest.mark.parametrize("days", [-1, 16])
def test_a_day_beyond_the_rules_is_refused(visit: Inspection, days: int) -> None:
    with pytest.raises(actions.DayNotAllowed) as refused:
        actions.add_finding(
            visit, "缺记录", severity="major", due_on=DAY + dt.timedelta(days=days),
            by=actor(make.lead_of(visit)), at=AT,
        )  # fmt: skip
    assert refused.value.limit == DAY + dt.timedelta(days=15)


# --- the end --------------------------------------------------------------------------------------


def test_what_is_missing_is_listed(visit: Inspection) -> None:
    by = actor(make.lead_of(visit))
    with pytest.raises(actions.Unfinished) as refused:
        actions.finish_inspection(visit, by=by, at=AT)
    assert refused.value.missing[0] == ("ZH-01", "unanswered")
    assert len(refused.value.missing) == 12


def test_a_value_below_the_least_one_is_not_passed(visit: Inspection) -> None:
    by = actor(make.lead_of(visit))
    make.answered(visit)
    kept = next(item for item in visits.items_of(visit) if item.measure_min == 90)
    for value, missing in (("7", ((kept.code, "too_low"),)), ("90", ())):
        actions.answer_item(visit, kept, "pass", measured=value, by=by, at=AT)
        if missing:
            with pytest.raises(actions.Unfinished) as refused:
                actions.finish_inspection(visit, by=by, at=AT)
            assert refused.value.missing == missing
    assert actions.finish_inspection(visit, by=by, at=AT).state == "awaiting_signature"


@pytest.mark.proves("prod:F6")
def test_everybody_signs(visit: Inspection) -> None:
    by = actor(make.lead_of(visit))
    made = actions.finish_inspection(make.answered(visit), by=by, at=AT)
    with pytest.raises(actions.NotSigned) as refused:
        actions.complete_inspection(made, by=by, at=AT)
    assert (len(refused.value.inspectors), refused.value.facility) == (1, False)
    with pytest.raises(ValueError, match="inspectors"):
        actions.sign(made, "inspector", None, user=make.inspector(), by=by, at=AT)
    actions.sign(made, "inspector", make.signature(), user=make.lead_of(made), by=by, at=AT)
    actions.sign(made, "facility", make.signature(), signer="负责人", by=by, at=AT)
    reopened = actions.reopen_inspection(made, by=by, at=AT)
    assert visits.signatures_of(reopened) == []


@pytest.mark.proves("prod:F7")
def test_a_refusal_needs_a_witness(visit: Inspection) -> None:
    by = actor(make.lead_of(visit))
    made = actions.finish_inspection(make.answered(visit), by=by, at=AT)
    actions.sign(made, "inspector", make.signature(), user=make.lead_of(made), by=by, at=AT)
    actions.keep_statement(made, "对检查结果有不同看法", by=by, at=AT)
    actions.refuse_signing(made, "负责人离开现场", "社区工作人员", None, by=by, at=AT)
    done = actions.complete_inspection(made, by=by, at=LATER)
    record = words_of(OfficialPaper.objects.of(done).get(kind="patrol_record"))
    assert "拒绝签字：负责人离开现场" in record
    assert "社区工作人员" in record
    assert "对检查结果有不同看法" in record


def test_a_facility_that_signs_after_all_has_not_refused(visit: Inspection) -> None:
    by = actor(make.lead_of(visit))
    actions.sample_staff(visit, visit.facility.staff.all()[0], is_in_order=True, by=by, at=AT)
    made = actions.finish_inspection(make.answered(visit), by=by, at=AT)
    actions.refuse_signing(made, "负责人离开现场", "社区工作人员", None, by=by, at=AT)
    made = actions.reopen_inspection(made, by=by, at=AT)
    assert not made.signing_refused
    made = actions.finish_inspection(made, by=by, at=AT)
    actions.refuse_signing(made, "负责人又离开", "社区工作人员", None, by=by, at=AT)
    actions.sign(made, "inspector", make.signature(), user=make.lead_of(made), by=by, at=AT)
    actions.sign(made, "facility", make.signature(), signer="负责人 示例", by=by, at=AT)
    done = actions.complete_inspection(made, by=by, at=AT)
    told = "".join(words_of(paper) for paper in OfficialPaper.objects.of(done))
    assert "拒绝签字" not in told
    assert "社区工作人员" not in told
    assert "抽查人员材料1人，齐全有效1人" in told


@pytest.mark.proves("prod:G2")
def test_a_completed_visit_gives_numbers_and_papers() -> None:
    done = make.completed("ZH-07", "ZH-09")
    assert (done.state, done.result, done.completed_on) == ("completed", "rectify", DAY)
    findings = list(done.findings.order_by("number"))
    assert [f.number for f in findings] == ["ZG-2026-0001", "ZG-2026-0002"]
    assert {f.issued_on for f in findings} == {DAY}
    titles = list(OfficialPaper.objects.of(done).order_by("issued_at", "id").values_list(
        "title", flat=True
    ))  # fmt: skip
    assert set(titles) == {"托育机构巡查记录", "检查结果告知书", "安全隐患告知书"}


@pytest.mark.proves("prod:F6", "prod:G2")
def test_what_was_drawn_by_finger_stands_on_record_and_notice() -> None:
    done = make.completed("ZH-07")
    for kind in ("patrol_record", "finding_advice"):
        paper = OfficialPaper.objects.of(done).get(kind=kind)
        (block,) = [each for each in paper.data["blocks"] if each["type"] == "signatures"]
        assert [bool(row["drawn"]) for row in block["rows"]] == [True, True]
        document = pypdfium2.PdfDocument(render.pdf(paper))
        drawn = [
            each for page in document for each in page.get_objects()
            if each.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE
        ]  # fmt: skip
        assert len(drawn) == 2
        page = render_to_string(
            "papers/_blocks.html", {"paper": paper, "words": render.words(paper)}
        )
        assert page.count("data:image/png;base64") == 2


def test_a_visit_never_orders() -> None:
    make.confirmed("fire-exits")
    done = make.completed("XF-03", slug="fire")
    texts = "".join(words_of(paper) for paper in OfficialPaper.objects.of(done))
    assert "责令" not in texts
    assert "建议你机构" in texts
    assert not done.findings.get().is_ordered


@pytest.mark.proves("diff:21", "clause:二(四)4b")
def test_an_inspection_orders_what_is_delegated_and_advises_the_rest() -> None:
    team = (make.certified(), make.certified())
    done = make.completed("XF-03", "XF-09", kind="administrative", team=team)
    papers = {p.kind: words_of(p) for p in OfficialPaper.objects.of(done)}
    assert set(papers) == {
        "inspection_notice", "inspection_record", "inspection_result", "finding_order",
        "finding_advice",
    }  # fmt: skip
    assert "责令限期整改" in papers["finding_order"]
    assert "应急照明" not in papers["finding_order"]
    assert "责令" not in papers["finding_advice"]
    assert all(f"证号{p.enforcement_certificates.get().number}" in papers["inspection_record"]
               for p in team)  # fmt: skip
    assert {f.item_code: f.is_ordered for f in done.findings.all()} == {
        "XF-03": True, "XF-09": False,
    }  # fmt: skip


@pytest.mark.proves("diff:21", "clause:二(四)4b")
@pytest.mark.parametrize("partners", [["消防救援机构", "市场监督管理局"], []])
def test_the_street_assists_where_a_department_leads(partners: list[str]) -> None:
    done = make.completed(
        "XF-03", "XF-09", kind="joint", team=(make.inspector(), make.inspector()), slug="fire",
        lead_department="卫生健康委员会", partners=partners,
    )  # fmt: skip
    papers = {p.kind: words_of(p) for p in OfficialPaper.objects.of(done)}
    assert set(papers) == {"joint_record", "inspection_result", "finding_advice"}
    record, advice = papers["joint_record"], papers["finding_advice"]
    named = "、".join(partners) or "参加部门无"
    for words in ("牵头部门卫生健康委员会", "街道协助人员", "协助检查", named):
        assert words in record, words
    assert "由卫生健康委员会牵头" in papers["inspection_result"]
    assert ("参加，街道协助，" in papers["inspection_result"]) == bool(partners)
    assert "同时告知牵头部门（卫生健康委员会）" in advice
    assert OfficialPaper.objects.of(done).get(kind="joint_record").title == "联合检查记录"
    assert "责令限期整改" not in "".join(papers.values())


@pytest.mark.proves("prod:E4", "diff:6")
def test_no_paper_tells_what_called_for_the_visit() -> None:
    done = make.completed(
        "ZH-07", trigger_key="TS-ABCD-1234-5", note="有人反映老师打孩子", selection="triggered",
        is_urgent=True,
    )  # fmt: skip
    for paper in OfficialPaper.objects.of(done):
        text = words_of(paper) + str(paper.data) + paper.title
        assert "监督检查" in text
        for trace in ("TS-ABCD-1234", "反映", "打孩子", "投诉", "举报", "专项", "触发", "随机"):
            assert trace not in text, (paper.title, trace)


@pytest.mark.proves("prod:F10")
def test_what_is_put_right_on_site_is_closed_but_a_grave_one_is_looked_at_again() -> None:
    done = make.completed("ZH-07", "ZH-08", fixed=True)
    states = {f.item_code: f.state for f in done.findings.all()}
    assert states == {"ZH-07": "closed", "ZH-08": "reported"}
    assert done.result == "critical"


@pytest.mark.proves("prod:G9")
def test_a_finding_that_comes_back_is_recognised() -> None:
    place = make.facility()
    first = make.finding("ZH-07", place=place)
    second = make.finding("ZH-07", place=place)
    assert second.repeat_of == first
    assert make.finding("ZH-07").repeat_of is None
    record = OfficialPaper.objects.of(second.inspection).get(kind="finding_advice")
    assert "重复出现" in words_of(record)


# --- the facility's receipt -----------------------------------------------------------------------


def test_the_facility_confirms_and_objects() -> None:
    done = make.completed("ZH-07")
    owner, clerk = actor(make.member_of(done.facility)), actor(makers.clerk())
    got = actions.acknowledge_inspection(done, by=owner, at=LATER)
    assert got.acknowledged_by == owner.user
    assert actions.acknowledge_inspection(got, by=owner, at=LATER + dt.timedelta(1)) == got
    with pytest.raises(TransitionNotOpen):
        actions.answer_objection(done, "没有人问", by=clerk, at=LATER)
    said = actions.object_to_inspection(done, "记录在另一本上", by=owner, at=LATER)
    answered = actions.answer_objection(said, "复查时一并核实", by=clerk, at=LATER)
    with pytest.raises(TransitionNotOpen):
        actions.answer_objection(done, "再答一次", by=clerk, at=LATER)
    assert (answered.objection, answered.objection_answer) == ("记录在另一本上", "复查时一并核实")
    with pytest.raises((NotAllowed, PermissionDenied)):
        actions.acknowledge_inspection(
            Inspection.objects.get(pk=make.completed().pk), by=owner, at=LATER
        )
