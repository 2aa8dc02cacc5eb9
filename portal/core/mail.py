"""The e-mail channel: one constant letter that says only that a message waits (sec:C7).

No name of a facility, no subject matter, no link to a page behind the sign-in: a letter is read on
lock screens and by whoever runs the mail server. The inbox holds the message itself.
"""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _


class NotSent(Exception):
    """The mail server did not take the letter; names the kind of fault and no address."""


def is_on() -> bool:
    """Whether this portal sends letters at all (EMAIL_URL)."""
    return bool(settings.MAIL_ON)


def send(address: str, message: uuid.UUID | str, site: str) -> None:
    """Hand one letter of the portal `site` to the mail server; raises NotSent.

    A worker that dies after the server took the letter sends it once more: the Message-ID is the
    same for the same message, so that gateways and readers can tell the copy.
    """
    host = urlsplit(settings.PUBLIC_ORIGIN).hostname or "localhost"
    with translation.override(settings.LANGUAGE_CODE):
        facts = {"site": _(site)}
        subject = _("%(site)s有一条新消息") % facts
        body = _(
            "%(site)s有一条新消息，请登录查看。\n\n%(link)s\n\n"
            "不想再收到邮件，可以登录后在“消息”页面的“邮件提醒”里关闭。"
        ) % (facts | {"link": f"{settings.PUBLIC_ORIGIN}{reverse('account_login')}"})
    letter = EmailMessage(
        subject, body, to=[address], headers={"Message-ID": f"<{message}@{host}>"}
    )
    try:
        letter.send()
    except (OSError, ValueError) as fault:  # every fault of smtplib is an OSError
        # The fault's own text may quote the address: neither the log nor the row may hold it.
        raise NotSent(type(fault).__name__) from None
