"""The statements that take staged rows into their table, generated from the table's definition.

They are the only SQL that is not a file of the folder `sql`: which columns a file brings differs from import to import,
and every table is written the same way. Identifiers come from `tables`, values are bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.bigquery.tables import Table


@dataclass(frozen=True)
class Merge:
    """Staged rows with some of a table's `columns`, and the table: `target` and `source` are full names.

    The tenant is @client_id; the rows are within [@first, @last] of the partition column.
    """

    table: Table
    columns: Sequence[str]
    target: str
    source: str

    def statement(self, *, replace_window: bool) -> str:
        """The MERGE: upserts what differs; `replace_window` deletes the tenant's rows in the window not staged."""
        values = [name for name in self.columns if name not in self.table.key]
        source, inserted, delete = f"`{self.source}`", ", ".join(self.columns), ""
        if replace_window:
            # As rows of the source: with WHEN NOT MATCHED BY SOURCE the emulator takes 10 minutes for 500,000 rows.
            source = (
                f"(SELECT {inserted}, FALSE AS gone FROM `{self.source}` UNION ALL "  # noqa: S608
                f"SELECT {inserted}, TRUE AS gone FROM `{self.target}` T WHERE {self._window} "
                f"AND NOT EXISTS (SELECT 1 FROM `{self.source}` S WHERE {self._same_key}))"
            )
            delete = "WHEN MATCHED AND S.gone THEN DELETE\n"
        return (
            f"MERGE `{self.target}` T USING {source} S\n"  # noqa: S608
            f"ON {self._window} AND {self._same_key}\n{delete}"
            f"WHEN MATCHED AND ({self._differs}) THEN UPDATE SET {', '.join(f'{name} = S.{name}' for name in values)}\n"
            f"WHEN NOT MATCHED THEN INSERT ({inserted}) VALUES ({', '.join(f'S.{name}' for name in self.columns)})"
        )

    def preview(self) -> str:
        """One row: how many staged rows are `inserted`, `updated`, `unchanged`, and how many rows are `stored`."""
        return (
            f"SELECT COUNTIF(T.client_id IS NULL) AS inserted, "  # noqa: S608
            f"COUNTIF(T.client_id IS NOT NULL AND ({self._differs})) AS updated, "
            f"COUNTIF(T.client_id IS NOT NULL AND NOT ({self._differs})) AS unchanged,\n"
            f"(SELECT COUNT(*) FROM `{self.target}` T WHERE {self._window}) AS stored\n"
            f"FROM `{self.source}` S "
            f"LEFT JOIN (SELECT * FROM `{self.target}` T WHERE {self._window}) T ON {self._same_key}"
        )

    @property
    def _differs(self) -> str:
        """A staged row differs from the stored one; `run_id` and `computed_at` only say who last changed a row."""
        compared = [name for name in self.columns if name not in (*self.table.key, "run_id", "computed_at")]
        return " OR ".join(f"T.{name} IS DISTINCT FROM S.{name}" for name in compared)

    @property
    def _same_key(self) -> str:
        return " AND ".join(f"T.{name} = S.{name}" for name in self.table.key)

    @property
    def _window(self) -> str:
        """A stored row is in the tenant's window."""
        return f"T.client_id = @client_id AND T.{self.table.partition} BETWEEN @first AND @last"
