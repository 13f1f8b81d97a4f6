"""Questions that the chat shows, and what it says of itself."""

from __future__ import annotations

REACH = (
    "I answer questions about this client's stock: what runs out, what to order and what it costs, orders and "
    "suppliers, overstock and dead stock, campaigns, forecasts and imports. I can also draft an order, place your "
    "cart's orders, snooze a product or stop ordering it, once you confirm."
)
NOT_UNDERSTOOD = "I did not understand that one; try one of these."
EXAMPLES = (
    "What will run out next week?",
    "How much cash is tied up in dead stock?",
    "What should I order now, for at most 5,000?",
    "Draft an order for everything urgent under 5,000",
    "Which orders are overdue?",
    "Which suppliers are the least reliable?",
    "How accurate were the forecasts?",
)
# Words that people ask the meaning of, as docs/glossary.md and docs/rules.md have them.
TERMS = {
    "lead time": "Lead time is the number of days from an order to its delivery.",
    "stockout risk": "Stockout risk is the chance of running out before an order placed now arrives, with a buffer.",
    "dead stock": "Dead stock is stock that has not sold for long and is expected to sell next to nothing.",
    "overstock": "Overstocked is what lasts longer than the threshold of the settings, 90 days unless changed.",
    "understock": "Understocked is what is out, lasts less than the threshold of the settings, or may well run out.",
    "sales at risk": "Sales at risk are those expected to be lost until the next order could arrive, in money.",
    "service level": "The service level is how often stock is to last until the next delivery.",
    "excess": "Excess is the stock beyond what the overstocked threshold's days are expected to sell, at cost.",
    "minimum": "The minimum is the least that a supplier sells of a product, or takes an order for.",
    "wape": "WAPE is the sum of what the forecasts were off by, as a share of what sold.",
    "otif": "On time in full is the share of order lines received whole by the promised day.",
}
