"""Every filtered list of the desk goes out as a file: its rows, no other, as text, and noted."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import NoReverseMatch, reverse

from complaints import actions as case_actions
from evaluations import actions as round_actions
from evaluations.queries import indicators
from facilities import actions as facility_actions
from facilities.models.leads import LeadSource
from inspections import actions as visit_actions
from inspections.models import Finding
from portal.core import clock, exports, jobs, publishing
from portal.core.actors import Actor
from portal.core.files import store
from portal.core.models import AuditEvent, Job, User
from portal.core.roles import STAFF_ROLES, Role
from tests import exporting, makers
from tests.complaints import makers as cases
from tests.evaluations import makers as rounds
from tests.house.test_matrix import ROUTES
from tests.inspections import makers as visits

pytestmark = pytest.mark.django_db
AT = makers.AT
EVIL = '=HYPERLINK("http://x","点")'
FEW, MANY = 2, 5
_n = itertools.count(1)


@pytest.fixture(autouse=True)
def _house(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PRIVATE_MEDIA_ROOT = tmp_path
    monkeypatch.setattr(clock, "now", lambda: AT)


# --- which lists there are ------------------------------------------------------------------------

EXPORTED = {
    "desk:facilities": "facilities",
    "desk:filings": "filings",
    "desk:leads": "leads",
    "desk:expiries": "expiries",
    "desk:inspections": "inspections",
    "desk:not_visited": "not_visited",
    "desk:findings": "findings",
    "desk:plans": "plans",
    "desk:evaluations": "evaluations",
    "desk:complaints": "complaints",
    "desk:disclosure": "disclosure",
    "desk:audit": "trail",
}
# The other pages with a filter, and why nothing of them is taken away as a file.
KEPT_IN = {
    "desk:users": "accounts of colleagues: nobody takes a list of people away (sec:W18)",
    "desk:risks": "the office's own classes are for planning visits and never leave it",
    "desk:complaint_reports": "figures of a time, not rows",
}
# A second form of a list, for the same page.
OTHER_FORMS = {"national"}
SIGNS = ('class="filter-bar', 'class="tabs-nav"')


def is_filtered(page: str) -> bool:
    """Whether the page offers a choice of rows."""
    return any(sign in page for sign in SIGNS)


def lists_of_the_desk() -> dict[str, frozenset[str]]:
    """Every page about many nouns, and who opens it."""
    found = {}
    for route, view in ROUTES.items():
        policy = getattr(view, "policy", None)
        is_read = policy and policy.kind == "lists" and "GET" in policy.methods
        if is_read and route.startswith("desk:") and is_plain(route):
            found[route] = policy.roles
    return found


def is_plain(route: str) -> bool:
    """Whether its address takes nothing: a route with arguments is about one noun."""
    try:
        reverse(route)
    except NoReverseMatch:
        return False
    return True


def without_export(routes: dict[str, frozenset[str]]) -> list[str]:
    """Filtered lists that neither go out nor are said to stay."""
    found = []
    for route, roles in routes.items():
        person = makers.user(*sorted(roles)[:1])
        answer = exporting.client(person).get(reverse(route))
        if answer.status_code == 200 and is_filtered(answer.content.decode(errors="ignore")):
            found.append(route)
    return sorted(set(found) - set(EXPORTED) - set(KEPT_IN))


@pytest.mark.proves("prod:O3")
def test_every_filtered_list_goes_out_or_is_said_to_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    every = lists_of_the_desk()
    assert set(every) >= set(EXPORTED) | set(KEPT_IN)
    assert without_export(every) == []
    monkeypatch.delitem(EXPORTED, "desk:leads")
    assert without_export({"desk:leads": every["desk:leads"]}) == ["desk:leads"]


def test_every_export_is_of_a_list() -> None:
    assert set(exports._exports) == set(EXPORTED.values()) | OTHER_FORMS


@pytest.mark.parametrize(("route", "name"), sorted(EXPORTED.items()))
def test_who_opens_the_list_takes_it_away_and_nobody_else(route: str, name: str) -> None:
    export = exports.named(name)
    assert export is not None
    assert export.roles == ROUTES[route].policy.roles
    assert export.route == route
    others = {*STAFF_ROLES, Role.EVALUATOR, Role.OPERATOR} - export.roles
    assert len(others) > 1
    for role in others:
        answer = exporting.client(makers.user(role)).post(f"/desk/exports/{name}/")
        assert answer.status_code == 403, role
    nobody = exporting.client(makers.user()).post(f"/desk/exports/{name}/")
    assert nobody.status_code == 403


# --- what goes out --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A list: who reads it, how a row with a given first cell is made, a filter that finds it."""

    route: str
    reader: Callable[[], User]
    one: Callable[[str], Any]
    query: Callable[[Any], str]
    other: Callable[[str], Any] | None = None  # a row the filter leaves out, where `one` is none
    outsider: Callable[[], User] | None = None  # opens the list, but on other ground


