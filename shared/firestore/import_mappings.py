"""A client's saved mappings: `import_mappings/{kind}`."""

from __future__ import annotations

from shared.domain.imports.saved_mapping import KindMapping, MappingNotFound, SavedMapping
from shared.firestore.codec import Codec
from shared.firestore.repository import Repository
from shared.firestore.stored_models import stored_json
from shared.firestore.tenant import Tenant


class ImportMappings(Repository[KindMapping]):
    """The saved mappings of one tenant, by kind."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("import_mappings"), _CODEC, MappingNotFound)


_CODEC = Codec[KindMapping](
    lambda mapping: mapping.kind,
    # As one text: the names of columns may be any.
    lambda mapping: {"kind": mapping.kind, "definition": mapping.saved.model_dump_json(exclude_none=True)},
    lambda fields: KindMapping(fields["kind"], stored_json(SavedMapping.model_validate_json, fields["definition"])),
)
