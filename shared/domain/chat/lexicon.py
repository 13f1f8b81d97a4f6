"""Which words mean what. A phrase is of singular words; the longest that fits is taken, and a mistyped word is forgiven
where no other is as near. docs/chat.md lists what is here, and a test compares."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from shared.domain.chat.words import distance, mistypes, singular


class Topic(StrEnum):
    """What a word or a phrase is about."""

    RUN_OUT = "what runs out"
    OUT_OF_STOCK = "out of stock"
    LOW = "understocked"
    URGENT = "urgent"
    AT_RISK = "sales at risk"
    DEAD = "dead stock"
    SLOW = "slow movers"
    EXCESS = "overstocked"
    TO_ORDER = "what to order"
    ORDERS = "purchase orders"
    OVERDUE = "overdue"
    COMING = "on its way"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    RECEIVED = "received"
    CANCELLED = "cancelled"
    OPEN = "open"
    CART = "cart"
    MONEY = "money"
    STOCK = "stock"
    WHY = "why"
    WHERE = "where"
    WHEN = "when"
    SUPPLIERS = "suppliers"
    RELIABLE = "reliability of suppliers"
    LEAD_TIME = "lead time"
    CONTACT = "contact of a supplier"
    COMPARE = "who sells it"
    CAMPAIGNS = "campaigns"
    RESULT = "how it went"
    RUNNING = "running"
    PLANNED = "planned"
    ENDED = "ended"
    FORECAST = "forecast"
    ACCURACY = "accuracy of forecasts"
    TRANSFERS = "transfers"
    ADVICE = "recommendations"
    WORK = "imports and runs"
    FAILED = "failed"
    DATA_CHECK = "check of the data"
    OVERVIEW = "overview"
    TREND = "over time"
    CATEGORIES = "categories"
    LOCATIONS = "locations"
    PRODUCTS = "products"
    BEST_SELLERS = "best sellers"
    BLOCKED = "not to be ordered"
    REVIEW = "data to be completed"
    PROMOTE = "to promote"
    EVERYTHING = "everything"
    UNSOLD = "not sold"
    COST = "unit cost"
    NOTHING_ON_ORDER = "nothing on order"
    # What is to be done.
    ENOUGH = "enough stock"
    REDUCE = "to order less of"
    SPEND = "what was spent"
    MINIMUM = "minimum order value"
    MISSING = "not delivered in full"
    CHANGES = "who changed what"
    REJECTS = "rejected records"
    ADD = "add"
    DRAFT = "draft"
    BUY = "order (to do)"
    PLACE = "place"
    REMOVE = "remove"
    CLEAR = "clear"
    DISMISS = "dismiss"
    SNOOZE = "snooze"
    BLOCK = "do not order"
    ALLOW = "order again"
    HELP = "help"


_PHRASES: Mapping[Topic, str] = {
    Topic.RUN_OUT: (
        "run out, running out, runs out, ran out, stock out, stockout, sell out, selling out, run short, "
        "running short, be gone, used up, deplete, depleted, exhausted, run dry, go out of stock, going out "
        "of stock, be out of stock, finish, last until, will not last, not last, out of stock soon, out "
        "soon, days left, days of stock, days of cover, days of inventory, cover"
    ),
    Topic.OUT_OF_STOCK: (
        "out of stock, sold out, no stock, zero stock, nothing in stock, not in stock, unavailable, none "
        "left, no inventory, without stock, have none, stocked out, empty shelf"
    ),
    Topic.LOW: (
        "low on stock, low stock, low in stock, running low, run low, low on, understocked, under stocked, "
        "understock, shortage, too little, too low, short of, low, short on, scarce, almost gone, nearly "
        "out"
    ),
    Topic.URGENT: (
        "urgent, urgently, critical, imminent, emergency, asap, right away, most pressing, pressing, high "
        "risk, highest risk, riskiest, stockout risk, risk of running out, risky"
    ),
    Topic.AT_RISK: (
        "sale at risk, sales at risk, revenue at risk, at risk, lost sale, lose sale, losing sale, sale "
        "lost, lost revenue, losing money, lose, stand to lose, miss out on, missed sale"
    ),
    Topic.DEAD: (
        "dead stock, dead, deadstock, obsolete, not selling, not sell, never sell, not moving, unsellable, "
        "stopped selling, not selling anymore, collecting dust, gathering dust, write off, not move, never "
        "move, not moved, no longer sell"
    ),
    Topic.SLOW: "slow moving, slow mover, slow seller, slow selling, slow, sleeping, sleeper, sluggish",
    Topic.UNSOLD: "not sold, not been sold, unsold, without a sale, no sale, not had a sale, last sale, last sold",
    Topic.EXCESS: (
        "overstocked, over stocked, overstock, excess, excess stock, too much stock, too much, surplus, "
        "overbought, bought too much, more than we need, excessive, oversupply, too many"
    ),
    Topic.TO_ORDER: (
        "to order, should order, need ordering, needs ordering, reorder, re order, replenish, "
        "replenishment, to buy, should buy, suggestion, suggested, suggested order, purchase plan, buying "
        "plan, restock, buying list, shopping list, order today, order now, buy today, buy now, need to "
        "buy, need to order, buy, purchase, order suggestion, what order, be ordered, to purchase, must "
        "order, order next, order first, order plan, should get, want to buy, do need to order, do order, "
        "need reordering, suggest, suggests"
    ),
    Topic.ORDERS: "purchase order, order, po, delivery, shipment, open order, consignment",
    Topic.OVERDUE: (
        "overdue, late, delayed, behind schedule, behind, past due, should have arrived, not arrived, not "
        "been delivered, missing delivery, running late, not delivered, still waiting, lateness, delay"
    ),
    Topic.COMING: (
        "on order, on the way, on its way, on their way, incoming, arriving, arrive, in transit, coming in, "
        "due in, expected, expecting, inbound, be delivered, coming, outstanding, still to come, get "
        "delivered, due"
    ),
    Topic.NOTHING_ON_ORDER: "nothing on order, not on order, no open order, without an order, no order",
    Topic.PENDING: "pending, unconfirmed, not confirmed, awaiting confirmation, waiting for confirmation",
    Topic.CONFIRMED: "confirmed",
    Topic.SHIPPED: "shipped, sent out, dispatched",
    Topic.RECEIVED: "received, arrived, delivered, come in, came in",
    Topic.CANCELLED: "cancelled, canceled",
    Topic.OPEN: "open, outstanding order, not closed",
    Topic.CART: "cart, basket, trolley, shopping cart",
    Topic.MONEY: (
        "money, cash, capital, value, worth, tied up, locked up, sitting in, much is, stuck in, cost, "
        "amount, total value, money tied up, working capital, locked in, how much in"
    ),
    Topic.STOCK: (
        "in stock, stock, inventory, on hand, have left, left, stock level, do we have, do we hold, "
        "holding, units, unit"
    ),
    Topic.WHY: "why, reason, explain, how come, because",
    Topic.WHERE: "where",
    Topic.WHEN: "when, how long, how soon, which day, what day",
    Topic.SUPPLIERS: "supplier, vendor, manufacturer",
    Topic.RELIABLE: (
        "reliable, reliability, on time, in full, otif, performance, performing, perform, punctual, deliver "
        "late, worst supplier, best supplier, unreliable, dependable, delivers late, fill rate, service, "
        "let down, trust, keep promise, keep their promise"
    ),
    Topic.LEAD_TIME: (
        "lead time, leadtime, delivery time, how long to deliver, take to deliver, take to arrive, days to "
        "deliver, turnaround"
    ),
    Topic.CONTACT: (
        "contact, email, phone, payment term, minimum order, minimum order value, call, telephone, order "
        "minimum, detail of supplier"
    ),
    Topic.COMPARE: (
        "cheapest, who sells, who supplies, sold by, buy from, cheaper, fastest supplier, compare supplier, "
        "supplied by, alternative supplier, get it from, who else sells, who make"
    ),
    Topic.CAMPAIGNS: "campaign, promotion, promo, marketing campaign, sale event",
    Topic.RESULT: (
        "worth the money, worth it, how did, go, went, pay off, paid off, worked, work out, result, bring, "
        "brought, uplift, roi, successful, success, effect, effective, earn, outcome, doing"
    ),
    Topic.RUNNING: "running, live, current, currently, active, on now, right now",
    Topic.PLANNED: "planned, upcoming, scheduled, plan",
    Topic.ENDED: "ended, finished, past, over, previous",
    Topic.FORECAST: (
        "forecast, demand, expected demand, expected to sell, expect to sell, predicted, prediction, will "
        "sell, will we sell, going to sell, sell next"
    ),
    Topic.ACCURACY: (
        "accuracy, accurate, forecast quality, forecast error, wape, bias, how good is the forecast, how "
        "good are the forecast, how good are our forecast, forecast performance, off target, how right, how "
        "wrong, trust the forecast, forecast been, good is the forecast, good are the forecast, good were "
        "the forecast, good are forecast, good were forecast, close were the forecast, forecast any better, "
        "better than, trust forecast, right were forecast"
    ),
    Topic.TRANSFERS: (
        "transfer, move between, moving between, rebalance, rebalancing, shift stock, move stock, moved "
        "between, move, redistribute, send between, transferred, send, ship to, instead of buying, instead "
        "of ordering, move to, move from, be moved, moved"
    ),
    Topic.ADVICE: (
        "recommend, recommendation, recommended, advice, what should i do, should i do, to do, todo, "
        "attention, priority, focus on, look at first, action, what next, need to do, do first, do today, "
        "on my plate, advise"
    ),
    Topic.WORK: (
        "import, sync, synchronisation, daily run, nightly run, night run, job, background job, upload, "
        "data load, operation, last night, etl, process, batch, run"
    ),
    Topic.FAILED: (
        "failed, fail, failing, failure, broke, broken, went wrong, go wrong, wrong, crash, crashed, "
        "rejected, error, problem, issue"
    ),
    Topic.DATA_CHECK: (
        "data quality, validation, validate, suspicious, data check, check of the data, data healthy, data "
        "ok, data problem, data clean, quality of the data, quality of our data"
    ),
    Topic.OVERVIEW: (
        "overview, dashboard, summary, summarise, summarize, how are we doing, headline, situation, kpi, "
        "key figure, big picture, health, how is business, how is it going, state of, status"
    ),
    Topic.TREND: (
        "over time, trend, history, development, developed, evolve, changed, change, compared to, compared "
        "with, versus, grow, grown, growing, shrink, go up, gone up, went up, go down, gone down, up or "
        "down, week on week, since"
    ),
    Topic.CATEGORIES: "category, range, product group, department",
    Topic.LOCATIONS: "location, warehouse, shop, store, site, branch, depot",
    Topic.PRODUCTS: "product, item, sku, article, line, thing, stuff, good",
    Topic.BEST_SELLERS: (
        "best seller, bestseller, best selling, sell most, sells most, sells best, sell best, top seller, "
        "top selling, fastest selling, fast mover, fast moving, most popular, popular, sells the most, sell "
        "the most, sells fastest, hottest, bestselling"
    ),
    Topic.BLOCKED: (
        "not to be ordered, blocked, do not order list, blocked from ordering, not be ordered, not "
        "ordering, blocked product, snoozed"
    ),
    Topic.REVIEW: (
        "need review, needs review, incomplete, missing data, need a review, to be completed, missing cost, "
        "no cost, data missing, needs a review, to review"
    ),
    Topic.PROMOTE: (
        "promote, discount, mark down, markdown, clearance, put on sale, on offer, run a promotion on, sell off"
    ),
    Topic.EVERYTHING: "everything, all, anything, whole, entire, every",
    Topic.COST: "unit cost, cost price, price, how much doe, cost per unit, expensive, cost of",
    Topic.ENOUGH: "enough, get through, last through, last until, sufficient, suffice",
    Topic.REDUCE: (
        "ordered too much, order too much, cut back, reduce, order less, cancel, overordered, over ordered, scale back"
    ),
    Topic.SPEND: "spend, spent, spending, paid, bought from, purchased from, spend with",
    Topic.MINIMUM: "minimum, minimum order, minimum order value, reach the minimum, shortfall, short of the minimum",
    Topic.MISSING: (
        "missing, still missing, short delivered, brought half, delivered half, incomplete delivery, part "
        "delivered, partially received, partly received, partially delivered"
    ),
    Topic.CHANGES: (
        "who changed, what changed, changed by, audit, audit log, who edited, who did, who ordered, who "
        "placed, who deleted, changes made, log of change"
    ),
    Topic.REJECTS: (
        "row rejected, rejected row, rejected record, thrown out, row, rejects, reject, not taken, refused record"
    ),
    Topic.ADD: "add, put",
    Topic.DRAFT: "draft, prepare, build, create, make, fill, propose, plan me, set up, assemble, compile",
    Topic.BUY: "order, buy, reorder, purchase, restock, replenish, get, get u, stock up on",
    Topic.PLACE: "place, submit, send off, check out, checkout, finalise, finalize, confirm, place order, go ahead",
    Topic.REMOVE: "remove, delete, take out, take, drop",
    Topic.CLEAR: "clear, empty, clear out, wipe, reset",
    Topic.DISMISS: "dismiss, hide, ignore, discard",
    Topic.SNOOZE: "snooze, remind me later, postpone, mute, pause",
    Topic.BLOCK: (
        "do not order, do not reorder, never order, stop ordering, stop buying, block, do not buy, no "
        "longer order, never reorder, not order, discontinue, blacklist, delist, mark as do not order, stop "
        "reordering"
    ),
    Topic.ALLOW: (
        "order again, unblock, allow, allow ordering, start ordering, resume ordering, can be ordered "
        "again, be ordered again, reorder again, lift the block"
    ),
    Topic.HELP: (
        "help, what can you do, what can i ask, how do you work, what do you understand, what do you know, who are you"
    ),
}
_STOP_WORDS = frozenset(
    """
    a able about account across actually admin after afternoon again all already also altogether am amount an
    and another any anyone anything anywhere approve approximately are around as ask asked asking at back bad
    bank be because been before being best better between big biggest bit book booked booking boss both bottom
    bought bring brought but buy buying by can categories category cheap check checking client clients colleague
    come comes coming commit committed companies company compare compared cost costs could count current
    currently customer customers cut data date dates day days deliver delivered delivering detail details did
    display do does doing dollar dollars done down due during each early either else enough euro euros evening
    ever every everybody everyone everything expect expected expecting expensive far fast figure figures file
    files find first for from full further get give go goes going gone good got had half happen happened
    happening has have having held hello help here hey hi high highest hit hold holds hope hoping how i idea
    ideas if in info information instead into inventory invoice is it item items its just keep keeps kept kind
    kindly know largest last lately least left less let like list location locations log long longer look
    looking looks lorries lorry lot lots low lowest main make makes manager many mark marked market mate may me
    mean means might minus moment money month months more morning most much must my need needs neither new next
    night nights no nobody none normal normally not nothing now number of off ok okay old on one ones only or
    order ordered orders other others our out over overall password pay people per person place place's placed
    please plus possible pound pounds price priced product products question quick quickly quid reach reached
    really recent recently report reports rest right risk risks roughly row rows rule rules said sale sales same
    says see seem seems sell selling sells shall share shares shorter should show sick side since slow small
    smallest so sold some somebody someone something somewhere soon sorry sort sorted spare stand still stock
    stuff such sum supplier suppliers system take takes team tell than thank thanks that the their them then
    there these they thing things think thinks this those thought through thrown till time times to today
    together told tomorrow too top total truck trucks type um under unit units until up us use used using usual
    usually value versus very via view vs wait waiting waits want wanted wants was we weather week weeks well
    were what whatever when where which while who wholesaler wholesalers whom whose why will win wish with
    within without work working works worse worst worth would wrong year years yes yesterday yet you your
    """.split()  # noqa: SIM905
)


# Phrases are read without these: `what should I order` is `what should order`.
PRONOUNS = frozenset("i you we us me my our your they them u it".split())  # noqa: SIM905


@cache
def phrases() -> Mapping[tuple[str, ...], tuple[Topic, ...]]:
    """Every phrase, in singular words, with what it is about."""
    table: dict[tuple[str, ...], list[Topic]] = {}
    for topic, text in _PHRASES.items():
        for phrase in text.split(", "):
            words = tuple(singular(word) for word in phrase.split() if word not in PRONOUNS)
            table.setdefault(words, []).append(topic)
    return {phrase: tuple(topics) for phrase, topics in table.items()}


def phrases_of(topic: Topic) -> list[str]:
    """The phrases of a topic as they are written here, for people."""
    return _PHRASES[topic].split(", ")


@cache
def _known_words() -> Mapping[str, frozenset[str]]:
    """The words of phrases by their first letter, those that are long enough to be mistyped."""
    words: dict[str, set[str]] = {}
    for phrase in phrases():
        for word in phrase:
            if len(word) >= 5 and word not in _STOP_WORDS:
                words.setdefault(word[0], set()).add(word)
    return {letter: frozenset(found) for letter, found in words.items()}


def is_stop_word(word: str) -> bool:
    """Whether the word says nothing about whose name is meant."""
    return word in _STOP_WORDS or singular(word) in _STOP_WORDS


def corrected(word: str) -> str:
    """The word, or the one of the lexicon that was mistyped, where one alone is near; the first letter is right."""
    single = singular(word)
    known = _known_words().get(single[:1], frozenset())
    if len(single) < 5 or single in known or single in _STOP_WORDS or not single.isalpha():
        return single
    near = sorted(
        (distance(single, other, 2), other) for other in known if distance(single, other, 2) <= mistypes(len(single))
    )
    if not near or (len(near) > 1 and near[0][0] == near[1][0]):
        return single
    return near[0][1]
