from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.regulation import Citation, Figure, Mark, Regulation, display_citation
from portal.core.regulation.loader import PackError, build, parse_pack, shipped_packs

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = shipped_packs([ROOT / "facilities"])
TODAY = dt.date(2026, 11, 23)

CITE = {"act": "某某办法", "number": "某发〔2020〕1号", "article": "9", "mark": "seen"}


def content(**entries):
    return {"pack": "filing", "title": "某包", "entries": entries}


def entry(*values, **changes):
    dated = [{"since": since, "value": value, "cite": CITE} for since, value in values]
    return {"title": "某项", "unit": "days", "values": dated} | changes


def figure(article="9", *, verified=True):
    citation = Citation("某某办法", "某发〔2020〕1号", article, Mark.SEEN)
    return Figure("filing.days", 5, "days", citation, dt.date(2020, 1, 1), verified)


class TestRegulation:
    law = build(
        TODAY,
        [
            parse_pack(
                content(
                    days=entry(("2020-01-01", 5)),
                    share=entry(("2020-01-01", "0.80")),
                    words=entry(("2020-01-01", ["a", "b"])),
                    caps=entry(("2020-01-01", {"infant": 10, "words": ["c"], "name": "n"})),
                    switch=entry(("2020-01-01", True)),
                    mixed=entry(("2020-01-01", ["a", 1])),
                )
            )
        ],
    )

    def test_typed_values(self):
        assert self.law.integer("filing.days") == 5
        assert self.law.text("filing.share") == "0.80"
        assert self.law.texts("filing.words") == ("a", "b")
        assert self.law.table("filing.caps")["infant"] == 10
        assert self.law.integer("filing.caps", "infant") == 10
        assert self.law.texts("filing.caps", "words") == ("c",)
        assert self.law.text("filing.caps", "name") == "n"
        assert self.law.value("filing.switch") is True

    @pytest.mark.parametrize(
        ("reader", "key"),
        [
            ("integer", "share"),
            ("integer", "switch"),
            ("text", "days"),
            ("texts", "share"),
            ("texts", "mixed"),
            ("table", "words"),
        ],
    )
    def test_another_kind_of_value_is_an_error(self, reader, key):
        with pytest.raises(TypeError, match=f"filing.{key} is not a"):
            getattr(self.law, reader)(f"filing.{key}")

    def test_the_item_is_named_in_the_error(self):
        with pytest.raises(TypeError, match=r"filing.caps\[name\] is not a whole number"):
            self.law.integer("filing.caps", "name")

    def test_what_is_absent_is_named(self):
        with pytest.raises(KeyError, match=r"'filing\.hours' in force on 2026-11-23"):
            self.law["filing.hours"]
        with pytest.raises(KeyError, match="no item 'older'"):
            self.law.value("filing.caps", "older")
        with pytest.raises(KeyError, match="no item 'older'"):
            self.law.value("filing.days", "older")

    def test_members(self):
        assert "filing.days" in self.law
        assert "filing.hours" not in self.law

    def test_by_prefix_is_in_order_and_exact(self):
        keys = [found.key for found in self.law.by_prefix("filing")]
        assert keys == sorted(self.law.figures)
        assert self.law.by_prefix("fil") == ()

    def test_values_are_copies(self):
        self.law.value("filing.words").append("c")
        self.law.value("filing.caps", "words").append("d")
        self.law.table("filing.caps").clear()
        assert self.law.texts("filing.words") == ("a", "b")
        assert self.law.texts("filing.caps", "words") == ("c",)

    def test_an_empty_one_can_be_made(self):
        assert not Regulation(TODAY, {}).version