def community() -> User:
    return makers.user(Role.COMMUNITY, community=makers.community("hubin"))


def a_handler_elsewhere() -> User:
    return makers.user(Role.HANDLER, community=makers.community("hubin"))


def auditor() -> User:
    return makers.user(Role.AUDITOR)


def by(role: str = Role.CLERK) -> Actor:
    return Actor.person(makers.user(role))


def a_lead(name: str) -> Any:
    given = {"source": LeadSource.PHONE, "name": name, "address": "龙泉路40号二楼",
             "community": makers.community()}  # fmt: skip
    return facility_actions.start_lead(given, by=by(), at=AT)


def a_lease(name: str, month: int = 5) -> Any:
    return rounds.facility(name=name, lease_end=dt.date(2031, month, 10))


def a_visit(name: str) -> Any:
    team = [visits.inspector(), visits.inspector()]
    for person, called in zip(team, ("甲检查员", "乙检查员"), strict=True):
        person.display_name = called
        person.save()
    return visits.assigned(*team, place=rounds.facility(name=name))


def a_finding(text: str) -> Any:
    """The first through the acts; its copies straight into the table."""
    first = Finding.objects.order_by("id").first()
    if first is None:
        first = visits.finding()
    else:
        first.pk, first.item, first._state.adding = makers.uuid.uuid4(), None, True
        first.number = f"X-{next(_n)}"
    first.text = text
    first.save()
    return first


def a_plan(name: str) -> Any:
    values = visits.plan_values(name=name)
    return visit_actions.start_plan(values, by=by(), at=AT, token=makers.uuid.uuid4())


def unvisited(name: str) -> Any:
    return rounds.facility(name=name)


def a_round(title: str) -> Any:
    if indicators.newest_published() is None:
        rounds.published_set()
    return round_actions.create_round(
        title, "regular", [rounds.facility()], by=by(), at=AT, occasion=f"export:{next(_n)}"
    )


def a_cancelled_round(title: str) -> Any:
    return round_actions.cancel_round(a_round(title), "示例", by=by(Role.APPROVER), at=AT)


def a_case(title: str) -> Any:
    made = cases.complaint(facility=rounds.facility(name="被投诉处（示例）"))
    handler = cases.handler(post="承办岗")
    by = Actor.person(handler)
    made = case_actions.accept_complaint(made, "major", by=by, at=AT, title=title)
    return case_actions.assign_complaint(made, handler, by=by, at=AT)


def a_notice(title: str) -> Any:
    noun = rounds.facility()
    by = Actor.person(makers.user(Role.CLERK, post="登记岗"))
    return publishing.propose_publication(
        "registration", noun, title=title, body=[], by=by, at=AT, party=noun.code
    )


def a_withdrawn_notice(title: str) -> Any:
    return publishing.withdraw_publication(a_notice(title), "示例", by=by(), at=AT)


def numbered(row: Any) -> str:
    return f"q={row.number}"


