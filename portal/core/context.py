"""What every page knows without asking: the office's names, the reader's display mode, menus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, gettext_noop
from django.utils.translation import gettext as _

from . import maintenance
from .queries import office
from .roles import STAFF_ROLES, Role

DISPLAY_COOKIE = "display"
DISPLAY_MODES = {
    "standard": gettext_lazy("标准"),
    "large": gettext_lazy("大字"),
    "elder": gettext_lazy("长者版"),
}
EMERGENCY = {"hotline": "12345", "police": "110", "ambulance": "120"}
# The default names, so that the catalogue of the second language has them.
_NAMES = (
    gettext_noop("寺坡街道托育服务平台"),
    gettext_noop("托育监管工作台"),
    gettext_noop("舞钢市寺坡街道办事处"),
    gettext_noop("寺坡街道办事处"),
    gettext_noop("街道卫健办"),
    gettext_noop("工作日 8:00—12:00，14:30—17:30"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a menu. It is shown once its page exists and the reader may open it."""

    name: str
    label: Promise
    icon: str
    roles: frozenset[str] = frozenset()


def _item(name: str, label: Any, icon: str, *roles: str) -> Item:
    return Item(name, label, icon, frozenset(roles))


R = Role
_FILING_READERS = (R.CLERK, R.APPROVER, R.COMMUNITY, R.LEADER, R.AUDITOR)
_DESK_READERS = (*_FILING_READERS, R.INSPECTOR)
_FILE_READERS = (*_DESK_READERS, R.HANDLER)
_PLAN_READERS = (R.CLERK, R.APPROVER, R.INSPECTOR, R.LEADER, R.AUDITOR)
_MESSAGES = _item("core:messages", gettext_lazy("消息"), "bell")
PUBLIC_MENU = (
    _item("public:facilities", gettext_lazy("找托育"), "search"),
    _item("complaints:start", gettext_lazy("我要投诉"), "megaphone"),
    _item("complaints:track", gettext_lazy("查进度"), "clock-history"),
    _item("public:disclosure", gettext_lazy("信息公示"), "file-earmark-text"),
    _item("public:guide_filing", gettext_lazy("政策与办事"), "journal-text"),
)
OPERATOR_MENU = (
    _item("my:home", gettext_lazy("我的机构"), "house-heart"),
    _item("my:filing_start", gettext_lazy("登记报送"), "clipboard-check"),
    _item("my:findings", gettext_lazy("整改"), "flag"),
    _item("my:evaluations", gettext_lazy("评估"), "star"),
    _item("my:documents", gettext_lazy("文书"), "file-earmark-text"),
    _item("my:inspections", gettext_lazy("检查记录"), "eye"),
    _item("my:statements", gettext_lazy("情况说明"), "chat-left-text"),
    _item("my:self_checks", gettext_lazy("安全自查"), "shield-check"),
    _item("my:staff_ledger", gettext_lazy("人员"), "people"),
    _item("my:expiries", gettext_lazy("证照到期"), "calendar-check"),
    _item("my:members", gettext_lazy("成员"), "people"),
    _MESSAGES,
)
# The bottom bar of the desk on phones; the rest stands under 更多.
DESK_BAR = ("desk:home", "panel:home", "desk:inspections", "desk:filings", "desk:facilities")
DESK_MENU: tuple[tuple[Any, tuple[Item, ...]], ...] = (
    (
        "",
        (
            _item("desk:home", gettext_lazy("我的待办"), "inbox", *STAFF_ROLES),
            _item("panel:home", gettext_lazy("我的评审"), "star", R.EVALUATOR),
        ),
    ),
    (
        gettext_lazy("业务"),
        (
            _item("desk:filings", gettext_lazy("登记审核"), "clipboard-check", *_FILING_READERS),
            _item("desk:leads", gettext_lazy("未登记线索"), "geo-alt", *_DESK_READERS),
            _item("desk:facilities", gettext_lazy("机构档案"), "house-heart", *_FILE_READERS),
            _item("desk:expiries", gettext_lazy("到期日历"), "calendar-check", *_FILE_READERS),
            _item("desk:inspections", gettext_lazy("巡查检查"), "eye", *_DESK_READERS),
            _item(
                "desk:field",
                gettext_lazy("今天的检查"),
                "phone",
                R.INSPECTOR,
                R.CLERK,
                R.COMMUNITY,
            ),
            _item("desk:findings", gettext_lazy("问题整改"), "flag", *_DESK_READERS),
            _item("desk:plans", gettext_lazy("检查计划"), "calendar-event", *_PLAN_READERS),
            _item("desk:risks", gettext_lazy("风险分级"), "bar-chart", *_PLAN_READERS),
            _item("desk:evaluations", gettext_lazy("质量评估"), "star", *_FILING_READERS),
            _item(
                "desk:complaints",
                gettext_lazy("投诉举报"),
                "megaphone",
                R.HANDLER,
                R.RED_LANE,
                R.APPROVER,
                R.AUDITOR,
            ),
            _item("desk:complaint_new", gettext_lazy("登记来电来访"), "telephone", R.CLERK),
            _item(
                "desk:incidents", gettext_lazy("突发事件"), "exclamation-triangle", *_DESK_READERS
            ),
        ),
    ),
    (
        gettext_lazy("公开"),
        (
            _item(
                "desk:disclosure",
                gettext_lazy("公示管理"),
                "file-earmark-text",
                R.CLERK,
                R.APPROVER,
                R.LEADER,
                R.AUDITOR,
            ),
            _item("desk:articles", gettext_lazy("政策与宣传"), "journal-text", R.CLERK, R.APPROVER),
            _item("desk:posters", gettext_lazy("海报与电子屏"), "display", R.CLERK, R.COMMUNITY),
        ),
    ),
    (
        gettext_lazy("数据"),
        (
            _item(
                "desk:dashboard",
                gettext_lazy("领导看板"),
                "bar-chart",
                R.LEADER,
                R.APPROVER,
                R.CLERK,
            ),
            _item("desk:reports", gettext_lazy("统计报表"), "table", R.LEADER, R.APPROVER, R.CLERK),
            _item("desk:jobs", gettext_lazy("导入导出"), "download", *STAFF_ROLES),
        ),
    ),
    (
        gettext_lazy("管理"),
        (
            _item(
                "desk:people", gettext_lazy("人员名录"), "people", R.CLERK, R.APPROVER, R.SYSADMIN
            ),
            _item(
                "desk:regulation",
                gettext_lazy("法规与时限"),
                "journal-check",
                R.CLERK,
                R.APPROVER,
                R.SYSADMIN,
                R.AUDITOR,
            ),
            _item("desk:holidays", gettext_lazy("节假日与调休"), "calendar3", R.CLERK, R.SYSADMIN),
            _item("desk:numbering", gettext_lazy("文书编号"), "file-earmark-text", R.SYSADMIN),
            _item("desk:checklists", gettext_lazy("检查表"), "journal-check", *_PLAN_READERS),
            _item("desk:departments", gettext_lazy("移送部门"), "people", *_PLAN_READERS),
            _item("desk:delegated", gettext_lazy("赋权事项"), "file-text", *_PLAN_READERS),
            _item(
                "desk:enforcement", gettext_lazy("执法证件与回避"), "person-gear", *_PLAN_READERS
            ),
            _item("desk:settings", gettext_lazy("站点设置"), "gear", R.SYSADMIN),
            _item("desk:users", gettext_lazy("用户与权限"), "person-gear", R.APPROVER, R.SYSADMIN),
            _item(
                "desk:rights",
                gettext_lazy("角色权限"),
                "shield-check",
                R.APPROVER,
                R.SYSADMIN,
                R.AUDITOR,
            ),
            _item("desk:operator_code", gettext_lazy("机构账号重设"), "key", R.CLERK),
            _item(
                "core:undelivered",
                gettext_lazy("未送达的邮件"),
                "envelope-exclamation",
                R.SYSADMIN,
            ),
            _item("desk:sent", gettext_lazy("已发出的消息"), "bell", R.SYSADMIN),
            _item("desk:backups", gettext_lazy("备份"), "download", R.SYSADMIN),
            _item(
                "desk:erasures",
                gettext_lazy("到期清理"),
                "slash-circle",
                R.APPROVER,
                R.SYSADMIN,
                R.AUDITOR,
            ),
            _item("desk:system", gettext_lazy("运行状况"), "clock-history", R.SYSADMIN),
            _item("desk:audit", gettext_lazy("操作日志"), "clock-history", R.AUDITOR),
        ),
    ),
)


