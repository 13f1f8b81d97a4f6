"""What the notifications endpoints take and give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field, JsonValue

from shared.domain.notification import Notification, NotificationEvent, NotificationStatus
from shared.http.app import BodyModel
from shared.http.paging import TokenEnvelope, TokenPage


class NotificationQuery(TokenPage):
    """Which page."""


class NotificationPath(BaseModel):
    notification_id: Annotated[str, Field(min_length=1, max_length=200, description="Its webhook-id.")]


class AttemptView(BaseModel, from_attributes=True):
    """One call of the webhook."""

    at: dt.datetime = Field(description="When it was made, UTC.")
    duration_ms: int = Field(description="How long it took, in milliseconds.")
    status_code: int | None = Field(description="The HTTP status that was answered; null: no answer.")
    error: str | None = Field(description="Why it failed; null: it was taken.")


class NotificationView(BaseModel, from_attributes=True):
    """An event and its delivery to the client's webhook."""

    id: str = Field(description="Its webhook-id, the same in every attempt.")
    event: NotificationEvent = Field(description="What has happened.")
    created_at: dt.datetime = Field(description="When it happened, UTC.")
    status: NotificationStatus = Field(
        description="pending: an attempt is to come; delivered: the webhook took it; failed: it did not for a day."
    )
    attempts: list[AttemptView] = Field(description="The calls of the webhook, in their order.")
    payload: dict[str, JsonValue] = Field(description="The body that is sent: type, timestamp and data.")

    @classmethod
    def of(cls, notification: Notification) -> NotificationView:
        return cls.model_validate(notification)


class NotificationPage(TokenEnvelope):
    items: list[NotificationView]


class SendBody(BodyModel):
    """Body of a task from Cloud Tasks: the attempt to make."""

    client_id: str
    notification_id: str
    number: int


class SendResult(BaseModel):
    """What the notification is after the attempt."""

    status: NotificationStatus
