"""Settings, calendar, law, first run, alarms and the trail, as the administrator meets them."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from portal.core import exports, jobs, outbox, queries, tasks
from portal.core.actors import Actor
from portal.core.administration import figures, first_run, holidays, law, office, retention, watch
from portal.core.backups import drill
from portal.core.models import (
    AccountCode,
    AuditEvent,
    Backup,
    CalendarYear,
    CitationCheck,
    Community,
    Erasure,
    Heartbeat,
    Holiday,
    Job,
    Notification,
    OfficeSetting,
    OfficialPaper,
    Outbox,
    PackProposal,
    RegulationPack,
    RoleAssignment,
    User,
)
from portal.core.reference import load_reference
from portal.core.regulation.loader import PackError, load_text, parse_pack
from portal.core.roles import Role
from portal.core.workflow import NotAllowed
from tests import makers as make

AT = make.AT
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def keeper():
    return make.user(Role.SYSADMIN)


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def words(**changes):
    now = queries.office()
    return {**now, "mfa_roles": now["mfa_roles"].split(",") if now["mfa_roles"] else [], **changes}


def lines(act):
    return list(AuditEvent.objects.filter(act=act).values_list("detail", flat=True))


# --- settings --------------------------------------------------------------------------------


@pytest.mark.proves("prod:T4")
def test_the_office_names_itself_in_the_browser_and_the_trail_keeps_what_it_was(keeper):
    client = client_of(keeper)
    sent = words(name="东风街道托育平台", phone="0375-1234567", letterhead="东风街道办事处文件")
    answer = client.post("/desk/settings/", sent)
    assert answer.status_code == 302
    home = Client().get("/").content.decode()
    assert "东风街道托育平台" in home
    assert "0375-1234567" in home
    assert sorted(each["name"] for each in lines("office.changed")) == [
        "letterhead",
        "name",
        "phone",
    ]
    phone = {"name": "phone", "old": "0375-0000000", "new": "0375-1234567"}
    assert phone in lines("office.changed")
    client.post("/desk/settings/", sent)
    assert len(lines("office.changed")) == 3
    make.registered_filing()
    assert {p.letterhead for p in OfficialPaper.objects.all()} == {"东风街道办事处文件"}


def test_a_setting_that_will_not_do_is_said_and_nothing_is_lost(keeper):
    client = client_of(keeper)
    sent = words(phone="打给我", uplink_url="javascript:alert(1)", unit="卫生健康办")
    page = client.post("/desk/settings/", sent).content.decode()
    assert "电话只能有数字、空格和横线" in page
    assert "地址要以 https:// 或 http:// 开头" in page
    assert "卫生健康办" in page
    assert not OfficeSetting.objects.exists()


@pytest.mark.proves("prod:V1")
def test_of_whom_a_second_factor_is_asked_is_decided_in_the_browser(keeper):
    clerk = client_of(make.clerk())
    assert clerk.get("/desk/").status_code == 200
    client_of(keeper).post("/desk/settings/", words(mfa_roles=["clerk", "approver"]))
    answer = clerk.get("/desk/")
    assert answer.status_code == 302
    assert answer["Location"].endswith("/accounts/2fa/totp/activate/")
    assert client_of(keeper).get("/desk/settings/").status_code == 200
    office.change({"mfa_roles": ""}, by=Actor.person(keeper), at=AT)
    assert clerk.get("/desk/").status_code == 200


def test_only_the_administrator_changes_settings_and_only_known_ones(keeper):
    with pytest.raises(PermissionDenied):
        office.change({"name": "x"}, by=Actor.person(make.clerk()), at=AT)
    with pytest.raises(ValueError, match="no settings"):
        office.change({"secret": "x"}, by=Actor.person(keeper), at=AT)


# --- calendar --------------------------------------------------------------------------------


@pytest.mark.proves("prod:K4")
def test_a_day_is_kept_changed_and_removed_and_deadlines_follow(keeper):
    client = client_of(keeper)
    day = {"date": "2026-11-24", "is_workday": "no", "name": "停电放假", "source": "街道通知"}
    assert queries.working_calendar().is_working_day(dt.date(2026, 11, 24))
    assert client.post("/desk/holidays/new/", day).status_code == 302
    assert not queries.working_calendar().is_working_day(dt.date(2026, 11, 24))
    assert "停电放假" in client.get("/desk/holidays/?year=2026").content.decode()
    changed = {**day, "name": "检修放假"}
    client.post("/desk/holidays/2026-11-24/", changed)
    client.post("/desk/holidays/2026-11-24/", changed)
    assert {each["new"]["name"] for each in lines("holiday.kept")} == {"停电放假", "检修放假"}
    client.post("/desk/holidays/2026-11-24/remove/")
    assert queries.working_calendar().is_working_day(dt.date(2026, 11, 24))
    assert client.post("/desk/holidays/2026-11-24/remove/").status_code == 404
    assert not holidays.remove_day(dt.date(2026, 11, 24), by=Actor.person(keeper), at=AT)
    assert client.get("/desk/holidays/nonsense/").status_code == 404


def test_a_bad_day_is_said(keeper):
    page = client_of(keeper).post("/desk/holidays/new/", {"date": "1066-01-01"}).content.decode()
    assert "年份要在 2000 到 2100 之间" in page
    for year in ("0", "99999", "二", "-1"):
        assert client_of(keeper).get(f"/desk/holidays/?year={year}").status_code == 200


def test_a_year_is_imported_whole_and_a_year_not_announced_is_not(keeper):
    client = client_of(keeper)
    before = set(Holiday.objects.filter(date__year=2025).values_list("date", flat=True))
    Holiday.objects.filter(date__year=2025).delete()
    Holiday.objects.create(date=dt.date(2025, 3, 3), is_workday=False, name="x", source="x")
    client.post("/desk/holidays/import/", {"year": "2025"})
    assert set(Holiday.objects.filter(date__year=2025).values_list("date", flat=True)) == before
    answer = client.post("/desk/holidays/import/", {"year": "2090"}, follow=True)
    assert "还没有这一年公布的安排" in answer.content.decode()
    assert not CalendarYear.objects.filter(year=2090).exists()
    client.post("/desk/holidays/confirm/", {"year": "2090"})
    assert CalendarYear.objects.get(year=2090).is_official
    with pytest.raises(PermissionDenied):
        holidays.confirm_year(2091, by=Actor.person(make.approver()), at=AT)


# --- law -------------------------------------------------------------------------------------


def filing_text(value=9, since="2026-11-23"):
    row = law.newest("filing")
    content = parse_pack(json.loads(row.content)).content
    values = content["entries"]["answer_working_days"]["values"]
    values.append({**values[-1], "since": since, "value": value})
    return json.dumps(content, ensure_ascii=False)


@pytest.mark.proves("prod:T1", "diff:8")
def test_another_text_of_the_law_is_proposed_compared_and_published_by_two(keeper):
    before = queries.in_force(AT.date()).integer("filing.answer_working_days")
    clerk, approver = make.clerk(), make.approver()
    sent = {"text": filing_text(), "reason": "新规定"}
    answer = client_of(clerk).post("/desk/regulation/filing/new/", sent)
    [proposal] = PackProposal.objects.all()
    assert answer["Location"] == f"/desk/regulation/proposals/{proposal.pk}/"
    page = client_of(approver).get(answer["Location"]).content.decode()
    assert "答复" in page or "answer" in page
    assert queries.in_force(AT.date()).integer("filing.answer_working_days") == before
    assert client_of(keeper).post(f"{answer['Location']}publish/").status_code == 403
    client_of(approver).post(f"{answer['Location']}publish/")
    assert queries.in_force(AT.date()).integer("filing.answer_working_days") == 9
    yesterday = AT.date() - dt.timedelta(days=1)
    assert queries.in_force(yesterday).integer("filing.answer_working_days") == before
    newest = law.newest("filing")
    assert (newest.source, newest.proposed_by, newest.approved_by) == ("edited", clerk, approver)
    client_of(approver).post(f"{answer['Location']}publish/")
    assert RegulationPack.objects.filter(key="filing").count() == newest.version
    load_reference(at=AT)
    assert law.newest("filing") == newest  # what was edited here keeps the last word


SINCE = dt.date(2026, 12, 1)


def typed(**changes):
    """The form of the deductions for findings as it stands, with these changes."""
    kept = {"value_0": "15", "value_1": "5", "value_2": "1", "since": SINCE.isoformat(),
            "act": "街道托育风险分级规则", "number": "", "article": "", "own": "on",
            "reason": "上一年问题太多"}  # fmt: skip
    return {**kept, **changes}


@pytest.mark.proves("prod:H3", "prod:T1")
def test_a_weight_is_changed_in_a_form_from_a_day_on_by_two():
    clerk, approver = client_of(make.clerk()), client_of(make.approver())
    url = "/desk/regulation/risk/figures/finding_points/"
    assert url in clerk.get("/desk/regulation/risk/").content.decode()
    assert url not in approver.get("/desk/regulation/risk/").content.decode()
    page = clerk.get(url).content.decode()
    for said in ("重大", "较大", "一般", "分", "街道托育风险分级规则"):
        assert said in page
    answer = clerk.post(url, typed(value_1="８"))
    [proposal] = PackProposal.objects.all()
    where = f"/desk/regulation/proposals/{proposal.pk}/"
    assert answer["Location"] == where
    page = approver.get(where).content.decode()
    assert "较大：5 分" in page
    assert "较大：8 分" in page
    approver.post(f"{where}publish/")
    now = queries.in_force(AT.date())
    assert now.table("risk.finding_points") == {"critical": 15, "major": 5, "minor": 1}
    later = queries.in_force(SINCE)
    assert later.table("risk.finding_points") == {"critical": 15, "major": 8, "minor": 1}
    assert later["risk.finding_points"].citation.mark == "proposal"
    # The next change begins after this one.
    late = clerk.post(url, typed(value_1="8", value_2="2")).content.decode()
    assert "已经有一个值" in late


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, "没有改动"),
        ({"value_0": "16", "since": "2026-11-23"}, "要从明天或更晚的一天起"),
        ({"value_0": "-1"}, "应在 0 至 1000000 之间"),
        ({"value_0": "很多"}, "请填整数"),
        ({"value_0": "9" * 40}, "应在 0 至 1000000 之间"),
        ({"value_0": "16", "act": ""}, "请填写"),
        ({"value_0": "16", "reason": ""}, "请填写"),
    ],
)
def test_a_weight_that_cannot_be_is_refused_in_words_and_nothing_typed_is_lost(changes, why):
    sent = typed(**{"article": "第五条", **changes}) if changes else typed()
    page = client_of(make.clerk()).post("/desk/regulation/risk/figures/finding_points/", sent)
    assert page.status_code == 200
    assert why in page.content.decode()
    assert not changes or "第五条" in page.content.decode()
    assert not PackProposal.objects.exists()


def test_a_number_of_the_law_is_read_anew_by_two_when_its_article_changes():
    clerk = client_of(make.clerk())
    url = "/desk/regulation/filing/figures/answer_working_days/"
    sent = {"value_0": "7", "since": "2026-12-01", "act": "新的办法", "number": "示例〔2026〕1号",
            "article": "第三条", "reason": "新办法施行"}  # fmt: skip
    where = clerk.post(url, sent)["Location"]
    client_of(make.approver()).post(f"{where}publish/")
    changed = queries.in_force(SINCE)["filing.answer_working_days"]
    assert (changed.value, changed.citation.act, changed.verified) == (7, "新的办法", False)
    assert changed.citation.mark == "known"


@pytest.mark.parametrize(
    "path", ["filing/figures/nothing", "nothing/figures/x", "risk/figures/a-b"]
)
def test_what_is_no_number_has_no_form(path):
    assert client_of(make.clerk()).get(f"/desk/regulation/{path}/").status_code == 404


def test_every_figure_of_numbers_has_names_and_a_unit():
    """Nobody has to guess what "untrue_minor" is."""
    for row in RegulationPack.objects.order_by("key", "-version").distinct("key"):
        pack = parse_pack(json.loads(row.content))
        for name, entry in pack.entries.items():
            for item in figures.numbers(entry) or {}:
                said = str(figures.name_of(f"{pack.key}.{name}", item))
                assert not item or said != item or not item.isascii(), (pack.key, name, item)
            lines = figures.shown(f"{pack.key}.{name}", entry.unit, entry.values[-1].value)
            assert all(lines), (pack.key, name)


def test_who_proposed_does_not_publish():
    both = make.user(Role.CLERK, Role.APPROVER)
    proposal = make.pack_proposal("filing", Actor.person(both))
    with pytest.raises(NotAllowed):
        law.publish(proposal, by=Actor.person(both), at=AT)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "请填写全文"),
        ("{", "不是可用的规则包"),
        ("a: 1\na: 2", "given twice"),
        ("pack: jobs\ntitle: x\nentries: {a: {}}", "不是可用的规则包"),
        ("[" * 5000, "不是可用的规则包"),
        ("a: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]", "alias"),
        ("!!python/object/apply:os.system ['true']", "不是可用的规则包"),
    ],
)
def test_a_text_that_is_no_pack_is_refused_in_words(text, why):
    sent = {"text": text, "reason": "x"}
    answer = client_of(make.clerk()).post("/desk/regulation/filing/new/", sent)
    assert answer.status_code == 200
    assert why in answer.content.decode()
    assert not PackProposal.objects.exists()


def test_what_was_in_force_stays(keeper):
    row = law.newest("filing")
    base = parse_pack(json.loads(row.content), version=row.version)

    def changed(change):
        content = json.loads(json.dumps(base.content))
        change(content)
        return json.dumps(content)

    def drop_value(content):
        entry = content["entries"]["answer_working_days"]
        entry["values"][0]["since"] = "1999-01-01"

    for change in (
        lambda c: c["entries"].pop("answer_working_days"),
        lambda c: c["entries"]["answer_working_days"].update(unit="weeks"),
        drop_value,
        lambda c: c.update(pack="other"),
    ):
        with pytest.raises(PackError):
            law.read(changed(change), "filing", base)
    with pytest.raises(PackError, match="longer"):
        load_text("x" * 400_001)
    by = Actor.person(keeper)
    with pytest.raises(law.Refused, match="same"):
        law.propose(row, base, "x", by=by, at=AT)
    make.pack_proposal("filing", by)
    with pytest.raises(law.Refused, match="proposed"):
        make.pack_proposal("filing", by)
    stale = RegulationPack(key="filing", version=row.version + 7, digest="")
    with pytest.raises(law.Refused, match="stale"):
        law.propose(stale, base, "x", by=by, at=AT)


def test_a_proposal_on_an_older_version_is_not_published(keeper):
    proposal = make.pack_proposal("filing", Actor.person(keeper))
    row = law.newest("filing")
    row.pk, row.version, row._state.adding = make.uuid.uuid4(), row.version + 1, True
    row.save()
    url = f"/desk/regulation/proposals/{proposal.pk}/publish/"
    page = client_of(make.approver()).post(url, follow=True).content.decode()
    assert "已经发布了新的版本" in page
    proposal.refresh_from_db()
    assert proposal.state == "proposed"


def test_a_proposal_is_declined_with_a_reason_or_withdrawn(keeper):
    first = make.pack_proposal("filing", Actor.person(keeper))
    url = f"/desk/regulation/proposals/{first.pk}/"
    approver = client_of(make.approver())
    assert "请填写" in approver.post(f"{url}decline/", {}).content.decode()
    approver.post(f"{url}decline/", {"reason": "条文不对"})
    assert "条文不对" in client_of(keeper).get(url).content.decode()
    second = make.pack_proposal("filing", Actor.person(keeper))
    client_of(keeper).post(f"/desk/regulation/proposals/{second.pk}/withdraw/")
    second.refresh_from_db()
    assert second.state == "withdrawn"
    assert client_of(make.clerk()).get("/desk/regulation/nothing/").status_code == 404


def test_the_pack_as_a_file_comes_back_the_same(keeper):
    client = client_of(keeper)
    text = client.get("/desk/regulation/filing/pack.yaml").content.decode()
    row = law.newest("filing")
    base = parse_pack(json.loads(row.content))
    assert law.read(text, "filing", base).digest == row.digest
    file = SimpleUploadedFile("filing.yaml", filing_text().encode())
    client.post("/desk/regulation/filing/new/", {"file": file, "reason": "x"})
    assert PackProposal.objects.count() == 1
    for content, why in ((b"\xff\xfe\x00", "UTF-8"), (b"x" * 400_001, "文件太大")):
        sent = {"file": SimpleUploadedFile("x.yaml", content), "reason": "x"}
        page = client.post("/desk/regulation/jobs/new/", sent).content.decode()
        assert why in page


def test_an_article_is_printed_once_two_have_read_it():
    first, second = make.clerk(), make.approver()
    key = "filing.answer_working_days"
    since = queries.in_force(AT.date())[key].since
    sent = {"figure": "answer_working_days", "since": since.isoformat()}
    url = "/desk/regulation/filing/check/"
    client_of(first).post(url, sent)
    client_of(first).post(url, sent)
    assert not queries.in_force(AT.date())[key].verified
    page = client_of(second).get("/desk/regulation/filing/").content.decode()
    assert "等第二人" in page
    client_of(second).post(url, sent)
    assert queries.in_force(AT.date())[key].verified
    with pytest.raises(law.Refused, match="checked"):
        law.check_figure(key, since, by=Actor.person(make.clerk()), at=AT)
    client_of(first).post(url, {**sent, "doubt": "1"})
    assert not CitationCheck.objects.exists()
    assert not law.uncheck_figure(key, since, by=Actor.person(first), at=AT)
    with pytest.raises(PermissionDenied):
        law.uncheck_figure(key, since, by=Actor.person(make.user(Role.SYSADMIN)), at=AT)
    page = client_of(first).post(url, {"figure": "nothing"}, follow=True).content.decode()
    assert "没有这一条" in page


# --- first run -------------------------------------------------------------------------------


def starters():
    return (first_run.Starter("keeper", "系统管理员", "综合科系统管理员"),
            first_run.Starter("head", "分管副主任", "分管副主任"))  # fmt: skip


def test_the_first_run_opens_the_office_with_two_persons_and_two_codes():
    names = ["东风社区", "前进村"]
    words = {"office": "东风街道办事处", "phone": ""}
    codes = first_run.open_office(words, names, *starters(), at=AT)
    assert set(codes) == {"keeper", "head"}
    assert list(Community.objects.values_list("name", "is_village")) == [
        ("东风社区", False), ("前进村", True),
    ]  # fmt: skip
    assert queries.office()["office"] == "东风街道办事处"
    assert queries.office()["phone"] == "0375-0000000"
    assert dict(RoleAssignment.objects.values_list("user__username", "role")) == {
        "keeper": "sysadmin", "head": "approver",
    }  # fmt: skip
    acts = list(AuditEvent.objects.values_list("act", flat=True))
    for act, times in (("office.opened", 1), ("account.invited", 2), ("account.code_given", 2)):
        assert acts.count(act) == times
    assert all(code not in str(list(AuditEvent.objects.values())) for code in codes.values())
    for name, code in codes.items():
        sent = {"username": name, "code": code, "password1": "a-long-word-here-7",
                "password2": "a-long-word-here-7"}  # fmt: skip
        assert Client().post("/accounts/invited/", sent).status_code == 303
        assert Client().login(username=name, password="a-long-word-here-7")
    load_reference(at=AT)
    assert Community.objects.count() == 2


def test_a_second_first_run_and_one_person_twice_are_refused():
    one, _two = starters()
    with pytest.raises(first_run.SamePerson):
        first_run.open_office({}, [], one, one, at=AT)
    first_run.open_office({}, [], *starters(), at=AT)
    assert Community.objects.count() == 10
    with pytest.raises(first_run.AlreadyOpen):
        first_run.open_office({}, [], *starters(), at=AT)
    assert User.objects.count() == 2


COMMAND = {
    "name": "东风街道托育平台", "office": "东风街道办事处", "unit": "卫健办",
    "phone": "0375-7654321",
    "hours": "工作日 8:00—12:00", "communities": "东风社区，前进村",
    "keeper": "keeper,管理员,管理员",
    "approver": "head,分管副主任,分管副主任",
}  # fmt: skip


def test_the_command_sets_the_office_up_once(settings, tmp_path, capsys):
    settings.KEY_FILE, settings.BACKUP_KEY_FILE = tmp_path / "seal.json", tmp_path / "b.json"
    settings.STATE_DIR, settings.DEMO = tmp_path, False
    call_command("setup_office", **COMMAND)
    said = capsys.readouterr().out
    assert "keeper" in said
    assert "seal.json" in said
    assert (tmp_path / "b.json").stat().st_mode & 0o077 == 0
    assert Community.objects.count() == 2
    call_command("setup_office", **COMMAND)
    assert "已经建好" in capsys.readouterr().out
    assert User.objects.count() == 2


def test_the_command_asks_for_what_is_missing_and_refuses_nonsense(settings, tmp_path):
    settings.KEY_FILE, settings.BACKUP_KEY_FILE = tmp_path / "seal.json", tmp_path / "b.json"
    settings.STATE_DIR, settings.DEMO = tmp_path, False
    for wrong in ({"keeper": "K!,x,x"}, {"keeper": "only"}, {"keeper": "head,a,b"}, {"phone": "x"}):
        with pytest.raises(CommandError):
            call_command("setup_office", **{**COMMAND, **wrong})
    assert not User.objects.exists()
    settings.DEMO = True
    with pytest.raises(CommandError, match="DEMO=0"):
        call_command("setup_office", **COMMAND)


# --- alarms ----------------------------------------------------------------------------------


def names(checks):
    return {check.name for check in checks if not check.is_well}


def test_what_stands_still_is_seen_and_told_once_a_day(keeper):
    assert names(watch.machinery(AT)) == set()
    tasks.heartbeat()
    assert Heartbeat.objects.get().at == AT
    later = AT + dt.timedelta(minutes=20)
    jobs.request("export", "x", {}, by=Actor.person(keeper), at=AT)
    outbox.post("paper.render", {}, dedup_key="x", at=AT)
    assert names(watch.machinery(later)) == {"beat", "jobs", "outbox"}
    with time_machine.travel(later, tick=False):
        ready = Client().get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["beat"] is False
        page = client_of(keeper).get("/desk/system/").content.decode()
        assert page.count("要处理") >= 3
        assert tasks.tell_alarms(later) >= 3
        assert tasks.tell_alarms(later) == 0
        assert tasks.tell_alarms(later + dt.timedelta(days=1)) >= 3
        Outbox.objects.filter(kind="paper.render").delete()
        outbox.drain(later)
    told = Notification.objects.filter(to=keeper, kind="house.alarm")
    assert any("定时任务" in each.title for each in told)


def test_upkeep_names_the_copy_the_letters_the_jobs_and_the_year(keeper):
    week = AT + dt.timedelta(days=7)
    assert "backup" not in names(watch.upkeep(AT))
    assert "backup" in names(watch.upkeep(dt.datetime(2030, 1, 1, tzinfo=dt.UTC)))
    Backup.objects.create(day=week.date(), made_at=week, name="x")
    assert "backup" not in names(watch.upkeep(week))
    december = dt.datetime(2026, 12, 1, 4, tzinfo=dt.UTC)
    CalendarYear.objects.filter(year=2027).delete()
    assert "calendar" in names(watch.upkeep(december))
    assert "calendar" not in names(watch.upkeep(AT))
    Outbox.objects.create(dedup_key="l", kind="email", payload={}, due_at=AT, failed_at=AT)
    made = jobs.request("export", "x", {}, by=Actor.person(keeper), at=AT)
    Job.objects.filter(pk=made.pk).update(state="failed", finished_at=AT, error="x")
    assert {"letters", "failed_jobs"} <= names(watch.upkeep(AT))


# --- the trail and the other pages -----------------------------------------------------------


def test_the_auditor_searches_the_trail_and_takes_it_away():
    filing = make.registered_filing()
    auditor = make.user(Role.AUDITOR)
    client = client_of(auditor)
    page = client.get("/desk/audit/").content.decode()
    assert "filing.register" in page
    only = client.get(f"/desk/audit/?key={filing.pk}&act=filing.").content.decode()
    assert "filing.submit" in only
    assert "account." not in only.split("<tbody>")[1]
    assert "没有符合条件" in client.get("/desk/audit/?since=2030-01-01").content.decode()
    assert "没有符合条件" in client.get("/desk/audit/?until=2020-01-01").content.decode()
    assert "没有符合条件" in client.get("/desk/audit/?refused=on").content.decode()
    for odd in ("?since=x&page=99999", "?act=%00&who=%25", "?noun=FACILITIES.filing"):
        assert client.get(f"/desk/audit/{odd}").status_code == 200
    answer = client.post("/desk/exports/trail/?act=filing.", {"format": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.count("filing.") >= 3
    assert "account." not in text
    assert lines("export.made")[-1]["name"] == "trail"
    assert exports.named("trail").roles == {Role.AUDITOR}


def test_pages_of_the_administrator_read(keeper):
    make.registered_filing()
    outbox.drain(AT)
    client = client_of(keeper)
    assert "号" in client.get("/desk/numbering/").content.decode()
    sent = client.get("/desk/messages/sent/").content.decode()
    assert Notification.objects.first().kind in sent
    assert Notification.objects.first().title not in sent
    Backup.objects.create(day=AT.date(), made_at=AT, error="OSError")
    copy = Backup.objects.create(day=AT.date(), made_at=AT, name="portal.backup", size=2048)
    page = client.get("/desk/backups/").content.decode()
    assert "没有做成" in page
    assert "portal.backup" in page
    client.post("/desk/backups/now/")
    report = client.post(f"/desk/backups/{copy.pk}/drill/")["Location"]
    assert "演练报告" in client.get(report).content.decode()
    Job.objects.filter(kind=drill.KIND).update(
        state="done", rows=3,
        report={"tables": 1, "files": 0, "audit_seq": 2, "is_whole": False,
                "differences": ["表 x"]},
    )  # fmt: skip
    assert "表 x" in client.get(report).content.decode()
    other = Job.objects.get(kind=drill.MAKE)
    assert client.get(f"/desk/backups/drills/{other.pk}/").status_code == 404


# --- what is kept no longer ---------------------------------------------------------------------


LATER = AT + dt.timedelta(days=800)


def spent():
    """A message delivered and read, a code, a session: long ago; and the same of today."""
    clerk = make.clerk()
    for number, at in enumerate((AT, LATER)):
        Outbox.objects.create(dedup_key=f"x{number}", kind="x", payload={}, due_at=at, done_at=at)
        Notification.objects.create(to=clerk, kind="x", title="x", noun=clerk, at=at, read_at=at,
                                    dedup_key=f"x{number}")  # fmt: skip
        Session.objects.create(session_key=f"x{number}", session_data="", expire_date=at)
    Notification.objects.create(to=clerk, kind="x", title="x", noun=clerk, at=AT, dedup_key="new")


def test_what_is_due_goes_once_two_persons_agree(keeper):
    spent()
    approver = make.approver()
    with pytest.raises(retention.NothingDue):
        retention.propose(by=Actor.person(keeper), at=AT)
    with time_machine.travel(LATER, tick=False):
        where = client_of(keeper).post("/desk/retention/propose/")["Location"]
        [plan] = Erasure.objects.all()
        assert {step["name"]: step["count"] for step in plan.plan} == {
            "delivered": 1, "messages": 1, "sessions": 1,
        }  # fmt: skip
        again = client_of(keeper).post("/desk/retention/propose/", follow=True)
        assert "已经有一份在等" in again.content.decode()
        assert client_of(keeper).post(f"{where}approve/").status_code == 403
        assert Outbox.objects.filter(kind="x").count() == 2
        page = client_of(approver).post(f"{where}approve/", follow=True).content.decode()
        assert "已清理" in page
        client_of(approver).post(f"{where}approve/")
    assert list(Outbox.objects.filter(kind="x").values_list("dedup_key", flat=True)) == ["x1"]
    assert set(Notification.objects.values_list("dedup_key", flat=True)) == {"x1", "new"}
    assert list(Session.objects.filter(session_key__regex=r"^x\d$").values_list(
        "session_key", flat=True)) == ["x1"]  # fmt: skip
    assert lines("erasure.done") == [{"delivered": 1, "messages": 1, "sessions": 1}]


def test_a_plan_is_declined_or_withdrawn_and_nothing_goes(keeper):
    spent()
    second_person = make.approver()
    with time_machine.travel(LATER, tick=False):
        approver = client_of(second_person)
        first = retention.propose(by=Actor.person(keeper), at=LATER)
        url = f"/desk/retention/{first.pk}/"
        assert "请填写" in approver.post(f"{url}decline/", {}).content.decode()
        approver.post(f"{url}decline/", {"reason": "先不清理"})
        assert "先不清理" in client_of(keeper).get(url).content.decode()
        second = retention.propose(by=Actor.person(keeper), at=LATER)
        client_of(keeper).post(f"/desk/retention/{second.pk}/withdraw/")
        second.refresh_from_db()
        assert second.state == "withdrawn"
        page = client_of(make.user(Role.AUDITOR)).get("/desk/retention/")
        assert "历次清理" in page.content.decode()
        outbox.drain(LATER)
    assert Notification.objects.filter(kind="erasure.proposed").exists()
    assert Outbox.objects.filter(kind="x").count() == 2
    with pytest.raises(PermissionDenied):
        retention.propose(by=Actor.person(make.clerk()), at=LATER)
    assert retention.label("gone") == "gone"


def test_registrations_papers_and_the_trail_have_no_rule():
    kinds = {each.rule.ended(LATER).model for each in retention.due(LATER)}
    assert kinds == {Outbox, Notification, AccountCode, Session}


def test_what_an_act_puts_in_force_holds_within_the_same_request():
    proposal = make.pack_proposal("filing", Actor.person(make.clerk()))
    by, day = Actor.person(make.approver()), AT.date()
    with queries.remembered():
        before = queries.in_force(day).version
        assert queries.in_force(day).version == before
        law.publish(proposal, by=by, at=AT)
        assert queries.in_force(day).version != before
