"""What a field means, by its name: one thing has one name, so one sentence serves wherever it occurs.

A model describes a field itself where it means more there than its name says.
"""

from __future__ import annotations

FIELDS = {
    "client_id": "The client whose data it is; the token's own, unless the caller is a platform administrator",
    "item_id": "The product's id in the client's own system",
}
