"""A national list: what is wrong is said, nothing is written before, all or nothing after."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from facilities import actions
from facilities.actions import importing
from facilities.forms import RegistrationForm
from facilities.models import Facility, JoinRequest, Lead, StatutoryFiling
from facilities.queries import national as queries
from facilities.rules import national as rules
from portal.core import jobs
from portal.core.actors import Actor
from portal.core.files import store
from portal.core.identifiers import facility_code
from portal.core.models import Attachment, AuditEvent, Counter, Job, RoleAssignment
from portal.core.queries import in_force
from portal.core.sheets import Column, read_table
from portal.core.workflow import NotAllowed
from tests import makers as make

AT = make.AT
DAY = dt.timedelta(days=1)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.PRIVATE_MEDIA_ROOT = tmp_path


def client(person):
    made = Client()
    made.force_login(person, backend="portal.core.accounts.SignedIn")
    return made


def start(content, person=None):
    return actions.start_import(
        content, "名单.xlsx", by=Actor.person(person or make.clerk()), at=AT
    )


def imported(rows=None, person=None):
    person = person or make.clerk()
    job = start(make.national_list(rows), person)
    jobs.confirm(job, by=Actor.person(person), at=AT)
    jobs.work(AT)
    job.refresh_from_db()
    return job


FIRST_LINE = 2  # below the line of titles


def faulty_rows():
    """2,000 rows, seven kinds of fault in 7 × 10 of them (a pair of twins is two rows).

    With how many there are of each kind, and the lines of the sheet they stand on.
    """
    standing = make.facility(facility_name="早已登记托育园（示例）")
    rows = make.national_rows(2000)
    for at in range(10):
        rows[100 + at]["address"] = None
        code = rows[200 + at]["uscc"]
        rows[200 + at]["uscc"] = code[:-1] + ("0" if code[-1] != "0" else "1")
        rows[300 + at]["community"] = "不在本街道的社区"
        rows[400 + at]["filed_on"] = "2025-02-30"
        rows[500 + at]["places"] = -5
        rows[600 + at]["tenure"] = "借来的"
    for at in range(0, 10, 2):
        rows[700 + at]["uscc"] = rows[701 + at]["uscc"]
    rows[800]["uscc"] = standing.uscc
    kinds = {"missing": 10, "check_digit": 10, "community": 10, "date": 10, "number": 10,
             "choice": 10, "twice": 10, "registered": 1}  # fmt: skip
    places = [*(100 * kind + at for kind in range(1, 8) for at in range(10)), 800]
    return rows, kinds, [FIRST_LINE + place for place in places]


@pytest.mark.proves("prod:O4", "ux:43")
@pytest.mark.django_db
def test_two_thousand_rows_with_seven_kinds_of_fault():
    rows, kinds, faulty = faulty_rows()
    person = make.clerk()
    before = (Facility.objects.count(), StatutoryFiling.objects.count())
    counter = Counter.objects.get(name="paper:facility:0").value
    job = start(make.national_list(rows), person)
    assert job.state == "waiting"
    assert job.report["kinds"] == kinds
    assert len(faulty) == 71
    assert set(job.report["good"]) == set(range(FIRST_LINE, FIRST_LINE + 2000)) - set(faulty)
    assert jobs.work(AT) == 0, "nothing happens before it is confirmed"
    assert (Facility.objects.count(), StatutoryFiling.objects.count()) == before
    assert Counter.objects.get(name="paper:facility:0").value == counter

    page = client(person).get(reverse("desk:import_job", args=[job.pk])).content.decode()
    assert "确认导入 1929 家" in page
    assert page.count('data-label="行号"') == 50
    assert marked_lines(client(person), job) == [
        (str(line), rows[line - FIRST_LINE]["name"]) for line in faulty
    ]

    jobs.confirm(job, by=Actor.person(person), at=AT)
    jobs.work(AT)
    job.refresh_from_db()
    assert (job.state, job.error, job.rows) == ("done", "", 1929)
    brought = Facility.objects.filter(imported_by=job)
    assert brought.count() == 1929
    sound = {row["uscc"] for line, row in enumerate(rows, FIRST_LINE) if line not in faulty}
    assert set(brought.values_list("uscc", flat=True)) == sound
    assert set(brought.values_list("registration", "statutory_filing__status")) == {
        ("none", "filed")
    }
    assert not Facility.objects.public().filter(imported_by=job).exists()
    assert jobs.work(AT + jobs.LEASE * 3) == 0
    lines = AuditEvent.objects.filter(act="facility.imported")
    assert sum(len(line.detail["codes"]) for line in lines) == 1929


def marked_lines(page, job):
    """The line and the name of each row in the marked file of an import."""
    answer = page.get(reverse("desk:import_errors", args=[job.pk]))
    shape = [*queries.columns(), Column("line", "原行号"), Column("why", "问题")]
    marked = read_table(io.BytesIO(answer.content), shape, max_rows=100, max_bytes=10**7)
    assert all(row.raw["why"] for row in marked.rows)
    return [(row.raw["line"], row.raw["name"]) for row in marked.rows]


@pytest.mark.django_db
def test_the_marked_file_can_be_corrected_and_uploaded_again():
    rows = make.national_rows(4)
    rows[1]["community"] = "别处"
    rows[2]["address"] = "=1+1"
    rows[2]["filed_on"] = "昨天"
    person = make.clerk()
    job = start(make.national_list(rows), person)
    answer = client(person).get(reverse("desk:import_errors", args=[job.pk]))
    marked = read_table(
        io.BytesIO(answer.content), queries.columns(), max_rows=100, max_bytes=10**7
    )
    assert [row.raw["name"] for row in marked.rows] == [rows[1]["name"], rows[2]["name"]]
    assert marked.rows[1].raw["address"] == "=1+1"
    assert marked.unknown == ()
    again = start(answer.content, person)
    assert again.report["kinds"] == {"community": 1, "date": 1}


@pytest.mark.django_db(transaction=True)
def test_an_insert_that_fails_in_the_middle_leaves_nothing():
    """Another row holds the code that row 400 would get: the database refuses the third batch."""
    person = make.clerk()
    job = start(make.national_list(make.national_rows(450)), person)
    jobs.confirm(job, by=Actor.person(person), at=AT)
    standing = make.facility()
    template = in_force(AT.date()).text("filing.facility_code_template")
    ahead = Counter.objects.get(name="paper:facility:0").value + 400
    mine = Facility.objects.filter(pk=standing.pk)
    mine.update(code=facility_code(ahead, template))
    jobs.work(AT)
    job.refresh_from_db()
    assert job.state == "failed"
    assert Facility.objects.count() == 1
    assert Counter.objects.get(name="paper:facility:0").value == ahead - 400
    assert not AuditEvent.objects.filter(act="facility.imported").exists()
    mine.update(code="X")  # the way is free: the same job succeeds
    jobs.retry(job, by=Actor.person(person), at=AT)
    jobs.work(AT)
    job.refresh_from_db()
    assert (job.state, job.rows) == ("done", 450)


@pytest.mark.django_db
def test_a_register_that_moved_on_stops_the_import():
    person = make.clerk()
    rows = make.national_rows(3)
    job = start(make.national_list(rows), person)
    make.facility(uscc=rows[1]["uscc"])
    jobs.confirm(job, by=Actor.person(person), at=AT)
    jobs.work(AT)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "什么都没有导入" in job.error
    assert not Facility.objects.filter(imported_by=job).exists()


@pytest.mark.django_db
def test_an_import_is_taken_back_except_what_was_worked_on():
    job = imported(make.national_rows(5))
    kept, joined = Facility.objects.filter(imported_by=job)[:2]
    make.registered_filing(registration={"uscc": kept.uscc})
    joined.memberships.create(user=make.operator(), since=AT.date())
    other = make.clerk()
    with pytest.raises(NotAllowed):
        actions.undo_import(job, by=Actor.person(make.approver()), at=AT)
    with pytest.raises(actions.UndoTooLate):
        actions.undo_import(job, by=Actor.person(other), at=AT + 8 * DAY)
    actions.undo_import(job, by=Actor.person(other), at=AT + 7 * DAY)
    job.refresh_from_db()
    assert (job.state, job.report["removed"]) == ("undone", 3)
    assert {code for code, _name in job.report["stay"]} == {kept.code, joined.code}
    assert set(Facility.objects.filter(imported_by=job)) == {kept, joined}
    shown = client(other).get(reverse("desk:import_job", args=[job.pk])).content.decode()
    assert kept.code in shown


@pytest.mark.django_db
def test_a_facility_known_from_the_list_is_taken_over_when_it_files():
    job = imported(make.national_rows(1))
    known = Facility.objects.get(imported_by=job)
    decided = make.registered_filing(registration={"uscc": known.uscc})
    known.refresh_from_db()
    assert decided.facility == known
    assert known.registration == "registered"
    assert known.registered_on == AT.date()
    assert known.statutory_filing.status == "filed"
    assert known.classes.count() == 2
    with pytest.raises(actions.AlreadyRegistered):
        make.registered_filing(registration={"uscc": known.uscc})


@pytest.mark.django_db
def test_the_operator_of_a_known_facility_can_fill_in_its_own_code():
    known = Facility.objects.get(imported_by=imported(make.national_rows(1)))
    typed = make.typed(make.registration_answers(uscc=known.uscc)) | {"version": "0"}
    section = RegistrationForm(
        typed, stored={}, version=0, user=make.operator(), law=in_force(AT.date())
    )
    assert section.is_valid(), section.errors


@pytest.mark.django_db
def test_whoever_was_admitted_to_the_known_row_can_be_registered():
    known = Facility.objects.get(imported_by=imported(make.national_rows(1)))
    owner = make.operator()
    actions.ask_to_join(known.uscc, by=Actor.person(owner), at=AT)
    asked = JoinRequest.objects.get(user=owner)
    actions.admit(asked, "editor", by=Actor.person(make.clerk()), at=AT)
    decided = make.registered_filing_of(owner, registration={"uscc": known.uscc})
    assert decided.facility == known
    assert [m.user for m in known.memberships.filter(left_on=None)] == [owner]


@pytest.mark.django_db
def test_the_pages_of_a_facility_that_lacks_most_facts():
    rows = [{key: row[key] for key in ("name", "uscc", "community", "address")}
            for row in make.national_rows(1)]  # fmt: skip
    job = imported(rows)
    known = Facility.objects.get(imported_by=job)
    page = client(make.clerk())
    for tab in ("", "registration", "certificates", "papers"):
        answer = page.get(reverse("desk:facility", args=[known.code]), {"tab": tab})
        assert answer.status_code == 200
        assert "None" not in answer.content.decode()
    assert Client().get(reverse("public:facility", args=[known.code])).status_code == 404
    assert page.get(reverse("desk:facilities")).status_code == 200


@pytest.mark.django_db
def test_the_whole_way_through_the_pages():
    page = client(make.clerk())
    template = page.get(reverse("desk:import_template"))
    assert template["Content-Type"] == XLSX
    upload = SimpleUploadedFile("t.xlsx", template.content, XLSX)
    answer = page.post(reverse("desk:import"), {"file": upload})
    assert "标题行下面没有内容" in answer.content.decode()
    upload = SimpleUploadedFile("名单.xlsx", make.national_list(faulty=2), XLSX)
    answer = page.post(reverse("desk:import"), {"file": upload}, follow=True)
    assert "确认导入 3 家" in answer.content.decode()
    job = Job.objects.get()
    page.post(reverse("desk:job_confirm", args=[job.pk]))
    page.post(reverse("desk:job_confirm", args=[job.pk]))
    jobs.work(AT)
    shown = page.get(reverse("desk:import_job", args=[job.pk])).content.decode()
    assert "已导入 3 家" in shown
    assert "撤回这次导入" in shown
    assert page.get(reverse("desk:import_undo", args=[job.pk])).status_code == 200
    page.post(reverse("desk:import_undo", args=[job.pk]))
    assert Facility.objects.count() == 0


# --- comparison ---------------------------------------------------------------------------------


@pytest.mark.proves("diff:25", "prod:S4")
@pytest.mark.django_db
def test_three_lists_and_one_row_taken_over():
    person = make.clerk()
    agrees, renamed, absent = (make.facility(facility_name=f"比对{n}托育园") for n in "甲乙丙")
    row = {"community": "龙泉社区", "address": "龙泉路18号"}
    content = make.national_list(
        [
            {"name": agrees.name, "uscc": agrees.uscc, **row},
            {"name": "比对乙托育服务中心", "number": "备字7号", "filed_on": dt.date(2025, 6, 1),
             "status": "已备案", **row},
            {"name": "没有见过的托育园", "uscc": make.uscc(), **row},
        ]
    )  # fmt: skip
    job = actions.start_comparison(content, "名单.xlsx", by=Actor.person(person), at=AT)
    jobs.work(AT)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    assert [one["name"] for one in job.report["missing_here"]] == ["没有见过的托育园"]
    assert [one["ref"] for one in job.report["missing_there"]] == [absent.code]
    (pair,) = job.report["different"]
    assert pair["ours"]["ref"] == renamed.code
    assert {field for field, _ours, _theirs in pair["fields"]} == {"status", "number", "filed_on"}
    assert job.report["same"] == 1
    page = client(person)
    for part in ("missing_here", "missing_there", "different"):
        shown = page.get(reverse("desk:compare_job", args=[job.pk]), {"part": part})
        assert shown.status_code == 200
    assert b"".join(page.post(reverse("desk:job_file", args=[job.pk])).streaming_content)
    page.post(reverse("desk:compare_take", args=[job.pk, renamed.code]))
    renamed.statutory_filing.refresh_from_db()
    assert (renamed.statutory_filing.status, renamed.statutory_filing.number) == (
        "filed",
        "备字7号",
    )
    with pytest.raises(LookupError):
        actions.take_over_statutory(job, absent, by=Actor.person(person), at=AT)


@pytest.mark.proves("prod:B20")
@pytest.mark.django_db
def test_what_is_missing_here_becomes_hints_by_one_button_pressed_twice():
    person = make.clerk()
    rows = [
        {"name": f"没有见过{n}托育园", "uscc": make.uscc(), "community": community, "address": n}
        for n, community in (("甲", "龙泉社区"), ("乙", "别处"))
    ]
    content = make.national_list(rows)
    job = actions.start_comparison(content, "名单.xlsx", by=Actor.person(person), at=AT)
    jobs.work(AT)
    page, where = client(person), reverse("desk:compare_leads", args=[job.pk])
    shown = page.get(reverse("desk:compare_job", args=[job.pk])).content.decode()
    assert where in shown
    assert "为这 2 家建立未登记线索" in shown
    assert page.get(where).headers["Location"] == reverse("desk:compare_job", args=[job.pk])
    assert not Lead.objects.exists()
    for _press in range(2):
        assert page.post(where).headers["Location"] == reverse("desk:leads")
        found = {each.name: each for each in Lead.objects.all()}
        assert set(found) == {row["name"] for row in rows}
    here, elsewhere = (found[row["name"]] for row in rows)
    assert (here.community.slug, here.source, here.address) == ("longquan", "comparison", "甲")
    assert elsewhere.community is None


@pytest.mark.django_db
def test_a_code_of_a_cancelled_record_may_come_again():
    closed = make.facility()
    Facility.objects.filter(pk=closed.pk).update(registration="cancelled")
    rows = make.national_rows(1)
    rows[0]["uscc"] = closed.uscc
    assert start(make.national_list(rows)).report["kinds"] == {}


@pytest.mark.django_db
def test_who_is_no_clerk_any_more_brings_nothing_in():
    person = make.clerk()
    job = start(make.national_list(), person)
    jobs.confirm(job, by=Actor.person(person), at=AT)
    RoleAssignment.objects.filter(user=person).delete()
    jobs.work(AT)
    job.refresh_from_db()
    assert (job.state, Facility.objects.count()) == ("failed", 0)


@pytest.mark.django_db
def test_a_facility_that_a_file_points_to_stays_when_its_import_is_taken_back():
    person = make.clerk()
    job = imported(make.national_rows(2), person)
    kept = Facility.objects.filter(imported_by=job).latest("code")
    Attachment.objects.create(
        noun=kept, display_name="a.pdf", media_type="application/pdf", size=1,
        sha256_received="0" * 64, sha256_stored="0" * 64, storage_key="aa/1",
        uploaded_by=person, uploaded_at=AT,
    )  # fmt: skip
    actions.undo_import(job, by=Actor.person(person), at=AT)
    assert Facility.objects.get(imported_by=job) == kept


def compared(facility, person, number):
    row = {"name": facility.name, "uscc": facility.uscc, "number": number, "status": "已备案",
           "filed_on": dt.date(2025, 6, 1), "phone": "13800000000", "manager": "示例负责人",
           "community": "龙泉社区", "address": "龙泉路18号"}  # fmt: skip
    content = make.national_list([row])
    job = actions.start_comparison(content, "名单.xlsx", by=Actor.person(person), at=AT)
    jobs.work(AT)
    job.refresh_from_db()
    return job


@pytest.mark.django_db
def test_a_comparison_keeps_what_was_compared_and_nothing_else():
    job = compared(make.facility(), make.clerk(), "备字7号")
    (pair,) = job.report["different"]
    assert set(pair["theirs"]["values"]) <= {*rules.COMPARED, "community"}
    assert pair["theirs"]["values"]["number"] == "备字7号"
    assert "13800000000" not in str(job.report)


@pytest.mark.django_db
def test_an_old_comparison_does_not_undo_a_newer_look():
    person, facility = make.clerk(), make.facility()
    by = Actor.person(person)
    job = compared(facility, person, "备字7号")
    seen = {"status": "filed", "number": "备字8号", "filed_on": dt.date(2025, 6, 2)}
    actions.record_statutory_filing(facility, seen, by=by, at=AT + DAY)
    where = reverse("desk:compare_take", args=[job.pk, facility.code])
    shown = client(person).post(where, follow=True).content.decode()
    assert "请重新上传名单比对" in shown
    mirror = StatutoryFiling.objects.get(facility=facility)
    assert (mirror.number, mirror.checked_on) == ("备字8号", (AT + DAY).date())


@pytest.mark.django_db
def test_the_list_is_taken_over_once_however_often_the_button_is_pressed():
    person, facility = make.clerk(), make.facility()
    job = compared(facility, person, "备字7号")
    for _press in range(2):
        taken = actions.take_over_statutory(job, facility, by=Actor.person(person), at=AT)
        assert (taken.status, taken.number) == ("filed", "备字7号")
    assert taken.checks.count() == 1


@pytest.mark.django_db
def test_a_number_too_long_for_the_mirror_is_said():
    person, facility = make.clerk(), make.facility()
    job = compared(facility, person, "备" * 41)
    where = reverse("desk:compare_take", args=[job.pk, facility.code])
    assert "接不上" in client(person).post(where, follow=True).content.decode()
    assert not StatutoryFiling.objects.get(facility=facility).number


CODES = st.sampled_from(["", "A", "B", "C", "D"])
NAMES = st.sampled_from(["甲乙园", "丙丁园", "戊己园", "庚辛园"])


def _lists():
    one = st.tuples(CODES, NAMES, st.sampled_from(["", "x", "y"]))
    return st.lists(one, max_size=6)


@given(_lists(), _lists())
def test_every_row_of_both_lists_is_accounted_for_once(ours, theirs):
    here = [
        rules.Listed(f"o{n}", name, code, {"number": v}) for n, (code, name, v) in enumerate(ours)
    ]
    there = [
        rules.Listed(f"t{n}", name, code, {"number": v}) for n, (code, name, v) in enumerate(theirs)
    ]
    found = rules.compare_lists(here, there)
    refs = [one.ref for one in (*found.missing_here, *found.missing_there)]
    refs += [ref for pair in found.different for ref in (pair.ours.ref, pair.theirs.ref)]
    assert len(refs) == len(set(refs))
    assert len(refs) + 2 * found.same == len(ours) + len(theirs)
    for pair in found.different:
        assert pair.ours.uscc == pair.theirs.uscc or not (pair.ours.uscc and pair.theirs.uscc)


@pytest.mark.parametrize(
    ("text", "floors"),
    [
        ("1", (1, 1)),
        ("1-2层", (1, 2)),
        ("-1至2", (-1, 2)),
        ("3—1", None),
        ("一楼", None),
        ("", None),
    ],
)
def test_floors(text, floors):
    assert rules.floors(text) == floors


@pytest.mark.parametrize(
    "name", ["龙泉", "龙泉社区", "寺坡街道龙泉社区", "舞钢市寺坡街道办事处龙泉社区居委会"]
)
def test_a_community_by_its_usual_names(name):
    assert rules.community_key(name) == "龙泉"


@pytest.mark.parametrize("name", sorted(rules.LENGTHS))
def test_a_text_that_passes_the_check_fits_its_column(name: str) -> None:
    noun = StatutoryFiling if name == "number" else Facility
    assert rules.LENGTHS[name] <= noun._meta.get_field(name).max_length


# --- one cell at a time ---------------------------------------------------------------------------

SOUND = {"name": "名录托育园", "community": "龙泉社区", "address": "龙泉路1号"}
GROUND = rules.Ground(
    register={},
    communities={rules.community_key("龙泉社区"): "longquan"},
    words={"tenure": {"租赁": "leased"}},
    today=AT.date(),
)


def found_in(problems=(), **changes):
    """The faults of one row that differs from a sound one in these cells."""
    row = {**SOUND, "uscc": make.uscc(), **changes}
    _good, faults = rules.check_rows([(2, row, dict(problems))], GROUND)
    return [(each.column, each.code) for each in faults.get(2, [])]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("phone", "1391234567", "phone"),
        ("name", "名" * 101, "too_long"),
        ("address", "路" * 201, "too_long"),
        ("floors", "顶楼", "number"),
        ("floors", "3-1", "number"),
        ("established_on", dt.date(1949, 12, 31), "date"),
        ("established_on", AT.date() + DAY, "date"),
        ("places", Decimal("10.5"), "number"),
        ("places", Decimal(2001), "number"),
        ("indoor_area", Decimal(0), "number"),
        ("tenure", "借来的", "choice"),
    ],
)
def test_a_cell_that_cannot_be_is_named(column, value, code):
    assert found_in(**{column: value}) == [(column, code)]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("phone", "0375-0000000"),
        ("name", "名" * 100),
        ("floors", "-1-2层"),
        ("established_on", dt.date(1950, 1, 1)),
        ("established_on", AT.date()),
        ("places", Decimal(2000)),
        ("indoor_area", Decimal("0.01")),
        ("tenure", "租赁"),
    ],
)
def test_a_cell_at_its_bound_passes(column, value):
    assert found_in(**{column: value}) == []


def test_more_vacancies_than_places_cannot_be():
    assert found_in(places=Decimal(10), vacancies=Decimal(11)) == [("vacancies", "number")]
    assert found_in(places=Decimal(10), vacancies=Decimal(10)) == []


def test_a_cell_that_could_not_be_read_says_so_and_is_not_missing_as_well():
    assert found_in({"uscc": "formula"}, uscc=None) == [("uscc", "check_digit")]
    assert found_in({"places": "formula"}) == [("places", "number")]
    assert found_in({"filed_on": "date"}) == [("filed_on", "date")]


@pytest.mark.django_db
def test_an_upload_that_is_gone_says_so_and_enters_nothing():
    person = make.clerk()
    job = start(make.national_list(), person)
    store.delete(job.input_key)
    jobs.confirm(job, by=Actor.person(person), at=AT)
    jobs.work(AT)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "上传的文件已经不在了，请重新上传")
    assert not Facility.objects.exists()


@pytest.mark.django_db
def test_filed_without_number_or_day_is_to_be_looked_up():
    rows = make.national_rows(2)
    rows[0]["number"] = None
    job = imported(rows)
    mirrors = StatutoryFiling.objects.filter(facility__imported_by=job)
    assert dict(mirrors.values_list("facility__uscc", "status")) == {
        rows[0]["uscc"]: "unknown",
        rows[1]["uscc"]: "filed",
    }


@pytest.mark.django_db
def test_what_was_never_entered_cannot_be_taken_back():
    waiting = start(make.national_list())
    assert not importing.may_be_undone(waiting, AT.date())
    assert importing.may_be_undone(imported(make.national_rows(1)), AT.date())


@pytest.mark.django_db
def test_an_upload_that_cannot_be_read_any_more_says_why_and_enters_nothing():
    person = make.clerk()
    job = start(make.national_list(), person)
    jobs.confirm(job, by=Actor.person(person), at=AT)
    store.path(job.input_key).write_bytes(b"PK\x03\x04 damaged")
    jobs.work(AT)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "Excel" in job.error
    assert not Facility.objects.exists()


@pytest.mark.django_db
def test_a_list_that_says_filed_without_number_is_not_taken_over():
    person, facility = make.clerk(), make.facility()
    job = compared(facility, person, None)
    where = reverse("desk:compare_take", args=[job.pk, facility.code])
    assert "接不上" in client(person).post(where, follow=True).content.decode()
    assert StatutoryFiling.objects.get(facility=facility).status == "unknown"
