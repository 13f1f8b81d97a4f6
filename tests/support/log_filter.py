"""The part of Cloud Logging's query language that infra/terraform/metrics.json is written in, for lines of our own.

Comparisons with AND between them; a value may be a list, ("a" OR "b"). Severities compare by rank, numbers as numbers.
https://cloud.google.com/logging/docs/view/logging-query-language
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

_TERM = re.compile(r'(?P<field>[\w.]+)(?P<operator>>=|<=|!=|=|>|<)(?P<value>\([^)]*\)|"[^"]*"|[\w.]+)')
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
_SEVERITIES = ("DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY")
_TAKEN_OUT = ("severity", "httpRequest")  # of the line's fields: they are the entry's own


def entry_of(line: Mapping[str, Any], resource_type: str) -> dict[str, Any]:
    """The log entry that Cloud Logging makes of a line that a function or the job prints."""
    payload = {
        name: value
        for name, value in line.items()
        if name not in _TAKEN_OUT and not name.startswith("logging.googleapis.com/")
    }
    own = {name: line[name] for name in _TAKEN_OUT if name in line}
    return {**own, "jsonPayload": payload, "resource": {"type": resource_type}}


def matches(entry: Mapping[str, Any], text: str) -> bool:
    """Whether the filter takes the entry; raises ValueError for what is not in this part of the language."""
    terms = text.split(" AND ")
    parsed = [_TERM.fullmatch(term) for term in terms]
    if None in parsed:
        raise ValueError(f"not understood: {terms[parsed.index(None)]}")
    return all(_holds(entry, term["field"], term["operator"], term["value"]) for term in parsed if term)


def value_at(entry: Mapping[str, Any], field: str) -> Any:
    """The value of a field by its path; None where there is none."""
    value: Any = entry
    for name in field.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _holds(entry: Mapping[str, Any], field: str, sign: str, value: str) -> bool:
    given = value_at(entry, field)
    if given is None:
        return False
    allowed = value.strip("()").split(" OR ")
    return any(_compared(field, given, sign, each) for each in allowed)


def _compared(field: str, given: Any, sign: str, value: str) -> bool:
    compare = _OPERATORS[sign]
    text = value.strip('"')
    if field == "severity":
        return compare(_SEVERITIES.index(given), _SEVERITIES.index(text))
    if isinstance(given, bool):
        return compare(given, text == "true")
    if isinstance(given, int | float):
        return compare(given, float(text))
    return compare(given, text)
