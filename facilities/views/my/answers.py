"""Drafts and answers as people read them: for the check page and for two texts side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.forms import FORMS
from facilities.models import Filing
from portal.core.models import Attachment, Community
from portal.core.templatetags.portal import cn_date

Row = tuple[Any, Any]


def shown(key: str, values: Mapping[str, Any]) -> dict[str, Row]:
    """Label and value of every field of a section, by field name."""
    slug = values.get("community")
    found = Community.objects.filter(slug=str(slug)) if slug else Community.objects.none()
    return FORMS[key].shown(values, dict(found.values_list("slug", "name")))


def section_rows(key: str, values: Mapping[str, Any], filing: Filing) -> list[tuple[Any, ...]]:
    """The rows of a section for components/summary_list.html, each with its way back."""
    url = reverse(f"my:{key}", args=[filing.number])
    return [
        (label, value, f"{url}?from=check#div_id_{name}")
        for name, (label, value) in shown(key, values).items()
    ]


def differences(
    key: str, stored: Mapping[str, Any], typed: Mapping[str, Any]
) -> list[tuple[Any, Any, Any]]:
    """Label, stored and typed value of every field in which two texts differ."""
    here, there = shown(key, typed), shown(key, stored)
    return [
        (here.get(name, there.get(name, ("", "")))[0], there.get(name, ("", ""))[1],
         here.get(name, ("", ""))[1])
        for name in dict.fromkeys([*here, *there])
        if here.get(name, ("", ""))[1] != there.get(name, ("", ""))[1]
    ]  # fmt: skip


def paper_rows(
    papers: Mapping[str, Mapping[str, Any]], files: Mapping[str, list[Attachment]], filing: Filing,
    names: Mapping[str, str],
) -> list[tuple[Any, ...]]:  # fmt: skip
    """One row a paper: number, end, how many files."""
    return [
        (
            name,
            _paper(papers.get(code), len(files.get(code, ()))),
            reverse("my:certificate", args=[filing.number, code]) + "?from=check",
        )
        for code, name in names.items()
    ]


def _paper(paper: Mapping[str, Any] | None, files: int) -> str:
    if paper is None or not files:
        return _("没有上传")
    parts = [_("%(n)s 个文件") % {"n": files}]
    if paper["number"]:
        parts.insert(0, _("编号 %(number)s") % {"number": paper["number"]})
    if paper["valid_until"]:
        parts.append(_("有效期至 %(day)s") % {"day": _day(paper["valid_until"])})
    return "，".join(parts)


def _day(text: str) -> str:
    try:
        return cn_date(dt.date.fromisoformat(text))
    except ValueError:
        return text


def paper_differences(
    stored: Mapping[str, Any], now: Mapping[str, Any], names: Mapping[str, str]
) -> list[tuple[Any, Any, Any]]:
    """Name, former and present words of every paper that is not the same."""
    before = {paper["material"]: paper for paper in stored.get("certificates", ())}
    after = {paper["material"]: paper for paper in now.get("certificates", ())}
    return [
        (names.get(code, code),
         _paper(before.get(code), len(before.get(code, {}).get("files", ()))),
         _paper(paper, len(paper["files"])))
        for code, paper in after.items()
        if paper != before.get(code)
    ]  # fmt: skip
