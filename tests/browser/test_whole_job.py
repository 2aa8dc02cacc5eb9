"""The whole job in browsers: an operator, two officials and a resident, on real files.

Once with JavaScript and once without; nothing on the way may be an error, a broken rule of the
browser or a request to another origin (see `portal` in conftest.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from facilities import rules
from facilities.models import Facility, Filing
from portal.core import outbox
from portal.core.models import User
from portal.core.queries import in_force
from portal.core.roles import Role
from tests import makers
from tests.browser import paperwork
from tests.browser.browsing import (
    DESK,
    PHONE,
    Portal,
    Wall,
    address,
    answer,
    button,
    fill_sign_in,
    heading,
    link,
    says,
    sign_in,
)

PHONE_NUMBER, PASSWORD = "13800000007", "xiangrikui-tuoyu-2026"
NAME = "向日葵托育园（示例）"


@dataclass
class Job:
    """One run: the portal, whether scripts run, and the people's pages."""

    portal: Portal
    wall: Wall
    script: bool
    operator: Page
    clerk_user: User
    clerk: Page
    approver: Page

    @property
    def filing(self) -> Filing:
        """The one filing of this run."""
        return Filing.objects.get()

    def deliver(self) -> None:
        """What the worker does: draw papers, put messages into the inboxes."""
        outbox.drain(self.wall.forward(minutes=2))


@pytest.mark.proves("ux:5", "ux:7", "ux:6", "ux:15", "ux:16", "ux:12", "ux:55")
@pytest.mark.parametrize("script", [True, False], ids=["scripts", "no-scripts"])
def test_the_whole_job(portal: Portal, wall: Wall, script: bool) -> None:
    # One person with both posts: whoever proposed still cannot decide (R5).
    clerk = makers.user(Role.CLERK, Role.APPROVER, password=makers.PASSWORD)
    approver = makers.approver(password=makers.PASSWORD)
    job = Job(
        portal, wall, script, portal.open(PHONE, script=script), clerk,
        portal.open(DESK, script=script), portal.open(DESK, script=script),
    )  # fmt: skip
    sign_up(job)
    begin(job)
    fill_registration(job)
    leave_and_come_back(job)
    fill_premises(job)
    fill_services(job)
    fill_safety(job)
    list_the_people(job)
    hand_in_papers(job)
    check_and_send(job)
    ask_for_a_correction(job)
    correct_exactly_that(job)
    propose_and_fail_to_decide(job)
    decide(job, approver)
    read_the_receipt_back(job)
    find_the_facility(job)


# --- the operator -------------------------------------------------------------------------------


def sign_up(job: Job) -> None:
    page = job.operator
    page.goto(address("account_signup"))
    answer(
        page,
        {
            "username": PHONE_NUMBER, "display_name": "示例填报人",
            "password1": PASSWORD, "password2": PASSWORD, "consent": True,
        },
    )  # fmt: skip
    page.locator("main form button.btn-primary").click()
    says(page, "账号申请已收到")
    fill_sign_in(page, PHONE_NUMBER, PASSWORD)
    heading(page, "我的机构")
    says(page, "先完成登记报送")


def begin(job: Job) -> None:
    page = job.operator
    link(page, "开始登记报送").click()
    button(page, "开始填写").click()
    done(page, 0)
    says(page, "资料会自动保存，可以分几次填写，60 天内有效")


def done(page: Page, count: int) -> None:
    """How many parts are whole, of those an independent facility is asked for."""
    total = len(rules.sections_for("independent", in_force(makers.AT.date())))
    says(page, f"共 {total} 项，已完成 {count} 项")


