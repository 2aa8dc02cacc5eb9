"""显示设置 and the pages of the account: a cookie of this device, our words, our frame."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


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
