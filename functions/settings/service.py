"""Settings: read, replace; metrics follow, because statuses and risks depend on them."""

from __future__ import annotations

from collections.abc import Callable

from shared.config import Config
from shared.domain.access.audit import Actor, AuditAction, changed_fields
from shared.domain.outbox_entry import OutboxEntry
from shared.domain.settings import RecommendationRules, Settings
from shared.firestore.audit import AuditLog
from shared.firestore.settings import SettingsStore
from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned
from shared.http.etag import check_if_match
from shared.tasks.delivery import deliver
from shared.tasks.metrics_refresh import queue_metrics_refresh


def settings(tenant: Tenant) -> tuple[Settings, str]:
    """The settings and their version."""
    return SettingsStore(tenant).get()


def replace_settings(config: Config, tenant: Tenant, new: Settings, actor: Actor) -> tuple[Settings, str]:
    """Save the settings and start a refresh of the metrics; honours If-Match."""
    return _change(config, tenant, lambda _: new, actor)


def replace_rules(config: Config, tenant: Tenant, rules: RecommendationRules, actor: Actor) -> tuple[Settings, str]:
    """Save the recommendation rules alone; honours If-Match."""
    return _change(config, tenant, lambda current: current.model_copy(update={"recommendation_rules": rules}), actor)


def _change(config: Config, tenant: Tenant, to: Callable[[Settings], Settings], actor: Actor) -> tuple[Settings, str]:
    store = SettingsStore(tenant)

    def write(transaction: Transaction) -> tuple[Versioned[Settings], OutboxEntry | None]:
        current, version = store.get(transaction)
        check_if_match(version)
        changed = to(current)
        entry = None
        if changed != current:
            _, entry = queue_metrics_refresh(tenant, actor.user_id, actor.at, transaction=transaction)
            before, after = changed_fields(current.model_dump(mode="json"), changed.model_dump(mode="json"))
            AuditLog(tenant).add(
                transaction, actor, AuditAction.SETTINGS_CHANGED, "current", before=before, after=after
            )
        return store.put(transaction, changed), entry

    saved, entry = tenant.transact(write)
    deliver(config, entry)
    return saved.value, saved.version
