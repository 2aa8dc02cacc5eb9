"""Official papers: numbers without gaps, one text in two views, drawn alike every time."""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import re
import threading
from collections import Counter as Counted
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from PIL import Image

from portal.core import outbox
from portal.core.actors import Actor
from portal.core.files import store
from portal.core.models import AuditEvent, Counter, Notification, OfficialPaper, Outbox, User
from portal.core.papers import content, fonts, issue, numbering, render, replace, withdraw
from portal.core.papers.issuing import PaperNotValid

AT = dt.datetime(2026, 11, 3, 2, 0, tzinfo=dt.UTC)
HOSTILE = '#panic("x") $x$ *b* _i_ @ref <b>&amp; \\ `c` "q" -- ~ // /* [a] {b}'

RECEIPT = content.paper_data(
    act="登记报送",
    blocks=[
        content.to("小太阳托育园（示例）"),
        content.paragraph("你机构于2026年10月28日报送的登记材料收悉。经审核，现予登记。"),
        content.facts(
            [
                ("登记编号", "SP-TY-0012"),
                ("机构名称", "小太阳托育园（示例）"),
                ("统一社会信用代码", "91410481MA9K3B7N2X"),
                ("负责人", "龘靐𬭎"),
            ]
        ),
        content.heading("一、登记以后请您留意"),
        content.heading("（一）变更", level=2),
        content.items(["名称、地址、负责人变更的，请报送变更。", "停办的，请提前报告。"]),
        content.basis(["《托育机构登记和备案办法（试行）》", "街道登记报送办法"]),
        content.paragraph(f"电话0375-0000000。{HOSTILE}"),
    ],
)


def unsaved(data: dict[str, Any] = RECEIPT, **changes: Any) -> OfficialPaper:
    """A paper that needs no database."""
    facts = {
        "kind": "registration_receipt",
        "title": "登记回执",
        "letterhead": "寺坡街道办事处",
        "number": "寺街托登〔2026〕12号",
        "series": "registration",
        "data": data,
        "verify_code": "7K3MQ0ZDA1B2C3D4",
        "issued_at": AT,
        "issued_on": dt.date(2026, 11, 3),
    }
    return OfficialPaper(**{**facts, **changes})


