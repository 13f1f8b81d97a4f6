"""Settings: read and change them. Lists apply them from the next request on; what is stored of metrics follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.config import Config
from shared.domain.access.audit import AuditAction, changed_fields
from shared.domain.operation import Operation
from shared.domain.outbox_entry import OutboxEntry
from shared.domain.settings import RecommendationRules, Settings, SettingsChange
from shared.firestore.audit import AuditLog
from shared.firestore.settings import SettingsStore
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned
from shared.outbound.address import AddressNotAllowed, HostNotFound
from shared.outbound.post import UnusableUrl, checked_url
from shared.request_context import RequestContext
from shared.tasks.delivery import deliver
from shared.tasks.metrics_refresh import RefreshRequest, queue_metrics_refresh


@dataclass(frozen=True)
class Saved:
    """The settings as they were saved, and the refresh that computes stored metrics under them, if they need one."""

    settings: Versioned[Settings]
    refresh: Operation | None


def settings(context: RequestContext) -> Versioned[Settings]:
    """The settings and their version."""
    return SettingsStore(context.tenant).get()


def change_settings(context: RequestContext, change: SettingsChange) -> Saved:
    """Set what the change names; raises StaleVersion, and Invalid for what cannot be."""
    if change.notifications.webhook_url is not None:
        _check_webhook(context.config, str(change.notifications.webhook_url))
    return _save(context, lambda current: current.changed(change))


def change_rules(context: RequestContext, change: RecommendationRules) -> Saved:
    """Set what the change names of the recommendation rules; raises StaleVersion."""
    return _save(context, lambda current: current.with_rules(change))


def _check_webhook(config: Config, url: str) -> None:
    """Raises Invalid for a webhook that would never be called; a host without an address may have one later."""
    try:
        checked_url(config, url)
    except (AddressNotAllowed, UnusableUrl) as error:
        raise error.at("/notifications/webhook_url") from error
    except HostNotFound:
        pass


def _save(context: RequestContext, to: Callable[[Settings], Settings]) -> Saved:
    tenant = context.tenant
    store = SettingsStore(tenant)

    def write(transaction: Transaction) -> tuple[Saved, OutboxEntry | None]:
        stored = store.get(transaction)
        context.expected_version.check(stored.version)
        current, changed = stored.value, to(stored.value)
        refresh = entry = None
        if changed.metric_inputs != current.metric_inputs:
            refresh, entry = queue_metrics_refresh(tenant, RefreshRequest(context.user_id, context.now), transaction)
        if changed != current:
            before, after = changed_fields(current.model_dump(mode="json"), changed.model_dump(mode="json"))
            AuditLog(tenant, context.config).add(
                transaction, context.actor, AuditAction.SETTINGS_CHANGED, "current", before=before, after=after
            )
        return Saved(store.put(transaction, changed), refresh), entry

    saved, entry = tenant.transact(write)
    deliver(context.config, entry)
    return saved