def fill_registration(job: Job) -> None:
    """One digit of the credit code is wrong: a sentence, and nothing is lost."""
    page = job.operator
    link(page, "登记信息").click()
    values = makers.registration_answers(facility_name=NAME, short_name="向日葵")
    code = values.pop("uscc")
    values.pop("is_affordable")
    wrong = code[:-1] + ("1" if code[-1] == "0" else "0")
    answer(page, {**values, "uscc": wrong})
    button(page, "保存并继续").click()
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("有 1 处需要修改")
    expect(summary).to_contain_text("统一社会信用代码有误，请对照营业执照核对")
    expect(page.locator("#id_uscc_error")).to_contain_text("统一社会信用代码有误")
    expect(page).to_have_title(re.compile(r"^错误："))
    if job.script:
        expect(summary).to_be_focused()
    for name in ("facility_name", "manager", "business_scope", "established_on"):
        expect(page.locator(f"[name='{name}']")).to_have_value(str(values[name]))
    expect(page.locator("[name='uscc']")).to_have_value(wrong)
    answer(page, {"uscc": code})
    button(page, "保存并继续").click()
    done(page, 1)


def leave_and_come_back(job: Job) -> None:
    """Half a section is kept, by itself or by the button, over signing out."""
    page = job.operator
    link(page, "场所与托位").click()
    answer(page, {"address": "龙泉路18号", "floor_lowest": "1"})
    if job.script:
        expect(page.locator("[data-save-state] [data-words]")).to_have_text(
            re.compile(r"已保存 \d\d:\d\d")
        )
        link(page, "返回任务清单").click()
    else:
        button(page, "保存，稍后再填").click()
    expect(task(page, "场所与托位")).to_contain_text("填写中")
    page.locator("details.user-menu summary").click()
    page.locator("details.user-menu").get_by_role("button", name="退出登录").click()
    heading(page, "给 3 岁以下宝宝找一家放心的托育机构")
    job.wall.forward(hours=20)
    sign_in(page, PHONE_NUMBER, PASSWORD)
    link(page, "继续填写").click()
    link(page, "场所与托位").click()
    expect(page.locator("[name='address']")).to_have_value("龙泉路18号")
    expect(page.locator("[name='floor_lowest']")).to_have_value("1")


def task(page: Page, label: str) -> Any:
    """A row of the task list."""
    return page.locator(".tasklist li").filter(has_text=label)


def fill_premises(job: Job) -> None:
    """A class above its limit is remarked, and stops nothing."""
    page = job.operator
    values = makers.premises_answers()
    classes = values.pop("classes")
    answer(page, {name: _typed(value) for name, value in values.items()})
    answer(page, _class(0, classes[0] | {"capacity": 18}))
    button(page, "再加一班").click()
    expect(page.locator("[name='classes-1-name']")).to_be_visible()
    answer(page, _class(1, classes[1]))
    button(page, "保存并继续").click()
    done(page, 2)
    expect(task(page, "场所与托位")).to_contain_text("有 1 处请再核对")


def fill_services(job: Job) -> None:
    """Two forms with two prices; no meals are served, so none are asked about."""
    page = job.operator
    link(page, "服务与收费").click()
    values = makers.services_answers()
    fees = values.pop("fees")
    values.pop("meal_source")
    expect(page.locator("[name='meal_source']")).to_have_count(0)
    answer(page, {name: v if isinstance(v, list) else _typed(v) for name, v in values.items()})
    for number, fee in enumerate(fees):
        if number:
            button(page, "再加一项收费").click()
        expect(page.locator(f"[name='fees-{number}-name']")).to_be_visible()
        answer(page, {f"fees-{number}-{name}": value for name, value in fee.items()})
    button(page, "保存并继续").click()
    done(page, 3)


def fill_safety(job: Job) -> None:
    """Recordings kept too short a time are remarked, and stop nothing."""
    page = job.operator
    link(page, "视频监控与安保").click()
    values = makers.safety_answers(retention_days=89)
    answer(page, {name: v if isinstance(v, list) else _typed(v) for name, v in values.items()})
    button(page, "保存并继续").click()
    done(page, 4)
    expect(task(page, "视频监控与安保")).to_contain_text("有 1 处请再核对")