def long_paper(paragraphs: int = 20) -> OfficialPaper:
    blocks = [content.paragraph("经审核，你机构报送的材料不符合登记的条件，理由如下。" * 4)]
    return unsaved(content.paper_data(act="登记报送", blocks=blocks * paragraphs))


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def pdf_pages(drawn: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(drawn)
    try:
        texts = []
        for page in document:
            text_page = page.get_textpage()
            texts.append(text_page.get_text_range())
            text_page.close()
            page.close()
        return texts
    finally:
        document.close()


def page_text(paper: OfficialPaper) -> str:
    shown = render_to_string("papers/_blocks.html", {"paper": paper, "words": render.words(paper)})
    plain = re.sub(r"{#.*?#}|<[^>]*>", "", shown, flags=re.DOTALL)
    return squeezed(html.unescape(plain))


# The text


@pytest.mark.proves("prod:O2")
@pytest.mark.parametrize(
    "paper", [unsaved(), long_paper(), unsaved(letterhead="舞钢市人民政府寺坡街道办事处")]
)
def test_the_page_and_the_pdf_say_the_same(paper: OfficialPaper) -> None:
    drawn = squeezed("".join(pdf_pages(render.pdf(paper))))
    assert re.sub(r"—\d+—", "", drawn) == page_text(paper)


def test_the_words_of_a_receipt() -> None:
    said = page_text(unsaved())
    for words in (
        "办理事项：登记报送",
        "寺街托登〔2026〕12号",
        "小太阳托育园（示例）：",
        "1.名称",
        "依据：《托育机构",
        "2026年11月3日",
        "（印章）",
        "核验码7K3M-Q0ZD-A1B2-C3D4",
    ):
        assert words in said


def test_markup_in_a_text_stays_text() -> None:
    assert squeezed(HOSTILE) in page_text(unsaved())


def test_days_have_no_leading_zeros() -> None:
    assert content.chinese_date(dt.date(2026, 1, 5)) == "2026年1月5日"


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"act": "登记", "blocks": []},
        {"act": "", "blocks": [content.to("a")]},
        {"act": "登记", "blocks": [{"type": "html", "text": "<b>"}]},
        {"act": "登记", "blocks": [{"type": "paragraph", "text": 7}]},
        {"act": "登记", "blocks": [{"type": "paragraph"}]},
        {"act": "登记", "blocks": [content.facts([("a", None)])]},  # type: ignore[list-item]
        {"act": "登记", "blocks": [content.items([])]},
        {"act": "登记", "blocks": [content.facts([])]},
    ],
)
def test_what_cannot_be_printed_is_an_error_at_once(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        content.check(data)


def test_headings_have_two_levels() -> None:
    with pytest.raises(ValueError, match="two levels"):
        content.heading("1.", level=3)


# The drawing


def test_the_same_paper_is_drawn_the_same() -> None:
    assert render.pdf(unsaved()) == render.pdf(unsaved())
    assert render.png(unsaved()) == render.png(unsaved())


@pytest.mark.proves("prod:O2")
def test_the_pdf_is_an_archive_file_with_embedded_fonts() -> None:
    with pikepdf.open(io.BytesIO(render.pdf(unsaved()))) as document:
        assert document.docinfo["/CreationDate"] == "D:20261103020000Z"
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
            assert metadata["dc:title"] == "登记回执 寺街托登〔2026〕12号"
        found = [
            item
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font"
        ]
        assert found
        assert {str(font.Subtype) for font in found} <= {"/Type0", "/CIDFontType0", "/CIDFontType2"}
        described = [font.FontDescriptor for font in found if "/FontDescriptor" in font]
        assert described
        assert all("/FontFile3" in font or "/FontFile2" in font for font in described)
        assert all("+" in str(font.FontName) for font in described)
        boxes = {tuple(float(edge) for edge in page.MediaBox) for page in document.pages}
        assert {(round(box[2]), round(box[3])) for box in boxes} == {(595, 842)}


@pytest.mark.proves("prod:O2", "ux:56")
def test_the_type_area_has_22_lines_of_28_characters() -> None:
    paper = unsaved(content.paper_data(act="甲", blocks=[content.paragraph("国" * 1000)]))
    document = pypdfium2.PdfDocument(render.pdf(paper))
    page = document[1]
    text_page = page.get_textpage()
    whole = text_page.get_text_range()
    boxes = [text_page.get_charbox(n) for n, ch in enumerate(whole) if ch == "国"]
    lines = Counted(round(box[1]) for box in boxes)
    assert max(lines.values()) == 28
    lefts = sorted(box[0] for box in boxes if round(box[1]) == lines.most_common(1)[0][0])
    assert lefts[1] - lefts[0] == pytest.approx(15.75, abs=0.2)
    lows = sorted({round(box[1], 1) for box in boxes}, reverse=True)
    assert lows[0] - lows[1] == pytest.approx(28.9, abs=0.15)
    millimetre = 72 / 25.4
    assert lefts[0] == pytest.approx(28 * millimetre, abs=2)
    assert max(box[3] for box in boxes) == pytest.approx((297 - 37) * millimetre, abs=2)
    text_page.close()
    page.close()
    document.close()


@pytest.mark.parametrize("count", range(6, 16))
def test_no_page_carries_a_signature_alone(count: int) -> None:
    blocks = [content.paragraph("国" * 20)] * count
    for page in pdf_pages(render.pdf(unsaved(content.paper_data(act="甲", blocks=blocks)))):
        assert "国国" in page


def test_22_lines_fit_a_page() -> None:
    paper = unsaved(content.paper_data(act="甲", blocks=[content.paragraph("国" * 2000)]))
    second = pdf_pages(render.pdf(paper))[1]
    assert second.count("国") == 22 * 28


@pytest.mark.parametrize(
    "name", ["街道", "寺坡街道办事处", "舞钢市人民政府寺坡街道办事处", "很长" * 12]
)
def test_the_red_head_stands_on_one_line(name: str) -> None:
    drawn = pdf_pages(render.pdf(unsaved(letterhead=name)))[0]
    lines = [squeezed(line) for line in drawn.splitlines()]
    assert name in lines[1]


def test_the_picture_is_as_wide_as_a_phone_wants_it() -> None:
    one = Image.open(
        io.BytesIO(render.png(unsaved(content.paper_data(act="甲", blocks=[content.to("乙")]))))
    )
    assert one.size == (1080, 1527)
    more = Image.open(io.BytesIO(render.png(long_paper())))
    assert more.width == 1080
    assert more.height > 2 * one.height


@pytest.mark.proves("prod:B8", "prod:O5", "diff:21")
@pytest.mark.parametrize("paper", [unsaved(), long_paper()])
def test_the_square_code_leads_to_the_public_check(paper: OfficialPaper, settings: Any) -> None:
    settings.PUBLIC_ORIGIN = "https://tuoyu.example.gov.cn"
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(render.png(paper))))
    assert found.text == "https://tuoyu.example.gov.cn/v/7K3MQ0ZDA1B2C3D4/"


