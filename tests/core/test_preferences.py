"""显示设置 and the pages of the account: a cookie of this device, our words, our frame."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.core.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.proves("prod:U5")
def test_the_choice_is_kept_and_leads_back(client: Client) -> None:
    answer = client.post("/preferences/?next=/facilities/", {"mode": "elder"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/facilities/"
    cookie = answer.cookies["display"]
    assert cookie.value == "elder"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    page = client.get("/preferences/").content.decode()
    assert '<html lang="zh-CN" data-bs-theme="light" class="elder">' in page
    assert "返回标准版" in page


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org", "javascript:x", ""])
def test_it_leads_to_no_foreign_place(client: Client, target: str) -> None:
    answer = client.post("/preferences/", {"mode": "large"}, query_params={"next": target})
    assert answer.headers["Location"] == reverse("public:home")


def test_a_link_only_proposes_and_changes_nothing(client: Client) -> None:
    answer = client.get("/preferences/?mode=elder")
    assert "display" not in answer.cookies
    page = answer.content.decode()
    assert 'value="elder" ' in page
    assert page.count("checked") == 1


def test_an_unknown_size_is_asked_again(client: Client) -> None:
    page = client.post("/preferences/", {"mode": "huge"}).content.decode()
    assert "有 1 处需要修改" in page
    assert "<title>错误：显示设置 - " in page


def test_signing_in_with_a_wrong_password_says_so_in_our_words(client: Client) -> None:
    page = client.post(
        "/accounts/login/", {"login": "nobody", "password": "wrong"}
    ).content.decode()
    assert "账号或密码不对" in page
    assert 'class="error-summary"' in page
    assert page.count("<h1") == 1


def test_an_empty_sign_in_names_both_fields(client: Client, settings: Any) -> None:
    settings.ACCOUNT_FORMS = {"login": "portal.core.account_forms.LoginForm"}
    page = client.post("/accounts/login/", {}).content.decode()
    assert "请填写账号" in page
    assert "请填写密码" in page
    assert "必填" not in page


@pytest.fixture
def our_forms(settings: Any) -> None:
    settings.ACCOUNT_FORMS = {"change_password": "portal.core.account_forms.ChangePasswordForm"}


@pytest.fixture
def signed_in(client: Client) -> Client:
    user = User.objects.create_user("wang", password="old-password-1", display_name="王某")
    client.force_login(user)
    return client


CHANGES = [
    (
        {"oldpassword": "x", "password1": "new-words-42x", "password2": "new-words-42x"},
        "现在的密码不对",
    ),
    (
        {"oldpassword": "old-password-1", "password1": "a-new-word-1", "password2": "b"},
        "两次填写的密码不一样",
    ),
    (
        {"oldpassword": "old-password-1", "password1": "short", "password2": "short"},
        "密码至少 10 位",
    ),
    ({}, "请填写现在的密码"),
]


@pytest.mark.usefixtures("our_forms")
@pytest.mark.parametrize(("answers", "words"), CHANGES)
def test_a_new_password_is_refused_in_our_words(
    signed_in: Client, answers: dict[str, str], words: str
) -> None:
    page = signed_in.post("/accounts/password/change/", answers).content.decode()
    assert words in page
    assert "必填" not in page
