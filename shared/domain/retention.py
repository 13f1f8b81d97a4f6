"""How long documents are kept that say what happened. docs/retention.md has all of it, and a test compares."""

from __future__ import annotations

import datetime as dt

# An operation goes with the rejects of its import, which a table's partitions hold as long (infra/terraform).
OPERATIONS = dt.timedelta(days=400)
NOTIFICATIONS = dt.timedelta(days=90)
AUDIT_DAYS = 1095  # unless STOCKCAST_AUDIT_DAYS says otherwise
