"""Which templates are whole pages, which are drawn meanwhile, and where the odd ones are seen."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test.signals import template_rendered

EXTENDS = re.compile(r'{%\s*extends\s+"?([\w/.]+)"?')
# Seen on one person's way through the pages of accounts (test_other_pages).
ACCOUNTS = {
    "account/login.html", "account/logout.html", "account/account_inactive.html",
    "account/password_change.html", "account/reauthenticate.html",
    "mfa/index.html", "mfa/authenticate.html", "mfa/reauthenticate.html",
    "mfa/totp/activate_form.html", "mfa/totp/deactivate_form.html",
    "mfa/recovery_codes/index.html", "mfa/recovery_codes/generate.html",
    "mfa/webauthn/add_form.html", "mfa/webauthn/authenticator_list.html",
    "mfa/webauthn/authenticator_confirm_delete.html", "mfa/webauthn/reauthenticate.html",
}  # fmt: skip
# Each has a way to it in test_other_pages: the answer to a form, or an object in another state.
ELSEWHERE = {
    "users/code.html", "desk/bulk_report.html", "complaints/desk/bulk_report.html",
    "complaints/desk/slip.html", "core/typed.html", "inspections/field/fault.html",
    "public/publication_over.html", "my/life_none.html", "desk/export_withheld.html",
}  # fmt: skip
# allauth would draw them if its own sign-up or letters were open, which no address here leads to.
NEVER = {"account/signup_closed.html", "account/verification_sent.html"}


def whole_pages() -> set[str]:
    """The templates that stand in a frame and are none themselves."""
    root = Path(settings.BASE_DIR) / "templates"
    frames = {
        path.relative_to(root).as_posix(): found[1]
        for path in root.rglob("*.html")
        if (found := EXTENDS.search(path.read_text("utf-8")))
    }
    return set(frames) - set(frames.values())


@contextmanager
def drawn() -> Generator[set[str]]:
    """The templates that are drawn meanwhile, by whichever thread."""
    names: set[str] = set()

    def note(template: Any, **_kwargs: Any) -> None:
        names.add(template.name)

    template_rendered.connect(note)
    try:
        yield names
    finally:
        template_rendered.disconnect(note)
