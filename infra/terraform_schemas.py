"""Writes infra/terraform/schemas.json, from which Terraform creates the BigQuery tables.

    python -m infra.terraform_schemas

Run it after a change in shared/bigquery/tables.py; a test fails while the two differ.
"""

from __future__ import annotations

import json
from pathlib import Path

from shared.bigquery.tables import TABLES, Table

SCHEMAS = Path(__file__).parent / "terraform" / "schemas.json"


def table_definitions() -> dict[str, dict[str, object]]:
    """Table name -> what Terraform needs of it: BigQuery schema fields, partition column and kind, clustering."""
    return {table.name: _definition(table) for table in TABLES}


def _definition(table: Table) -> dict[str, object]:
    fields = []
    for column in table.columns:
        field = {"name": column.name, "type": column.type, "mode": "REQUIRED" if column.required else "NULLABLE"}
        if column.description:
            field["description"] = column.description
        fields.append(field)
    return {
        "partition": table.partition,
        "partition_by": table.partition_by,
        "clustering": list(table.cluster),
        "schema": fields,
    }


if __name__ == "__main__":
    SCHEMAS.write_text(json.dumps(table_definitions(), indent=2) + "\n")