def test_under_a_sub_path_the_check_is_under_it_too(settings: Any) -> None:
    settings.FORCE_SCRIPT_NAME = "/tuoyu/"
    assert "/tuoyu/v/" in render.words(unsaved())["code_url"]


# Rare characters


def test_rare_surnames_are_there() -> None:
    assert fonts.missing("龘靐𬭎〔〕—（）：") == ()
    assert "龘靐𬭎" in squeezed("".join(pdf_pages(render.pdf(unsaved()))))


def test_what_no_font_has_is_said_plainly() -> None:
    paper = unsaved(
        content.paper_data(act="登记", blocks=[content.heading("一、"), content.to("王𠮷\n与𠮷")])
    )
    assert render.missing(paper) == ("𠮷",)
    drawn = squeezed("".join(pdf_pages(render.pdf(paper))))
    assert "王〓" in drawn
    assert "注：“〓”处是字库中没有的字，统一码依次为U+20BB7，完整文字见核验网址。" in drawn
    assert "王𠮷" in page_text(paper)


def test_an_office_may_bring_its_own_fonts(settings: Any, tmp_path: Path) -> None:
    settings.PAPER_FONT_DIRS = [tmp_path]
    assert fonts.folders()[0] == str(tmp_path)
    assert fonts.families()["body"] == [fonts.SERIF, fonts.SANS]


def test_the_map_of_a_font_is_read_in_both_forms() -> None:
    segments = bytes.fromhex(
        "0004 0020 0000 0004 0004 0001 0000 0041 FFFF 0000 0041 FFFF 0000 0001 0000 0000"
    )
    groups = bytes.fromhex("000C 0000 0000001C 00000000 00000001 00020BB7 00020BB8 00000001")
    head = bytes.fromhex("0000 0002 0000 0003 00000014 0003 000A") + (20 + len(segments)).to_bytes(
        4, "big"
    )
    table = head + segments + groups
    font = b"OTTO" + bytes.fromhex("0001 0000 0000 0000") + b"cmap" + bytes(4)
    font += (28).to_bytes(4, "big") + len(table).to_bytes(4, "big") + table
    assert set(fonts.covered(font)) >= {0x41, 0x20BB7, 0x20BB8}
    collection = b"ttcf" + bytes.fromhex("00010000 00000001 00000010")
    moved = font[:20] + (44).to_bytes(4, "big") + font[24:]
    assert set(fonts.covered(collection + moved)) == set(fonts.covered(font))


# Acts


@pytest.fixture
def shelf(settings: Any, tmp_path: Path) -> Path:
    settings.PRIVATE_MEDIA_ROOT = tmp_path
    settings.PRIVATE_MEDIA_ACCEL = ""
    return tmp_path


@pytest.fixture
def anna(db: None) -> User:
    return User.objects.create(username="anna", display_name="甲", post="分管副主任")


def noun_of(user: User) -> Notification:
    """A noun only `user` may see: his own message stands for any noun here."""
    key = f"{user.username}:{Notification.objects.count()}"
    return Notification.objects.create(to=user, dedup_key=key, kind="x", title="t", at=AT)


def issued(user: User, at: dt.datetime = AT, **changes: Any) -> OfficialPaper:
    facts = {"data": RECEIPT, "title": "登记回执", "series": "registration", "party": "SP-TY-0012"}
    noun = changes.pop("noun", None) or noun_of(user)
    return issue("registration_receipt", noun, by=Actor.person(user), at=at, **{**facts, **changes})


def test_a_paper_is_numbered_dated_and_frozen(anna: User) -> None:
    noun = noun_of(anna)
    paper = issued(anna, noun=noun)
    paper.refresh_from_db()
    assert (paper.number, paper.year, paper.serial) == ("寺街托登〔2026〕1号", 2026, 1)
    assert (paper.issued_on, paper.issued_label) == (dt.date(2026, 11, 3), "分管副主任")
    assert (paper.noun, paper.party, paper.is_valid) == (noun, "SP-TY-0012", True)
    assert paper.data == json.loads(json.dumps(RECEIPT))
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{16}", paper.verify_code)
    assert str(paper) == "登记回执 寺街托登〔2026〕1号"
    assert AuditEvent.objects.get(act="paper.issued").detail["number"] == paper.number
    assert Outbox.objects.get(kind="paper.render").payload == {"paper": str(paper.pk)}


