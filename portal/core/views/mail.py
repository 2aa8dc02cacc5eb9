"""E-mail beside the inbox: each person's choice, and the letters that could not be sent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core import actions, mail, queries
from portal.core.forms import PortalForm
from portal.core.frames import frame_of
from portal.core.models import Outbox
from portal.core.pages import READ_AND_WRITE, Request, lists, signed_in
from portal.core.paging import page_of
from portal.core.roles import Role
from portal.core.topics import Topic


class MailForm(PortalForm):
    """Where to, and which groups of messages."""

    submit_label = gettext_lazy("保存邮件提醒")
    autocomplete = {"email": "email"}

    email = forms.EmailField(label=gettext_lazy("邮箱地址"), required=False, max_length=200)
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("哪些消息也发邮件"),
        choices=Topic.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("邮件里只写“有一条新消息，请登录查看”，不写机构和内容"),
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("topics") and not cleaned.get("email") and "email" not in self.errors:
            self.add_error("email", _("请填写邮箱地址，或不勾选下面的消息"))
        return cleaned


@signed_in(methods=READ_AND_WRITE)
def mail_settings(request: Request) -> HttpResponse:
    """The inbox always; e-mail for the groups of messages the person ticks."""
    user = request.user
    initial = {"email": user.email, "topics": user.mail_topics}
    form = MailForm(request.POST if request.method == "POST" else None, initial=initial)
    form.cancel_url = reverse("core:messages")
    if mail.is_on() and form.is_valid():
        actions.choose_mail(**form.cleaned_data, by=request.actor, at=request.at)
        messages.success(request, _("已保存邮件提醒的设置。"))
        return redirect("core:messages")
    context = {"form": form, "base": frame_of(user), "is_on": mail.is_on()}
    return render(request, "core/mail_settings.html", context)


@lists(Outbox, roles=[Role.SYSADMIN])
def undelivered(request: Request) -> HttpResponse:
    """Letters given up after the last try: when, to whom, why; to be sent again (prod:M6)."""
    page = page_of(request, queries.failed_letters())
    crumbs = [(_("工作台"), reverse("desk:home")), (_("未送达的邮件"), "")]
    context = {"page": page, "rows": queries.with_people(page), "crumbs": crumbs}
    return render(request, "core/undelivered.html", context | {"is_on": mail.is_on()})


@lists(Outbox, roles=[Role.SYSADMIN], methods=("POST",))
def send_again(request: Request, message: str) -> HttpResponse:
    """Put one given-up letter back into the queue."""
    if actions.send_again(message, by=request.actor, at=request.at):
        messages.success(request, _("已重新排队，几分钟内会再发一次。"))
    else:
        messages.info(request, _("这封邮件已经不在未送达之列。"))
    return redirect("core:undelivered")
