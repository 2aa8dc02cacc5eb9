"""What is typed on site: the door, one question, heads, papers of staff, signatures."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models.choices import ClassType
from inspections.actions import Given
from inspections.models.choices import Access, AnswerValue, SignerRole
from inspections.workflow import Severity
from portal.core import attachments
from portal.core.files import IMAGES, Accepted
from portal.core.forms import PlainTexts, PortalForm
from portal.core.models import User

from .parts import NOTE_MAX, PhotoField, note

PNG = "data:image/png;base64,"
SHORT = 300
MOST_HEADS = 999
MILLISECONDS = 1000


class PlaceForm(PortalForm):
    """Where the team stands, if the phone told it."""

    guard = False
    latitude = forms.DecimalField(
        required=False, min_value=-90, max_value=90, widget=forms.HiddenInput
    )
    longitude = forms.DecimalField(
        required=False, min_value=-180, max_value=180, widget=forms.HiddenInput
    )

    @property
    def point(self) -> dict[str, Any]:
        """Both or neither; a place that is no place is left out."""
        found = {name: self.cleaned_data.get(name) for name in ("latitude", "longitude")}
        return found if all(value is not None for value in found.values()) else {}


class DoorForm(PlainTexts):
    """What happened at the door."""

    submit_label = gettext_lazy("保存，继续")
    mark_optional = False
    scanned = ("note",)
    access = forms.ChoiceField(
        label=gettext_lazy("到场情况"), choices=Access.choices, widget=forms.RadioSelect
    )
    certificate_shown = forms.BooleanField(
        label=gettext_lazy("已出示证件，已告知对方的权利和义务"), required=False
    )
    attendant = forms.CharField(label=gettext_lazy("机构在场人员"), max_length=40, required=False)
    attendant_post = forms.CharField(label=gettext_lazy("职务"), max_length=40, required=False)
    note = forms.CharField(
        label=gettext_lazy("说明"),
        max_length=SHORT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("没有进入现场的，写明看到的情况"),
    )

    def clean(self) -> dict[str, Any]:
        """Whoever goes in has shown who he is; whoever does not says what he saw."""
        given = super().clean()
        access = given.get("access")
        if access == Access.GRANTED and not given.get("certificate_shown"):
            self.add_error("certificate_shown", _("请先出示证件并告知权利，再勾选这一项"))
        if access and access != Access.GRANTED and not given.get("note"):
            self.add_error("note", _("请写明没有进入现场的情况"))
        return given


class QuestionForm(PlainTexts):
    """One question: the answer, and the finding where it fails. Nothing has to be typed."""

    guard = False
    scanned = ("note", "text", "requirement")
    value = forms.ChoiceField(label=gettext_lazy("结果"), choices=AnswerValue.choices)
    note = forms.CharField(label=gettext_lazy("备注"), max_length=NOTE_MAX, required=False)
    measured = forms.CharField(label=gettext_lazy("数值"), max_length=20, required=False)
    text = forms.CharField(label=gettext_lazy("问题描述"), max_length=NOTE_MAX, required=False)
    requirement = forms.CharField(
        label=gettext_lazy("整改要求"), max_length=NOTE_MAX, required=False
    )
    severity = forms.ChoiceField(
        label=gettext_lazy("严重程度"), choices=[("", ""), *Severity.choices], required=False
    )
    due_on = forms.DateField(label=gettext_lazy("整改期限"), required=False)
    fixed = forms.BooleanField(label=gettext_lazy("已当场改正"), required=False)
    photo = PhotoField()
    token = forms.UUIDField(required=False)
    # Milliseconds of the phone's clock, for answers that waited there.
    given_ms = forms.IntegerField(required=False, min_value=0, max_value=99_999_999_999_999)

    @property
    def given(self) -> Given:
        """As the act takes it."""
        values = self.cleaned_data
        moment = values.get("given_ms")
        return Given(
            value=values["value"],
            note=values["note"],
            measured=values["measured"],
            text=values["text"],
            requirement=values["requirement"],
            severity=values["severity"],
            due_on=values["due_on"],
            fixed_on_site=values["fixed"],
            token=values["token"],
            given_at=dt.datetime.fromtimestamp(moment / MILLISECONDS, dt.UTC) if moment else None,
        )

    @property
    def photos(self) -> list[Accepted]:
        """The picture that came along, if one did."""
        picture = self.cleaned_data.get("photo")
        return [picture] if picture else []

    @property
    def words(self) -> str:
        """Every refusal in one line, for the phone."""
        found = [str(words) for listed in self.errors.values() for words in listed]
        return "；".join(dict.fromkeys(found))


class PhotoForm(PortalForm):
    """A picture on its own."""

    guard = False
    photo = PhotoField(required=True)


class HeadForm(PortalForm):
    """One class as it was counted; an empty line is a class that was not looked at."""

    guard = False
    label = forms.CharField(label=gettext_lazy("班级"), max_length=30, required=False)
    class_type = forms.ChoiceField(
        label=gettext_lazy("班型"), choices=ClassType.choices, required=False
    )
    children = forms.IntegerField(
        label=gettext_lazy("在场幼儿"), min_value=0, max_value=MOST_HEADS, required=False
    )
    carers = forms.IntegerField(
        label=gettext_lazy("在场保育人员"), min_value=0, max_value=MOST_HEADS, required=False
    )

    def clean(self) -> dict[str, Any]:
        """A line that was begun is filled whole."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.is_counted:
            for name in ("label", "class_type", "children", "carers"):
                if given.get(name) in {None, ""} and name not in self.errors:
                    label = self.fields[name].label
                    self.add_error(name, _("请填写%(name)s") % {"name": label})
        return given

    @property
    def is_counted(self) -> bool:
        """Whether somebody counted here."""
        return any(self.cleaned_data.get(name) is not None for name in ("children", "carers"))

    @property
    def row(self) -> tuple[str, str, int, int]:
        """As the act takes it."""
        values = self.cleaned_data
        return values["label"], values["class_type"], values["children"], values["carers"]