def list_the_people(job: Job) -> None:
    """A manager by hand, the others pasted from a sheet; the ratio is said in words."""
    page = job.operator
    link(page, "工作人员").click()
    link(page, "添加人员").click()
    people = makers.staff_answers()["staff"]
    names = ("name", "post", "identity", "qualification", "experience_years")
    answer(page, {name: str(people[0][name]) for name in names} | {"is_trained": True})
    answer(page, {name: people[0][name] for name in ("health_until", "letter_on")})
    button(page, "保存，返回名单").click()
    expect(page.locator("#staffing")).to_contain_text("还差 6 名保育人员")
    page.get_by_text("从 Excel 导入或粘贴").click()
    posts = {"health": "保健医", "guard": "保安", "carer": "保育员"}
    cells = ("identity", "qualification", "number", "experience_years", "health_until", "letter_on")
    titles = ["姓名", "岗位", "身份证号", "学历、专业或资格", "资格证编号", "相关工作年限",
              "健康证有效期至", "查询告知函日期", "岗位培训合格"]  # fmt: skip
    lines = [titles, *(
        [row["name"], posts[row["post"]], *(str(row[cell]) for cell in cells), "是"]
        for row in people[1:]
    )]  # fmt: skip
    answer(page, {"pasted": "\n".join("\t".join(line) for line in lines)})
    button(page, "导入").click()
    expect(page.locator("#report ~ ul")).to_contain_text("新增 8 人")
    expect(page.locator("#staffing")).to_contain_text("岗位和配比都够")
    button(page, "保存并继续").click()
    done(page, 5)


def _class(number: int, values: dict[str, Any]) -> dict[str, Any]:
    return {f"classes-{number}-{name}": value for name, value in values.items()}


def _typed(value: Any) -> str:
    return str(value)


def hand_in_papers(job: Job) -> None:
    """A photograph that knows its place, a scan of several pages, and two more papers."""
    page = job.operator
    scan, photograph = paperwork.scan(4), paperwork.photograph()
    assert paperwork.knows_its_place(photograph)
    files = {
        "business_licence": ("picture", "IMG_2026.jpg", "image/jpeg", photograph),
        "premises_proof": ("pdf", "房屋租赁合同.pdf", "application/pdf", scan),
        "hygiene_report": ("pdf", "卫生评价.pdf", "application/pdf", paperwork.scan(1, seed=2)),
        "fire_certificate": ("picture", "fire.jpg", "image/jpeg", makers.jpeg().read()),
    }
    link(page, "证照材料").click()
    task(page, "未开始").first.get_by_role("link").click()
    for _ in range(4):  # each save leads to the next paper that is missing
        expect(page).to_have_url(re.compile(f"/certificates/({'|'.join(files)})/$"))
        field, name, kind, content = files.pop(page.url.rstrip("/").rpartition("/")[2])
        page.locator(f"[name='{field}']").set_input_files(
            {"name": name, "mimeType": kind, "buffer": content}
        )
        values = {"number": "示例-0001", "issuer": "示例机关", "issued_on": "2026年1月5日"}
        answer(page, {**values, "valid_until": "2030-01-05"})
        button(page, "保存并继续").click()
    link(page, "材料齐了，返回任务清单").click()
    done(page, 6)
    the_stored_files_are_clean(job, len(scan))


def the_stored_files_are_clean(job: Job, size: int) -> None:
    """What the page gives back: the picture upright and without its place, the scan whole."""
    page = job.operator
    page.goto(address("my:certificate", job.filing.number, "business_licence"))
    picture = page.request.get(
        page.locator(".file-list .file-name a").get_attribute("href") or ""
    ).body()
    assert not paperwork.knows_its_place(picture)
    page.goto(address("my:certificate", job.filing.number, "premises_proof"))
    entry = page.locator(".file-list li")
    expect(entry).to_contain_text("房屋租赁合同.pdf")
    document = page.request.get(entry.locator(".file-name a").get_attribute("href") or "")
    assert document.headers["content-type"] == "application/pdf"
    assert len(document.body()) > size / 2