class TestBuild:
    @pytest.mark.proves("diff:8")
    @given(
        st.lists(st.dates(dt.date(2015, 1, 1), dt.date(2030, 1, 1)), min_size=1, unique=True),
        st.dates(dt.date(2015, 1, 1), dt.date(2030, 1, 1)),
    )
    def test_the_value_of_the_day(self, starts, day):
        dated = [(start, index) for index, start in enumerate(sorted(starts))]
        law = build(day, [parse_pack(content(days=entry(*dated)))])
        expected = [index for start, index in dated if start <= day]
        if expected:
            assert law.value("filing.days") == expected[-1]
            assert law["filing.days"].since == sorted(starts)[expected[-1]]
        else:
            assert "filing.days" not in law

    def test_the_first_day_is_in_force_and_the_day_before_is_not(self):
        pack = parse_pack(content(days=entry(("2020-01-01", 5), ("2024-01-01", 7))))
        assert build(dt.date(2023, 12, 31), [pack]).value("filing.days") == 5
        assert build(dt.date(2024, 1, 1), [pack]).value("filing.days") == 7
        assert "filing.days" not in build(dt.date(2019, 12, 31), [pack])

    def test_only_the_checked_value_is_verified(self):
        pack = parse_pack(content(days=entry(("2020-01-01", 5), ("2024-01-01", 7))))
        checked = {("filing.days", dt.date(2024, 1, 1))}
        assert not build(TODAY, [pack])["filing.days"].verified
        assert build(TODAY, [pack], verified=checked)["filing.days"].verified
        assert not build(dt.date(2021, 1, 1), [pack], verified=checked)["filing.days"].verified

    def test_a_pack_given_twice_is_refused(self):
        pack = parse_pack(content(days=entry(("2020-01-01", 5))))
        with pytest.raises(PackError, match="'filing' is given twice"):
            build(TODAY, [pack, pack])

    def test_version_tells_the_packs_not_the_day_nor_their_order(self):
        one, two = SHIPPED[:2]
        law = build(TODAY, [one, two])
        assert law.version == build(dt.date(2020, 1, 1), [two, one]).version
        assert 0 < len(law.version) <= 20
        assert law.packs == {one.key: 1, two.key: 1}

    def test_version_follows_content_and_number(self):
        pack = parse_pack(content(days=entry(("2020-01-01", 5))))
        same = parse_pack(content(days=entry(("2020-01-01", 5))))
        newer = parse_pack(pack.content, version=2)
        other = parse_pack(content(days=entry(("2020-01-01", 6))))
        versions = [build(TODAY, [each]).version for each in (pack, same, newer, other)]
        assert versions[0] == versions[1]
        assert len(set(versions)) == 3


class TestParsing:
    def test_days_may_be_texts_or_dates(self):
        text = parse_pack(content(days=entry(("2020-01-01", 5))))
        assert text == parse_pack(content(days=entry((dt.date(2020, 1, 1), 5))))

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            ([], "pack: must be a table of entries, pack, title"),
            ({"pack": "filing", "title": "t"}, "entries is missing"),
            (content() | {"extra": 1}, "extra is not known here"),
            (content(), "at least one entry"),
            (content() | {"entries": []}, "at least one entry"),
            (content(days=entry(("2020-01-01", 5))) | {"pack": "Filing"}, "pack: 'Filing' must be"),
            (content(days=entry(("2020-01-01", 5))) | {"title": " "}, "title: must be a text"),
            (content(Days=entry(("2020-01-01", 5))), "entry name: 'Days' must be"),
            (content(days=5), "days: must be a table of title, unit, values"),
            (content(days=entry()), "days: values must be a list"),
            (content(days=entry(values={})), "days: values must be a list"),
            (content(days=entry(("2020-01-01", 5), unit="")), "days: unit: '' must be"),
            (content(days=entry(("2020-01-01", 5), title=3)), "days: title: must be a text"),
            (content(days=entry(("2020-01-01", 5), note="x")), "days: note is not known"),
            (content(days=entry(("2020", 5))), "days: since '2020' is not a day"),
            (content(days=entry((20200101, 5))), "days: since 20200101 is not a day"),
            (content(days=entry((dt.datetime(2020, 1, 1), 5))), "is not a day"),  # ruff: ignore[call-datetime-without-tzinfo]
            (content(days=entry(("2020-01-01", 0.8))), "days: 0.8 is not plain data"),
            (content(days=entry(("2020-01-01", None))), "days: None is not plain data"),
            (content(days=entry(("2020-01-01", [{"a": 1.5}]))), "1.5 is not plain data"),
            (content(days=entry(("2020-01-01", {1: "a"}))), "names in a table must be texts"),
            (
                content(days=entry(("2020-01-01", 5), ("2020-01-01", 6))),
                "days: 2020-01-01 does not come after 2020-01-01",
            ),
        ],
    )
    def test_faults_are_named(self, data, message):
        with pytest.raises(PackError) as caught:
            parse_pack(data)
        assert message in str(caught.value)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"mark": "seen:S3"}, "mark 'seen:S3' is none of seen, known, unsure, proposal"),
            ({"article": 9}, "cite article must be a text"),
            ({"number": None}, "cite number must be a text"),
            ({"act": ""}, "act: must be a text and not empty"),
            ({"page": "1"}, "page is not known here"),
        ],
    )
    def test_faulty_citations_are_named(self, changes, message):
        faulty = entry(("2020-01-01", 5))
        faulty["values"][0]["cite"] = CITE | changes
        with pytest.raises(PackError) as caught:
            parse_pack(content(days=faulty), origin="filing.yaml")
        assert str(caught.value).startswith("filing.yaml: days")
        assert message in str(caught.value)


