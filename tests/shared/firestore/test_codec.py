"""Maps whose keys are somebody's names: Firestore takes every name, and gives back what it was given."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.config import config
from shared.domain.access.audit import Actor, AuditAction, AuditFilter
from shared.domain.access.principal import Role
from shared.domain.location import MAX_LOCATION_ID_LENGTH
from shared.domain.purchasing.product import StockLevel
from shared.firestore.audit import AuditLog
from shared.firestore.codec import by_identifier, from_identifiers
from shared.firestore.page import PageRequest
from shared.firestore.products import StockLevels
from tests.support.hard_ids import HARD_IDS
from tests.support.order_shop import AT
from tests.support.running import Running
from tests.support.tenants import TestClient

# https://firebase.google.com/docs/firestore/quotas: "Cannot match the regular expression __.*__".
_REFUSED = re.compile(r"__.*__|")
identifiers = st.text(max_size=20) | st.sampled_from((*HARD_IDS, "__A__", "__", "____", "%", "%25", "%5F%5FA__", ""))
maps: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(identifiers, st.integers(), max_size=5),
    lambda inner: st.dictionaries(identifiers, inner, max_size=3),
    max_leaves=5,
)
printable = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=30)


def names(values: dict[str, Any]) -> list[str]:
    inner = [name for value in values.values() if isinstance(value, dict) for name in names(value)]
    return [*values, *inner]


@given(maps)
def test_a_map_comes_back_and_has_no_name_that_is_refused(values: dict[str, Any]) -> None:
    stored = by_identifier(values)
    assert from_identifiers(stored) == values
    assert not [name for name in names(stored) if _REFUSED.fullmatch(name)]


@settings(max_examples=25)
@given(st.lists(printable | st.sampled_from(HARD_IDS[:-1]), min_size=1, max_size=4, unique=True))
@example(["__A__"])
@example(["__A__", "__", "%5F%5FA__", "a.b", "`", "~*/[]"])
def test_stock_and_audit_take_every_id(running: Running, ids: list[str]) -> None:
    client = TestClient(running.base_url, f"ids-{uuid.uuid4().hex[:12]}").create()
    levels = {place[:MAX_LOCATION_ID_LENGTH]: Decimal(number) for number, place in enumerate(ids)}
    actor = Actor("buyer", Role.ADMIN, AT)

    def write(transaction: Any) -> None:
        StockLevels(client.tenant).put(transaction, StockLevel(ids[0], levels))
        AuditLog(client.tenant, config()).add(
            transaction, actor, AuditAction.STOCK_RECEIVED, ids[0], before={}, after={"levels": levels}
        )

    client.tenant.transact(write)
    assert StockLevels(client.tenant).get(ids[0]).levels == levels
    assert [stock.levels for stock in StockLevels(client.tenant).every()] == [levels]
    (entry,) = AuditLog(client.tenant, config()).page(PageRequest(10), AuditFilter()).items
    assert entry.after == {"levels": {place: str(units) for place, units in levels.items()}}
