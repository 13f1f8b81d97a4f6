"""An installation as an earlier version left it: a folder `version_N` of what the code of then has stored.

`documents.json`: path -> fields, as the REST API has them. `tables.json`: as infra/terraform/schemas.json was.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from google.cloud import bigquery
from google.cloud.firestore_v1._helpers import decode_dict
from google.cloud.firestore_v1.types import Document
from google.protobuf.json_format import ParseDict

from shared.bigquery.client import bigquery_client
from shared.config import Config, config
from shared.firestore.driver import database

FOLDER = Path(__file__).parent
_PARENTS = ("clients", "users", "forecast_runs")
VERSIONS = sorted(int(path.name.partition("_")[2]) for path in FOLDER.glob("version_*"))


@dataclass(frozen=True)
class OldInstallation:
    """A project of its own on the emulators, with the data of an earlier version."""

    config: Config
    version: int

    def documents(self) -> dict[str, dict[str, Any]]:
        """Every document by its path."""
        return dict(_walk(database(self.config)))

    def write(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        client = database(self.config)
        batch = client.batch()
        for path, fields in documents.items():
            batch.set(client.document(path), dict(fields))
        batch.commit()


@contextmanager
def old_installation(version: int, name: str, *, with_tables: bool) -> Iterator[OldInstallation]:
    """The data of that version, in an emulated project and a dataset of this name."""
    installation = OldInstallation(replace(config(), project_id=name, dataset=name.replace("-", "_")), version)
    installation.write(stored_documents(version, installation.config))
    if with_tables:
        _create_tables(installation)
    yield installation


def stored_documents(version: int, config: Config) -> dict[str, dict[str, Any]]:
    """The documents of a version by their paths."""
    written = json.loads((FOLDER / f"version_{version}" / "documents.json").read_text())
    return {path: _decoded(fields, config) for path, fields in written.items()}


def tables_file(version: int) -> Path:
    return FOLDER / f"version_{version}" / "tables.json"


def _decoded(fields: Any, config: Config) -> dict[str, Any]:
    message = ParseDict({"fields": fields}, Document.pb()())
    decoded: Any = decode_dict(message.fields, database(config))
    return decoded


def _create_tables(installation: OldInstallation) -> None:
    client = bigquery_client(installation.config)
    dataset = f"{installation.config.project_id}.{installation.config.dataset}"
    client.create_dataset(dataset, exists_ok=True)
    tables = json.loads(tables_file(installation.version).read_text())
    for name, definition in tables.items():
        table = bigquery.Table(
            f"{dataset}.{name}", [bigquery.SchemaField.from_api_repr(field) for field in definition["schema"]]
        )
        table.time_partitioning = bigquery.TimePartitioning(definition["partition_by"], definition["partition"])
        table.clustering_fields = definition["clustering"]
        table.require_partition_filter = True
        client.create_table(table, exists_ok=True)


def _walk(parent: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for collection in parent.collections():
        for snapshot in collection.stream():
            yield snapshot.reference.path, snapshot.to_dict()
            if collection.id in _PARENTS:
                yield from _walk(snapshot.reference)
