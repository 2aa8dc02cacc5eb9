"""Faults in the shape of a credit code or phone number, in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from portal.core.identifiers import ProblemCode


def problem_words(code: str, params: Mapping[str, Any]) -> str:
    """The sentence for a fault in the shape of a credit code, identity or phone number."""
    texts = {
        ProblemCode.USCC_LENGTH: _("统一社会信用代码应为 %(expected)s 位，现在是 %(length)s 位"),
        ProblemCode.USCC_CHARACTERS: _(
            "统一社会信用代码里不会出现“%(characters)s”，请对照营业执照核对"
        ),
        ProblemCode.USCC_AREA: _("统一社会信用代码第 3 至 8 位应是数字，请对照营业执照核对"),
        ProblemCode.USCC_CHECK: _("统一社会信用代码有误，请对照营业执照核对"),
        ProblemCode.USCC_ORGANISATION_CHECK: _(
            "统一社会信用代码中间的组织机构代码（第 9 至 17 位）对不上，请对照营业执照核对"
        ),
        ProblemCode.PHONE_FORMAT: _("电话号码有误，请核对"),
        ProblemCode.IDENTITY_LENGTH: _("身份证号应为 %(expected)s 位，现在是 %(length)s 位"),
        ProblemCode.IDENTITY_CHARACTERS: _("身份证号前 17 位应是数字，最后一位是数字或 X"),
        ProblemCode.IDENTITY_AREA: _("身份证号前两位（%(area)s）不是省份代码，请核对"),
        ProblemCode.IDENTITY_DATE: _("身份证号里的出生日期有误，请核对"),
        ProblemCode.IDENTITY_CHECK: _("身份证号有误，请核对"),
    }
    by_code = {known.value: text for known, text in texts.items()}
    return by_code.get(str(code), _("填写的内容有误，请核对")) % dict(params)