def site_facts() -> dict[str, Any]:
    """The office as it names itself, in the reader's language where the catalogue knows it."""
    facts: dict[str, Any] = {k: _(v) if v else "" for k, v in office().items()}
    logo = getattr(settings, "SITE_LOGO", "")
    return facts | EMERGENCY | {"logo": logo}


def display_mode(request: HttpRequest) -> str:
    """Standard, large or elder; anything else in the cookie counts as standard."""
    mode = request.COOKIES.get(DISPLAY_COOKIE, "")
    return mode if mode in DISPLAY_MODES else "standard"


def _address(name: str) -> str:
    """The page's address, or nothing while that page is not built: no dead links anywhere."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _shown(request: HttpRequest, items: tuple[Item, ...]) -> list[dict[str, Any]]:
    user: Any = getattr(request, "user", None)
    found = []
    for item in items:
        if item.roles and not (user and user.is_authenticated and user.has_role(*item.roles)):
            continue
        if url := _address(item.name):
            found.append({"name": item.name, "label": item.label, "icon": item.icon, "url": url})
    return _mark_current(request, found)


def _mark_current(request: HttpRequest, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The longest address that the present path begins with is where the reader is."""
    here = [item for item in items if request.path.startswith(item["url"])]
    home = {"public:home", "my:home", "desk:home", "panel:home"}
    here = [i for i in here if i["name"] not in home or i["url"] == request.path]
    if here:
        max(here, key=lambda item: len(item["url"]))["current"] = True
    return items