LISTS = {
    "leads": Shown("desk:leads", auditor, a_lead, numbered, outsider=community),
    "expiries": Shown(
        "desk:expiries", auditor, a_lease, lambda _row: "month=2031-05",
        other=lambda name: a_lease(name, 6), outsider=community,
    ),
    "inspections": Shown("desk:inspections", auditor, a_visit, numbered, outsider=community),
    "not_visited": Shown(
        "desk:not_visited", auditor, unvisited, lambda _row: "only=unplanned",
        other=a_visit, outsider=community,
    ),
    "findings": Shown("desk:findings", auditor, a_finding, numbered, outsider=community),
    "plans": Shown("desk:plans", auditor, a_plan, lambda _row: ""),
    "evaluations": Shown(
        "desk:evaluations", auditor, a_round, lambda _row: "state=open", other=a_cancelled_round
    ),
    "complaints": Shown(
        "desk:complaints", cases.handler, a_case, numbered,
        outsider=a_handler_elsewhere,
    ),
    "disclosure": Shown(
        "desk:disclosure", auditor, a_notice, lambda _row: "state=proposed",
        other=a_withdrawn_notice,
    ),
}  # fmt: skip
every_list = pytest.mark.parametrize("name", sorted(LISTS))


def test_every_list_is_looked_at() -> None:
    elsewhere = {"facilities", "filings", "trail"}  # tests/facilities, tests/core
    assert set(LISTS) == set(EXPORTED.values()) - elsewhere


@pytest.mark.proves("prod:O3", "prod:O7", "sec:W17")
@every_list
def test_the_filter_of_the_page_is_the_filter_of_the_file(name: str) -> None:
    shown = LISTS[name]
    wanted = shown.one("甲处（示例）")
    left_out = () if name == "plans" else ((shown.other or shown.one)("乙处（示例）"),)
    person, query = shown.reader(), shown.query(wanted)
    page = exporting.client(person).get(f"{reverse(shown.route)}?{query}")
    text = page.content.decode()
    assert page.context["page"].paginator.count == 1
    assert f'action="{reverse("desk:export", args=[name])}?{query.replace("&", "&amp;")}"' in text
    found = exporting.rows(person, name, query)
    assert [row[0] for row in found] == ["甲处（示例）"]
    assert "甲处（示例）" in text
    if left_out:
        assert "乙处（示例）" not in text
    line = AuditEvent.objects.filter(act="export.made").latest("seq")
    assert (line.detail["name"], line.detail["rows"]) == (name, 1)
    assert line.actor_label
    # What was typed may be a name, what was chosen is told as it was.
    assert line.detail["query"] == ("q=*" if query.startswith("q=") else query)


# Each list with its head and one row of it, written out by hand; "#" stands for its number.
WHOLE: dict[str, tuple[list[str], list[Any]]] = {
    "leads": (
        ["名称", "编号", "社区（村）", "来源", "状态", "办理期限"],
        ["#", "龙泉社区", "电话反映", "待核实", dt.date(2026, 11, 30)],
    ),
    "expiries": (
        ["机构名称", "到期的是", "社区（村）", "有效期至"],
        ["场所租期", "龙泉社区", dt.date(2031, 5, 10)],
    ),
    "inspections": (
        ["机构名称", "检查编号", "检查类型", "紧急", "状态", "检查日期", "期限", "检查人员",
         "检查结果"],
        ["#", "属地巡查", "否", "待检查", dt.date(2026, 11, 23), dt.date(2026, 11, 23),
         "甲检查员、乙检查员", ""],
    ),
    "not_visited": (
        ["机构名称", "社区（村）", "上次走访", "下一次"],
        ["龙泉社区", "", "还没有安排"],
    ),
    "findings": (
        ["问题", "问题编号", "机构名称", "严重程度", "状态", "重复问题", "整改期限"],
        ["#", "小太阳托育园（示例）", "较大", "待整改", "否", dt.date(2026, 11, 30)],
    ),
    "plans": (
        ["计划", "编号", "检查类型", "状态", "开始日期", "结束日期", "已完成", "共"],
        ["#", "属地巡查", "编制中", dt.date(2026, 11, 23), dt.date(2026, 12, 23), 0, 0],
    ),
    "evaluations": (
        ["名称", "编号", "种类", "状态", "机构", "评分表", "待交的评分表"],
        ["#", "定期评估", "筹备中", 1, 0, 0],
    ),
    "complaints": (
        ["投诉", "类别", "编号", "机构", "严重程度", "状态", "并入", "承办人", "期限", "暂停原因"],
        ["收费、退费、合同", "#", "被投诉处（示例）", "较大", "已受理", "", "承办岗",
         dt.date(2026, 12, 14), ""],
    ),
    "disclosure": (
        ["标题", "种类", "版次", "状态", "提请", "提请日期", "公示日期"],
        ["登记", 1, "待公示", "登记岗", dt.date(2026, 11, 23), ""],
    ),
}  # fmt: skip


