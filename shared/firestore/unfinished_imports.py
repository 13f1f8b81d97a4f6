"""Which imports write in batches, and so may have been killed half-way: `imports/{kind}`.

Such an import leaves a mark before its first batch and takes it away in the transaction that starts what is to follow.
One that finds a mark cannot tell what the one before it has written, and does all that is to follow itself.
"""

from __future__ import annotations

from shared.firestore.tenant import Tenant
from shared.firestore.transaction import Transaction, read


class UnfinishedImports:
    """The mark of one kind of imports of one tenant."""

    def __init__(self, tenant: Tenant, kind: str) -> None:
        self._mark = tenant.collection("imports").document(kind)

    def any(self) -> bool:
        """Whether an import is writing, or was killed while it was. One read."""
        return self._mark.get().exists

    def begin(self, import_id: str) -> None:
        """Mark an import; it takes the place of another one's mark, whose work it does too."""
        self._mark.set({"import_id": import_id})

    def finish(self, transaction: Transaction, import_id: str) -> None:
        """Take the import's mark away as part of the transaction; another one's stays."""
        found = read(self._mark, transaction)
        if found.exists and (found.to_dict() or {})["import_id"] == import_id:
            transaction.delete(self._mark)
