"""What is wrong with a file as such, with the mapping of its columns, or with an import as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.domain.errors import FieldError, Invalid, InvalidField


class UnusableFile(Invalid):
    """A kind: the file as a whole cannot be imported."""


class UnreadableFile(UnusableFile):
    """The file is not what it claims to be, or is broken; the detail says what to save it as."""

    code = "unreadable_file"


class EmptyFile(UnusableFile):
    """The file is empty, or has a header and no rows."""

    code = "empty_file"


class AmbiguousEncoding(UnusableFile):
    """In which encoding the file is written cannot be told; `encoding` says it."""

    code = "ambiguous_encoding"

    def __init__(self, detail: str, choices: Sequence[str], examples: Sequence[str]) -> None:
        """`examples` are words of the file in the first of the choices."""
        super().__init__(detail)
        self.choices, self.examples = tuple(choices), tuple(examples)


class AmbiguousNumbers(UnusableFile):
    """Whether a point or a comma is decimal cannot be told from a column; `decimal_mark` says it."""

    code = "ambiguous_numbers"


class AmbiguousDates(UnusableFile):
    """In which order a column writes day, month and year cannot be told; `date_order` says it."""

    code = "ambiguous_dates"


class NulByte(UnusableFile):
    """The file holds a NUL byte, so it is no text."""

    code = "nul_byte"


class DecompressionBomb(UnusableFile):
    """The file inflates to more than an import takes."""

    code = "decompression_bomb"


class TooMuchText(UnusableFile):
    """The cells of the file hold more text than an import reads, however small the file is on disk."""

    code = "too_much_text"


class DecodingTooCostly(UnusableFile):
    """Decoding the file takes more memory, computing time or disk than one file may take."""

    code = "decoding_too_costly"


class TooManyColumns(UnusableFile):
    """The file has more columns than an import reads."""

    code = "too_many_columns"


class TooManyRows(UnusableFile):
    """The file has more rows than an import takes, or would have more than its format holds."""

    code = "too_many_rows"


class SheetNotFound(UnusableFile):
    """The workbook has no sheet of this name or number."""

    code = "sheet_not_found"


class MissingColumns(UnusableFile):
    """The file lacks columns that are needed."""

    code = "missing_columns"


class InvalidBinding(InvalidField):
    """What a field is read from cannot be used."""

    code = "invalid_binding"


class InvalidMapping(Invalid):
    """The column mapping cannot be used; errors names each binding that is wrong."""

    code = "invalid_mapping"

    def under(self, place: str, subject: str = "") -> InvalidMapping:
        """The same of a mapping that is no form's but stands in a body, under `place`."""
        errors = [
            FieldError(each.pointer.replace("form/mapping", f"{place}/mapping", 1), each.code, each.detail)
            for each in self.errors
        ]
        return InvalidMapping(f"{subject}{self.detail}", errors=errors)


class NothingAccepted(Invalid):
    """All records were rejected, so nothing was written; the run's rejects say why."""

    code = "nothing_accepted"

    @classmethod
    def of(cls, read: int, rejected_by_check: Mapping[str, int], changes: str = "") -> NothingAccepted:
        """Of a run that has read so many; `changes` is what may explain it."""
        checks = ", ".join(f"{count} x {check}" for check, count in rejected_by_check.items())
        return cls(f"none of the {read} records could be taken: {checks}; the rejects say why{changes}")


class TooManyRejects(Invalid):
    """So many different rows of a list were rejected that nothing says what it leaves as it is; nothing was written."""

    code = "too_many_rejects"


class ImportRejected(Invalid):
    """Rows were rejected, so nothing was written; errors names each."""

    code = "import_rejected"
