"""The public pages: two lines kept apart, search that finds, filters in the address."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from facilities import actions
from facilities.models import Facility
from facilities.workflow import OperatingStatus, RegistrationStatus, StatutoryFilingStatus
from portal.core import clock
from portal.core.actors import Actor
from portal.core.models import AuditEvent, User
from portal.core.roles import Role
from tests import makers
from tests.site.street import found, listed, queries_of, text

pytestmark = pytest.mark.django_db

PAGES = [
    "public:home",
    "public:facilities",
    "public:disclosure_filings",
    "public:guide_filing",
    "public:sitemap",
    "public:accessibility",
    "public:privacy",
    "public:contact",
    "account_signup",
]


# --- every page -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_page_stands_without_any_data(client: Client, name: str) -> None:
    """Before the first facility every page answers, with one heading and no dead end."""
    page = text(client, reverse(name))
    assert page.count("<h1") == 1
    assert "非法" not in page
    assert "无效" not in page


def test_titles_differ(client: Client) -> None:
    """The title of a page is its own."""
    titles = {
        text(client, reverse(name)).partition("<title>")[2].partition("</title>")[0]
        for name in PAGES
    }
    assert len(titles) == len(PAGES)


@pytest.mark.proves("ux:1")
def test_links_of_the_site_map_answer(client: Client) -> None:
    """No dead link: pages that are not built are not listed."""
    page = text(client, reverse("public:sitemap"))
    main = page.partition("<main")[2].partition("</main>")[0]
    links = [part.partition('"')[0] for part in main.split('href="')[1:]]
    assert len(links) > 8
    for link in links:
        assert client.get(link).status_code == 200


def test_home_shows_phones_while_there_is_no_complaint_page(client: Client) -> None:
    """12345, 110 and 120 as links; the way to complain only when it exists."""
    page = text(client, reverse("public:home"))
    for phone in ("12345", "110", "120"):
        assert f'href="tel:{phone}"' in page


@pytest.mark.proves("prod:A15")
def test_home_counts_only_what_is_public(client: Client) -> None:
    """Numbers with dates; a closed facility counts no more."""
    listed(1, classes=[("toddler", 15, 11), ("older", 20, 22)])
    listed(2, operating=OperatingStatus.CLOSED)
    page = client.get(reverse("public:home"))
    numbers = page.context["numbers"]
    assert (numbers["facilities"], numbers["places"], numbers["vacancies"]) == (1, 35, 4)
    assert numbers["updated_on"] == clock.today()


# --- the two lines -------------------------------------------------------------------------------


@pytest.mark.proves("prod:A5", "ux:17")
@pytest.mark.parametrize("status", StatutoryFilingStatus)
def test_badge_is_the_health_departments_line(client: Client, status: Any) -> None:
    """Each state has its public word, on the list, on the page and in the disclosure."""
    listed(1, statutory=status)
    words = {
        "filed": "卫健部门已备案",
        "none": "未备案",
        "unknown": "备案情况待核实",
        "submitted": "已向卫健部门提交",
        "nonconforming": "卫健部门告知不符合",
        "changed": "卫健部门备案已变更",
        "cancelled": "卫健部门备案已注销",
    }
    for address in ("public:facilities", "public:disclosure_filings"):
        assert f"</svg>{words[status]}</span>" in text(client, reverse(address))
    page = text(client, reverse("public:facility", args=["SP-TY-0001"]))
    assert f"</svg>{words[status]}</span>" in page
    assert "SP-TY-0001" in page
    assert "非法" not in page


@pytest.mark.proves("clause:二(五)2a", "prod:A5", "ux:17")
def test_both_lines_with_their_own_numbers_and_dates(client: Client) -> None:
    """The street's number is in the street's line, the filing number in the department's."""
    made = listed(7, statutory=StatutoryFilingStatus.FILED)
    page = text(client, reverse("public:facility", args=[made.code]))
    department = page.partition("<dt>卫健部门备案</dt>")[2].partition("</div>")[0]
    street = page.partition("<dt>街道登记</dt>")[2].partition("</div>")[0]
    assert "示例备案20260001" in department
    assert made.code not in department
    assert made.code in street
    assert made.registered_on.isoformat() in street
    assert "备案编号" not in street
    assert "怎么看懂" in page


