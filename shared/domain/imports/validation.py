"""Whether a client's data are fit to plan by: what is checked, what a finding means, and what is a suspicious change.

A report compares itself with the one before. Weeks are compared by robust deviations on the logarithm, for what sells
varies in proportion to its size: a week is suspicious whose figure is further from the median of the eight weeks before
than three robust standard deviations, and by more than half or to less than half of it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

EARLIER_WEEKS = 8
_FEWEST_WEEKS = 4  # of the eight, with a sale; with fewer nothing is usual yet
_DEVIATIONS = 3.0
_MAD_TO_SIGMA = 1.4826  # Rousseeuw and Croux 1993
_FACTOR = 1.5
_QUIET_DAYS = 2
# Of the items of a usual week, and at the least so many: such changes of the assortment are a warning.
_LARGE_SHARE = 0.1
_MANY_ITEMS = 5


class Severity(StrEnum):
    """`error`: advice is wrong until it is mended; `warning`: some of it may be; `info`: worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Rule:
    """What is looked for: in which kind of records, how bad it is, and what it means for forecast and orders."""

    code: str
    entity: str
    severity: Severity
    meaning: str


_SALES, _PRODUCTS, _STOCK = "sales-history", "products", "stock-levels"
RULES: tuple[Rule, ...] = (
    Rule(
        "no_recent_sales",
        _SALES,
        Severity.ERROR,
        "Days without any sale up to yesterday. Forecasts do not know them: is the source late?",
    ),
    Rule("no_sales", _SALES, Severity.ERROR, "There are no sales at all: nothing can be forecast or ordered."),
    Rule("future_records", _SALES, Severity.ERROR, "Records dated today or later. They are not used."),
    Rule("negative_units", _SALES, Severity.ERROR, "Records of less than 0 units. Returns belong into invoice lines."),
    Rule(
        "orphan_items",
        _SALES,
        Severity.WARNING,
        "Items with sales that are no product: nobody sees or orders them. Import the products, or mend the ids.",
    ),
    Rule(
        "orphan_locations",
        _SALES,
        Severity.WARNING,
        "Places with sales that are no location: their demand counts for the item as a whole alone.",
    ),
    Rule(
        "spellings",
        _SALES,
        Severity.WARNING,
        "Ids that differ by case or spaces alone: the history of one item is split in two.",
    ),
    Rule(
        "gaps",
        _SALES,
        Severity.WARNING,
        "A week or more of the last 90 days without any sale: taken for days on which "
        "nobody bought, unless the shop was closed.",
    ),
    Rule(
        "volume_change",
        _SALES,
        Severity.WARNING,
        "Units sold in the last week are far from those of the eight weeks before: are days missing, or counted twice?",
    ),
    Rule(
        "mean_change",
        _SALES,
        Severity.WARNING,
        "Units a sale in the last week are far from those of the eight weeks "
        "before: has the unit changed, such as packs for pieces?",
    ),
    Rule(
        "assortment_change",
        _SALES,
        Severity.WARNING,
        "The number of items that sold in the last week is far from that "
        "of the eight weeks before: is a part of the assortment missing?",
    ),
    Rule(
        "vanished_items",
        _SALES,
        Severity.WARNING,
        "Items that sold in nearly every one of eight weeks and not in the last. Were they out of stock, or renamed?",
    ),
    Rule("new_items", _SALES, Severity.WARNING, "Items that sold for the first time in the last week."),
    Rule(
        "jumps",
        _SALES,
        Severity.WARNING,
        "Items that sold more than ten times as much in the last week as usual: a "
        "mistyped quantity raises what is ordered.",
    ),
    Rule(
        "short_history",
        _SALES,
        Severity.INFO,
        "Items that have sold for less than three weeks: their forecast is that of items like them.",
    ),
    Rule(
        "missing_revenue",
        _SALES,
        Severity.INFO,
        "Sales of the last nine weeks without revenue: money at risk is worked out from the price.",
    ),
    Rule(
        "no_stock_history",
        _SALES,
        Severity.INFO,
        "No record says the stock of its day: a day without stock cannot be told from one without demand.",
    ),
    Rule("no_products", _PRODUCTS, Severity.ERROR, "There are no products: nothing is listed."),
    Rule(
        "no_cost",
        _PRODUCTS,
        Severity.WARNING,
        "Products without a cost: their stock counts for nothing, and their orders total 0.",
    ),
    Rule("no_category", _PRODUCTS, Severity.INFO, "Products without a category."),
    Rule(
        "no_supplier",
        _PRODUCTS,
        Severity.WARNING,
        "Products that sold in the last 90 days and have no supplier: they are never suggested for order.",
    ),
    Rule("no_stock", _STOCK, Severity.ERROR, "No product has any stock: were stock levels imported?"),
    Rule(
        "negative_position", _STOCK, Severity.WARNING, "Products of which more is promised than is there or on order."
    ),
)
_BY_CODE = {rule.code: rule for rule in RULES}
_ASSORTMENT = frozenset({"new_items", "vanished_items"})
SUSPICIOUS = frozenset(
    {"no_recent_sales", "volume_change", "mean_change", "assortment_change", "vanished_items", "new_items", "jumps"}
)


