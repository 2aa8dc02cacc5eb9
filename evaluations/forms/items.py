"""One card per indicator: what an evaluator gives, and what a facility says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evaluations.models import Indicator, Score, SelfItem
from evaluations.rules.values import halves
from facilities.models import Certificate
from portal.core.forms import PortalForm

LONGEST = 1000
MET = (("yes", gettext_lazy("符合")), ("no", gettext_lazy("不符合")))
_MET_WORDS = {True: "yes", False: "no", None: ""}


def plain(number: Decimal | None) -> str:
    """5.0 as 5, 4.5 as 4.5, nothing as nothing."""
    return "" if number is None else f"{number.normalize():f}"


class ItemForm(PortalForm):
    """The number, for a basic item whether it is met, and the words."""

    hide_summary = True
    guard = False
    mark_optional = False
    units: ClassVar[Mapping[str, Any]] = {"points": gettext_lazy("分")}
    widths: ClassVar[Mapping[str, str]] = {"points": "w-short"}

    points = forms.DecimalField(label=gettext_lazy("得分"), required=False)
    is_met = forms.TypedChoiceField(
        label=gettext_lazy("是否符合基础标准"),
        choices=MET,
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=gettext_lazy("理由和依据"), max_length=LONGEST, required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, item: Indicator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.item = item
        if not item.is_veto:
            del self.fields["is_met"]
        facts = {"code": item.code}
        self.fields["points"].widget.attrs["aria-label"] = _("条号 %(code)s 的得分") % facts

    def clean_points(self) -> Decimal | None:
        """A number from nought to the most of the item, in steps of a half."""
        given: Decimal | None = self.cleaned_data["points"]
        if given is None:
            return None
        try:
            fits = 0 <= halves(given) <= halves(self.item.max_points)
        except ValueError:
            fits = False
        if not fits:
            facts = {"code": self.item.code, "most": plain(self.item.max_points)}
            raise ValidationError(
                _("条号 %(code)s：得分应在 0 至 %(most)s 之间，每 0.5 分一档") % facts
            )
        return given

    @property
    def elsewhere(self) -> list[tuple[str, str]]:
        """Of each box that says something else than what is kept: its label and what is kept."""
        return [(str(self.fields[name].label), self._kept(name)) for name in self.changed_data]

    def _kept(self, name: str) -> str:
        kept = self.initial.get(name)
        choices = dict(getattr(self.fields[name], "choices", ()))
        values = kept if isinstance(kept, list) else [kept]
        return "、".join(str(choices.get(each, each)) for each in values if each not in {None, ""})

    def typed(self, names: Mapping[str, str]) -> dict[str, Any]:
        """What was changed, under the names the act knows; after is_valid()."""
        return {names.get(name, name): self.cleaned_data[name] for name in self.changed_data}


class SelfItemForm(ItemForm):
    """The facility's card: its papers of the register are offered as evidence."""

    certificates = forms.TypedMultipleChoiceField(
        label=gettext_lazy("用已经交过的证照作依据"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, papers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["certificates"]
        field.choices = papers
        self.fields["points"].label = _("自评得分")
        self.fields["words"].label = _("自评说明")
        if not papers:
            del self.fields["certificates"]


class Cards:
    """The cards of one dimension, sent together."""

    def __init__(self, forms_: Sequence[ItemForm]) -> None:
        self.forms = list(forms_)

    def __iter__(self) -> Iterator[ItemForm]:
        return iter(self.forms)

    def is_valid(self) -> bool:
        """Whether every card is in order."""
        return all(form.is_valid() for form in self.forms)

    def changed(self, names: Mapping[str, str]) -> dict[str, Any]:
        """By code what was changed on the cards that are in order."""
        found = {form.item.code: form.typed(names) for form in self.forms if form.is_valid()}
        return {code: typed for code, typed in found.items() if typed}


def score_cards(data: Any, items: Sequence[Indicator], scores: Mapping[Any, Score]) -> Cards:
    """The evaluator's cards, with what the sheet holds."""
    return Cards([
        ItemForm(data, prefix=_prefix(item), item=item, initial=_of_score(scores.get(item.pk)))
        for item in items
    ])  # fmt: skip


def self_cards(
    data: Any,
    items: Sequence[Indicator],
    kept: Mapping[Any, SelfItem],
    papers: Sequence[Certificate],
    names: Mapping[str, str],
) -> Cards:
    """The facility's cards, with what it has said so far; `names` of materials in words."""
    choices = [(str(each.pk), paper_name(each, names)) for each in papers]
    return Cards([
        SelfItemForm(
            data, prefix=_prefix(item), item=item, papers=choices,
            initial=_of_self(kept.get(item.pk)),
        )
        for item in items
    ])  # fmt: skip


def paper_name(paper: Certificate, names: Mapping[str, str]) -> str:
    """营业执照（2027-01-01 到期）."""
    name = names.get(paper.material, paper.material)
    if paper.valid_until is None:
        return name
    return _("%(name)s（%(day)s 到期）") % {"name": name, "day": paper.valid_until.isoformat()}


def _prefix(item: Indicator) -> str:
    """The same box keeps its name whatever stands beside it."""
    return f"item{item.position}"


def _of_score(score: Score | None) -> dict[str, Any]:
    if score is None:
        return {}
    met = _MET_WORDS[score.is_met]
    return {"points": _short(score.points), "is_met": met, "words": score.reason}


def _of_self(kept: SelfItem | None) -> dict[str, Any]:
    if kept is None:
        return {}
    return {
        "points": _short(kept.points),
        "is_met": _MET_WORDS[kept.is_met],
        "words": kept.text,
        "certificates": [str(each) for each in kept.certificates],
    }


def _short(number: Decimal | None) -> Decimal | None:
    return None if number is None else Decimal(plain(number))
