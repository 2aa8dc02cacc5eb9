"""What the acts of the tables are called where a person reads about rights.

Every app names the transitions of its own tables in a module `acts`; the ground finds them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

_names: dict[str, Any] = {}


def name(noun: str, words: Mapping[str, Any]) -> None:
    """Call the transitions of a noun by these words."""
    _names.update({f"{noun}.{transition}": word for transition, word in words.items()})


def name_of(right: str) -> Any:
    """The words of a right; its own full name where nobody has named it."""
    return _names.get(right, right)


def named() -> frozenset[str]:
    """Every right that has words."""
    return frozenset(_names)


name(
    "accountchange",
    {
        "grant": _("同意"),
        "refuse": _("决定不同意"),
        "withdraw": _("撤回"),
    },
)
name(
    "grantchange",
    {
        "agree": _("同意"),
        "refuse": _("决定不同意"),
        "withdraw": _("撤回"),
    },
)
name(
    "job",
    {
        "confirm": _("确认办理"),
        "cancel": _("取消任务"),
        "retry": _("重试任务"),
        "undo": _("撤销导入"),
    },
)
name(
    "packproposal",
    {
        "publish": _("发布"),
        "decline": _("决定不同意"),
        "withdraw": _("撤回"),
    },
)
name(
    "publication",
    {
        "revise": _("修改公示稿"),
        "set_aside": _("排除提示"),
        "publish": _("发布"),
        "hand_back": _("退回"),
        "replace": _("替换旧公示（随发布办理）"),
        "withdraw": _("撤下"),
    },
)
name(
    "erasure",
    {
        "approve": _("同意"),
        "decline": _("决定不同意"),
        "withdraw": _("撤回"),
    },
)
