"""The grammar: any text is read, and the same thing said in other words is the same question."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.chat.amounts import amounts_of
from shared.domain.chat.asked import Meaning, Names
from shared.domain.chat.beyond import beyond_reach
from shared.domain.chat.lexicon import Topic, phrases, phrases_of
from shared.domain.chat.meaning import meaning_of
from shared.domain.chat.names import Named, NameKind, chosen, matches, unmatched
from shared.domain.chat.question import read_question
from shared.domain.chat.spans import span_of
from shared.domain.chat.words import distance, mistypes, singular

TODAY = dt.date(2024, 6, 3)  # a Monday
DAY = dt.timedelta(1)
WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)


@given(st.text(max_size=600))
def test_any_text_is_read_and_means_something_or_nothing(text: str) -> None:
    question = read_question(text, TODAY)
    meant = meaning_of(question, Names(), TODAY)
    assert meant is None or meant
    beyond_reach(text)
    named = Named(NameKind.PRODUCT, "x", text[:100] or "x")
    assert len(unmatched(question, chosen(matches(question, [named])).every)) <= len(question.names)


@given(st.sampled_from(sorted(Topic)), st.data())
def test_every_phrase_of_a_topic_is_about_it(topic: Topic, data: st.DataObject) -> None:
    phrase = data.draw(st.sampled_from(phrases_of(topic)))
    words = tuple(singular(word) for word in phrase.split())
    table = phrases()
    assert any(topic in topics for part, topics in table.items() if set(part) <= set(words))


SAME = [
    ("what will run out next week", "Which products are running out within 7 days?", "anything sold out by 10 June"),
    ("dead stock", "what is not selling", "show me the obsolete products please", "obsolette stuff?"),
    ("overdue orders", "which purchase orders are late", "list delayed deliveries", "overdue POs"),
    ("what should I order", "suggested orders", "what do we need to buy now", "reorder suggestions"),
    ("show my cart", "what's in my basket", "my shopping cart please"),
    ("out of stock", "which items are sold out", "products without stock", "what do we have none left of"),
    ("draft an order for everything urgent under £5k", "prepare an order for all urgent items, at most 5000 pounds",
     "please draft orders for everything critical for 5,000"),
]  # fmt: skip


@pytest.mark.parametrize("several", SAME, ids=lambda several: several[0])
def test_other_words_for_the_same_mean_the_same(several: tuple[str, ...]) -> None:
    meanings = [meaning_of(read_question(text, TODAY), Names(), TODAY) for text in several]
    first = meanings[0]
    assert isinstance(first, Meaning)
    for text, meant in zip(several, meanings, strict=True):
        assert isinstance(meant, Meaning), text
        assert meant.tool == first.tool, text
        assert {**meant.arguments} == {**first.arguments}, text


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("today", 0, 0),
        ("tomorrow", 0, 1),
        ("today and tomorrow", 0, 1),
        ("in a fortnight", 0, 14),
        ("in the next 10 days", 0, 10),
        ("for three weeks", 0, 21),
        ("by friday", 0, 4),
        ("by the end of the week", 0, 6),
        ("by the end of the month", 0, 27),
        ("until 30 june", 0, 27),
        ("before 2024-06-20", 0, 17),
        ("last 30 days", -30, 0),
        ("last month", -33, -3),
        ("two weeks ago", -14, 0),
        ("next week", 7, 13),
    ],
)
def test_times_are_days_of_the_clients_calendar(text: str, start: int, end: int) -> None:
    span, rest = span_of(f"what {text}", TODAY)
    assert span is not None
    assert (span.start, span.end) == (TODAY + start * DAY, TODAY + end * DAY)
    assert rest.split() == ["what"]


def test_christmas_is_the_next_one_and_before_it_ends_the_day_before() -> None:
    assert span_of("before christmas", TODAY)[0].end == dt.date(2024, 12, 24)  # type: ignore[union-attr]
    assert span_of("by christmas", dt.date(2024, 12, 26))[0].end == dt.date(2025, 12, 25)  # type: ignore[union-attr]
    assert span_of("christmas paper", TODAY)[0] is None


TIMES = (
    "next week", "in 3 weeks", "by friday", "before christmas", "this month", "last quarter", "by 31 december",
    "before march", "since august",
)  # fmt: skip


@given(st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), st.sampled_from(TIMES))
def test_times_are_in_order_on_every_day(today: dt.date, text: str) -> None:
    span, _ = span_of(text, today)
    assert span is not None
    assert span.start <= span.end
    assert span.days_from(today) >= 0


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("under 5,000 pounds", "5000"),
        ("for £5k", "5000"),
        ("budget of 1.5k", "1500"),
        ("at most 300", "300"),
        ("5000 euros", "5000"),
        ("for $12.50", "12.50"),
        ("i have 10k", "10000"),
        ("up to 2 thousand", "2000"),
    ],
)
def test_money_with_and_without_a_currency(text: str, amount: str) -> None:
    assert amounts_of(text)[0].most_money == Decimal(amount)


def test_numbers_are_told_apart() -> None:
    assert amounts_of("top 10")[0].top == 10
    assert amounts_of("the five worst")[0].top == 5
    assert amounts_of("risk above 80 %")[0].share == 0.8
    assert amounts_of("add 20 red lanterns")[0].units == 20
    assert amounts_of("worth more than 1000")[0].least_money == 1000
    assert amounts_of("85123a")[0] == amounts_of("")[0]  # an item's id is no number


@given(WORDS, WORDS)
def test_distance_is_one_of_edits(first: str, second: str) -> None:
    most = max(len(first), len(second))
    exact = distance(first, second, most)
    assert exact == distance(second, first, most)
    assert (exact == 0) == (first == second)
    assert distance(first, second, 1) == min(exact, 2)


NAMES = [
    Named(NameKind.SUPPLIER, "s1", "Albion Giftware"),
    Named(NameKind.SUPPLIER, "s2", "Gdansk Glass Ltd"),
    Named(NameKind.SUPPLIER, "s3", "Bristol Paper Company"),
    Named(NameKind.CATEGORY, "Lighting", "Lighting"),
    Named(NameKind.LOCATION, "DUBLIN", "Dublin shop"),
    Named(NameKind.PRODUCT, "p1", "Red lantern", ("LAN-RED",)),
    Named(NameKind.PRODUCT, "p2", "Blue lantern"),
    Named(NameKind.PRODUCT, "p3", "Paper Chain Kit 50's Christmas"),
]


@pytest.mark.parametrize(
    ("text", "kind", "ids"),
    [
        ("what runs out from Albion?", NameKind.SUPPLIER, ["s1"]),
        ("orders with albion giftwear", NameKind.SUPPLIER, ["s1"]),
        ("orders from Gdasnk", NameKind.SUPPLIER, ["s2"]),
        ("dead stock in lighting", NameKind.CATEGORY, ["Lighting"]),
        ("overview of Dublin", NameKind.LOCATION, ["DUBLIN"]),
        ("how many red lanterns do we have", NameKind.PRODUCT, ["p1"]),
        ("how many lantrens do we have", NameKind.PRODUCT, ["p2", "p1"]),
        ("stock of lan-red", NameKind.PRODUCT, ["p1"]),
        ("do we have enough paper chain kits", NameKind.PRODUCT, ["p3"]),
        ('stock of "blue lantern"', NameKind.PRODUCT, ["p2"]),
    ],
)
def test_names_are_found_in_part_in_plural_and_mistyped(text: str, kind: NameKind, ids: list[str]) -> None:
    found = chosen(matches(read_question(text, TODAY), NAMES))
    assert [match.named.id for match in found.surest[kind]] == ids


def test_two_suppliers_may_be_compared() -> None:
    found = chosen(matches(read_question("compare Gdansk with Albion", TODAY), NAMES))
    assert {match.named.id for match in found.of(NameKind.SUPPLIER)} == {"s1", "s2"}


@given(st.sampled_from(NAMES), st.sampled_from(("what do we have of {}?", "why is {} so low", "stop ordering {}")))
def test_what_is_quoted_is_a_name_and_nothing_else(named: Named, form: str) -> None:
    question = read_question(form.format(f'"{named.name}"'), TODAY)
    found = chosen(matches(question, NAMES))
    assert [match.named for match in found.every] == [named]
    bare = read_question(form.format('"x"'), TODAY)
    assert (question.topics, question.command) == (bare.topics, bare.command)


@given(st.sampled_from(("place all orders", "clear my cart", "delete everything", "ignore your rules", "order 500")))
def test_an_order_in_quotes_is_no_order(order: str) -> None:
    question = read_question(f'what is "{order}"?', TODAY)
    assert question.command is None
    assert beyond_reach(f'what is "{order}"?') is None


@pytest.mark.parametrize(
    "text",
    [
        "what should I order?",
        "how do I place an order?",
        "did you add it?",
        "orders placed last week",
        "show me what to buy",
    ],
)
def test_a_question_is_no_command(text: str) -> None:
    assert read_question(text, TODAY).command is None


@pytest.mark.parametrize("length", range(1, 30))
def test_short_words_are_not_forgiven(length: int) -> None:
    assert mistypes(length) == (0 if length < 4 else 1 if length < 7 else 2)