@pytest.mark.proves("clause:二(五)2a")
def test_page_made_through_the_acts(client: Client) -> None:
    """A facility registered by two officials, its mirror written by the clerk."""
    at = clock.now()
    facility = makers.facility(at=at)
    values = {"status": "filed", "number": "41048126000031", "filed_on": clock.day_of(at)}
    actions.record_statutory_filing(facility, values, by=Actor.person(makers.clerk()), at=at)
    page = text(client, reverse("public:facility", args=[facility.code]))
    assert "41048126000031" in page
    assert "13800000001" not in page, "the manager's own phone is not public"
    assert "尚无公开的检查记录" in page
    assert "尚未评估" in page


@pytest.mark.proves("prod:A16")
def test_facility_code_in_small_letters_and_the_short_link(client: Client) -> None:
    """People type codes; the code on the door leads to the page."""
    made = listed(3)
    assert text(client, reverse("public:facility", args=[made.code.lower()]))
    response = client.get(f"/f/{made.code.lower()}/")
    assert response.status_code == 302
    assert response["Location"] == reverse("public:facility", args=[made.code])


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"operating": OperatingStatus.CLOSED}, 410),
        ({"registration": RegistrationStatus.CANCELLED}, 410),
        ({"registration": RegistrationStatus.NONE}, 404),
        ({"operating": OperatingStatus.SUSPENDED}, 200),
    ],
)
def test_facility_that_is_no_longer_there(client: Client, fields: Any, status: int) -> None:
    """Closed or deregistered: 410 without its name; never registered: as if it did not exist."""
    made = listed(4, **fields)
    page = text(client, reverse("public:facility", args=[made.code]), status)
    assert (made.name in page) == (status == 200)
    assert ("暂停运营" in page) == (status == 200)


def test_unknown_code(client: Client) -> None:
    """A code nobody knows is 404."""
    text(client, reverse("public:facility", args=["SP-TY-9999"]), 404)


@pytest.mark.proves("prod:A15")
@pytest.mark.parametrize(("age", "is_stale"), [(0, False), (30, False), (31, True)])
def test_old_vacancies_say_so(client: Client, age: int, is_stale: bool) -> None:
    """Thirty days are fresh, thirty-one are not."""
    made = listed(5, updated_on=clock.today() - dt.timedelta(days=age))
    for address in (reverse("public:facilities"), reverse("public:facility", args=[made.code])):
        assert ("信息较旧，请电话核实" in text(client, address)) == is_stale


def test_full_and_unreported_places(client: Client) -> None:
    """Full is said, and so is that nothing was reported."""
    full, blank = listed(1, classes=[("older", 20, 25)]), listed(2, classes=[])
    assert "托位已满" in text(client, reverse("public:facility", args=[full.code]))
    assert "还没有填报班型和托位" in text(client, reverse("public:facility", args=[blank.code]))
    page = text(client, reverse("public:facilities"))
    assert "已满" in page
    assert "机构还没有填报" in page


def test_facility_without_mirror_reads_as_not_checked(client: Client) -> None:
    """A missing mirror is never a missing filing."""
    made = listed(6)
    made.statutory_filing.delete()
    page = text(client, reverse("public:facility", args=[made.code]))
    assert "备案情况待核实" in page


# --- search and filters ---------------------------------------------------------------------------


@pytest.fixture
def street() -> dict[str, Facility]:
    """Four facilities that differ in what one may ask for."""
    return {
        "sun": listed(
            1, name="小太阳托育园（示例）", short_name="小太阳", is_affordable=True,
            statutory=StatutoryFilingStatus.FILED,
        ),
        "lake": listed(
            2, name="湖滨幼儿园托班（示例）", community="hubin", address="湖滨大道6号",
            facility_type="kindergarten", classes=[("older", 20, 20)],
        ),
        "home": listed(
            3, name="家庭托育点（示例）", community="hubin", address="金色小区5号楼",
            facility_type="family", serves_meals=True, statutory=StatutoryFilingStatus.NONE,
        ),
        "abc": listed(4, name="ABC托育中心（示例）", address="中兴路1号", community="zhongxing"),
    }  # fmt: skip


