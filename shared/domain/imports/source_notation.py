"""How a source writes numbers and dates, as it is found or said, and what it leaves open."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.domain.imports.given_notation import DateOrder, DecimalMark
from shared.domain.imports.questions import Question
from shared.domain.imports.record_fields import Notations


@dataclass(frozen=True)
class SourceNotation:
    """How a source is written: by field, and in all where its columns agree. As long as `questions` are open, the
    columns that they are about are read by what they assume."""

    by_field: Notations = field(default_factory=Notations)
    questions: tuple[Question, ...] = ()
    decimal_mark: DecimalMark | None = None
    date_order: DateOrder | None = None


AS_PROGRAMS_WRITE = SourceNotation()