class TestShippedFiles:
    def write(self, folder: Path, name: str, text: str) -> Path:
        (folder / "packs").mkdir(parents=True, exist_ok=True)
        (folder / "packs" / name).write_text(text, encoding="utf-8")
        return folder

    def test_read_from_several_folders_in_order(self, tmp_path):
        for name in ("b", "a"):
            text = json.dumps({**content(days=entry(("2020-01-01", 5))), "pack": name})
            self.write(tmp_path / f"app_{name}", f"{name}.yaml", text)
        (tmp_path / "app_c").mkdir()
        packs = shipped_packs(tmp_path / f"app_{name}" for name in "cba")
        assert [pack.key for pack in packs] == ["a", "b"]

    def test_a_key_given_twice_is_refused(self, tmp_path):
        root = self.write(tmp_path, "filing.yaml", "pack: filing\ntitle: a\ntitle: b\n")
        with pytest.raises(PackError, match=r"filing\.yaml: key 'title' is given twice in line 1"):
            shipped_packs([root])

    def test_broken_yaml_names_the_file(self, tmp_path):
        root = self.write(tmp_path, "filing.yaml", "pack: [")
        with pytest.raises(PackError, match=r"^filing\.yaml: "):
            shipped_packs([root])

    def test_code_in_yaml_is_refused(self, tmp_path):
        root = self.write(tmp_path, "filing.yaml", "pack: !!python/object/apply:os.getcwd []")
        with pytest.raises(PackError, match=r"^filing\.yaml: "):
            shipped_packs([root])

    def test_the_file_bears_the_name_of_the_pack(self, tmp_path):
        text = json.dumps(content(days=entry(("2020-01-01", 5))))
        with pytest.raises(PackError, match=r"other\.yaml: holds pack 'filing'"):
            shipped_packs([self.write(tmp_path, "other.yaml", text)])

    def test_a_pack_shipped_by_two_apps_is_refused(self, tmp_path):
        text = json.dumps(content(days=entry(("2020-01-01", 5))))
        roots = [self.write(tmp_path / app, "filing.yaml", text) for app in ("one", "two")]
        with pytest.raises(PackError, match="shipped twice"):
            shipped_packs(roots)


class TestShippedPacks:
    def test_they_are_there(self):
        keys = {pack.key for pack in SHIPPED}
        assert {"filing", "materials", "registration", "setting"} <= keys

    @pytest.mark.parametrize("pack", SHIPPED, ids=lambda pack: pack.key)
    def test_they_survive_the_database(self, pack):
        stored = json.loads(json.dumps(pack.content))
        assert parse_pack(stored) == pack
        assert parse_pack(stored, version=7).digest == pack.digest
        assert len(pack.digest) == 64

    def test_nothing_is_verified_at_first(self):
        law = build(TODAY, SHIPPED)
        assert law.figures
        assert not any(display_citation(found) for found in law.figures.values())

    def test_house_rules_name_no_article_of_law(self):
        for found in build(TODAY, SHIPPED).figures.values():
            if found.citation.mark is Mark.PROPOSAL:
                assert not found.citation.article
                assert not found.citation.number


class TestCitation:
    @pytest.mark.proves("diff:8")
    def test_printed_only_once_verified(self):
        assert not display_citation(figure(verified=False))
        assert display_citation(figure()) == "《某某办法》第9条"

    @pytest.mark.parametrize(
        ("article", "shown"),
        [("", "《某某办法》"), ("附件1", "《某某办法》附件1"), ("4.1.3", "《某某办法》第4.1.3条")],
    )
    def test_other_places(self, article, shown):
        assert display_citation(figure(article)) == shown
