"""Sources of a client: keep them, show how far they have come, and start a sync from one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.etl.import_checks import ModeNotForKind
from functions.etl.syncing import SyncRequest, sync_request
from shared.domain.access.audit import AuditAction, changed_fields
from shared.domain.access.client import is_time_zone
from shared.domain.dates import InvalidRange
from shared.domain.errors import InvalidField
from shared.domain.imports.data_source import (
    BigQuerySource,
    Entity,
    NamedSource,
    Source,
    SourceProgress,
    SqlSource,
    database_url,
    is_source_id,
)
from shared.domain.imports.import_errors import InvalidMapping
from shared.domain.imports.read_only_query import read_only_query
from shared.domain.operation import Operation
from shared.firestore.audit import AuditLog
from shared.firestore.data_sources import DataSources, SourceProgresses
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned
from shared.imports.import_options import Aggregate, ImportKind
from shared.imports.run_kinds import run_kind
from shared.outbound.address import AddressNotAllowed, HostNotFound, destination
from shared.request_context import RequestContext
from shared.secrets import is_secret_name
from shared.tasks.operations import Operations
from shared.tasks.starting import delivered

if TYPE_CHECKING:
    from functions.etl.source_schemas import SyncBody

MAX_SOURCES = 50
_AUDITED_QUERY_LENGTH = 500


class UnusableSource(InvalidField):
    """A field of a source cannot be used: its id, its secret's name, a time zone, or there are too many sources."""

    code = "unusable_source"


class WhichSource(InvalidField):
    """No source, or several, have these records: `source_id` says which one is meant."""

    code = "which_source"


@dataclass(frozen=True)
class ShownSource:
    """A source with how far it has come; `runs` are the last ones of its kinds of records, by id."""

    source: Versioned[NamedSource]
    progress: SourceProgress
    runs: dict[str, Operation]


def listed(context: RequestContext) -> list[ShownSource]:
    """All sources, by id."""
    return _shown(context, sorted(DataSources(context.tenant).every_version(), key=lambda each: each.value.source_id))


def shown(context: RequestContext, source_id: str) -> ShownSource:
    """The source; raises SourceNotFound."""
    return _shown(context, [DataSources(context.tenant).get(source_id)])[0]


def put(context: RequestContext, source_id: str, source: SqlSource | BigQuerySource) -> ShownSource:
    """Keep the source, over the one of this id that there may be; raises Invalid for one that cannot be read."""
    _check(context, source_id, source)
    stored = DataSources(context.tenant)

    def write(transaction: Transaction) -> Versioned[NamedSource]:
        before = stored.find(source_id, transaction)
        if before is not None:
            context.expected_version.check(before.version)
        elif stored.count() >= MAX_SOURCES:
            raise UnusableSource("source_id", f"there are {MAX_SOURCES} sources, which is the most a client has")
        _note(context, transaction, source_id, None if before is None else before.value.source, source)
        return stored.put(transaction, NamedSource(source_id, source))

    return _shown(context, [context.tenant.transact(write)])[0]


def delete(context: RequestContext, source_id: str) -> None:
    """Forget the source and its progress; raises SourceNotFound."""
    stored = DataSources(context.tenant)

    def write(transaction: Transaction) -> None:
        before = stored.get(source_id, transaction)
        context.expected_version.check(before.version)
        _note(context, transaction, source_id, before.value.source, None)
        stored.delete(transaction, source_id)
        SourceProgresses(context.tenant).delete(transaction, source_id)

    context.tenant.transact(write)


def _note(
    context: RequestContext, transaction: Transaction, source_id: str, before: Source | None, after: Source | None
) -> None:
    """Keep in the audit log who has connected, changed or deleted the source; nothing where nothing has changed."""
    if before == after:
        return
    log, was, now_is = AuditLog(context.tenant, context.config), _audited(before), _audited(after)
    if was is None or now_is is None:
        action = AuditAction.SOURCE_CONNECTED if was is None else AuditAction.SOURCE_DELETED
        log.add(transaction, context.actor, action, source_id, before=was, after=now_is)
    else:
        was, now_is = changed_fields(was, now_is)
        log.add(transaction, context.actor, AuditAction.SOURCE_CHANGED, source_id, before=was, after=now_is)


def _audited(source: Source | None) -> dict[str, Any] | None:
    """Its fields: of a secret the name, which is all that there is of it here; of what it is read for, each kind."""
    if source is None:
        return None
    fields = source.model_dump(mode="json", exclude={"entities"})
    return fields | {f"entities/{kind}": _audited_entity(entity) for kind, entity in source.entities.items()}


