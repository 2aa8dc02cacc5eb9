"""What holds for every template: it compiles, obeys the content policy and speaks our words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.template.loader import get_template
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

ROOT = Path(__file__).parents[2] / "templates"
FILES = sorted(ROOT.rglob("*.html"))
ERROR_PAGES = ("400", "403", "403_csrf", "404", "410", "413", "429", "500", "503")
WORDS = ("无效", "非法", "不合法", "操作成功", "操作失败", "系统异常", "您忘记", "黑名单", "！")
TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)
CHINESE = "\u4e00-\u9fff"


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


every_template = pytest.mark.parametrize("path", FILES, ids=named)


@every_template
def test_it_compiles(path: Path) -> None:
    get_template(named(path))


@pytest.mark.proves("prod:V7")
@every_template
def test_it_obeys_the_content_policy(path: Path) -> None:
    html = path.read_text(encoding="utf-8")
    assert not re.search(
        r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", html, re.IGNORECASE
    )
    for script in re.findall(r"<script[^>]*>", html):
        assert "src=" in script
    assert not re.search(r"(src|href)=[\"'](https?:)?//", html)


@pytest.mark.proves("ux:60")
@every_template
def test_its_words_are_ours(path: Path) -> None:
    html = path.read_text(encoding="utf-8")
    assert not [word for word in WORDS if word in html]
    text = TAGS.sub("", html)
    assert not re.search(rf"[{CHINESE}]\s?\(|\)\s?[{CHINESE}]", text)
    # The argument of yesno is a list with commas.
    spoken = re.sub(r"yesno:[^|}]*", "", html)
    assert not re.search(rf"[{CHINESE}][,;:?](?=[{CHINESE}])", spoken)


@every_template
def test_it_is_short_and_its_words_can_be_translated(path: Path) -> None:
    html = path.read_text(encoding="utf-8")
    assert len(html.splitlines()) <= 120
    bare = re.sub(r"{%\s*blocktranslate.*?{%\s*endblocktranslate\s*%}", "", html, flags=re.DOTALL)
    bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", bare, flags=re.DOTALL)
    # The name of a language stands in that language; brackets and full stops are signs.
    is_document = path.name.startswith("_paper") or path.match("publications/_body.html")
    if 'lang="zh-CN">' in bare and is_document:
        return  # a paper or a published text is Chinese in every language of the site
    bare = re.sub(r'<a [^>]*lang="zh-CN"[^>]*>中文</a>', "", bare)
    assert not re.search(f"[{CHINESE}]+", bare), re.findall(f"[{CHINESE}]+", bare)


@every_template
def test_buttons_are_named_by_their_act(path: Path) -> None:
    buttons = re.findall(
        r"<button[^>]*>(.*?)</button>", path.read_text(encoding="utf-8"), re.DOTALL
    )
    for inner in buttons:
        words = re.findall(r'{% translate "([^"]+)" %}', inner)
        assert set(words).isdisjoint({"确定", "提交", "OK", "取消", "下一步"})


@pytest.fixture
def dead_database(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Nobody answers at the address of the database."""
    database = connections["default"]
    place = database.settings_dict["HOST"]
    with django_db_blocker.unblock():
        database.close()
        database.settings_dict["HOST"] = "/nonexistent"
        yield
        database.close()
    database.settings_dict["HOST"] = place


@pytest.mark.usefixtures("dead_database")
@pytest.mark.parametrize("code", ERROR_PAGES)
def test_error_pages_need_neither_request_nor_database(code: str) -> None:
    with translation.override("zh-hans"):
        html = get_template(f"{code}.html").render()
    assert html.count("<h1") == 1
    assert "0375" in html
    assert 'lang="zh-CN"' in html
    assert "Traceback" not in html


def test_the_frame_has_what_every_page_needs() -> None:
    base = (ROOT / "base.html").read_text(encoding="utf-8")
    for part in (
        "skip-link",
        'id="main"',
        "<html lang=",
        "color-scheme",
        "format-detection",
        "错误：",
    ):
        assert part in base
