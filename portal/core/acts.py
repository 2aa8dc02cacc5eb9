"""What the acts of the tables are called where a person reads about rights.

Every app names the transitions of its own tables in a module `acts`; the ground finds them all.
There it also says which of them may never be taken from a role, and which two persons do with
exceptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

from .roles import Role

_names: dict[str, Any] = {}
_kept: dict[tuple[str, str], str] = {}
_mostly_two: set[str] = set()


def name(noun: str, words: Mapping[str, Any]) -> None:
    """Call the transitions of a noun by these words."""
    _names.update({f"{noun}.{transition}": word for transition, word in words.items()})


def name_of(right: str) -> Any:
    """The words of a right; its own full name where nobody has named it."""
    return _names.get(right, right)


def full_name(right: str) -> str:
    """The noun and the words of a right; its key where no table has it any more."""
    noun = _nouns().get(right.partition(".")[0])
    return f"{noun}·{_names[right]}" if noun and right in _names else right


@cache
def _nouns() -> Mapping[str, Any]:
    """What the noun of each table is called, as its model says."""
    moved = [model for model in apps.get_models() if hasattr(model, "machine")]
    return {model.machine.noun: model._meta.verbose_name for model in moved}


def named() -> frozenset[str]:
    """Every right that has words."""
    return frozenset(_names)


def mostly_two(noun: str, *transitions: str) -> None:
    """Say of acts for two persons that the noun lets one person do both at times.

    When, the noun says itself (`admits_again`); here it is said for those who read about rights.
    """
    _mostly_two.update(f"{noun}.{transition}" for transition in transitions)


def is_mostly_two(right: str) -> bool:
    """Whether one person may at times do this step and the one before."""
    return right in _mostly_two


def keep(right: str, *roles: str, why: str) -> None:
    """Let nobody take the right from these roles; `why` is the refusal (`user_forms.REFUSALS`)."""
    _kept.update({(role, right): why for role in roles})


def why_kept(role: str, right: str) -> str:
    """The refusal to whoever would take the right from the role; empty where it may be taken."""
    return _kept.get((role, right), "")


def kept() -> frozenset[tuple[str, str]]:
    """Every role with a right that stays with it."""
    return frozenset(_kept)


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
# Without somebody who may decide these, roles and rights could never be changed again. There is not
# always an approver who can: his role ends by its date, his second factor gets lost. Then the
# administrators are those who give it anew, so neither of the two roles loses either right.
for _right in ("accountchange.grant", "grantchange.agree"):
    keep(_right, Role.APPROVER, Role.SYSADMIN, why="keepers")