@pytest.mark.proves("prod:A1", "clause:二(五)2a")
@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("太阳", {"sun"}),
        ("小太阳托育园", {"sun"}),
        ("xty", {"sun"}),
        ("XTY", {"sun"}),
        ("hb", {"lake"}),
        ("湖滨", {"lake", "home"}),
        ("金色小区", {"home"}),
        ("龙泉 太阳", {"sun"}),
        ("龙泉　太阳", {"sun"}),
        ("abc", {"abc"}),
        ("ａｂｃ托育", {"abc"}),
        ("6号", {"lake"}),
        ("托", {"sun", "lake", "home", "abc"}),
        ("阳太", set()),
        ("没有这家", set()),
        ("   ", {"sun", "lake", "home", "abc"}),
    ],
)
def test_search_finds(
    client: Client, street: dict[str, Facility], words: str, names: set[str]
) -> None:
    """Names, addresses, communities; two characters and pinyin initials are enough."""
    assert found(client, f"q={words}") == {street[name].code for name in names}


@pytest.mark.proves("prod:A4", "ux:19")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("community=hubin", {"lake", "home"}),
        ("facility_type=family", {"home"}),
        ("statutory=filed", {"sun"}),
        ("statutory=none", {"home"}),
        ("has=vacancy", {"sun", "home", "abc"}),
        ("has=affordable", {"sun"}),
        ("has=meals&has=vacancy", {"home"}),
        ("has=meals&has=affordable", set()),
        ("community=hubin&q=家庭&has=meals", {"home"}),
    ],
)
def test_filters(client: Client, street: dict[str, Facility], query: str, names: set[str]) -> None:
    """Every condition stands in the address, and all of them hold."""
    assert found(client, query) == {street[name].code for name in names}


@pytest.mark.proves("ux:19")
def test_chips_remove_one_condition_each(client: Client, street: dict[str, Facility]) -> None:
    """A chip says the condition in words; its link keeps the others and begins on page one."""
    address = f"{reverse('public:facilities')}?q=托育&has=vacancy&has=meals&sort=newest&page=2"
    chips = client.get(address).context["listing"].chips
    assert [chip["label"] for chip in chips] == ["“托育”", "有空余托位", "供餐"]
    assert chips[1]["url"] == "?q=%E6%89%98%E8%82%B2&has=meals&sort=newest"


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("community=nowhere", "所在社区（村）"),
        ("facility_type=castle", "机构类型"),
        ("statutory=perhaps", "卫健部门备案"),
        ("has=vacancy&has=gold", "需要"),
        ("sort=luck", "排序"),
        (f"q={'长' * 41}", "机构名称、地址或小区名"),
        ("q=a%00b", "机构名称、地址或小区名"),
    ],
)
def test_bad_parameters_are_left_out_with_a_note(
    client: Client, street: dict[str, Facility], query: str, label: str
) -> None:
    """What cannot be understood does not stop the list, and the page says which it was."""
    page = client.get(f"{reverse('public:facilities')}?{query}&q2=1&page=-3")
    assert page.status_code == 200
    assert page.context["listing"].ignored == [label]
    assert len(page.context["cards"]) == 4
    assert f"没有使用：{label}" in page.content.decode()


def test_orders(client: Client, street: dict[str, Facility]) -> None:
    """By the pinyin of the name, or the newest registration first."""
    by_name = client.get(reverse("public:facilities")).context["cards"]
    assert [card.facility.name[:2] for card in by_name] == ["AB", "湖滨", "家庭", "小太"]
    newest = client.get(f"{reverse('public:facilities')}?sort=newest").context["cards"]
    assert [card.facility.code[-1] for card in newest] == ["1", "2", "3", "4"]