def test_the_calendar_may_issue_too(anna: User) -> None:
    paper = issue(
        "x",
        noun_of(anna),
        data=RECEIPT,
        by=Actor.calendar(),
        at=AT,
        title="公示",
        series="evaluation",
    )
    assert paper.issued_label == "calendar"
    assert paper.number == "寺街托评〔2026〕1号"


def test_each_series_and_year_counts_for_itself(anna: User) -> None:
    new_year = dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)
    numbers = [
        issued(anna).number,
        issued(anna).number,
        issued(anna, series="transfer").number,
        issued(anna, at=new_year).number,
    ]
    assert numbers == [
        "寺街托登〔2026〕1号",
        "寺街托登〔2026〕2号",
        "寺街托移〔2026〕1号",
        "寺街托登〔2027〕1号",
    ]


@pytest.mark.django_db(transaction=True)
def test_an_act_that_fails_gives_its_number_back() -> None:
    anna = User.objects.create(username="anna", display_name="甲")

    @transaction.atomic
    def act() -> None:
        issued(anna)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert issued(anna).serial == 1


@pytest.mark.proves("prod:O1")
@pytest.mark.django_db(transaction=True)
def test_acts_at_the_same_moment_leave_no_gap_and_no_double() -> None:
    anna = User.objects.create(username="anna", display_name="甲")
    nouns = [noun_of(anna) for _ in range(12)]
    gate = threading.Barrier(len(nouns))

    def one(noun: Notification, *, fails: bool) -> None:
        try:
            gate.wait()
            with transaction.atomic():
                issued(anna, noun=noun)
                transaction.set_rollback(fails)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=one, args=(noun,), kwargs={"fails": n % 3 == 0})
        for n, noun in enumerate(nouns)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    serials = OfficialPaper.objects.order_by("serial").values_list("serial", flat=True)
    assert list(serials) == list(range(1, 9))
    assert Counter.objects.get().value == 8


@pytest.mark.django_db(transaction=True)
def test_no_number_outside_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        numbering.next_serial("registration", 2026)
    assert str(Counter(name="a", value=2)) == "a: 2"


def test_a_withdrawn_paper_says_when_and_why(anna: User) -> None:
    paper = withdraw(issued(anna), "机构名称写错", by=Actor.person(anna), at=AT)
    paper.refresh_from_db()
    assert (paper.status, paper.status_reason) == ("withdrawn", "机构名称写错")
    assert paper.status_on == dt.date(2026, 11, 3)
    assert not OfficialPaper.objects.valid().exists()
    assert AuditEvent.objects.filter(act="paper.withdrawn").count() == 1


def test_a_replaced_paper_names_the_new_one(anna: User) -> None:
    old, new = issued(anna), issued(anna)
    old = replace(old, new, "地址变更", by=Actor.person(anna), at=AT)
    assert (old.status, old.replaced_by) == ("replaced", new)
    assert AuditEvent.objects.get(act="paper.replaced").detail["successor"] == new.number


def test_a_paper_ends_once_and_with_a_reason(anna: User) -> None:
    paper, other = issued(anna), issued(anna)
    actor = Actor.person(anna)
    with pytest.raises(ValueError, match="reason"):
        withdraw(paper, "  ", by=actor, at=AT)
    with pytest.raises(ValueError, match="another"):
        replace(paper, paper, "错", by=actor, at=AT)
    withdraw(paper, "错", by=actor, at=AT)
    with pytest.raises(PaperNotValid):
        withdraw(paper, "错", by=actor, at=AT)
    with pytest.raises(ValueError, match="another"):
        replace(other, withdraw(issued(anna), "错", by=actor, at=AT), "错", by=actor, at=AT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "lost"},
        {"status": "withdrawn"},
        {"status": "replaced", "status_reason": "x", "status_on": dt.date(2026, 1, 1)},
    ],
)
def test_the_database_refuses_a_half_ended_paper(anna: User, wrong: dict[str, Any]) -> None:
    paper = issued(anna)
    with pytest.raises(IntegrityError), transaction.atomic():
        OfficialPaper.objects.filter(pk=paper.pk).update(**wrong)


# Storing and serving


def test_drawing_is_done_once(anna: User, shelf: Path) -> None:
    paper = issued(anna)
    first = render.render_and_store(paper.pk)
    again = render.render_and_store(str(paper.pk))
    assert (first.pdf_key, first.png_key) == (again.pdf_key, again.png_key)
    assert store.read(str(first.pdf_key)) == render.pdf(paper)
    assert len([file for file in shelf.rglob("*") if file.is_file()]) == 2