def public_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The public header."""
    return _shown(request, PUBLIC_MENU)


def operator_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The second row of the operator's pages."""
    return _shown(request, OPERATOR_MENU)


def desk_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The side bar in groups; a group without a page the reader may open is left out."""
    flat = _shown(request, tuple(item for _label, items in DESK_MENU for item in items))
    by_name = {entry["name"]: entry for entry in flat}
    groups = []
    for label, items in DESK_MENU:
        shown = [by_name[item.name] for item in items if item.name in by_name]
        if shown:
            groups.append({"label": label, "items": shown})
    return groups


def desk_bar(request: HttpRequest) -> list[dict[str, Any]]:
    """The bottom bar of the desk on phones: three places and the messages, the rest under 更多."""
    items = {item.name: item for _label, group in DESK_MENU for item in group}
    shown = _shown(request, tuple(items[name] for name in DESK_BAR))[:3]
    return shown + _shown(request, (_MESSAGES,))


def places(request: HttpRequest) -> list[dict[str, Any]]:
    """Where a signed-in person works, for the links in the utility bar."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    items = (
        _item("my:home", gettext_lazy("我的机构"), "house-heart", Role.OPERATOR),
        _item("desk:home", gettext_lazy("工作台"), "inbox", *STAFF_ROLES),
        _item("panel:home", gettext_lazy("评审"), "star", Role.EVALUATOR),
    )
    return _shown(request, items)


def _ribbon() -> str:
    if maintenance.is_on():
        return _("正在升级，暂时只能查看，几分钟后可以提交")
    return _("演示环境，数据为虚构") if settings.DEMO else ""


def site(request: HttpRequest) -> dict[str, Any]:
    """The context processor. Menus are callables: a page that shows none asks nothing."""
    menus: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "public_menu": partial(public_menu, request),
        "operator_menu": partial(operator_menu, request),
        "desk_menu": partial(desk_menu, request),
        "desk_bar": partial(desk_bar, request),
        "places": partial(places, request),
    }
    language = get_language() or settings.LANGUAGE_CODE
    return {
        "site": site_facts(),
        "display_mode": display_mode(request),
        "ribbon": _ribbon(),
        "html_lang": "zh-CN" if language.startswith("zh") else language,
        **menus,
    }
