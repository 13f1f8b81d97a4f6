"""A CSV file that a person fills in: in UTF-8, with exactly the columns of the import, and quoted by the book.

What such a file gets wrong is said at once and by name, because a guess would be written before anyone looks at it.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Sequence
from functools import partial

from shared.domain.errors import FieldError
from shared.domain.imports.import_errors import EmptyFile, NulByte, WrongEncoding, WrongHeader
from shared.domain.imports.record_fields import Field
from shared.imports.readers.csv import CsvRules, csv_source
from shared.imports.readers.csv_dialect import CsvDialect
from shared.imports.readers.encoding import Open, TextEncoding
from shared.imports.readers.record_source import RecordSource

MAX_ROWS = 100_000
_SHOWN = 30
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def open_template(content: bytes, fields: Sequence[Field]) -> RecordSource:
    """The file as a source whose columns are named as the fields, in any order and case; optional ones may be left out.

    Raises UnusableFile for a file that is no CSV in UTF-8 with these columns.
    """
    rules = CsvRules(
        encoding=_utf_8,
        dialect=lambda _: CsvDialect(),
        name_columns=partial(_field_names, fields),
        literal_quotes=False,
        max_rows=MAX_ROWS,
    )
    return csv_source(partial(io.BytesIO, content), rules)


def _utf_8(open_file: Open) -> TextEncoding:
    with open_file() as file:
        content = file.read()
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        raise WrongEncoding("byte 1 begins a text in UTF-16: save the file as CSV in UTF-8")
    nul = content.find(b"\0")
    if nul >= 0:
        raise NulByte(f"byte {nul + 1} of the file is NUL: this is no text; save it as CSV in UTF-8")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        byte = f"byte {error.start + 1} of the file (0x{content[error.start]:02X}) is not UTF-8"
        raise WrongEncoding(f"{byte}: save the file as CSV in UTF-8") from None
    if not text.removeprefix("\ufeff").strip():
        raise EmptyFile("the file is empty: its first row must name the columns")
    return TextEncoding("utf-8-sig")


def _field_names(fields: Sequence[Field], cells: Sequence[str]) -> tuple[str, ...]:
    header = [name.strip().casefold() for name in cells]
    allowed = [field.name for field in fields]
    problems = [
        *(f"column {field.name!r} is missing" for field in fields if field.required and field.name not in header),
        *(f"column {name[:80]!r} is unknown" for name in dict.fromkeys(header) if name not in allowed),
        *(f"column {name!r} is there twice" for name in allowed if header.count(name) > 1),
    ]
    if not problems:
        return tuple(header)
    hint = _separator_hint(header)
    columns = ", ".join(repr(name[:80]) for name in header[:_SHOWN])
    detail = f"{'; '.join(problems[:_SHOWN])}; the file has {columns}; allowed: {', '.join(allowed)}{hint}"
    errors = [FieldError("/rows/1", WrongHeader.code, problem) for problem in problems[:_SHOWN]]
    raise WrongHeader(detail, errors=errors)


def _separator_hint(header: Sequence[str]) -> str:
    """A sentence to add to a refusal when the one name in the header holds another separator, else nothing."""
    separator = next((name for mark, name in _OTHER_SEPARATORS.items() if len(header) == 1 and mark in header[0]), None)
    return f". The columns seem to be separated by {separator}: separate them with commas" if separator else ""
