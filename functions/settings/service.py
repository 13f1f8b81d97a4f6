"""Settings: read, replace; metrics follow, because statuses and risks depend on them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.config import Config
from shared.domain.settings import RecommendationRules, Settings
from shared.firestore.settings import SettingsStore
from shared.firestore.tenant import Tenant
from shared.http.etag import check_if_match
from shared.tasks.delivery import deliver
from shared.tasks.metrics_refresh import queue_metrics_refresh
from shared.tasks.outbox import OutboxEntry

if TYPE_CHECKING:
    from google.cloud.firestore import Transaction


def settings(tenant: Tenant) -> tuple[Settings, str]:
    """The settings and their version."""
    return SettingsStore(tenant).get()


def replace_settings(
    config: Config, tenant: Tenant, new: Settings, user_id: str, now: dt.datetime
) -> tuple[Settings, str]:
    """Save the settings and start a refresh of the metrics; honours If-Match."""
    return _change(config, tenant, lambda _: new, user_id, now)


def replace_rules(
    config: Config, tenant: Tenant, rules: RecommendationRules, user_id: str, now: dt.datetime
) -> tuple[Settings, str]:
    """Save the recommendation rules alone; honours If-Match."""
    return _change(
        config, tenant, lambda current: current.model_copy(update={"recommendation_rules": rules}), user_id, now
    )


def _change(
    config: Config, tenant: Tenant, to: Callable[[Settings], Settings], user_id: str, now: dt.datetime
) -> tuple[Settings, str]:
    store = SettingsStore(tenant)

    def write(transaction: Transaction) -> OutboxEntry | None:
        current, version = store.get(transaction)
        check_if_match(version)
        changed = to(current)
        entry = None
        if changed != current:
            _, entry = queue_metrics_refresh(tenant, user_id, now, transaction=transaction)
        store.put(transaction, changed)
        return entry

    deliver(config, tenant.transact(write))
    return store.get()