@pytest.mark.proves("prod:O3", "sec:W17")
@every_list
def test_a_whole_row_under_its_head(name: str) -> None:
    shown = LISTS[name]
    made = shown.one("甲处（示例）")
    person, query = shown.reader(), shown.query(made)
    head, row = exporting.table(person, name, query)
    titles, rest = WHOLE[name]
    assert head == titles
    assert row == ["甲处（示例）", *(made.number if each == "#" else each for each in rest)]


@every_list
def test_a_row_has_as_many_cells_as_the_list_has_columns(name: str) -> None:
    shown = LISTS[name]
    made = shown.one("甲处（示例）")
    export = exports.named(name)
    assert export is not None
    [row] = export.rows(shown.reader(), exporting.query(shown.query(made)), AT)
    cells = export.cells(row, at=AT) if export.is_dated else export.cells(row)
    assert len(cells) == len(export.columns()) == len(WHOLE[name][0])


# Whoever opens one of the others sees all of it.
@pytest.mark.proves("sec:W17")
@pytest.mark.parametrize("name", sorted(name for name, each in LISTS.items() if each.outsider))
def test_what_a_person_does_not_see_he_does_not_take_away(name: str) -> None:
    shown = LISTS[name]
    wanted = shown.one("甲处（示例）")
    assert shown.outsider is not None
    assert exporting.rows(shown.outsider(), name, shown.query(wanted)) == []
    assert len(exporting.rows(shown.reader(), name, shown.query(wanted))) == 1


@pytest.mark.proves("sec:X2")
@every_list
def test_a_formula_stays_text(name: str) -> None:
    shown = LISTS[name]
    wanted = shown.one(EVIL)
    person, query = shown.reader(), shown.query(wanted)
    content = exporting.fetch(person, name, query)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert exporting.rows(person, name, query)[0][0] == EVIL
    assert "\r\n\"'=HYPERLINK" in exporting.fetch(person, name, query, "csv").decode()


@pytest.mark.proves("ux:36")
@every_list
def test_more_rows_are_no_more_questions(name: str) -> None:
    shown = LISTS[name]
    for number in range(FEW):
        shown.one(f"甲处{number}（示例）")
    person = shown.reader()
    query = "state=" if name == "disclosure" else "month=2031-05" if name == "expiries" else ""
    few, before = exporting.asked(person, name, query), len(exporting.rows(person, name, query))
    for number in range(FEW, MANY):
        shown.one(f"甲处{number}（示例）")
    assert len(exporting.rows(person, name, query)) == before + MANY - FEW
    assert exporting.asked(person, name, query) == few


def test_as_a_job_the_law_is_read_once_for_all_rows(
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    """What ends is told by the names of the law; a worker is not within a request."""
    person = auditor()
    for number in range(MANY * 10):
        a_lease(f"甲处{number}（示例）")
    job = exporting.queued(person, "expiries", "month=2031-05", at=AT, ending="xlsx")
    with django_assert_max_num_queries(MANY * 10 - 1):
        jobs.work(AT)
    job = Job.objects.get(pk=job.pk)
    assert (job.state, job.rows) == ("done", MANY * 10)
    assert store.read(job.result_key)
