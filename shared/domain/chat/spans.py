"""Times of a question, relative to the client's business date: `next week`, `a fortnight`, `before Christmas`."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12, "fourteen": 14, "thirty": 30, "couple of": 2, "few": 3,
}  # fmt: skip
_UNITS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 91, "year": 365}
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_MONTHS["sept"] = 9
_WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_FEASTS = {
    "christmas eve": (12, 24), "christmas": (12, 25), "xmas": (12, 25), "new year": (1, 1), "halloween": (10, 31),
    "valentine": (2, 14),
}  # fmt: skip
_COUNT = r"(\d{1,3}|an|a|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|thirty|couple of|few)"
_UNIT = r"(day|week|fortnight|month|quarter|year)s?"
_BEFORE = r"(?:before|by|until|till|up to|through|to)"


@dataclass(frozen=True)
class Span:
    """Days from `start` to `end`, both included."""

    start: dt.date
    end: dt.date
    loose_days: int | None = None  # of `next week`, which may mean the seven days from now

    def days_from(self, today: dt.date) -> int:
        """Days from today to its end, 0 where that has passed."""
        return max((self.end - today).days, 0) if self.loose_days is None else self.loose_days


Make = Callable[[re.Match[str], dt.date], Span | None]


def span_of(text: str, today: dt.date) -> tuple[Span | None, str]:
    """The time that a folded text names, and the text without it; None for none."""
    for pattern, make in _PATTERNS:
        for match in pattern.finditer(text):
            if (span := make(match, today)) is not None:
                return span, f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


TIME_WORDS = (
    "tomorrow",
    "yesterday",
    "fortnight",
    "christmas",
    *(name for name in (*_MONTHS, *_WEEKDAYS) if len(name) > 5),
)


def _day_in(months: int, date: dt.date) -> dt.date:
    """The first day of the month so many months on."""
    whole = date.year * 12 + date.month - 1 + months
    return dt.date(whole // 12, whole % 12 + 1, 1)


def _month(date: dt.date, months: int = 0) -> Span:
    return Span(_day_in(months, date), _day_in(months + 1, date) - dt.timedelta(1))


def _count(text: str | None) -> int:
    text = (text or "one").strip()
    return int(text) if text.isdigit() else _NUMBERS[text]


def _next(number: int, unit: str, today: dt.date) -> Span:
    return Span(today, today + dt.timedelta(number * _UNITS[unit]))


def _last(number: int, unit: str, today: dt.date) -> Span:
    return Span(today - dt.timedelta(number * _UNITS[unit]), today)


def _calendar_date(match: re.Match[str], today: dt.date) -> Span | None:
    day, month, year = match["day"], _MONTHS[match["month"]], match["year"]
    return _until(today, month, int(day), int(year) if year else None)


def _until(today: dt.date, month: int, day: int, year: int | None = None) -> Span | None:
    """Up to that day, the next one of its name; None for a day that there is not."""
    try:
        date = dt.date(year or today.year, month, day)
        if year is None and date < today:
            date = dt.date(today.year + 1, month, day)
    except ValueError:
        return None
    return Span(min(today, date), date)


def _iso(match: re.Match[str], today: dt.date) -> Span | None:
    try:
        date = dt.date.fromisoformat(match["iso"])
    except ValueError:
        return None
    return Span(min(today, date), date)


def _feast(match: re.Match[str], today: dt.date) -> Span | None:
    span = _until(today, *_FEASTS[match["feast"]])
    if span is not None and re.match(r"before\b", match[0]):
        return Span(today, max(span.end - dt.timedelta(1), today))
    return span


def _month_by_name(match: re.Match[str], today: dt.date) -> Span:
    number = _MONTHS[match["month"]]
    year = today.year + (number < today.month)
    month = _month(dt.date(year, number, 1))
    if match["before"] in ("before", "until", "till", "by"):
        return Span(today, max(month.start - dt.timedelta(1), today))
    return month


def _named_month_before(match: re.Match[str], today: dt.date) -> Span:
    number = _MONTHS[match["month"]]
    return _month(dt.date(today.year - (number >= today.month), number, 1))


def _week(today: dt.date, weeks: int = 0) -> Span:
    monday = today - dt.timedelta(today.weekday()) + dt.timedelta(7 * weeks)
    return Span(monday, monday + dt.timedelta(6))


def _pattern(text: str, make: Make) -> tuple[re.Pattern[str], Make]:
    return re.compile(rf"\b(?:{text})(?![\w%-])"), make


def _past(match: re.Match[str], today: dt.date) -> Span:
    unit = match[2]
    if match[1] is None and unit == "month":
        return _month(today, -1)
    if match[1] is None and unit == "year":
        return Span(dt.date(today.year - 1, 1, 1), dt.date(today.year - 1, 12, 31))
    return _last(_count(match[1]), unit, today)


def _since_month(match: re.Match[str], today: dt.date) -> Span:
    month = _named_month_before(match, today)
    return Span(month.start, today)


def _coming(match: re.Match[str], today: dt.date) -> Span:
    if match[1] is None and match[2] == "week":
        week = _week(today, 1)
        return Span(week.start, week.end, loose_days=7)
    return _next(_count(match[1]), match[2], today)


def _either_weekday(match: re.Match[str], today: dt.date) -> Span:
    weekday = match["weekday"] or match["weekday2"]
    ahead = (_WEEKDAYS[weekday] - today.weekday()) % 7 or 7
    following = 7 if match["next"] or match["next2"] else 0
    # "next Friday" said on a Monday is the one of next week.
    return Span(today, today + dt.timedelta(ahead + (following if ahead + today.weekday() <= 6 else 0)))


_MONTH_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_PATTERNS = (
    _pattern(rf"(?:{_BEFORE} |on )?(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})", _iso),
    _pattern(
        rf"(?:{_BEFORE} |on )?(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH_NAMES})"
        r"(?:,? (?P<year>\d{4}))?",
        _calendar_date,
    ),
    _pattern(
        rf"(?:{_BEFORE} |on )?(?P<month>{_MONTH_NAMES}) (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
        r"(?:,? (?P<year>\d{4}))?",
        _calendar_date,
    ),
    _pattern(
        rf"(?:{_BEFORE}|for|at|over|this) (?P<feast>{'|'.join(sorted(_FEASTS, key=len, reverse=True))})(?:'?s)?"
        r"(?: day)?"
        r"(?=\s*(?:$|[?.!,;]|and|or|from|at|in|of|with))",
        _feast,
    ),
    _pattern(
        r"(?:by |before |until |till )?(?:the )?end of (?:the |this )?week", lambda _, day: Span(day, _week(day).end)
    ),
    _pattern(r"(?:by |before |until |till )?(?:the )?end of next week", lambda _, day: Span(day, _week(day, 1).end)),
    _pattern(
        r"(?:by |before |until |till )?(?:the )?end of (?:the |this )?month", lambda _, day: Span(day, _month(day).end)
    ),
    _pattern(r"(?:by |before |until |till )?(?:the )?end of next month", lambda _, day: Span(day, _month(day, 1).end)),
    _pattern(
        r"(?:by |before |until |till )?(?:the )?end of (?:the |this )?year",
        lambda _, day: Span(day, dt.date(day.year, 12, 31)),
    ),
    _pattern(rf"(?:over |in |during |for )?(?:the )?(?:last|past|previous) (?:{_COUNT} )?{_UNIT}", _past),
    _pattern(rf"{_COUNT} {_UNIT} ago", lambda match, day: _last(_count(match[1]), match[2], day)),
    _pattern(rf"(?:since|from) last {_UNIT}", lambda match, day: _last(1, match[1], day)),
    _pattern(
        rf"(?:within |in |over |during |for |under )?(?:the )?(?:next|coming|following|upcoming) (?:{_COUNT} )?{_UNIT}"
        r"(?: or so)?",
        _coming,
    ),
    _pattern(
        r"(?:within|in|over|during|for|inside|under|less than|at least|more than) (?:the |about |roughly )?"
        rf"{_COUNT} {_UNIT}(?: of)?(?: time)?",
        lambda match, day: _next(_count(match[1]), match[2], day),
    ),
    _pattern(rf"(?:within |in |for )?{_COUNT} {_UNIT}", lambda match, day: _next(_count(match[1]), match[2], day)),
    _pattern(r"(?:by |before |until |till |during |in )?(?:the )?fortnight", lambda _, day: _next(14, "day", day)),
    _pattern(r"today and tomorrow|today or tomorrow", lambda _, day: Span(day, day + dt.timedelta(1))),
    _pattern(rf"(?P<before>since|from) (?:last )?(?P<month>{_MONTH_NAMES})", _since_month),
    _pattern(r"this week", lambda _, day: _week(day)),
    _pattern(r"this month", lambda _, day: _month(day)),
    _pattern(
        r"this quarter",
        lambda _, day: Span(
            _day_in(-((day.month - 1) % 3), day), _day_in(3 - (day.month - 1) % 3, day) - dt.timedelta(1)
        ),
    ),
    _pattern(r"this year", lambda _, day: Span(dt.date(day.year, 1, 1), dt.date(day.year, 12, 31))),
    _pattern(r"(?:by |before |until |till )?(?:the )?weekend", lambda _, day: Span(day, _week(day).end)),
    _pattern(r"(?:by |before |until |till )?tomorrow", lambda _, day: Span(day, day + dt.timedelta(1))),
    _pattern(r"yesterday", lambda _, day: Span(day - dt.timedelta(1), day - dt.timedelta(1))),
    _pattern(r"today|tonight", lambda _, day: Span(day, day)),
    _pattern(
        rf"(?:{_BEFORE} |on )(?P<next>next )?(?P<weekday>{'|'.join(_WEEKDAYS)})"
        rf"|(?P<next2>next )(?P<weekday2>{'|'.join(_WEEKDAYS)})",
        _either_weekday,
    ),
    _pattern(rf"(?:in |of |from |during )?last (?P<month>{_MONTH_NAMES})", _named_month_before),
    _pattern(rf"(?P<before>before|until|till|by|in|during|for|of) (?P<month>{_MONTH_NAMES})", _month_by_name),
)
