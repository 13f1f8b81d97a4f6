"""HTTP surface of what screens follow."""

from __future__ import annotations

from flask import Response, request

from functions.events import service
from functions.events.feeds import TooManyStreams
from functions.events.schemas import EventsQuery, StreamedEvent
from shared.domain.access.principal import EVERY_ROLE
from shared.http.access import access_ends_at, allow, errors
from shared.http.app import Api
from shared.http.event_stream import caller_is_there, encoded, event_stream
from shared.http.routes import EventStream
from shared.request_context import RequestContext

app = Api("events", "Events", prefixes=("events",))


@app.get(
    "/events",
    summary="Follow what changes",
    responses={200: EventStream("Events, until the stream ends", StreamedEvent)},
)
@allow(EVERY_ROLE)
@errors(TooManyStreams)
def follow_events(context: RequestContext, query: EventsQuery) -> Response:
    """Return server-sent events: `hello` first, then what changes of the client within a second or two. Operations and
    orders are told as they are now, of lists, settings and your own cart that they have changed.

    `bye` says why the stream ends; come back with the id of the last event as `Last-Event-ID`, and what was missed is
    told after `hello`. It may be told twice. After `resync`, read everything anew: more was missed than is told, or it
    is an hour ago. A comment comes every 20 seconds or so.
    """
    last_event_id = request.headers.get("Last-Event-ID")
    stream = service.follow(context, access_ends_at(), last_event_id, query.max_seconds, caller_is_there())
    told = (None if event is None else (event.id, event.name, event.data) for event in stream)
    return event_stream(encoded(told), stream.close)
