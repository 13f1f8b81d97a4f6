"""What is asked of the chat now and then, and is not for it: said plainly, with who or what does it instead."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.domain.folding import folded


@dataclass(frozen=True)
class Beyond:
    """Something out of reach: what is said of it, and the page of the console that helps."""

    sentence: str
    label: str = ""
    href: str = ""


_RULES: tuple[tuple[str, Beyond], ...] = (
    (
        r"\b(?:without (?:asking|confirm\w*)|ignore (?:all|your|any|the|previous)\b.*\b(?:rule|instruction|prompt)s?"
        r"|approve (?:every|all)|disregard (?:all|your|the|previous))\b",
        Beyond("I do not do that. Every change waits for your confirmation, each time; nothing can turn that off."),
    ),
    (
        r"\b(?:passwords?|log ?in (?:for|as)|sign in as|credentials?|api keys?|access tokens?)\b",
        Beyond(
            "I have no passwords, and cannot sign anybody in. An administrator makes users and resets passwords.",
            "Settings",
            "/settings",
        ),
    ),
    (
        r"\b(?:make me (?:an? )?(?:admin|owner|administrator)|(?:change|upgrade|raise) my (?:role|rights|permissions?)"
        r"|give me (?:more |full )?(?:admin|rights|access|permissions?))\b",
        Beyond("I cannot change roles. An administrator of your company gives them.", "Settings", "/settings"),
    ),
    (
        r"\b(?:other|another|different) (?:companies|company|clients?|wholesalers?|retailers?|tenants?|shops? on)\b",
        Beyond("I see your own company's data alone, and nobody else's."),
    ),
    (
        r"\b(?:pay|wire|remit|transfer money)\b.*\b(?:invoice|bill|bank|account)\b",
        Beyond("Payments are not made here; I know orders, not invoices or bank accounts.", "Orders", "/orders"),
    ),
    (
        r"\b(?:weather|raining|snowing)\b",
        Beyond("I know nothing of the weather; I can say which orders are expected or late.", "Orders", "/orders"),
    ),
    (
        r"\b(?:stock market|share price|shares|crypto|bitcoin|football|recipe|joke|poem|president|capital of)\b",
        Beyond("That is no matter for me: I know this client's stock, orders and suppliers, and nothing else."),
    ),
    (
        r"\bdelete\b(?!.*\b(?:cart|basket)\b)"
        r"|\b(?:remove|close|get rid of) (?:the |our |a |this )?(?:supplier|vendor|user|location|warehouse|customer)\b",
        Beyond(
            "I delete nothing but lines of your cart. Suppliers, products and users are kept on their own pages, by "
            "those whose role may do it.",
            "Suppliers",
            "/suppliers",
        ),
    ),
    (
        r"\b(?:mark|set|move|update|change)\b.{0,40}\border\b.{0,20}\b(?:as|to)\b.{0,12}"
        r"\b(?:confirmed|shipped|cancelled|received|closed)\b"
        r"|^(?:please |can you )?(?:cancel|confirm|close) (?:the |my |our |that )?(?:last |latest )?(?:\w+ )?"
        r"(?:purchase )?order\b",
        Beyond(
            "I do not change orders that are placed; their page does: confirm, ship, receive or cancel there.",
            "Orders",
            "/orders",
        ),
    ),
    (
        r"\bbook (?:it|them|this|these|that)(?: in)?\b"
        r"|\breceive (?:the |these |this )?(?:goods|delivery|order|items)\b",
        Beyond("I do not book goods in; the order's page does, with Receive.", "Orders", "/orders"),
    ),
    (
        r"\b(?:set up|create|make|start|plan|launch|schedule|cancel|end|stop) (?:a |an |the |this )?(?:new )?"
        r"(?:\d+ ?% ?(?:off )?)?(?:campaign|promotion|promo|sale|discount)\b",
        Beyond(
            "I do not plan campaigns; the Campaigns page does. I can say what is worth promoting.",
            "Campaigns",
            "/campaigns",
        ),
    ),
    (
        r"^(?:please |can you )?(?:change|set|update|edit|raise|lower) (?:the |our |my )?(?:\w+ )?"
        r"(?:settings?|service level|safety buffer|threshold|price|cost|lead time|minimum)\b",
        Beyond("I change no settings, prices or terms; their pages do.", "Settings", "/settings"),
    ),
    (
        r"^(?:please |can you )?(?:e-?mail|text|phone|call|write to) (?:the |my |our )?\w+",
        Beyond("I write to nobody; an order's page has its document for the supplier.", "Orders", "/orders"),
    ),
)
_COMPILED = tuple((re.compile(pattern), beyond) for pattern, beyond in _RULES)


def beyond_reach(question: str) -> Beyond | None:
    """What is said to a question that is not for the chat; None for one that may be. What is quoted is a name."""
    text = re.sub(r'"[^"]{1,200}"', " ", " ".join(folded(question).split()))
    return next((beyond for pattern, beyond in _COMPILED if pattern.search(text)), None)
