"""Saved mappings: keep them per kind of import, and complete an import by the one of its kind."""

from __future__ import annotations

from functions.etl.import_checks import check_default_location
from functions.etl.import_request import ImportRequest
from shared.domain.access.audit import AuditAction, changed_fields
from shared.domain.imports.given_mapping import MAX_MAPPING_LENGTH
from shared.domain.imports.import_errors import InvalidMapping
from shared.domain.imports.saved_mapping import KindMapping, SavedMapping
from shared.firestore.audit import AuditLog
from shared.firestore.import_mappings import ImportMappings
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned
from shared.imports.import_options import ImportKind
from shared.imports.run_kinds import run_kind
from shared.request_context import RequestContext


def listed(context: RequestContext) -> list[Versioned[KindMapping]]:
    """All saved mappings, by kind."""
    return sorted(ImportMappings(context.tenant).every_version(), key=lambda each: each.value.kind)


def shown(context: RequestContext, kind: ImportKind) -> Versioned[KindMapping]:
    """The mapping of the kind; raises MappingNotFound."""
    return ImportMappings(context.tenant).get(kind)


def put(context: RequestContext, kind: ImportKind, mapping: SavedMapping) -> Versioned[KindMapping]:
    """Keep the mapping, over the one of this kind that there may be; raises Invalid for one that cannot be used."""
    _check(context, kind, mapping)
    stored = ImportMappings(context.tenant)

    def write(transaction: Transaction) -> Versioned[KindMapping]:
        before = stored.find(kind, transaction)
        if before is not None:
            context.expected_version.check(before.version)
        _record(context, transaction, kind, before, mapping)
        return stored.put(transaction, KindMapping(kind, mapping))

    return context.tenant.transact(write)


def delete(context: RequestContext, kind: ImportKind) -> None:
    """Forget the mapping; raises MappingNotFound."""
    stored = ImportMappings(context.tenant)

    def write(transaction: Transaction) -> None:
        before = stored.get(kind, transaction)
        context.expected_version.check(before.version)
        _record(context, transaction, kind, before, None)
        stored.delete(transaction, kind)

    context.tenant.transact(write)


def completed(context: RequestContext, request: ImportRequest) -> ImportRequest:
    """The request with what is saved for its kind, where it says nothing itself; raises Invalid.

    A request with a mapping is about another file than the one that the saved mapping is of: nothing is added to it.
    """
    if request.options.mapping is not None:
        return request
    saved = ImportMappings(context.tenant).find(request.options.kind)
    if saved is None:
        return request
    if request.options.default_location_id is None:
        check_default_location(context, request.options.kind, saved.value.saved.default_location_id)
    return request.completed_by(saved.value.saved)


def _record(
    context: RequestContext,
    transaction: Transaction,
    kind: ImportKind,
    before: Versioned[KindMapping] | None,
    after: SavedMapping | None,
) -> None:
    was = {} if before is None else before.value.saved.model_dump(mode="json", exclude_none=True)
    now = {} if after is None else after.model_dump(mode="json", exclude_none=True)
    if was == now and before is not None:
        return
    old, new = changed_fields(was, now)
    action = AuditAction.MAPPING_DELETED if after is None else AuditAction.MAPPING_SAVED
    AuditLog(context.tenant, context.config).add(
        transaction,
        context.actor,
        action,
        kind,
        before=None if before is None else old,
        after=None if after is None else new,
    )


def _check(context: RequestContext, kind: ImportKind, mapping: SavedMapping) -> None:
    from shared.imports.column_mapping import parse_mapping

    text = mapping.mapping_text()
    if len(text) > MAX_MAPPING_LENGTH:
        raise InvalidMapping(f"the mapping has {len(text):,} characters as JSON; allowed: {MAX_MAPPING_LENGTH:,}")
    try:
        parse_mapping(text, run_kind(kind).mapped_fields(None))
    except InvalidMapping as error:
        raise error.under("") from error
    check_default_location(context, kind, mapping.default_location_id, "/default_location_id")
