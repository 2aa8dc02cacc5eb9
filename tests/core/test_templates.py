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
BUTTON_WORD = re.compile(r"""{% translate ["']([^"']+)["'] %}""")
MOST_LINES = 120


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


every_template = pytest.mark.parametrize("path", FILES, ids=named)


@every_template
def test_it_compiles(path: Path) -> None:
    get_template(named(path))


# --- what a template may not say ----------------------------------------------------------------


def lawless(html: str) -> list[str]:
    """What the content policy forbids: styles and scripts in place, parts from elsewhere."""
    found = re.findall(
        r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", html, re.IGNORECASE
    )
    found += [each for each in re.findall(r"<script[^>]*>", html) if "src=" not in each]
    return found + re.findall(r"(?:src|href)=[\"'](?:https?:)?//", html)


def foreign(html: str) -> list[str]:
    """Words that are not ours, and signs of another script between words of ours."""
    found = [word for word in WORDS if word in html]
    found += re.findall(rf"[{CHINESE}]\s?\(|\)\s?[{CHINESE}]", TAGS.sub("", html))
    # The argument of yesno is a list with commas.
    spoken = re.sub(r"yesno:[^|}]*", "", html)
    return found + re.findall(rf"[{CHINESE}][,;:?](?=[{CHINESE}])", spoken)


def untranslatable(html: str, *, is_document: bool = False) -> list[str]:
    """Chinese that stands outside what is translated."""
    bare = re.sub(r"{%\s*blocktranslate.*?{%\s*endblocktranslate\s*%}", "", html, flags=re.DOTALL)
    bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", bare, flags=re.DOTALL)
    if 'lang="zh-CN">' in bare and is_document:
        return []  # a paper or a published text is Chinese in every language of the site
    # The name of a language stands in that language; brackets and full stops are signs.
    bare = re.sub(r'<a [^>]*lang="zh-CN"[^>]*>中文</a>', "", bare)
    return re.findall(f"[{CHINESE}]+", bare)


def is_long(html: str) -> bool:
    return len(html.splitlines()) > MOST_LINES


def nameless(html: str) -> list[str]:
    """The words of buttons that do not tell what is done."""
    buttons = re.findall(r"<button[^>]*>(.*?)</button>", html, re.DOTALL)
    words = [word for each in buttons for word in re.findall(BUTTON_WORD, each)]
    return [word for word in words if word in {"确定", "提交", "OK", "取消", "下一步"}]


@pytest.mark.proves("prod:V7")
@every_template
def test_it_obeys_the_content_policy(path: Path) -> None:
    assert lawless(path.read_text(encoding="utf-8")) == []


@pytest.mark.proves("ux:60")
@every_template
def test_its_words_are_ours(path: Path) -> None:
    assert foreign(path.read_text(encoding="utf-8")) == []


@every_template
def test_it_is_short_and_its_words_can_be_translated(path: Path) -> None:
    html = path.read_text(encoding="utf-8")
    assert not is_long(html)
    is_document = path.name.startswith("_paper") or path.match("publications/_body.html")
    assert untranslatable(html, is_document=is_document) == []


@every_template
def test_buttons_are_named_by_their_act(path: Path) -> None:
    assert nameless(path.read_text(encoding="utf-8")) == []


# --- each rule catches a planted violation --------------------------------------------------------


SOUND = """{% load i18n %}{# 注（一） #}
<p title="{% translate "电话：一" %}">{% blocktranslate %}共 {{ n }} 条，好{% endblocktranslate %}
{{ is_open|yesno:"开,关" }} <a href="/" lang="zh-CN">中文</a></p>
<script src="/static/a.js" defer></script><button type="submit">{% translate "报送备案" %}</button>
"""


def test_a_sound_template_is_left_alone() -> None:
    assert (lawless(SOUND), foreign(SOUND), untranslatable(SOUND)) == ([], [], [])
    assert (nameless(SOUND), is_long(SOUND)) == ([], False)


@pytest.mark.parametrize(
    "planted",
    ["<style>p { top: 0 }</style>", '<p style="top: 0">', "<p onclick='a()'>",
     "<script>a()</script>", '<a href="JavaScript:a()">', '<img src="//a.example/b.png">',
     '<a href="http://a.example/">'],
)  # fmt: skip
def test_a_planted_breach_of_the_content_policy_is_caught(planted: str) -> None:
    assert len(lawless(SOUND + planted)) == 1


@pytest.mark.parametrize("planted", [*WORDS, "电话(一)", "(一)电话", "是的,好", "是吗?好"])
def test_a_planted_word_that_is_not_ours_is_caught(planted: str) -> None:
    assert foreign(SOUND + planted)


def test_planted_words_that_are_not_translated_are_caught() -> None:
    """In a paper as well, unless it says that it is Chinese."""
    planted, told = "<p>电话</p>", '<p lang="zh-CN">电话</p>'
    assert untranslatable(SOUND + planted) == ["电话"]
    assert untranslatable(planted, is_document=True) == ["电话"]
    assert untranslatable(told) == ["电话"]
    assert untranslatable(told, is_document=True) == []


def test_a_planted_long_template_is_caught() -> None:
    assert not is_long("\n" * MOST_LINES)
    assert is_long("\n" * (MOST_LINES + 1))


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_planted_button_without_an_act_is_caught(quote: str) -> None:
    word = f"{{% translate {quote}确定{quote} %}}"
    assert nameless(f"{SOUND}<button>\n  {word}</button>") == ["确定"]
    assert nameless(f"{SOUND}<p>{word}</p>") == []


# --- the pages of faults and the frame ------------------------------------------------------------


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