def _audited_entity(entity: Entity) -> dict[str, Any]:
    """By its table or the beginning of its query; `digest` tells it from any other: all of it would be too long."""
    text = entity.model_dump_json()
    query = None if entity.query is None else entity.query[:_AUDITED_QUERY_LENGTH]
    return {"table": entity.table, "query": query, "digest": hashlib.sha256(text.encode()).hexdigest()[:16]}


def start_sync(context: RequestContext, kind: str, body: SyncBody) -> Operation:
    """Start the sync; raises Invalid for what the kind does not have, and SourceNotFound."""
    if body.source_id is None:
        source_id = _only_source(context, kind)
    else:
        DataSources(context.tenant).get(body.source_id).value.entity(kind)
        source_id = body.source_id
    of_kind = ImportKind(kind)
    if body.mode is not None and body.mode not in run_kind(of_kind).modes:
        raise ModeNotForKind("/mode", f"mode={body.mode} is not for {kind}")
    for name in ("start_date", "end_date"):
        if getattr(body, name) is not None and of_kind is not ImportKind.SALES_HISTORY:
            raise ModeNotForKind(f"/{name}", f"{name} is for sales-history; of {kind} the whole list is read")
    if body.start_date is not None and body.start_date > (body.end_date or context.today):
        raise InvalidRange(
            "/start_date", f"start_date {body.start_date} is after the end, {body.end_date or context.today}"
        )
    sync = SyncRequest(
        of_kind, source_id, body.start_date, body.end_date, body.mode, body.dry_run, body.accept_shrinkage
    )
    request = sync_request(sync, context.user_id, context.now, context.new_id())
    return delivered(context.config, Operations(context.tenant).start(request))


def _only_source(context: RequestContext, kind: str) -> str:
    having = [source.source_id for source in DataSources(context.tenant).every() if kind in source.source.entities]
    if len(having) != 1:
        found = f"the sources {', '.join(sorted(having))} have" if having else "no source has"
        raise WhichSource("/source_id", f"{found} {kind}: give the source_id of one that does")
    return having[0]


def _shown(context: RequestContext, sources: Iterable[Versioned[NamedSource]]) -> list[ShownSource]:
    listed = list(sources)
    progresses = SourceProgresses(context.tenant).of(each.value.source_id for each in listed)
    ids = {entity.run_id for each in progresses.values() for entity in each.entities.values() if entity.run_id}
    runs = Operations(context.tenant).get_many(sorted(ids))
    return [ShownSource(each, progresses[each.value.source_id], runs) for each in listed]


def _check(context: RequestContext, source_id: str, source: SqlSource | BigQuerySource) -> None:
    """Whatever can be said without entering the database."""
    if not is_source_id(source_id):
        raise UnusableSource("source_id", f"{source_id[:80]!r} is no id: 1 to 63 lower-case letters, digits, - and _")
    if isinstance(source, SqlSource):
        url = database_url(source.url, "/url")
        if source.secret is not None and not is_secret_name(source.secret):
            raise UnusableSource(
                "/secret", "name a secret by lower-case letters, digits and hyphens; its value is kept elsewhere"
            )
        if url.host:
            try:
                destination(context.config, url.host, url.port)
            except AddressNotAllowed as error:
                raise error.at("/url") from error
            except HostNotFound:
                pass  # it may have an address when it is read
    for kind, entity in source.entities.items():
        _check_entity(kind, entity)


def _check_entity(kind: str, entity: Entity) -> None:
    from shared.imports.column_mapping import parse_mapping

    place = f"/entities/{kind}"
    if entity.query is not None:
        read_only_query(entity.query, f"{place}/query")
    if entity.time_zone is not None and not is_time_zone(entity.time_zone):
        raise UnusableSource(f"{place}/time_zone", f"{entity.time_zone[:80]!r} is no time zone such as Europe/London")
    declared = run_kind(ImportKind(kind))
    aggregate = None if entity.aggregate is None else Aggregate(entity.aggregate)
    if aggregate is not None and aggregate not in declared.fields:
        raise UnusableSource(f"{place}/aggregate", f"aggregate={aggregate} is for sales-history, not {kind}")
    try:
        parse_mapping(entity.mapping_text(), declared.mapped_fields(aggregate))
    except InvalidMapping as error:
        raise error.under(place, f"{kind}: ") from error
