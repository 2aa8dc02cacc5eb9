"""Exports carry what the screen carries, as text, and leave a line in the audit trail."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from facilities.models import Facility
from facilities.queries import national
from portal.core import jobs
from portal.core.files import store
from portal.core.models import AuditEvent, Job, RoleAssignment
from portal.core.sheets import read_table
from tests import makers as make

AT = make.AT
pytestmark = pytest.mark.django_db
EVIL = '=HYPERLINK("http://x","点")'


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.PRIVATE_MEDIA_ROOT = tmp_path


def client(person):
    made = Client()
    made.force_login(person, backend="portal.core.accounts.SignedIn")
    return made


def fetch(person, name, query="", ending="xlsx"):
    answer = client(person).post(
        f"{reverse('desk:export', args=[name])}?{query}", {"format": ending}
    )
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def table(content):
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python()


def many(count):
    """Copies of one facility, straight into the table: the list is what matters here."""
    first = make.facility()
    copies = []
    for number in range(count - 1):
        copy = Facility.objects.get(pk=first.pk)
        copy.pk = copy.id = make.uuid.uuid4()
        copy.code, copy.uscc, copy.sort_key = f"X-{number}", make.uscc(), f"z{number:04d}"
        copies.append(copy)
    Facility.objects.bulk_create(copies)
    return first


@pytest.mark.proves("prod:O3", "sec:W17")
def test_the_file_holds_the_rows_of_the_screen():
    community = make.user("community", community=make.community("longquan"))
    make.facility(facility_name="甲托育园（示例）")
    make.facility(facility_name="乙托育园（示例）")
    other = make.registered_filing(premises={"community": "hubin"}).facility
    address = reverse("desk:facilities")
    screen = client(community).get(f"{address}?q=托育园").context["page"].object_list
    rows = table(fetch(community, "facilities", "q=托育园"))
    assert [row[0] for row in rows[1:]] == [each.name for each in screen]
    assert len(rows) == 3
    assert other.code not in str(rows)
    everything = table(fetch(make.clerk(), "facilities"))
    assert len(everything) == 4
    line = AuditEvent.objects.filter(act="export.made").order_by("seq").first()
    assert line.detail["rows"] == 2
    assert line.detail["name"] == "facilities"


def test_no_private_phone_and_no_identity_leaves_with_a_list():
    make.facility(manager_phone="13899990001")
    clerk = make.clerk()
    for name in ("facilities", "filings"):
        text = str(table(fetch(clerk, name))) + fetch(clerk, name, ending="csv").decode()
        assert "13899990001" not in text


@pytest.mark.proves("sec:X2")
def test_formulas_stay_text():
    make.facility(facility_name=EVIL)
    clerk = make.clerk()
    content = fetch(clerk, "facilities")
    assert table(content)[1][0] == EVIL
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    text = fetch(clerk, "facilities", ending="csv")
    assert text.startswith(b"\xef\xbb\xbf")
    assert "\r\n\"'=HYPERLINK" in text.decode()


@pytest.mark.proves("prod:O7")
def test_a_long_list_becomes_a_job_with_the_same_rows():
    many(201)
    clerk = make.clerk()
    address = f"{reverse('desk:export', args=['facilities'])}?operating=open"
    answer = client(clerk).post(address, {"format": "xlsx"})
    assert answer.url == reverse("desk:jobs")
    job = Job.objects.get()
    assert job.params == {"name": "facilities", "format": "xlsx", "query": "operating=open"}
    jobs.work(AT)
    job.refresh_from_db()
    assert (job.state, job.rows) == ("done", 201)
    rows = table(store.read(job.result_key))
    assert len(rows) == 202
    page = client(clerk)
    b"".join(page.post(reverse("desk:job_file", args=[job.pk])).streaming_content)
    line = AuditEvent.objects.get(act="job.downloaded")
    assert line.detail["rows"] == 201
    assert line.detail["query"] == "operating=open"


def test_a_person_who_lost_the_role_gets_no_file():
    many(201)
    clerk = make.clerk()
    client(clerk).post(reverse("desk:export", args=["facilities"]), {"format": "csv"})
    RoleAssignment.objects.filter(user=clerk).delete()
    jobs.work(AT)
    job = Job.objects.get()
    assert (job.state, job.result_key) == ("failed", "")


def test_a_file_that_was_made_is_not_for_who_lost_the_role_since():
    many(201)
    clerk = make.clerk()
    client(clerk).post(reverse("desk:export", args=["national"]), {"format": "csv"})
    jobs.work(AT)
    address = reverse("desk:job_file", args=[Job.objects.get(state="done").pk])
    RoleAssignment.objects.filter(user=clerk).update(role="inspector")
    assert client(clerk).post(address).status_code == 403
    RoleAssignment.objects.filter(user=clerk).update(role="clerk")
    assert b"".join(client(clerk).post(address).streaming_content)


def test_the_filings_and_their_filter():
    clerk = make.clerk()
    make.submitted_filing(registration={"facility_name": "丙托育园（示例）"})
    make.registered_filing(by=clerk)
    found = table(fetch(clerk, "filings", "state=submitted"))
    assert [row[0] for row in found[1:]] == ["丙托育园（示例）"]


def test_who_may_not_open_the_list_may_not_export_it():
    for person in (make.operator(), make.user("sysadmin")):
        answer = client(person).post(reverse("desk:export", args=["facilities"]))
        assert answer.status_code == 403
    assert client(make.clerk()).post("/desk/exports/nothing/").status_code == 404


@pytest.mark.proves("diff:25", "prod:S3")
def test_the_list_in_the_order_of_the_national_form():
    """What goes out in the national form reads back as the same facility."""
    made = make.facility()
    content = fetch(make.clerk(), "national")
    found = read_table(io.BytesIO(content), national.columns(), max_rows=9, max_bytes=10**6)
    assert found.unknown == ()
    (row,) = found.rows
    assert (row.values["name"], row.values["uscc"]) == (made.name, made.uscc)
    assert row.values["floors"] == "1-2"
    assert row.values["building_area"] == made.building_area
    assert client(make.approver()).post("/desk/exports/national/").status_code == 403
