"""Numbers of a question: money with or without a currency, how many lines, units, shares of a hundred."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

_NUMBER = r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,12}(?:\.\d{1,6})?)\s?(?P<scale>k|m|thousand|million|grand)?\b"
_CURRENCY = r"(?:pound|quid|euro|dollar|sterling|gbp|eur|usd|chf|sek|nok|dkk|pln|yen|jpy|buck|franc)s?"
_SCALES = {"k": 1_000, "thousand": 1_000, "grand": 1_000, "m": 1_000_000, "million": 1_000_000}
_MOST = (
    r"(?:under|below|less than|at most|no more than|not more than|up to|max(?:imum)?(?: of)?|within|spend(?:ing)?|"
    r"budget(?: of| is|:)?|for|with|beneath|cheaper than|lower than|smaller than)"
)
_LEAST = (
    r"(?:over|above|more than|at least|exceed(?:ing)?|greater than|higher than|min(?:imum)?(?: of)?|worth|bigger than)"
)
_SIGN = r"[£$€]\s?"
_WRITTEN = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "twelve": 12, "twenty": 20,
}  # fmt: skip
_TOP_COUNT = rf"(\d{{1,4}}|{'|'.join(_WRITTEN)})"

_SHARE = re.compile(
    rf"(?:(?P<most>{_MOST})|(?P<least>{_LEAST}))?\s*(?P<number>\d{{1,3}}(?:\.\d+)?)\s?(?:%|percent|per cent)"
)
_MONEY = re.compile(
    rf"(?:(?:(?P<most>{_MOST})|(?P<least>{_LEAST}))\s+(?:about |around |roughly |a |of )?)?"
    rf"(?:{_SIGN}{_NUMBER}|{_NUMBER.replace('number', 'number2').replace('scale', 'scale2')}\s?{_CURRENCY}\b)"
    rf"(?:\s{_CURRENCY}\b)?"
)
_BARE = re.compile(
    rf"\b(?:(?P<most>{_MOST})|(?P<least>{_LEAST}))\s+(?:about |around |roughly |a |of )?{_NUMBER}"
    r"(?!\s*(?:unit|piece|item|line|product|day|pc|%))"
)
_TOP = re.compile(
    rf"\b(?:top|first|worst|best|biggest|largest|highest|most urgent|next) {_TOP_COUNT}\b(?! (?:day|week|month))"
    rf"|\b(?:which|show|list|name|our|the|what) {_TOP_COUNT} (?=product|item|sku|supplier|line|order|thing)"
    rf"|\b{_TOP_COUNT} (?:most|worst|best|biggest|largest|highest|top|urgent|riskiest)\b"
)
_SCALED = re.compile(r"(?<![\w./-])(?P<number>\d{1,6}(?:\.\d{1,3})?)\s?(?P<scale>k|thousand|grand|million)(?![\w/-])")
_UNITS = re.compile(r"(?<![\w./-])(?P<number>\d{1,9}(?:\.\d{1,3})?)\s?(?:x|units?|pieces?|pcs?|of)?(?![\w/-])")


@dataclass(frozen=True)
class Amounts:
    """What numbers a question names: money at most or at least, a number of lines, units, a share of 1."""

    most_money: Decimal | None = None
    least_money: Decimal | None = None
    top: int | None = None
    units: Decimal | None = None
    share: float | None = None


def amounts_of(text: str) -> tuple[Amounts, str]:
    """The numbers of a folded text whose times are taken out, and the text without them."""
    found = Amounts()
    if (match := _SHARE.search(text)) is not None:
        found = replace(found, share=min(float(match["number"]) / 100, 1.0))
        text = _without(text, match)
    if (match := _TOP.search(text)) is not None:
        words = match[1] or match[2] or match[3]
        found = replace(found, top=max(int(words) if words.isdigit() else _WRITTEN[words], 1))
        text = _without(text, match, match[0].replace(words, "", 1))
    if (match := _MONEY.search(text)) is not None:
        amount = _amount(match["number"] or match["number2"], match["scale"] or match["scale2"])
        found = _with_money(found, amount, is_least=bool(match.groupdict().get("least")))
        text = _without(text, match)
    elif (match := _BARE.search(text) or _SCALED.search(text)) is not None:
        amount = _amount(match["number"], match["scale"])
        found = _with_money(found, amount, is_least=bool(match.groupdict().get("least")))
        text = _without(text, match)
    if (match := _UNITS.search(text)) is not None and Decimal(match["number"]) > 0:
        found = replace(found, units=Decimal(match["number"]))
        text = _without(text, match)
    return found, text


def _with_money(found: Amounts, amount: Decimal, *, is_least: bool) -> Amounts:
    return replace(found, least_money=amount) if is_least else replace(found, most_money=amount)


def _amount(number: str, scale: str | None) -> Decimal:
    amount = Decimal(number.replace(",", "")) * _SCALES.get(scale or "", 1)
    return min(amount, Decimal(1_000_000_000)).quantize(Decimal("0.01"))


def _without(text: str, match: re.Match[str], instead: str = "") -> str:
    return f"{text[: match.start()]} {instead} {text[match.end() :]}"
