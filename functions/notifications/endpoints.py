"""HTTP surface of notifications."""

from __future__ import annotations

from functions.notifications import service
from functions.notifications.schemas import (
    NotificationPage,
    NotificationPath,
    NotificationQuery,
    NotificationView,
    SendBody,
    SendResult,
)
from shared.config import config
from shared.domain.access.principal import ADMINISTRATORS
from shared.domain.notification import NotificationBeingSent, NotificationNotFound
from shared.firestore.driver import database
from shared.firestore.tenant import Tenant
from shared.http.access import allow, clock, errors, idempotent, internal
from shared.http.app import Api
from shared.http.paging import ItemsByToken, views_by_token
from shared.http.reply import Reply
from shared.request_context import RequestContext

app = Api("notifications", "Notifications", prefixes=("notifications",))


@app.get("/notifications", summary="List notifications, newest first", responses={200: NotificationPage})
@allow(ADMINISTRATORS)
def list_notifications(context: RequestContext, query: NotificationQuery) -> ItemsByToken[NotificationView]:
    """Return what the client's webhook was told, with every attempt to tell it."""
    page = service.notifications(context.tenant, query.request())
    return views_by_token(query, page, NotificationView.of)


@app.post(
    "/notifications/<string:notification_id>/resend",
    summary="Send a notification again",
    responses={200: NotificationView},
)
@allow(ADMINISTRATORS)
@idempotent
@errors(NotificationNotFound, NotificationBeingSent)
def resend_notification(context: RequestContext, path: NotificationPath) -> Reply:
    """Call the webhook once more, under the same webhook-id, whatever became of it before."""
    return Reply(NotificationView.of(service.resend(context, path.notification_id)))


@app.post("/notifications/internal/send", responses={200: SendResult})
@internal("notifications")
def send_notification(body: SendBody) -> SendResult:
    """Make one attempt to call the client's webhook."""
    from functions.notifications.sending import send

    tenant = Tenant(database(config()), body.client_id)
    return SendResult(status=send(config(), tenant, body.notification_id, body.number, clock))
