"""The tenant's suppliers: `suppliers/{key}`, decimals as text, and `supplier_keys/{key}`, which says whose a
name or a number of the client's own system is.

Whoever gives a supplier a name reads that name's document in its transaction: two who choose one name come one after
the other, and the second is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from shared.domain.errors import Conflict
from shared.domain.purchasing.supplier import Supplier, SupplierNotFound, unique_keys
from shared.firestore.bulk import write_batches
from shared.firestore.codec import Codec, decimal, text
from shared.firestore.repository import Repository
from shared.firestore.tenant import Tenant, document_key
from shared.firestore.transaction import Transaction
from shared.firestore.versioned import Versioned

if TYPE_CHECKING:
    from google.cloud.firestore import DocumentReference

_FIELDS = tuple(Supplier.__dataclass_fields__)


class Suppliers(Repository[Supplier]):
    """The suppliers of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("suppliers"), _CODEC, _missing)
        self._keys = tenant.collection("supplier_keys")

    def holders(self, keys: Collection[str]) -> dict[str, str]:
        """The supplier_id behind each of these names and numbers (supplier.unique_keys) that is taken; a read each."""
        if not keys:
            return {}
        found = (snapshot.to_dict() for snapshot in self.database.get_all([self._key(key) for key in keys]))
        return {fields["key"]: fields["supplier_id"] for fields in found if fields is not None}

    def put_all(
        self, transaction: Transaction, suppliers: Iterable[Supplier], before: Mapping[str, Supplier]
    ) -> dict[str, Versioned[Supplier]]:
        """Write suppliers as part of the transaction; `before` is what it has read of them, by supplier_id.

        Raises SupplierNameTaken and ExternalIdTaken. A read for each name and number that is new.
        """
        after = list(suppliers)
        claims: dict[str, tuple[Supplier, type[Conflict]]] = {}
        released: dict[str, str] = {}
        for supplier in after:
            former = unique_keys(before[supplier.supplier_id]) if supplier.supplier_id in before else {}
            present = unique_keys(supplier)
            released |= {key: supplier.supplier_id for key in former if key not in present}
            for key, refusal in present.items():
                if key in claims:
                    raise _taken(refusal, key, claims[key][0].supplier_id)
                if key not in former:
                    claims[key] = supplier, refusal
        for snapshot in transaction.get_all([self._key(key) for key in claims]):
            fields = snapshot.to_dict()
            if fields is None:
                continue
            key, holder = fields["key"], fields["supplier_id"]
            supplier, refusal = claims[key]
            if holder not in (supplier.supplier_id, released.get(key)):
                raise _taken(refusal, key, holder)
        for key in released.keys() - claims.keys():
            transaction.delete(self._key(key))
        for key, (supplier, _) in claims.items():
            transaction.set(self._key(key), {"key": key, "supplier_id": supplier.supplier_id})
        return {supplier.supplier_id: self.put(transaction, supplier) for supplier in after}

    def remove(self, transaction: Transaction, supplier: Supplier) -> None:
        """Delete the supplier as part of the transaction, and give its name and number back."""
        for key in unique_keys(supplier):
            transaction.delete(self._key(key))
        self.delete(transaction, supplier.supplier_id)

    def put_many(self, values: Iterable[Supplier]) -> int:
        """Write new suppliers with their names outside a transaction, in batches; nobody else may be writing any."""
        suppliers = list(values)
        owners = {key: supplier.supplier_id for supplier in suppliers for key in unique_keys(supplier)}
        keys = ((self._key(key), {"key": key, "supplier_id": supplier_id}) for key, supplier_id in owners.items())
        written = super().put_many(suppliers)
        write_batches(self.database, keys)
        return written

    def _key(self, key: str) -> DocumentReference:
        return self._keys.document(document_key(key))


def _taken(refusal: type[Conflict], key: str, holder: str) -> Conflict:
    what, _, value = key.partition(":")
    return refusal(f"supplier {holder!r} has the {what} {value!r} already: give another one")


def _missing(supplier_id: str) -> SupplierNotFound:
    return SupplierNotFound(supplier_id)


def _encode(supplier: Supplier) -> dict[str, Any]:
    return vars(supplier) | {"minimum_order_value": text(supplier.minimum_order_value)}


def _decode(fields: Any) -> Supplier:
    """What is not in the document is None."""
    held = {name: fields[name] for name in _FIELDS if name in fields}
    return Supplier(**held | {"minimum_order_value": decimal(held.get("minimum_order_value"))})


_CODEC = Codec[Supplier](lambda supplier: supplier.supplier_id, _encode, _decode)
