"""Hostile files are refused or come out clean, ordinary ones are taken: in confined processes."""

from __future__ import annotations

import io
import resource

import pytest
from django.utils.http import content_disposition_header

from portal.core.files import ALL_TYPES, MEDIA, Accepted, Refused, inspect_upload
from tests.core import corpus
from tests.core import test_files as old

SLOW = {
    "png with profile bomb", "png that unpacks to 300 MB", "pdf with a page that unpacks to 300 MB",
    "photo of 12 megapixels", "panorama", "iphone photo of 3 megapixels", "png of 300 frames",
    "scanned papers, many", "iphone film", "film of a browser", "film of an old phone",
    "film with subtitles", "sound with a cover", "webm with tags", "film of jpegs", "flash film",
    "screenshot", "matroska", "wav of another codec", "ogg with flac", "recording without loss",
    "older voice message", "call as wav", "avi called wav", "film with tags of its own",
    "iphone film, compatible", "recording as mp3 without tags", "zip bomb called jpg",
}  # fmt: skip


def cases(table):
    return [
        pytest.param(*row, id=name, marks=[pytest.mark.full] if name in SLOW else [])
        for name, row in table.items()
    ]


def judged(content: bytes, name: str) -> Accepted | Refused:
    return inspect_upload(io.BytesIO(content), name, accept=ALL_TYPES | MEDIA)


def leftovers(kept: Accepted) -> list[bytes]:
    stored = [kept.content, *kept.thumbnails.values()]
    return [needle for needle in corpus.NEEDLES if any(needle in each for each in stored)]


@pytest.mark.proves("sec:G5", "sec:X3", "sec:X7", "prod:C5")
@pytest.mark.parametrize(("make", "name"), cases(corpus.REFUSED))
def test_hostile_files_are_refused(make, name):
    verdict = judged(make(), name)
    assert isinstance(verdict, Refused)
    assert verdict.code in {
        "type", "broken", "too_many_pixels", "encrypted", "active_content", "codec", "empty",
    }  # fmt: skip


@pytest.mark.proves("sec:G5", "sec:C1", "sec:C2", "sec:X4")
@pytest.mark.parametrize(("make", "name"), cases(corpus.CLEANED))
def test_hostile_files_that_show_something_come_out_clean(make, name):
    verdict = judged(make(), name)
    if isinstance(verdict, Accepted):
        assert leftovers(verdict) == []
        assert verdict.display_name.endswith(verdict.extension)
    else:  # refusing is as good
        assert verdict.code in {"broken", "too_many_pixels", "active_content"}


@pytest.mark.proves("sec:G5")
@pytest.mark.parametrize(("make", "name", "media_type"), cases(corpus.PHONE))
def test_ordinary_files_are_taken_and_clean(make, name, media_type):
    verdict = judged(make(), name)
    assert isinstance(verdict, Accepted), verdict
    assert verdict.media_type == media_type
    assert leftovers(verdict) == []


@pytest.mark.proves("sec:G5")
def test_the_corpus_is_as_large_as_promised():
    cleaned_before = [name for name in old.KEPT if "with" in name or "behind" in name]
    hostile = {*corpus.REFUSED, *corpus.CLEANED, *old.REFUSED, *cleaned_before}
    assert len(hostile) >= 60
    assert len(corpus.PHONE) >= 30
    assert len(set(corpus.HOSTILE_NAMES)) >= 18


@pytest.mark.proves("sec:X8", "sec:G5")
@pytest.mark.parametrize("name", corpus.HOSTILE_NAMES, ids=ascii)
def test_hostile_names_become_harmless(name):
    kept = judged(old.jpeg(), name)
    assert isinstance(kept, Accepted)
    shown = kept.display_name
    assert shown.endswith(".jpg")
    assert not shown.startswith(".")
    assert len(shown) <= 120
    assert not set(shown) & set('/\\\0\r\n<>:"|?*\u202e\u2066\u200b\x1b')
    header = content_disposition_header(True, shown)
    assert header.isascii()
    assert "\n" not in header
    assert header.count('filename="') <= 1


@pytest.mark.full
@pytest.mark.proves("sec:X5", "sec:G5")
def test_the_children_stayed_within_their_memory():
    """The largest child of this run, bombs included, in KiB."""
    judged(corpus.png_data_bomb(), "a.png")
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1024 * 1024
