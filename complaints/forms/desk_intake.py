"""What an official types while somebody speaks at the counter or on the phone."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.actions import Submission
from complaints.actions.intake import submit_key
from complaints.models import Category, Channel
from complaints.queries import casework
from complaints.rules.orders import order_number
from facilities.models import Facility
from portal.core.models import Community
from portal.core.regulation import Regulation

from .desk import SHORT, TEXT, DeskForm, area, choice

TYPED = (Channel.COUNTER, Channel.PHONE, Channel.LETTER, Channel.HOTLINE)


class IntakeForm(DeskForm):
    """The same questions as in public, on one page, and where it came from."""

    submit_label = gettext_lazy("登记并打印回单")
    cancel_label = gettext_lazy("返回，不登记")
    mark_optional = True
    half_width = ("code", "phone", "external_number")
    counters = ("happened",)
    widths: ClassVar[dict[str, str]] = {"code": "w-code", "phone": "w-medium"}
    inputmode: ClassVar[dict[str, str]] = {"phone": "tel"}

    # Never filled in again by the browser: the next call would read as the last one sent twice.
    token = forms.UUIDField(widget=forms.HiddenInput(attrs={"autocomplete": "off"}), required=False)
    channel = choice(
        gettext_lazy("来源"),
        [(str(each), each.label) for each in TYPED],
        gettext_lazy("请选择来源"),
    )
    category = choice(gettext_lazy("反映什么"), Category.choices, gettext_lazy("请选择类别"))
    code = forms.CharField(
        label=gettext_lazy("机构的统一社会信用代码或街道登记号"), required=False, max_length=30
    )
    place = forms.CharField(
        label=gettext_lazy("不在登记名单内的，写名称和地址"), required=False, max_length=SHORT
    )
    community = forms.ModelChoiceField(
        label=gettext_lazy("社区（村）"),
        queryset=Community.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label=gettext_lazy("不清楚"),
    )
    happened = area(
        gettext_lazy("经过"), TEXT, help_text=gettext_lazy("照对方说的写；不要写孩子的姓名")
    )
    when = forms.CharField(label=gettext_lazy("什么时候"), required=False, max_length=100)
    wish = area(gettext_lazy("希望怎样解决"), SHORT, required=False)
    name = forms.CharField(
        label=gettext_lazy("称呼或姓名"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("愿意留的才填；不留就是匿名，凭编号和查询码一样能查、能回复"),
    )
    phone = forms.CharField(label=gettext_lazy("电话"), required=False, max_length=20)
    times = forms.CharField(label=gettext_lazy("方便联系的时间"), required=False, max_length=60)
    external_number = forms.CharField(
        label=gettext_lazy("12345 工单号"), required=False, max_length=40
    )
    external_due = forms.DateField(
        label=gettext_lazy("12345 要求办结日期"),
        required=False,
        help_text=gettext_lazy("例如 2026-12-03"),
    )

    def __init__(self, *args: Any, law: Regulation, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.least = law.integer("complaints.text_characters", "least")
        self.most = law.integer("complaints.text_characters", "most")
        self.fields["happened"].widget.attrs["data-counter"] = str(self.most)
        self.initial.setdefault("token", uuid.uuid4())

    def clean_code(self) -> Facility | None:
        """The facility of the register, where one was named."""
        typed: str = self.cleaned_data["code"]
        facility = casework.facility_of(typed) if typed else None
        if typed and facility is None:
            raise ValidationError(_("机构档案里没有这个代码，请核对；没有登记的写在下一栏"))
        return facility

    def clean_happened(self) -> str:
        """Enough to look into."""
        text: str = self.cleaned_data["happened"].strip()
        if len(text) < self.least:
            raise ValidationError(_("请至少写 %(n)s 个字") % {"n": self.least})
        if len(text) > self.most:
            raise ValidationError(_("最多写 %(n)s 个字") % {"n": self.most})
        return text

    def clean(self) -> dict[str, Any]:
        """A work order has a number."""
        cleaned = super().clean()
        hotline = cleaned.get("channel") == Channel.HOTLINE
        number = order_number(cleaned.get("external_number") or "")
        cleaned["external_number"] = number
        if hotline and not number:
            self.add_error("external_number", _("请填写 12345 工单号"))
        elif hotline and casework.is_another_order(number, submit_key(self.form_token)):
            self.order_is_known()
        if (due := cleaned.get("external_due")) and due < self.today:
            self.add_error("external_due", _("要求办结日期不能早于今天"))
        return cleaned

    def order_is_known(self) -> None:
        """Say so beside the number; also when somebody else was quicker by a moment."""
        self.add_error("external_number", _("这个工单号已经登记过"))

    @property
    def form_token(self) -> uuid.UUID:
        """The form's own, so that it can be sent twice; a fresh one where it was lost."""
        found: uuid.UUID = self.cleaned_data.setdefault("token", None) or uuid.uuid4()
        self.cleaned_data["token"] = found
        return found

    @property
    def submission(self) -> Submission:
        """What the act takes; only after is_valid()."""
        given = self.cleaned_data
        told = {name: given[name] for name in ("happened", "when", "wish", "place")}
        contact = {name: given[name] for name in ("name", "phone", "times") if given[name]}
        hotline = given["channel"] == Channel.HOTLINE
        return Submission(
            category=given["category"], told=told, contact=contact or None,
            facility=given["code"], community=given["community"], channel=given["channel"],
            external_number=given["external_number"] if hotline else "",
            external_due=given["external_due"] if hotline else None,
        )  # fmt: skip
