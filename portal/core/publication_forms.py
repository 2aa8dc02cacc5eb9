"""What officials type at the publication gate: a decision, a reason, another wording."""

from __future__ import annotations

import copy
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from portal.core.forms import FilterFormMixin, PortalForm
from portal.core.models import Publication, PublicationStatus
from portal.core.models.publication import PublicationQuerySet, kinds

REASON_MAX = 250
TITLE_MAX = 120


class PublicationFilter(FilterFormMixin, forms.Form):
    """Which kind the list shows."""

    kind = forms.ChoiceField(label=gettext_lazy("种类"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, kind.label) for code, kind in kinds().items()]
        self.fields["kind"].choices = [("", _("全部")), *choices]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> str:
        """The code of the kind, empty for all and for what is none."""
        return str(self.cleaned_data.get("kind", "")) if self.is_valid() else ""

    @property
    def state(self) -> str:
        """The tab: what waits where none is named, empty for all."""
        asked = self.data.get("state", PublicationStatus.PROPOSED)
        return str(asked) if asked in PublicationStatus.values else ""

    def of_kind(self, rows: PublicationQuerySet) -> PublicationQuerySet:
        """Those of the kind, whatever their state: the tabs count them."""
        return rows.filter(kind=self.chosen) if self.chosen else rows

    def narrow(self, rows: PublicationQuerySet) -> PublicationQuerySet:
        """Those of kind and tab, with whom a row of the list names."""
        found = self.of_kind(rows)
        found = found.filter(state=self.state) if self.state else found
        return found.select_related("proposed_by", "decided_by")


class PublishForm(PortalForm):
    """Publish the text that was read; `seen` is its digest."""

    submit_label = pgettext_lazy("act", "公示")
    cancel_label = gettext_lazy("返回，暂不公示")
    guard = False
    seen = forms.CharField(
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("页面内容不完整，请核对下面的内容后再办理")},
    )

    def __init__(self, *args: Any, now: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.initial["seen"] = now

    def clean_seen(self) -> str:
        """A text that changed meanwhile is read again before anybody decides on it."""
        seen: str = self.cleaned_data["seen"]
        if seen != self.now:
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = self.now
            raise ValidationError(_("公示内容刚有变化，请核对下面的内容后再办理"))
        return seen


class ReasonForm(PortalForm):
    """A reason that is kept."""

    mark_optional = False
    counters: ClassVar[tuple[str, ...]] = ("reason",)
    cancel_label = gettext_lazy("返回，不做改动")
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("请填写理由")},
    )


class HandBackForm(ReasonForm):
    """Return the text to the person who proposed it."""

    submit_label = gettext_lazy("退回经办人")


class WithdrawForm(ReasonForm):
    """Take the text back; residents read the reason."""

    submit_label = gettext_lazy("撤下公示")
    submit_css = "btn-danger"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _(
            "居民可以看到，请不要写个人信息，例如：登记信息有误，更正后重新公示"
        )


class PutAsideForm(ReasonForm):
    """Why a hint is none."""

    submit_label = gettext_lazy("标为已核对")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("例如：是机构名称的一部分，不是孩子的姓名")


class ReviseForm(PortalForm):
    """Another wording of the same blocks: one box a text, the labels of a table stay."""

    submit_label = gettext_lazy("保存并重新提请公示")

    def __init__(self, *args: Any, publication: Publication, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.publication = publication
        self.places: dict[str, tuple[int, str, int]] = {}
        self.fields["title"] = forms.CharField(
            label=_("标题"), max_length=TITLE_MAX, initial=publication.title
        )
        for number, block in enumerate(publication.body):
            self._add_block(number, block)
        for name, field in self.fields.items():
            self._dress(name, field)

    def _add_block(self, number: int, block: dict[str, Any]) -> None:
        if "text" in block:
            self._add(number, "text", 0, _("第 %(n)s 段") % {"n": number + 1}, block["text"])
        for line, row in enumerate(block.get("rows", ())):
            self._add(number, "rows", line, row[0], row[1])
        for key in ("entries", "lines"):
            for line, entry in enumerate(block.get(key, ())):
                self._add(number, key, line, _("第 %(n)s 条") % {"n": line + 1}, entry)

    def _add(self, number: int, key: str, line: int, label: str, text: str) -> None:
        name = f"block{number}_{line}"
        self.places[name] = (number, key, line)
        widget: Any = forms.TextInput() if key == "rows" else forms.Textarea(attrs={"rows": 3})
        self.fields[name] = forms.CharField(
            label=label, initial=text, max_length=2000, widget=widget
        )

    def content(self) -> tuple[str, list[dict[str, Any]]]:
        """Title and blocks as they would read; only after is_valid()."""
        body = copy.deepcopy(self.publication.body)
        for name, (number, key, line) in self.places.items():
            text = self.cleaned_data[name]
            if key == "text":
                body[number]["text"] = text
            elif key == "rows":
                body[number]["rows"][line][1] = text
            else:
                body[number][key][line] = text
        return self.cleaned_data["title"], body