def check_and_send(job: Job) -> None:
    page = job.operator
    page.goto(address("my:filing", job.filing.number))
    page.get_by_role("main").get_by_role("link", name="核对并提交").last.click()
    says(page, "托小班每班不超过 15 人")
    says(page, "托小一班（托小班），托位 18 个，在托 11 人")
    link(page, "核对无误，去签承诺书").click()
    send(job)
    heading(page, "登记报送已提交")
    expect(page.locator("#receipt-number")).to_have_text(job.filing.number)
    job.filing.refresh_from_db()
    says(page, f"街道最迟在 {due_words(job)}答复您")
    page.reload()
    heading(page, "登记报送已提交")


def due_words(job: Job) -> str:
    due = job.filing.answer_due
    assert due is not None
    return f"{due.month}月{due.day}日（周{'一二三四五六日'[due.weekday()]}）"


def send(job: Job) -> None:
    answer(job.operator, {"agreed": True, "declared_name": "示例负责人"})
    button(job.operator, "提交登记报送").click()


# --- the first official -------------------------------------------------------------------------


def ask_for_a_correction(job: Job) -> None:
    """From the inbox; answers beside the paper; one thing to correct; the notice as it reads."""
    page = job.clerk
    job.deliver()
    sign_in(page, job.clerk_user.username)
    heading(page, "我的待办")
    page.locator(".tasklist li").filter(has_text=NAME).get_by_role("link", name="办理").click()
    heading(page, NAME)
    answers, viewer = page.locator("#section-premises").bounding_box(), page.locator("#viewer")
    beside = viewer.bounding_box()
    assert answers
    assert beside
    assert beside["x"] > answers["x"] + 300, "the paper stands beside the answers"
    button(page, "开始审核").click()
    viewer.get_by_role("link", name="房产证或租赁合同").or_(
        viewer.locator("a", has_text="租赁")
    ).first.click()
    expect(viewer).to_contain_text("4 页")
    remark = page.locator("section[aria-labelledby='section-premises'] .notice li").filter(
        has_text="托小班每班不超过 15 人"
    )
    remark.get_by_role("button", name="列入补正").click()
    expect(page.locator("#corrections")).to_contain_text("补正清单（1）")
    link(page, "发出补正通知").click()
    expect(page.locator("section.panel[aria-label='文书预览']")).to_contain_text("不超过 15 人")
    button(page, "发出补正通知").click()
    says(page, "答复期限暂停计算")
    job.deliver()


def correct_exactly_that(job: Job) -> None:
    """The operator is told, sees the reason at its place, and may change nothing else."""
    page = job.operator
    page.goto(address("my:home"))
    page.locator("section[aria-labelledby='unread'] button").first.click()
    heading(page, "登记报送")
    says(page, "补正下面的内容，再重新提交")
    for name in ("登记信息", "证照材料"):
        expect(task(page, name)).to_contain_text("不用修改")
        expect(task(page, name).get_by_role("link")).to_have_count(0)
    link(page, "场所与托位").click()
    says(page, "这里需要补正")
    expect(page.locator(".notice", has_text="不超过 15 人")).to_be_visible()
    expect(page.locator("[name='classes-0-capacity']")).to_have_value("18")
    answer(page, {"classes-0-capacity": "15"})
    button(page, "保存并继续").click()
    page.get_by_role("main").get_by_role("link", name="核对并提交").last.click()
    # Nothing but the recordings is left to remark on, and the office did not ask for those.
    left = page.locator("section[aria-labelledby='remarks'] li")
    expect(left).to_have_count(1)
    expect(left).to_contain_text("89 天")
    link(page, "核对无误，去签承诺书").click()
    send(job)
    heading(page, "登记报送已提交")
    job.deliver()