def test_two_kinds_of_empty(client: Client) -> None:
    """Nothing yet is not the same as nothing found; the second offers the way back."""
    address = reverse("public:facilities")
    assert "机构信息正在录入" in text(client, address)
    listed(1)
    page = text(client, f"{address}?q=没有这家")
    assert "没有符合条件的机构" in page
    assert f'href="{address}">清除全部条件' in page


def test_twelve_cards_a_page(client: Client) -> None:
    """The thirteenth is on the second page; the number of all is told."""
    for number in range(1, 14):
        listed(number)
    first = client.get(reverse("public:facilities"))
    assert len(first.context["cards"]) == 12
    assert "共 13 家" in first.content.decode()
    second = client.get(f"{reverse('public:facilities')}?page=2")
    assert len(second.context["cards"]) == 1


# --- disclosure and guide -------------------------------------------------------------------------


@pytest.mark.proves("clause:二(五)2a", "clause:二(四)2b")
def test_disclosure_lists_the_registered(client: Client, street: dict[str, Facility]) -> None:
    """The newest first, with both lines; words and community narrow it."""
    address = reverse("public:disclosure_filings")
    rows = client.get(address).context["rows"]
    assert [facility.code[-1] for facility, _badge, _notice in rows] == ["1", "2", "3", "4"]
    rows = client.get(f"{address}?community=hubin&q=家庭").context["rows"]
    assert [facility.code for facility, _badge, _notice in rows] == [street["home"].code]
    assert "没有符合条件的机构" in text(client, f"{address}?q=没有这家")


@pytest.mark.proves("prod:P2", "prod:C2", "clause:一-1")
def test_guide_reads_the_regulation(client: Client) -> None:
    """Papers and days come from the packs; kinds with the same list stand together."""
    response = client.get(reverse("public:guide_filing"))
    lists = response.context["lists"]
    assert [len(each.types) for each in lists] == [4, 1]
    assert [line.condition for line in lists[0].lines] == [
        "always", "always", "always", "always", "serves_meals", "never",
    ]  # fmt: skip
    page = response.content.decode()
    assert "食品经营许可证" in page
    assert "5 个工作日内答复" in page
    assert "第8条" not in page, "an article nobody has verified is not printed"
    assert reverse("account_signup") in page


def test_guide_leads_an_operator_to_the_form(client: Client) -> None:
    """Who has an account begins at once."""
    client.force_login(makers.operator())
    assert reverse("my:filing_start") in text(client, reverse("public:guide_filing"))


# --- few queries ------------------------------------------------------------------------------


def test_queries_do_not_grow_with_the_register(client: Client) -> None:
    """Twelve facilities or a hundred and twenty: the same number of queries."""
    for number in range(1, 13):
        listed(number)
    addresses = {
        reverse("public:home"): 6,
        reverse("public:facilities"): 8,
        f"{reverse('public:facilities')}?q=托育&has=vacancy&sort=newest&community=longquan": 8,
        reverse("public:facility", args=["SP-TY-0001"]): 8,
        reverse("public:disclosure_filings"): 6,
        reverse("public:guide_filing"): 6,
        reverse("public:privacy"): 6,
    }
    few = {address: queries_of(client, address) for address in addresses}
    for number in range(13, 121):
        listed(number)
    many = {address: queries_of(client, address) for address in addresses}
    assert few == many
    assert all(count <= addresses[address] for address, count in many.items()), many


# --- opening an account -----------------------------------------------------------------------


@pytest.fixture
def _fresh_limits() -> Any:
    cache.clear()
    yield
    cache.clear()


SOUND = {
    "username": "13800000123",
    "display_name": "示例联系人",
    "password1": "three blue pebbles",
    "password2": "three blue pebbles",
    "consent": "on",
}


