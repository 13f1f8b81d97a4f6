"""Settings: read, replace; metrics follow, because statuses and risks depend on them."""

from __future__ import annotations

from collections.abc import Callable

from shared.domain.access.audit import AuditAction, changed_fields
from shared.domain.outbox_entry import OutboxEntry
from shared.domain.settings import RecommendationRules, Settings
from shared.firestore.audit import AuditLog
from shared.firestore.settings import SettingsStore
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned
from shared.request_context import RequestContext
from shared.tasks.delivery import deliver
from shared.tasks.metrics_refresh import RefreshRequest, queue_metrics_refresh


def settings(context: RequestContext) -> Versioned[Settings]:
    """The settings and their version."""
    return SettingsStore(context.tenant).get()


def replace_settings(context: RequestContext, new: Settings) -> Versioned[Settings]:
    """Save the settings and start a refresh of the metrics; raises StaleVersion."""
    return _change(context, lambda _: new)


def replace_rules(context: RequestContext, rules: RecommendationRules) -> Versioned[Settings]:
    """Save the recommendation rules alone; raises StaleVersion."""
    return _change(context, lambda current: current.model_copy(update={"recommendation_rules": rules}))


def _change(context: RequestContext, to: Callable[[Settings], Settings]) -> Versioned[Settings]:
    tenant = context.tenant
    store = SettingsStore(tenant)

    def write(transaction: Transaction) -> tuple[Versioned[Settings], OutboxEntry | None]:
        stored = store.get(transaction)
        context.expected_version.check(stored.version)
        current = stored.value
        changed = to(current)
        entry = None
        if changed != current:
            _, entry = queue_metrics_refresh(tenant, RefreshRequest(context.user_id, context.now), transaction)
            before, after = changed_fields(current.model_dump(mode="json"), changed.model_dump(mode="json"))
            AuditLog(tenant).add(
                transaction, context.actor, AuditAction.SETTINGS_CHANGED, "current", before=before, after=after
            )
        return store.put(transaction, changed), entry

    saved, entry = tenant.transact(write)
    deliver(context.config, entry)
    return saved