def twice(rows: Iterable[HeadForm]) -> str:
    """The class that was counted twice; empty when none was."""
    labels = [form.cleaned_data["label"] for form in rows if form.is_counted]
    return next((label for label in labels if labels.count(label) > 1), "")


class SampleForm(PlainTexts):
    """The papers of one person; nothing chosen means not looked at."""

    guard = False
    scanned = ("note",)
    in_order = forms.ChoiceField(
        label=gettext_lazy("人员证件"),
        choices=[("", ""), ("yes", gettext_lazy("齐全有效")), ("no", gettext_lazy("有问题"))],
        required=False,
    )
    note = forms.CharField(label=gettext_lazy("说明"), max_length=200, required=False)


class RemarksForm(PlainTexts):
    """What is to be said about the visit as a whole."""

    submit_label = gettext_lazy("保存现场情况")
    scanned = ("remarks",)
    guard = False
    remarks = note(gettext_lazy("现场情况"))


class OtherForm(PlainTexts):
    """Something that is wrong and stands on no list."""

    submit_label = gettext_lazy("记录这个问题")
    scanned = ("text", "requirement")
    text = note(gettext_lazy("问题描述"), required=True)
    requirement = note(gettext_lazy("整改要求"))
    severity = forms.ChoiceField(
        label=gettext_lazy("严重程度"),
        choices=Severity.choices,
        widget=forms.RadioSelect,
        initial=Severity.MINOR,
    )
    due_on = forms.DateField(
        label=gettext_lazy("整改期限"),
        required=False,
        help_text=gettext_lazy("不填写时按严重程度自动确定"),
    )
    fixed_on_site = forms.BooleanField(label=gettext_lazy("已当场改正"), required=False)


class StatementForm(PlainTexts):
    """What the facility says to the result."""

    submit_label = gettext_lazy("保存机构意见")
    scanned = ("statement",)
    guard = False
    statement = note(
        gettext_lazy("机构意见"), help_text=gettext_lazy("没有意见的，写“无意见”或留空")
    )


class SignForm(PortalForm):
    """A name drawn by finger; without scripts the name typed and the signed sheet photographed."""

    submit_label = gettext_lazy("保存签字")
    guard = False
    role = forms.ChoiceField(choices=SignerRole.choices, widget=forms.HiddenInput)
    user = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, widget=forms.HiddenInput
    )
    signer = forms.CharField(label=gettext_lazy("职务和姓名"), max_length=40, required=False)
    drawn = forms.CharField(required=False, widget=forms.HiddenInput)
    picture = PhotoField(label=gettext_lazy("签好字的纸面照片"), help_text="")

    def __init__(self, *args: Any, team: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["user"]
        field.queryset = User.objects.filter(pk__in=[person.pk for person in team])
        for name in ("signer", "picture"):  # drawn by the page's own template
            self.fields[name].widget.attrs["class"] = "form-control"

    def clean(self) -> dict[str, Any]:
        """Somebody, and a picture of the name."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("role") == SignerRole.INSPECTOR:
            if not given.get("user"):
                self.add_error(None, _("请在检查人员自己的那一栏签字"))
        elif not given.get("signer"):
            self.add_error("signer", _("请填写签字人的职务和姓名"))
        given["picture"] = self._drawn() or given.get("picture")
        if not given["picture"] and not self.errors:
            self.add_error("picture", _("请在框里签字，或拍下签好字的纸面"))
        return given

    def _drawn(self) -> Accepted | None:
        """The picture of the drawing, inspected like every other file."""
        text = self.cleaned_data.get("drawn") or ""
        if not text.startswith(PNG):
            return None
        try:
            content = base64.b64decode(text.removeprefix(PNG), validate=True)
            upload = SimpleUploadedFile("signature.png", content, "image/png")
            return attachments.inspected(upload, accept=IMAGES)
        except (ValueError, attachments.UploadRefused):  # of the letters, or of what they say
            self.add_error("picture", ValidationError(_("签字没有存下来，请再签一次")))
        return None


class RefuseForm(PlainTexts):
    """The facility does not sign: why, and who saw it."""

    submit_label = gettext_lazy("记录拒签")
    scanned: ClassVar[tuple[str, ...]] = ("note",)
    note = forms.CharField(
        label=gettext_lazy("拒签情况"), max_length=SHORT, widget=forms.Textarea(attrs={"rows": 3})
    )
    witness = forms.CharField(label=gettext_lazy("见证人的单位和姓名"), max_length=40)
    picture = PhotoField(label=gettext_lazy("见证人签字的照片"), help_text="")
