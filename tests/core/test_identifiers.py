from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.identifiers import (
    Problem,
    ProblemCode,
    code_problem,
    document_number,
    facility_code,
    filing_number,
    landline_problem,
    mobile_problem,
    new_code,
    normalise,
    normalise_code,
    normalise_phone,
    normalise_uscc,
    phone_problem,
    show_code,
    uscc_area,
    uscc_prefix,
    uscc_problem,
    uuid7,
)

GOOD = (
    "91410481MA00000155",
    "92410481MA0000023W",
    "52410481MJ0000034M",
    "124104810000000434",
    "91350100M000100Y43",
)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def full_width(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


def outer(body: str) -> str:
    """The last character of GB 32100 by its definition, weights as powers of three."""
    total = sum(ALPHABET.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
    return next(letter for letter in ALPHABET if (total + ALPHABET.index(letter)) % 31 == 0)


def inner(body: str) -> str:
    """The check character of GB 11714 by trying them all."""
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(letters.index(letter) * w for letter, w in zip(body, weights, strict=True))
    return next(
        letter for letter in "0123456789X" if (total + "0123456789X".index(letter)) % 11 == 0
    )


@st.composite
def codes(draw: st.DrawFn) -> str:
    prefix = draw(st.sampled_from(["12", "51", "52", "53", "91", "92", "93", "N1", "A1"]))
    area = draw(st.from_regex(r"[1-9][0-9]{5}", fullmatch=True))
    organisation = draw(st.text(ALPHABET, min_size=8, max_size=8))
    body = prefix + area + organisation + inner(organisation)
    return body + outer(body)


class TestCreditCode:
    @pytest.mark.parametrize("code", GOOD)
    def test_known_codes_are_sound(self, code):
        assert uscc_problem(code) is None
        assert uscc_problem(f"  {full_width(code.lower())}　") is None
        assert uscc_problem(f"{code[:2]} {code[2:8]}-{code[8:]}") is None

    @given(codes())
    def test_made_codes_are_sound(self, code):
        assert uscc_problem(code) is None
        assert uscc_prefix(code) == code[:2]
        assert uscc_area(code) == code[2:8]

    @given(codes(), st.integers(0, 17), st.sampled_from(ALPHABET))
    def test_any_changed_character_is_found(self, code, place, letter):
        changed = code[:place] + letter + code[place + 1 :]
        assert (uscc_problem(changed) is None) == (changed == code)

    @given(codes(), st.sampled_from("0123456789X"))
    def test_the_organisation_code_is_checked_by_itself(self, code, check):
        body = code[:16] + check
        changed = body + outer(body)
        expected = None if check == code[16] else ProblemCode.USCC_ORGANISATION_CHECK
        problem = uscc_problem(changed)
        assert (problem and problem.code) == expected

    @given(st.text())
    def test_any_text_gets_an_answer(self, text):
        problem = uscc_problem(text)
        assert problem is None or problem.code.value.startswith("uscc_")

    @pytest.mark.parametrize(
        ("code", "problem"),
        [
            ("", Problem(ProblemCode.USCC_LENGTH, {"length": 0, "expected": 18})),
            (GOOD[0][:-1], Problem(ProblemCode.USCC_LENGTH, {"length": 17, "expected": 18})),
            (
                "9141O481MA0000015I",
                Problem(ProblemCode.USCC_CHARACTERS, {"positions": (5, 18), "characters": "OI"}),
            ),
            ("9141A481MA00000155", Problem(ProblemCode.USCC_AREA, {"area": "41A481"})),
            (GOOD[0][:-1] + "6", Problem(ProblemCode.USCC_CHECK)),
        ],
    )
    def test_each_fault_has_its_name(self, code, problem):
        assert uscc_problem(code) == problem

    def test_parts_of_a_wrong_length_are_empty(self):
        assert not uscc_prefix("91")
        assert not uscc_area("91410481")

    def test_normalised_form(self):
        assert normalise_uscc(" 91 410481-MA0000—0155 ") == GOOD[0]
        assert normalise(" ａb１ ") == "AB1"


class TestPhones:
    @pytest.mark.parametrize(
        "text",
        ["13903750001", "139 0375 0001", "139-0375-0001", "+86 13903750001", "008613903750001"],
    )
    def test_mobile(self, text):
        assert mobile_problem(text) is None
        assert phone_problem(text) is None
        assert normalise_phone(text) == "13903750001"
        assert mobile_problem(full_width("13903750001")) is None

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("1390375000", ProblemCode.MOBILE_LENGTH),
            ("139037500012", ProblemCode.MOBILE_LENGTH),
            ("", ProblemCode.MOBILE_LENGTH),
            ("12903750001", ProblemCode.MOBILE_FORMAT),
            ("23903750001", ProblemCode.MOBILE_FORMAT),
            ("1390375000a", ProblemCode.MOBILE_FORMAT),
        ],
    )
    def test_wrong_mobile(self, text, code):
        problem = mobile_problem(text)
        assert problem is not None
        assert problem.code is code

    def test_the_length_is_told(self):
        assert mobile_problem("139") == Problem(
            ProblemCode.MOBILE_LENGTH, {"length": 3, "expected": 11}
        )

    @pytest.mark.parametrize(
        "text",
        [
            "0375-7281234",
            "03757281234",
            "(0375)7281234",
            "0375—7281234-801",
            "010-12345678",
            "+86 0375-7281234",
        ],
    )
    def test_landline(self, text):
        assert landline_problem(text) is None
        assert phone_problem(text) is None

    @pytest.mark.parametrize(
        "text",
        ["7281234", "0375-728123", "0375-728123456", "13903750001", "0375-7281234-1234567", ""],
    )
    def test_wrong_landline(self, text):
        assert landline_problem(text) == Problem(ProblemCode.LANDLINE_FORMAT)

    @pytest.mark.parametrize("text", ["400-123-4567", "8001234567", "12345", "95588", "95188888"])
    def test_service_numbers_are_phones(self, text):
        assert phone_problem(text) is None

    @pytest.mark.parametrize("text", ["110", "1234", "7281234", "400-123-456", "abc", ""])
    def test_other_numbers_are_not(self, text):
        assert phone_problem(text) == Problem(ProblemCode.PHONE_FORMAT)