def propose_and_fail_to_decide(job: Job) -> None:
    """What changed is marked; the proposal goes to another person, whatever posts one holds."""
    page = job.clerk
    page.goto(address("desk:home"))
    page.locator(".tasklist li").filter(has_text=NAME).get_by_role("link").click()
    if page.get_by_role("main").get_by_role("button", name="开始审核").count():
        button(page, "开始审核").click()
    panel = page.locator("section[aria-labelledby='section-premises']")
    expect(panel).to_contain_text("与上次相比改了 1 处")
    expect(panel.locator("del")).to_contain_text("18")
    link(page, "提出经办意见").click()
    answer(page, {"proposal": "register"})
    button(page, "提交审定").click()
    says(page, "项没有核对结论")
    page.get_by_label("这些项不再逐项核对").check()
    button(page, "提交审定").click()
    says(page, "这份意见由您提出，须由另一人审定")
    expect(page.get_by_role("main").get_by_role("link", name="准予登记")).to_have_count(0)
    watch = job.portal.watch_of(page)
    watch.expected = {403}
    page.goto(address("desk:register", job.filing.number))
    heading(page, "这一项不能由您查看或办理")
    watch.expected = set()
    assert not Facility.objects.exists()
    job.deliver()


# --- the second official ------------------------------------------------------------------------


def decide(job: Job, approver: User) -> None:
    page = job.approver
    sign_in(page, approver.username)
    page.locator(".tasklist li").filter(has_text=NAME).get_by_role("link", name="办理").click()
    link(page, "准予登记").click()
    says(page, "街道登记不代替卫生健康部门的备案")
    button(page, "准予登记").click()
    heading(page, "已准予登记")
    says(page, Facility.objects.get().code)
    job.deliver()


# --- the paper ----------------------------------------------------------------------------------


def read_the_receipt_back(job: Job) -> None:
    """Through the operator's browser: Chinese text, fonts inside, a code that leads to 有效."""
    page = job.operator
    page.goto(address("my:documents"))
    row = page.locator(".file-list li").filter(has_text="登记回执")
    number = (row.locator(".hint").inner_text()).split("　")[0].strip()
    pdf = page.request.get(row.get_by_role("link", name="PDF").get_attribute("href") or "").body()
    text = paperwork.text_of(pdf)
    for words in (NAME, Facility.objects.get().code, "".join(number.split())):
        assert words in text, words
    fonts = paperwork.fonts_of(pdf)
    kinds = {kind for kind, _embedded in fonts}
    assert "/Type0" in kinds
    assert "/Type3" not in kinds
    assert all(embedded for kind, embedded in fonts if kind.startswith("/CIDFont"))
    assert kinds <= {"/Type0", "/CIDFontType0", "/CIDFontType2"}
    png = page.request.get(row.get_by_role("link", name="图片").get_attribute("href") or "").body()
    verify(job, paperwork.code_in(png), number)


def verify(job: Job, url: str, number: str) -> None:
    """Anybody, without an account."""
    assert url.startswith(f"{job.portal.url}/v/")
    page = job.portal.open(PHONE, script=job.script)
    page.goto(url)
    expect(page.locator("#answer")).to_have_text("有效")
    expect(page.get_by_role("main")).to_contain_text(number)


# --- the resident -------------------------------------------------------------------------------


def find_the_facility(job: Job) -> None:
    """By two characters, by the initials of its name; both lines, never mixed."""
    page = job.portal.open(PHONE, script=job.script)
    for words in ("日葵", "xrk"):
        page.goto(address("public:home"))
        page.locator("#home-q").fill(words)
        button(page, "查找").click()
        says(page, "共 1 家")
        expect(link(page, NAME, exact=True)).to_be_visible()
    link(page, NAME, exact=True).click()
    heading(page, NAME)
    lines = page.locator("dl.lines")
    expect(lines).to_contain_text("卫健部门备案")
    expect(lines).to_contain_text("街道登记")
    expect(lines).to_contain_text(Facility.objects.get().code)
    expect(lines).to_contain_text("街道还没有核对卫健部门的备案系统")
