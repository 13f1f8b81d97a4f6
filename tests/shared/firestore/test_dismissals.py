"""Dismissals as documents."""

from __future__ import annotations

import datetime as dt
from functools import partial

from shared.domain.planning.dismissal import Dismissal
from shared.firestore.dismissals import Dismissals
from tests.support.tenants import TestClient

AT = dt.datetime(2024, 6, 3, 12, 30, 15, 123456, tzinfo=dt.UTC)
DISMISSALS = (
    Dismissal("URGENT:a~2F1", "someone", AT, dt.date(2024, 7, 1), "Season"),
    Dismissal("REORDER:" + "~E6~BC~A2" * 500 + "@LONDON", "someone", AT),
)


def test_a_dismissal_comes_back_as_it_was_until_it_is_deleted(client: TestClient) -> None:
    dismissals = Dismissals(client.tenant)
    for one in DISMISSALS:
        assert dismissals.get(one.recommendation_id) is None
        client.tenant.transact(partial(dismissals.put, value=one))
        assert dismissals.get(one.recommendation_id) == one
    client.tenant.transact(lambda transaction: dismissals.delete(transaction, DISMISSALS[0].recommendation_id))
    assert [dismissals.get(one.recommendation_id) for one in DISMISSALS] == [None, DISMISSALS[1]]