class TestNumbers:
    def test_shapes(self):
        assert filing_number(2026, 18, "DJ-{year}-{n:04d}") == "DJ-2026-0018"
        assert facility_code(12, "SP-TY-{n:04d}") == "SP-TY-0012"
        assert document_number(2026, 12, "寺街托登〔{year}〕{n}号") == "寺街托登〔2026〕12号"

    def test_a_full_counter_grows(self):
        assert filing_number(2026, 12345, "DJ-{year}-{n:04d}") == "DJ-2026-12345"

    @given(st.integers(1, 10**9), st.integers(1, 10**9))
    def test_numbers_differ_as_counters_do(self, one, other):
        template = "〔{year}〕{n}号"
        same = document_number(2026, one, template) == document_number(2026, other, template)
        assert same == (one == other)
        assert f"〕{one}号" in document_number(2026, one, template)

    @pytest.mark.parametrize(
        "template",
        [
            "DJ-{year}",
            "DJ-{n}",
            "DJ-{year}-{n}-{n}",
            "DJ-{year}-{n}-{x}",
            "DJ-{year}-{n.__class__}",
            "DJ-{year}-{n!r}",
            "DJ-{year}-{n:>10}",
            "DJ-{year}-{n:{year}}",
            "DJ-{year}-{}",
            "DJ-{year}-{n",
            "",
        ],
    )
    def test_unsound_templates_are_refused(self, template):
        with pytest.raises(ValueError, match=r"template|expected"):
            filing_number(2026, 1, template)

    def test_papers_have_no_leading_zeros(self):
        with pytest.raises(ValueError, match="leading zeros"):
            document_number(2026, 1, "〔{year}〕{n:04d}号")

    @pytest.mark.parametrize("n", [0, -1])
    def test_counters_start_at_one(self, n):
        with pytest.raises(ValueError, match="start at 1"):
            facility_code(n, "SP-TY-{n:04d}")


class TestVerificationCodes:
    def test_new_codes(self):
        codes = {new_code() for _ in range(200)}
        assert len(codes) == 200
        assert all(re.fullmatch(f"[{CROCKFORD}]{{16}}", code) for code in codes)
        assert {letter for code in codes for letter in code} == set(CROCKFORD)

    def test_shown_in_fours(self):
        assert show_code("0123456789ABCDEF") == "0123-4567-89AB-CDEF"

    @given(st.text(CROCKFORD, min_size=16, max_size=16))
    def test_what_people_write_is_read(self, code):
        spoken = show_code(code).lower().replace("1", "l").replace("0", "o")
        for typed in (spoken, f" {spoken.upper()} ", spoken.replace("-", " "), full_width(code)):
            assert normalise_code(typed) == code
            assert code_problem(typed) is None

    def test_i_and_dashes(self):
        assert normalise_code("iIlL–oO—0") == "1111000"

    def test_problems(self):
        assert code_problem("0123") == Problem(
            ProblemCode.CODE_LENGTH, {"length": 4, "expected": 16}
        )
        assert code_problem("0123456789ABCDU码") == Problem(
            ProblemCode.CODE_CHARACTERS, {"characters": "U码"}
        )


class TestUuid7:
    def test_version_variant_and_time(self):
        before = time.time_ns() // 1_000_000
        value = uuid7()
        after = time.time_ns() // 1_000_000
        assert value.version == 7
        assert value.variant == "specified in RFC 4122"
        assert before <= value.int >> 80 <= after

    def test_they_differ_and_follow_the_clock(self, monkeypatch):
        assert len({uuid7() for _ in range(1000)}) == 1000
        monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000_000)
        early = uuid7()
        monkeypatch.setattr(time, "time_ns", lambda: 1_000_001_000_000)
        assert early < uuid7()