@dataclass(frozen=True)
class Found:
    """How often something was found, and at most five examples."""

    count: int
    examples: Sequence[str] = ()


@dataclass(frozen=True)
class Finding:
    """What a check has found, beside what it had found the last time (None: it was not looked for)."""

    rule: Rule
    severity: Severity
    count: int
    previous_count: int | None
    examples: tuple[str, ...]

    @property
    def suspicious(self) -> bool:
        """Whether it is a change that somebody should look at before orders are placed."""
        return self.rule.code in SUSPICIOUS and self.severity is not Severity.INFO


@dataclass(frozen=True)
class Report:
    """What a validation has found, the gravest first. `as_of`: the client's business date; sales are looked at up to
    the day before it."""

    run_id: str
    as_of: dt.date
    created_at: dt.datetime
    findings: tuple[Finding, ...] = ()

    @property
    def suspicious(self) -> bool:
        return any(finding.suspicious for finding in self.findings)

    def count(self, severity: Severity) -> int:
        """How many checks have found something of this severity."""
        return sum(finding.severity is severity for finding in self.findings)


@dataclass(frozen=True)
class Week:
    """Sales of a week: units, and items' days with a sale, and items that sold."""

    units: float = 0.0
    sales: int = 0
    items: int = 0


@dataclass(frozen=True)
class SalesHistory:
    """What is known of a client's sales: the last week and the eight before it, the latest first; the last day with a
    sale, and whether any record says its day's stock."""

    weeks: Sequence[Week]
    last_sale: dt.date | None
    has_stock: bool


def findings_of(found: Mapping[str, Found], previous: Report | None, usual_items: float) -> tuple[Finding, ...]:
    """What was found, the gravest first; a code whose count is 0 is none. Raises KeyError for an unknown code.

    `usual_items`: how many items sell in a usual week.
    """
    before = {finding.rule.code: finding.count for finding in previous.findings} if previous else {}
    order = list(Severity)
    findings = [
        Finding(
            _BY_CODE[code],
            _severity(_BY_CODE[code], each, usual_items),
            each.count,
            before.get(code, 0) if previous else None,
            tuple(each.examples),
        )
        for code, each in found.items()
        if each.count
    ]
    return tuple(sorted(findings, key=lambda finding: (order.index(finding.severity), RULES.index(finding.rule))))


def history_findings(history: SalesHistory, yesterday: dt.date) -> dict[str, Found]:
    """What the weeks say: silence, and changes that are out of proportion."""
    if history.last_sale is None:
        return {"no_sales": Found(1)}
    found = {}
    silent = (yesterday - history.last_sale).days
    if silent >= _QUIET_DAYS:
        found["no_recent_sales"] = Found(silent, (f"the last sale is of {history.last_sale}",))
    if not history.has_stock:
        found["no_stock_history"] = Found(1)
    last, earlier = history.weeks[0], history.weeks[1:]
    figures = {
        "volume_change": [week.units for week in (last, *earlier)],
        "mean_change": [week.units / week.sales if week.sales else 0.0 for week in (last, *earlier)],
        "assortment_change": [float(week.items) for week in (last, *earlier)],
    }
    for code, (now, *before) in figures.items():
        if is_out_of_proportion(now, before):
            found[code] = Found(1, (f"{now:,.4g} after a median of {median(filter(None, before)):,.4g}",))
    return found


def is_out_of_proportion(now: float, before: Sequence[float]) -> bool:
    """Whether a week's figure is far from the usual one, by the rule above. Weeks without any are left out."""
    usual = [math.log(figure) for figure in before if figure > 0]
    if len(usual) < _FEWEST_WEEKS:
        return False
    centre = median(usual)
    if now <= 0:
        return True
    deviation = median(abs(figure - centre) for figure in usual) * _MAD_TO_SIGMA
    return abs(math.log(now) - centre) > max(_DEVIATIONS * deviation, math.log(_FACTOR))


def _severity(rule: Rule, found: Found, usual_items: float) -> Severity:
    """A few new and vanished items are nothing unusual."""
    if rule.code in _ASSORTMENT and found.count < max(_MANY_ITEMS, _LARGE_SHARE * usual_items):
        return Severity.INFO
    return rule.severity


def rule_of(code: str) -> Rule:
    """The rule of this code; raises KeyError."""
    return _BY_CODE[code]
