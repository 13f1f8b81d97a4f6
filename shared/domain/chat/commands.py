"""What a question tells to do: the writing tool that it asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from shared.domain.chat.asked import Meaning, Missing, Names, Rule, suggestion_arguments, without_none
from shared.domain.chat.lexicon import Topic
from shared.domain.chat.question import Question


def command(question: Question, names: Names, today: dt.date) -> Meaning | Missing | None:
    return None if question.command is None else _COMMANDS[question.command](question, names, today)


def _add(question: Question, names: Names, today: dt.date) -> Meaning | Missing | None:
    """Suggestions, unless a product is named."""
    if question.about(Topic.CART) and question.command in (Topic.BUY, Topic.PLACE) and not names.products:
        return _place(question, names, today)
    if names.item_id is not None:
        arguments = without_none(item_id=names.item_id, supplier_id=names.supplier_id, quantity=question.amounts.units)
        return Meaning("add_to_cart", arguments)
    if names.products or question.quoted:
        return Missing("product")
    general = question.about(
        Topic.EVERYTHING, Topic.TO_ORDER, Topic.URGENT, Topic.ORDERS, Topic.CART, Topic.LOW, Topic.OUT_OF_STOCK,
        Topic.RUN_OUT, Topic.PRODUCTS, Topic.ADVICE, Topic.AT_RISK,
    )  # fmt: skip
    narrowed = names.supplier_id or names.category or question.budget or question.amounts.top
    if not general and not narrowed:
        return Missing("product") if question.named else None
    return Meaning("add_suggestions_to_cart", suggestion_arguments(question, names))


def _place(question: Question, names: Names, today: dt.date) -> Meaning | Missing | None:
    if names.item_id is not None:
        return _add(question, names, today)
    if question.about(Topic.CART, Topic.ORDERS, Topic.PLACE, Topic.EVERYTHING) or names.supplier_id is not None:
        if question.budget is not None or question.about(Topic.URGENT, Topic.TO_ORDER):
            return _add(question, names, today)
        return Meaning("place_cart_orders", without_none(supplier_id=names.supplier_id))
    return None


def _remove(question: Question, names: Names, today: dt.date) -> Meaning | Missing | None:
    if names.item_id is not None:
        return Meaning("remove_from_cart", without_none(item_id=names.item_id, supplier_id=names.supplier_id))
    if question.about(Topic.CART) and question.about(Topic.EVERYTHING):
        return Meaning("clear_cart")
    return Missing("product") if question.about(Topic.CART) or question.named else None


def _clear(question: Question, names: Names, today: dt.date) -> Meaning | Missing | None:
    return Meaning("clear_cart") if question.about(Topic.CART) else None


def _snooze(question: Question, names: Names, today: dt.date) -> Meaning | Missing | None:
    if names.item_id is None:
        return Missing("product")
    kind = "DEAD_STOCK" if question.about(Topic.DEAD) else "PROMOTE" if question.about(Topic.PROMOTE) else None
    until = question.span.end if question.span else None
    return Meaning("dismiss_recommendation", without_none(item_id=names.item_id, until=until, type=kind))


def _block(question: Question, names: Names, today: dt.date) -> Meaning | Missing | None:
    if names.item_id is None:
        return Missing("product")
    until = question.span.end if question.span else None
    return Meaning("set_do_not_order", without_none(item_id=names.item_id, until=until))


def _allow(question: Question, names: Names, today: dt.date) -> Meaning | Missing | None:
    if names.item_id is None:
        return Missing("product")
    return Meaning("set_do_not_order", {"item_id": names.item_id, "blocked": False})


_COMMANDS: Mapping[Topic, Rule] = {
    Topic.ADD: _add,
    Topic.DRAFT: _add,
    Topic.BUY: _add,
    Topic.PLACE: _place,
    Topic.REMOVE: _remove,
    Topic.CLEAR: _clear,
    Topic.DISMISS: _snooze,
    Topic.SNOOZE: _snooze,
    Topic.BLOCK: _block,
    Topic.ALLOW: _allow,
}