@pytest.mark.usefixtures("_fresh_limits")
class TestSignUp:
    """POST /accounts/signup/."""

    def send(self, client: Client, **changes: Any) -> Any:
        """Send the form; None leaves a field out."""
        data = {name: value for name, value in (SOUND | changes).items() if value is not None}
        return client.post(reverse("account_signup"), data)

    def test_opens_an_operators_account(self, client: Client) -> None:
        """The phone is the name, the role is in force at once, the audit names nobody."""
        response = self.send(client, username=" １３８ 0000-0123 ")
        assert response.status_code == 303
        assert response["Location"] == reverse("account_login")
        person = User.objects.get(username="13800000123")
        assert person.has_role(Role.OPERATOR)
        assert not person.is_office
        assert person.check_password(SOUND["password1"])
        line = AuditEvent.objects.get(act="account.opened", object_id=str(person.pk))
        assert line.actor_label == "resident"
        assert "13800000123" not in str(line.detail)
        assert SOUND["display_name"] not in str(line.detail)

    def test_taken_phone_is_answered_alike(self, client: Client) -> None:
        """Same status, same page, same words; the account that is there stays as it was."""
        first = self.send(client)
        words = text(client, reverse("account_login"))
        second = self.send(
            Client(), password1="another good phrase", password2="another good phrase"
        )
        assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
        assert "账号申请已收到" in words
        assert User.objects.get(username="13800000123").check_password(SOUND["password1"])
        again = Client()
        self.send(again)
        assert "账号申请已收到" in text(again, reverse("account_login"))
        assert User.objects.filter(username="13800000123").count() == 1

    def test_new_account_can_sign_in(self, client: Client) -> None:
        """With phone and password, to the page for operators."""
        self.send(client)
        data = {"login": "13800000123", "password": SOUND["password1"]}
        response = client.post(reverse("account_login"), data)
        assert response.status_code == 302
        assert client.get(reverse("my:home")).status_code == 200

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"username": ""}, "请填写手机号"),
            ({"username": "1380000"}, "手机号应为 11 位数字，现在是 7 位"),
            ({"username": "23800000123"}, "手机号应为 1 开头的 11 位数字，请核对"),
            ({"display_name": ""}, "请填写联系人姓名"),
            ({"password1": "short", "password2": "short"}, "密码至少 10 位"),
            ({"password1": "password12", "password2": "password12"}, "这个密码太常见，请换一个"),
            ({"password1": "x13800000123", "password2": "x13800000123"}, "密码和账号信息太接近"),
            ({"password2": "three blue pebblez"}, "两次填写的密码不一样，请重新填写"),
            ({"password2": ""}, "请再填一次密码"),
            ({"consent": None}, "请阅读并勾选“我已阅读并同意隐私说明”"),
        ],
    )
    def test_says_what_to_do(self, client: Client, changes: dict[str, Any], words: str) -> None:
        """The summary and the field say the same; what was typed stays, but for passwords."""
        response = self.send(client, **changes)
        page = response.content.decode()
        assert response.status_code == 200
        assert page.count(words) == 2
        assert "有 1 处需要修改" in page
        assert "<title>错误：" in page
        assert SOUND["password1"] not in page
        kept = "display_name" if "display_name" not in changes else "username"
        assert f'value="{SOUND[kept]}"' in page
        assert not User.objects.filter(username=SOUND["username"]).exists()

    @pytest.mark.proves("prod:V6")
    def test_eleventh_try_within_the_hour_waits(self, client: Client) -> None:
        """Ten accounts an hour from one address, then 429; faulty forms do not count."""
        for number in range(10):
            self.send(Client(), consent=None)
            assert self.send(Client(), username=f"138000002{number:02d}").status_code == 303
        response = self.send(Client(), username="13800000299")
        assert response.status_code == 429
        assert "请 60 分钟后再试" in response.content.decode()
        assert not User.objects.filter(username="13800000299").exists()

    def test_signed_in_people_need_no_account(self, client: Client) -> None:
        """They are led to their own place."""
        client.force_login(makers.operator())
        response = client.get(reverse("account_signup"))
        assert response.status_code == 302
        assert response["Location"] == reverse("core:landing")
