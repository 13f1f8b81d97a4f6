"""The statements over all rows that a client has in a table: to export them, to count them, to delete them.

Every table is treated the same way, so they are generated from the table's definition, as merge.py is. Identifiers come
from `tables`, the client is bound, and the partition filter that every table requires leaves no day out.
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.bigquery.tables import Table


@dataclass(frozen=True)
class ClientRows:
    """The rows of @client_id in a table, whose full name is `target`, within [@first, @last] of its partition."""

    table: Table
    target: str

    def select(self) -> str:
        columns = ", ".join(f"`{name}`" for name in self.table.column_names)  # `check` is a word of the language
        return f"SELECT {columns} FROM {self._rows}"  # noqa: S608

    def count(self) -> str:
        return f"SELECT COUNT(*) AS stored FROM {self._rows}"  # noqa: S608

    def delete(self) -> str:
        return f"DELETE FROM {self._rows}"  # noqa: S608

    @property
    def _rows(self) -> str:
        return f"`{self.target}` WHERE client_id = @client_id AND {self.table.partition} BETWEEN @first AND @last"
