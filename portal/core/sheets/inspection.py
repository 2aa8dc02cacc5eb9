"""The door for workbooks: the zip directory first, then every byte counted, then the XML.

What passes is packed anew from the parts that reading needs, so that the reader never meets a byte
that was not looked at here: sizes in a zip directory can lie, and a sheet can name a cell in row
1,048,576 to make a reader reserve gigabytes.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from xml.parsers import expat

from .refusal import MAX_COLUMNS, MAX_MEMBERS, MAX_RATIO, MAX_UNPACKED, MEGABYTE, SheetRefused

CHUNK = 64 * 1024
CONTENT_TYPES = "[Content_Types].xml"
ROOT = "_rels/.rels"
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
SHARED = ("xl/sharedStrings.xml", "xl/styles.xml")
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")
ACTIVE = re.compile(r"xl/(vbaproject\.bin|macrosheets/|activex/|ctrlprops/|embeddings/)")
LINKS = re.compile(r"xl/(externallinks|connections\.xml|querytables/)")
CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
MAX_ROWS = 20_000
NAMED_CELLS = 5
LAST = True

Attributes = Mapping[str, str]


class Readable(Protocol):
    """What an upload must offer; Django's UploadedFile and any binary file do."""

    def read(self, size: int = ..., /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook fit to be read: the first visible sheet and what belongs to it, packed anew."""

    content: bytes
    sheet: str
    rows: int
    columns: int


def inspect_workbook(
    upload: Readable, *, max_bytes: int, max_rows: int = MAX_ROWS, may_calculate: bool = False
) -> Workbook:
    """The workbook if it is a plain .xlsx within the limits; SheetRefused tells why not.

    Reads never more than one byte past `max_bytes` (bytes) and unpacks never more than
    MAX_UNPACKED. `max_rows` counts every row of the first visible sheet, also rows that hold
    nothing but a format. Formula cells are refused by address unless `may_calculate`.
    """
    received = upload.read(max_bytes + 1)
    if not received:
        raise SheetRefused("empty")
    if len(received) > max_bytes:
        raise SheetRefused("size", limit_mb=round(max_bytes / MEGABYTE, 1))
    _refuse_other_kinds(received)
    try:
        with zipfile.ZipFile(io.BytesIO(received)) as archive:
            return _looked_through(archive, len(received), max_rows, may_calculate=may_calculate)
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, KeyError, ValueError,
            NotImplementedError, RuntimeError, OSError) as error:  # fmt: skip
        raise SheetRefused("broken") from error


def _refuse_other_kinds(received: bytes) -> None:
    if received.startswith(OLD_OFFICE):
        raise SheetRefused("encrypted" if ENCRYPTED_PART in received else "old_excel")
    if not received.startswith(b"PK\x03\x04"):
        raise SheetRefused("type")


def _looked_through(
    archive: zipfile.ZipFile, size: int, max_rows: int, *, may_calculate: bool
) -> Workbook:
    _refuse_by_directory(archive.infolist(), size)
    if b"macroEnabled" in _part(archive, CONTENT_TYPES):
        raise SheetRefused("macros")
    if WORKBOOK not in archive.NameToInfo:
        raise SheetRefused("type")
    parts = {name: _part(archive, name) for name in (CONTENT_TYPES, ROOT, WORKBOOK, RELATIONS)}
    name, part = _first_sheet(parts[WORKBOOK], parts[RELATIONS])
    for shared in SHARED:
        if shared in archive.NameToInfo:
            parts[shared] = _part(archive, shared)
            _parse(parts[shared])
    scan = _Scan(max_rows, may_calculate=may_calculate)
    parts[part] = _part(archive, part, scan)
    if scan.formulas:
        cells = "、".join(scan.formulas[:NAMED_CELLS])
        raise SheetRefused("formula", cells=cells)
    return Workbook(_packed(parts), name, scan.last_row, scan.last_column)


def _refuse_by_directory(members: list[zipfile.ZipInfo], size: int) -> None:
    """What the directory alone tells, before a byte is unpacked."""
    names = [member.filename for member in members]
    unpacked = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED:
        raise SheetRefused("too_big_inside")
    if unpacked > MEGABYTE and unpacked > MAX_RATIO * size:
        raise SheetRefused("too_big_inside")
    if any(member.flag_bits & 1 for member in members):
        raise SheetRefused("encrypted")
    if any(ACTIVE.match(name.lower()) for name in names):
        raise SheetRefused("macros")
    if any(LINKS.match(name.lower()) for name in names):
        raise SheetRefused("links")
    if len(set(names)) != len(names):
        raise SheetRefused("broken")
    if CONTENT_TYPES not in names:
        raise SheetRefused("type")


def _part(archive: zipfile.ZipFile, name: str, scan: _Scan | None = None) -> bytes:
    """One member unpacked piece by piece, its XML read on the way when there is a `scan`."""
    taken = io.BytesIO()
    parser = scan.parser() if scan else None
    with archive.open(name) as packed:
        while piece := packed.read(CHUNK):
            if taken.tell() + len(piece) > MAX_UNPACKED:
                raise SheetRefused("too_big_inside")
            taken.write(piece)
            if parser:
                parser.Parse(piece)
    if parser:
        parser.Parse(b"", LAST)
    return taken.getvalue()


def _guarded_parser() -> expat.XMLParserType:
    """A parser that knows no document type and so no entities (billion laughs, outside files)."""

    def refuse(*_: object) -> None:
        raise SheetRefused("broken")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    return parser


def _parse(content: bytes, start: Callable[[str, Attributes], None] | None = None) -> None:
    parser = _guarded_parser()
    if start:
        parser.StartElementHandler = start
    parser.Parse(content, LAST)


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _first_sheet(workbook: bytes, relations: bytes) -> tuple[str, str]:
    """Name and part of the first sheet a person sees."""
    sheets: list[Attributes] = []
    targets: dict[str, str] = {}

    def sheet(tag: str, attributes: Attributes) -> None:
        if _local(tag) == "sheet" and attributes.get("state", "visible") == "visible":
            sheets.append(attributes)

    def relation(tag: str, attributes: Attributes) -> None:
        is_sheet = attributes.get("Type", "").endswith("/worksheet")
        if _local(tag) == "Relationship" and is_sheet and "TargetMode" not in attributes:
            targets[attributes["Id"]] = posixpath.normpath(
                posixpath.join("/xl", attributes["Target"])
            ).lstrip("/")

    _parse(workbook, sheet)
    _parse(relations, relation)
    for found in sheets:
        key = next((value for name, value in found.items() if _local(name) == "id"), "")
        if key in targets:
            return found["name"], targets[key]
    raise SheetRefused("type")


class _Scan:
    """Walks a sheet without keeping it: how far it reaches, and where it calculates."""

    def __init__(self, max_rows: int, *, may_calculate: bool) -> None:
        self.max_rows, self.may_calculate = max_rows, may_calculate
        self.formulas: list[str] = []
        self.seen_rows = self.last_row = self.last_column = 0
        self._row = self._column = 0

    def parser(self) -> expat.XMLParserType:
        parser = _guarded_parser()
        parser.StartElementHandler = self._start
        return parser

    def _start(self, tag: str, attributes: Attributes) -> None:
        name = tag if ":" not in tag else _local(tag)
        if name == "c":
            self._cell(attributes.get("r", ""))
        elif name == "row":
            self._next_row(attributes.get("r", ""))
        elif name == "f" and not self.may_calculate and len(self.formulas) < NAMED_CELLS:
            self.formulas.append(f"{letters(self._column)}{self._row}")

    def _next_row(self, given: str) -> None:
        self.seen_rows += 1
        self._row = int(given) if given else self._row + 1
        self._column = 0
        if self.seen_rows > self.max_rows:
            raise SheetRefused("too_many_rows", limit=self.max_rows)

    def _cell(self, given: str) -> None:
        if given:
            found = CELL.fullmatch(given)
            if found is None:
                raise SheetRefused("broken")
            self._column, self._row = number(found[1]), int(found[2])
        else:
            self._column += 1
        self.last_row = max(self.last_row, self._row)
        self.last_column = max(self.last_column, self._column)
        if self.last_row > self.max_rows:
            raise SheetRefused("too_many_rows", limit=self.max_rows)
        if self.last_column > MAX_COLUMNS:
            raise SheetRefused("too_many_columns", limit=MAX_COLUMNS)


def number(column: str) -> int:
    """The number of a column by its letters: A is 1, AA is 27."""
    total = 0
    for letter in column:
        total = total * 26 + ord(letter) - 64
    return total


def letters(column: int) -> str:
    """The letters of a column by its number: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _packed(parts: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return packed.getvalue()
