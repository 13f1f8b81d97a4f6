"""The model that needs none: the grammar of shared/domain/chat, with names looked up in the client's data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from functions.chat.examples import EXAMPLES, NOT_UNDERSTOOD, REACH, TERMS
from functions.chat.model import Calls, Final, Result, ToolCall, Turn
from shared.domain.chat.asked import Meaning, Missing, Names
from shared.domain.chat.beyond import beyond_reach
from shared.domain.chat.lexicon import Topic
from shared.domain.chat.meaning import meaning_of
from shared.domain.chat.names import EXACT, Chosen, Named, NameKind, chosen, matches, unmatched
from shared.domain.chat.question import Question, read_question
from shared.domain.chat.words import singular
from shared.tools.showing import Link, name

_MANY = 200
_FOUND = 50
_MOST_LOOKUPS = 5  # of the six calls that a question may cost
_FOLLOWING = re.compile(r"^\s*(?:and|what about|how about|only|just|same|but|or)\b", re.IGNORECASE)
_THAT = frozenset({"it", "that", "its", "them", "they", "those", "these", "this", "one"})
_NEEDS_PRODUCT = frozenset({Topic.WHEN, Topic.STOCK, Topic.FORECAST, Topic.WHY})


@dataclass(frozen=True)
class _LookedUp:
    """What look-ups found: candidates, and which tools have been asked already, with which arguments."""

    candidates: tuple[Named, ...]
    asked: frozenset[str]
    searches: tuple[str, ...]


class GrammarModel:
    """Reads a question by the grammar: first whose names it holds, then the tool, then the answer."""

    name = "grammar"

    def step(self, turn: Turn) -> Calls | Final:
        beyond = beyond_reach(turn.question)
        if beyond is not None:
            links = (Link(beyond.label, beyond.href),) if beyond.href else ()
            return Final(beyond.sentence, links=links, suggestions=EXAMPLES[:4], understood=False)
        question = _in_context(turn)
        found_out = [result for result in turn.results if not result.call.is_lookup]
        if found_out:
            following = _chained(question, found_out)
            return _final(turn, question, found_out) if following is None else Calls((following,))
        looked_up = _looked_up(turn.results)
        found = chosen(matches(question, looked_up.candidates))
        if any(result.failure for result in turn.results):
            return Final()
        if (lookups := _lookups(question, found, looked_up)) is not None:
            return Calls(lookups)
        names, ties = _names(question, found)
        meant = meaning_of(question, names, turn.client.today)
        if isinstance(meant, Meaning):
            return Calls(tuple(ToolCall(each.tool, each.arguments) for each in (meant, *meant.further)))
        if isinstance(meant, Missing):
            return _asked_back(turn, question, meant, ties, found)
        if (term := _term(question)) is not None:
            return Final(term, suggestions=EXAMPLES)
        if question.about(Topic.HELP):
            return Final(REACH, suggestions=EXAMPLES)
        return Final(f"{REACH} {NOT_UNDERSTOOD}", suggestions=EXAMPLES, understood=False)


def _in_context(turn: Turn) -> Question:
    """The question, with what it leaves to the one before it: `and from Acme?`, `why is that?`."""
    today = turn.client.today
    question = read_question(turn.question, today)
    if not turn.history:
        return question
    refers = bool(_THAT & set(question.words)) and not question.named
    goes_on = _FOLLOWING.match(turn.question) is not None or not question.topics
    if not refers and not goes_on:
        return question
    before = read_question(turn.history[-1], today)
    names, quoted = (question.names, question.quoted) if question.named else (before.names, before.quoted)
    anew = question.topics - {Topic.PRODUCTS, Topic.EVERYTHING, Topic.SUPPLIERS, Topic.LOCATIONS, Topic.CATEGORIES}
    return replace(
        question,
        topics=question.topics if anew else question.topics | before.topics,
        command=question.command or (before.command if not anew else None),
        names=names,
        quoted=quoted,
        span=question.span or before.span,
        amounts=question.amounts if question.amounts != type(question.amounts)() else before.amounts,
    )


def _chained(question: Question, results: Sequence[Result]) -> ToolCall | None:
    """What follows from the first answer: the stock of a campaign's products, an import's rejects."""
    first = results[0]
    if len(results) > 1 or first.reading is None:
        return None
    if first.call.tool == "campaign_details" and question.about(Topic.ENOUGH, Topic.RUN_OUT, Topic.LOW, Topic.STOCK):
        items = [product["item_id"] for product in first.reading.content["products"][:20]]
        return ToolCall("list_products", {"item_id": items, "sort": "dir", "descending": False}) if items else None
    if first.call.tool == "list_orders" and question.about(Topic.MISSING):
        orders = first.reading.content["items"]
        return ToolCall("order_details", {"order_id": orders[0]["id"]}) if len(orders) == 1 else None
    if first.call.tool == "list_imports" and question.about(Topic.REJECTS):
        runs = [run["id"] for run in first.reading.content["items"] if (run["counts"] or {}).get("rejected")]
        return ToolCall("import_rejects", {"run_id": runs[0]}) if runs else None
    return None


# --- Whose names ----------------------------------------------------------------------------------------------------


def _lookups(question: Question, found: Chosen, looked_up: _LookedUp) -> tuple[ToolCall, ...] | None:
    """Look-ups that may still say whose names the question holds; None where there are none left."""
    if not question.named:
        return None
    asked, searches = looked_up.asked, looked_up.searches
    open_words = unmatched(question, found.every)
    quotes = [text for text in question.quoted if not any(match.score >= EXACT for match in found.every)]
    if not open_words and not quotes:
        return None
    if question.about(Topic.CAMPAIGNS) and "list_campaigns" not in asked:
        return (_all("list_campaigns"),)
    codes = [word for word in open_words if any(letter.isdigit() for letter in word)]
    if codes and codes[0] not in searches:
        return (_search(codes[0]),)
    if "list_suppliers" not in asked:
        return (_all("list_suppliers"), _all("list_categories"))
    made = len(asked - {"list_products"}) + len(searches)
    if made >= _MOST_LOOKUPS:
        return None
    cues = {word.cue for word in question.names if word.word in open_words}
    if ("location" in cues or question.about(Topic.TRANSFERS)) and "list_locations" not in asked:
        return (_all("list_locations"),)
    goes_well = question.about(Topic.RESULT) or (question.about(Topic.ENOUGH) and searches)
    if goes_well and "list_campaigns" not in asked:
        return (_all("list_campaigns"),)
    wanted = [text for text in _searches(question, open_words, quotes) if text not in searches]
    if wanted and not searches:
        return (_search(wanted[0]),)
    if "list_locations" not in asked:
        return (_all("list_locations"),)
    if wanted and NameKind.PRODUCT not in found.surest:
        return (_search(wanted[0]),)
    return None


def _all(tool: str) -> ToolCall:
    return ToolCall(tool, {"limit": _MANY}, is_lookup=True)


def _search(text: str) -> ToolCall:
    return ToolCall("list_products", {"search": text, "limit": _FOUND}, is_lookup=True)


def _searches(question: Question, open_words: Sequence[str], quotes: Sequence[str]) -> list[str]:
    """Texts to look for among products: the longest run of words, then its longest word, then how that begins."""
    if quotes:
        return [quotes[0]]
    runs: list[list[str]] = []
    at = -2
    for word in question.names:
        if word.word in open_words and not word.known:
            if word.at == at + 1:
                runs[-1].append(singular(word.word))
            else:
                runs.append([singular(word.word)])
            at = word.at
    run = max(reversed(runs), key=len)
    longest = max(run, key=len)
    return list(dict.fromkeys((" ".join(run), longest, longest[:4])))


def _looked_up(results: Sequence[Result]) -> _LookedUp:
    candidates: list[Named] = []
    searches = []
    for result in results:
        if result.reading is None or not result.call.is_lookup:
            continue
        candidates += _CANDIDATES[result.call.tool](result.reading.content["items"])
        if result.call.tool == "list_products":
            searches.append(str(result.call.arguments["search"]))
    asked = frozenset(result.call.tool for result in results if result.call.is_lookup)
    return _LookedUp(tuple(dict.fromkeys(candidates)), asked, tuple(searches))


def _products(rows: Sequence[Mapping[str, Any]]) -> list[Named]:
    return [
        Named(NameKind.PRODUCT, row["item_id"], row["product_name"], (row["sku"],) if row["sku"] else ())
        for row in rows
    ]


_CANDIDATES = {
    "list_suppliers": lambda rows: [Named(NameKind.SUPPLIER, row["supplier_id"], row["name"]) for row in rows],
    "list_categories": lambda rows: [Named(NameKind.CATEGORY, row["category"], row["category"]) for row in rows],
    "list_locations": lambda rows: [Named(NameKind.LOCATION, row["location_id"], row["name"]) for row in rows],
    "list_campaigns": lambda rows: [Named(NameKind.CAMPAIGN, row["campaign_id"], row["name"]) for row in rows],
    "list_products": _products,
}


def _names(question: Question, found: Chosen) -> tuple[Names, list[Named]]:
    """The ids, and the products that fit alike."""

    def first(kind: NameKind) -> str | None:
        match = found.first(kind)
        return None if match is None else match.named.id

    def every(kind: NameKind) -> tuple[str, ...]:
        return tuple(match.named.id for match in found.of(kind))

    places = found.of(NameKind.LOCATION)[:2]
    whither = [match for match in places if "to" in {word.after for word in question.names if word.at in match.at}]
    away = [match for match in places if match not in whither]
    two_places = bool(whither and away)
    products = found.surest.get(NameKind.PRODUCT, ())
    search = None
    if len(products) > 1:
        words = [word.word for word in question.names if word.at in products[0].at]
        text = " ".join(singular(word) for word in words)
        search = text if text and all(text in match.named.name.lower() for match in products) else None
    names = Names(
        supplier_id=first(NameKind.SUPPLIER),
        category=first(NameKind.CATEGORY),
        location_id=away[0].named.id if two_places else first(NameKind.LOCATION),
        to_location_id=whither[0].named.id if two_places else None,
        supplier_ids=every(NameKind.SUPPLIER),
        campaign_ids=every(NameKind.CAMPAIGN),
        products=tuple(match.named.id for match in products[:20]),
        campaign_id=first(NameKind.CAMPAIGN),
        search=search,
    )
    return names, [match.named for match in products]


# --- What is said ---------------------------------------------------------------------------------------------------


def _final(turn: Turn, question: Question, results: Sequence[Result]) -> Final:
    """What the tools say, and which names of the question went into nothing."""
    if any(result.failure is not None for result in results):
        return Final()
    candidates = _looked_up(turn.results).candidates
    open_words = unmatched(question, chosen(matches(question, candidates)).every)
    rest = [word for word in open_words if _is_like_a_name(word, question, turn.question)]
    note = f"I left out what I do not know: {', '.join(name(word) for word in rest[:5])}." if rest else ""
    titles = {named.id: f"{name(named.name)}: " for named in candidates}
    parts = [_term(question) or ""]
    parts += [_title(result, titles) + result.reading.shown.sentence for result in results if result.reading]
    text = " ".join(filter(None, parts)) or None
    return Final(text, note=note, suggestions=_following(results[-1]))


_UNTITLED = frozenset({"campaign_performance", "product_metrics", "product_suppliers"})


def _title(result: Result, titles: Mapping[str, str]) -> str:
    """Whose figures they are, where the tool does not know the name."""
    if result.call.tool not in _UNTITLED:
        return ""
    arguments = result.call.arguments
    return titles.get(str(arguments.get("campaign_id") or arguments.get("item_id")), "")


def _term(question: Question) -> str | None:
    """What a word of ours means, where that is asked."""
    if not {"mean", "means", "meaning", "define", "definition"} & set(question.words):
        return None
    text = " ".join([*question.quoted, *question.words])
    return next((meaning for term, meaning in TERMS.items() if term in text), None)


def _is_like_a_name(word: str, question: Question, text: str) -> bool:
    """Whether a word that means nothing here was meant for a name: a digit or a capital in it, or `from` before it."""
    if any(letter.isdigit() for letter in word):
        return True
    if re.search(rf"(?<=[a-z,;] ){re.escape(word.capitalize())}\b", text):
        return True
    return any(
        each.word == word and each.at > 0 and question.words[each.at - 1] in ("from", "at") for each in question.names
    )


def _following(last: Result) -> tuple[str, ...]:
    """Questions that one may ask next."""
    return _NEXT.get(last.call.tool, ())


_NEXT: Mapping[str, tuple[str, ...]] = {
    "list_products": ("What should I order now?", "How much cash is tied up in dead stock?"),
    "order_suggestions": ("Draft an order for everything urgent", "What is in my cart?"),
    "dashboard": ("What will run out next week?", "How has the stock value changed over the last month?"),
    "list_orders": ("Which orders are overdue?", "Which suppliers are the least reliable?"),
    "add_suggestions_to_cart": ("What is in my cart?",),
    "add_to_cart": ("What is in my cart?",),
    "cart": ("Place my orders",),
    "supplier_performance": ("Which orders are overdue?",),
}


def _asked_back(turn: Turn, question: Question, missing: Missing, ties: Sequence[Named], found: Chosen) -> Final:
    """A question back: which of several, or that there is no such thing."""
    if missing.what == "product" and len(ties) > 1:
        names = [name(each.name) for each in ties[:5]]
        suggestions = tuple(_with_name(turn.question, question, found, each) for each in names)
        more = " and more" if len(ties) > 5 else ""
        return Final(f"Which of these do you mean: {', '.join(names)}{more}?", suggestions=suggestions)
    words = unmatched(question, found.every)
    called = " ".join([*question.quoted, *words])
    if called:
        return Final(f"I know no {missing.what} called “{name(called)}”.", suggestions=EXAMPLES[:3])
    return Final(f"Which {missing.what} do you mean?", suggestions=EXAMPLES[:3])


def _with_name(text: str, question: Question, found: Chosen, title: str) -> str:
    """The question with the whole name in place of the words that fitted several."""
    at = found.surest[NameKind.PRODUCT][0].at
    words = [word.word for word in question.names if word.at in at]
    pattern = r"\W+".join(re.escape(word) for word in words)
    quoted = '"' + title.replace('"', "") + '"'
    changed, count = re.subn(pattern, lambda _: quoted, text, count=1, flags=re.IGNORECASE) if words else (text, 0)
    return changed if count else f"{text} {quoted}"