@pytest.mark.skipif("paper.render" not in outbox._handlers, reason="the worker's task is not there")
def test_the_worker_draws_what_is_owed(anna: User, shelf: Path) -> None:
    paper = issued(anna)
    outbox.drain(AT)
    paper.refresh_from_db()
    assert paper.pdf_key


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize(("name", "mark"), [("paper_pdf", b"%PDF-"), ("paper_png", b"\x89PNG")])
def test_a_paper_is_served_whether_drawn_or_not(
    client: Client, anna: User, shelf: Path, *, stored: bool, name: str, mark: bytes
) -> None:
    paper = issued(anna)
    if stored:
        render.render_and_store(paper.pk)
    client.force_login(anna)
    answer = client.get(reverse(f"core:{name}", args=[paper.pk]))
    body = b"".join(answer) if answer.streaming else answer.content
    assert body.startswith(mark)
    assert answer.streaming is stored
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("inline; filename*=utf-8''")


def test_a_paper_is_read_by_those_who_see_its_noun(client: Client, anna: User, shelf: Path) -> None:
    ben = User.objects.create(username="ben", display_name="乙")
    paper = issued(anna)
    address = reverse("core:paper", args=[paper.pk])
    client.force_login(ben)
    assert client.get(address).status_code == 404
    client.force_login(anna)
    shown = client.get(address).content.decode()
    assert paper.number in shown
    assert "已于" not in shown
    withdraw(paper, "写错", by=Actor.person(anna), at=AT)
    assert "这份文书已于2026年11月3日撤销，不再有效。" in client.get(address).content.decode()


# The public check


def check(client: Client, code: str) -> Any:
    return client.get(reverse("core:verify_code", args=[code]))


def test_the_empty_form_asks_for_a_code(client: Client, db: None) -> None:
    answer = client.get(reverse("core:verify"))
    assert answer.status_code == 200
    assert "核验码" in answer.content.decode()


@pytest.mark.proves("prod:B8", "ux:55")
def test_a_paper_that_stands(client: Client, anna: User) -> None:
    paper = issued(anna)
    answer = check(client, paper.verify_code)
    said = answer.content.decode()
    assert answer.status_code == 200
    for words in ("有效", "登记回执", paper.number, "2026年11月3日", "寺坡街道办事处"):
        assert words in said
    for secret in (
        "小太阳",
        "龘靐",
        "SP-TY-0012",
        "91410481MA9K3B7N2X",
        "分管副主任",
        str(paper.pk),
    ):
        assert secret not in said


@pytest.mark.proves("prod:B8", "ux:55", "diff:21")
def test_a_paper_that_was_replaced(client: Client, anna: User) -> None:
    old, new = issued(anna), issued(anna)
    replace(old, new, "王某搬家", by=Actor.person(anna), at=AT)
    said = check(client, old.verify_code).content.decode()
    assert f"这份文书已于2026年11月3日变更，以 {new.number} 为准。" in said
    assert "王某" not in said


@pytest.mark.proves("prod:B8", "ux:55", "diff:21")
def test_a_paper_that_was_withdrawn(client: Client, anna: User) -> None:
    paper = withdraw(issued(anna), "王某投诉", by=Actor.person(anna), at=AT)
    said = check(client, paper.verify_code).content.decode()
    assert "已撤销" in said
    assert "王某" not in said


@pytest.mark.proves("prod:B8", "ux:55")
@pytest.mark.parametrize("code", ["0" * 16, "abc", "U" * 16, "<script>", "0" * 500])
def test_a_code_nobody_gave(client: Client, db: None, code: str) -> None:
    answer = check(client, code)
    assert answer.status_code == 404
    said = answer.content.decode()
    assert "没有这份文书，请核对核验码" in said
    assert "<script>" not in said


def test_a_code_is_read_as_people_type_it(client: Client, anna: User) -> None:
    paper = issued(anna)
    OfficialPaper.objects.filter(pk=paper.pk).update(verify_code="7K3MQ0ZDA1B2C3D4")
    for typed in (" 7k3m-qozd-alb2-c3d4 ", "７Ｋ３Ｍ Q0ZD A1B2 C3D4", "7K3MQOZDAIB2C3D4"):
        answer = client.get(reverse("core:verify"), {"code": typed}, follow=True)
        assert answer.redirect_chain == [
            (reverse("core:verify_code", args=["7K3MQ0ZDA1B2C3D4"]), 302)
        ]
        assert answer.status_code == 200
    assert client.get(reverse("core:verify"), {"code": "a/b"}).status_code == 404
