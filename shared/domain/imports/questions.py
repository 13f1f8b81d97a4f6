"""What a file leaves open: two readings are possible, and which one is meant somebody has to say.

A run stops at an open question before anything is written; a dry run asks it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.domain.imports.given_notation import DECIMAL_MARKS, DateOrder, DecimalMark
from shared.domain.imports.import_errors import AmbiguousDates, AmbiguousEncoding, AmbiguousNumbers, UnusableFile
from shared.domain.imports.written_dates import DateEvidence
from shared.domain.imports.written_numbers import NumberEvidence

_ERRORS: Mapping[str, type[UnusableFile]] = {error.code: error for error in (AmbiguousNumbers, AmbiguousDates)}


@dataclass(frozen=True)
class Question:
    """A question about a column, or about the file (None). `form_field` of an import answers it by one of the
    `choices`; `suggestion` is the likely one, None where nothing speaks for any."""

    code: str
    column: str | None
    examples: tuple[str, ...]
    choices: tuple[str, ...]
    form_field: str
    suggestion: str | None
    detail: str

    @property
    def assumed(self) -> str:
        """What a dry run takes for the answer, so that it can say what would become of the records."""
        return self.suggestion or self.choices[0]

    def to_report(self) -> dict[str, Any]:
        """As the result of a dry run has it."""
        return {
            "code": self.code,
            "column": self.column,
            "examples": list(self.examples),
            "choices": list(self.choices),
            "form_field": self.form_field,
            "suggestion": self.suggestion,
            "detail": self.detail,
        }


def refuse_open(questions: Sequence[Question]) -> None:
    """Raises UnusableFile with the code of the first question, and the text of all; nothing where there is none."""
    if questions:
        raise _ERRORS[questions[0].code]("; ".join(question.detail for question in questions))


def encoding_question(error: AmbiguousEncoding) -> Question:
    """In which encoding the file is written."""
    return Question(error.code, None, error.examples, error.choices, "encoding", None, error.detail)


def number_question(column: str, evidence: NumberEvidence, suggestion: DecimalMark | None) -> Question:
    """Whether a point or a comma is decimal in this column."""
    examples = tuple(evidence.examples)
    readings = " or ".join(
        f"{', '.join(evidence.notation(mark).value(text) or '' for text in examples[:2])} ('{mark}' is decimal)"
        for mark in DECIMAL_MARKS
    )
    shown = f"{', '.join(examples[:2])} may be {readings}" if examples else "some numbers have a point, others a comma"
    return Question(
        AmbiguousNumbers.code,
        column,
        examples,
        DECIMAL_MARKS,
        "decimal_mark",
        suggestion,
        f"which mark is decimal in column {column[:80]!r} cannot be told ({shown}): say decimal_mark",
    )


def date_question(column: str, evidence: DateEvidence, suggestion: DateOrder | None) -> Question:
    """In which order the dates of this column name day, month and year."""
    examples, choices = tuple(evidence.examples), evidence.possible
    days = " or ".join(
        ", ".join(str(evidence.notation(order).day(text)) for text in examples[:2]) + f" ({order})" for order in choices
    )
    return Question(
        AmbiguousDates.code,
        column,
        examples,
        choices,
        "date_order",
        suggestion,
        f"in which order the dates of column {column[:80]!r} are written cannot be told "
        f"({', '.join(examples[:2])} may be {days}): say date_order",
    )
