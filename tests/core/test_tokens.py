"""The colours of tokens.css keep their contrast, and our style sheets their limits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files import File

from portal.statics import HashedFiles

CSS = Path(__file__).parents[2] / "static" / "css"
TOKENS = dict(
    re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})\b", (CSS / "tokens.css").read_text(encoding="utf-8"))
)
FAMILIES = ("neutral", "info", "progress", "warn", "ok", "danger")
WHITE, PAPER = "#ffffff", TOKENS["c-paper"]


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(c * 2 for c in digits)
    parts = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXTS = (
    "c-ink",
    "c-ink-2",
    "c-ink-3",
    "c-brand-600",
    "c-brand-700",
    "c-accent-600",
    "c-accent-700",
)


@pytest.mark.proves("ux:21")
@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("ground", [WHITE, PAPER])
def test_text_is_legible_on_white_and_on_paper(name: str, ground: str) -> None:
    assert contrast(TOKENS[name], ground) >= 4.5


@pytest.mark.proves("ux:21")
@pytest.mark.parametrize("family", FAMILIES)
def test_a_badge_is_legible_and_has_an_edge(family: str) -> None:
    text, tint, edge = (TOKENS[f"st-{family}{part}"] for part in ("", "-bg", "-bd"))
    assert contrast(text, tint) >= 7
    assert contrast(text, WHITE) >= 4.5
    assert contrast(edge, WHITE) >= 3
    assert contrast(edge, PAPER) >= 3


@pytest.mark.proves("ux:21")
def test_controls_have_an_edge_on_every_ground() -> None:
    for ground in (WHITE, PAPER, TOKENS["c-brand-50"]):
        assert contrast(TOKENS["c-line-strong"], ground) >= 3


def test_white_words_on_filled_buttons_and_bars() -> None:
    for name in ("c-brand-600", "c-brand-700", "c-accent-600", "c-accent-700"):
        assert contrast(TOKENS[name], WHITE) >= 4.5
    assert contrast("#a32a26", WHITE) >= 4.5
    assert contrast("#f3eee6", TOKENS["c-brand-700"]) >= 4.5


def test_one_of_the_two_focus_rings_shows_on_any_ground() -> None:
    rings = (TOKENS["c-focus"], TOKENS["c-ink"])
    for ground in (WHITE, PAPER, TOKENS["c-brand-700"], TOKENS["c-accent-600"], TOKENS["c-ink"]):
        assert max(contrast(ring, ground) for ring in rings) >= 3


def test_the_menu_is_legible_where_it_is_marked() -> None:
    for ground in ("c-brand-50", "c-brand-100"):
        assert contrast(TOKENS["c-brand-700"], TOKENS[ground]) >= 4.5
        assert contrast(TOKENS["c-ink-2"], TOKENS[ground]) >= 4.5


def test_style_sheets_stay_small_and_local() -> None:
    sheets = list(CSS.glob("*.css"))
    assert sum(len(sheet.read_text(encoding="utf-8").splitlines()) for sheet in sheets) <= 1500
    for sheet in sheets:
        text = sheet.read_text(encoding="utf-8")
        assert "http" not in text
        assert "@import" not in text
        assert "text-size-adjust:none" not in text


def test_scripts_are_small_and_quiet() -> None:
    for script in (CSS.parent / "js").rglob("*.js"):
        text = script.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 150, script
        assert not re.search(r"https?:|\beval\(|innerHTML|localStorage|console\.", text), script


def test_a_script_asks_for_its_parts_by_the_name_that_changes_with_them(
    tmp_path: Path, settings: LazySettings
) -> None:
    """Else a browser could run the new script with the old part it still keeps."""
    settings.STATIC_ROOT = tmp_path
    storage = HashedFiles(location=str(tmp_path))
    paths = {}
    for script in (CSS.parent / "js").rglob("*.js"):
        path = script.relative_to(CSS.parent).as_posix()
        with script.open("rb") as content:
            storage.save(path, File(content))
        paths[path] = (storage, path)
    for _name, _hashed, done in storage.post_process(paths):
        assert not isinstance(done, Exception), done
    asked = {
        match
        for name in storage.hashed_files.values()
        for match in re.findall(r'from "([^"]+)"', (tmp_path / name).read_text("utf-8"))
    }
    assert len(asked) >= 5
    assert all(re.fullmatch(r"\./(visit/)?[a-z]+\.[0-9a-f]{12}\.js", each) for each in asked)
