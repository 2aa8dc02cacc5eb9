"""A reusable phrase as it is written."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import CannedText
from facilities.models.review import PhraseUse
from portal.core.forms import PortalForm

WHOSE = (("office", gettext_lazy("全科室共用")), ("own", gettext_lazy("只给自己用")))


class PhraseForm(PortalForm):
    """Text, where it is offered, to whom, and whether it still is."""

    submit_label = gettext_lazy("保存常用语")
    mark_optional = False
    counters = ("text",)
    widths = {"order": "w-short", "section": "w-medium"}

    text = forms.CharField(
        label=gettext_lazy("常用语"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "会印在发出的文书或答复上，不写个人姓名和电话。"
            "投诉的常用语里，大括号里的编号、机构、日期用的时候自动填上"
        ),
    )
    section = forms.ChoiceField(label=gettext_lazy("用在哪里"), choices=PhraseUse.choices)
    whose = forms.ChoiceField(
        label=gettext_lazy("给谁用"), choices=WHOSE, widget=forms.RadioSelect, initial="office"
    )
    order = forms.IntegerField(
        label=gettext_lazy("排序"),
        min_value=0,
        max_value=9999,
        initial=500,
        help_text=gettext_lazy("数字小的排在前面"),
    )
    is_active = forms.BooleanField(label=gettext_lazy("使用中"), required=False, initial=True)

    @classmethod
    def of(cls, phrase: CannedText | None, data: Any = None) -> PhraseForm:
        """The form over a phrase, or over a new one."""
        if phrase is None:
            return cls(data)
        names = ("text", "section", "order", "is_active")
        initial = {name: getattr(phrase, name) for name in names}
        return cls(data, initial=initial | {"whose": "own" if phrase.owner_id else "office"})

    @property
    def values(self) -> dict[str, Any]:
        """What the act takes."""
        cleaned = dict(self.cleaned_data)
        return {**cleaned, "text": cleaned["text"].strip(), "is_own": cleaned["whose"] == "own"}

    def mark_twin(self) -> None:
        """The list has these words already."""
        self.add_error("text", _("这条常用语已经有了，请改写，或修改原来的那一条"))
