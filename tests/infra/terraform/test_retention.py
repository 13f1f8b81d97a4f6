"""docs/retention.md is what Terraform and the code do."""

from __future__ import annotations

import json
import re
from pathlib import Path

from functions.etl.client_files import EXPORT_DAYS
from shared.bigquery.tables import TABLES
from shared.config import Config
from shared.domain.access.session import REFRESH_LIFETIME
from shared.domain.access.sign_in_attempts import KNOWN_FOR, SignInAttempts
from shared.domain.forecast_batch import KEPT_FOR
from shared.domain.retention import AUDIT_DAYS, NOTIFICATIONS, OPERATIONS
from shared.firestore.idempotency_keys import KEPT

ROOT = Path(__file__).parents[3]
TERRAFORM = ROOT / "infra" / "terraform"
_ROW = re.compile(r"^\| [^|]+ \| `?([^`|]+?)`? \| (\d+) \| ([^|;]+?)(?:;[^|]*)? \|$", re.M)


def _documented(by: str) -> dict[str, int]:
    rows = _ROW.findall((ROOT / "docs" / "retention.md").read_text())
    return {place: int(days) for place, days, how in rows if how == by}


def test_documents_that_expire() -> None:
    fields = json.loads((TERRAFORM / "firestore.json").read_text())["expiry_fields"]
    expiring = {field.removesuffix(".expires_at") for field in fields} - {"request_counts"}
    kept = {
        "audit": AUDIT_DAYS,
        "forecast_batches": KEPT_FOR.days,
        "idempotency": KEPT.days,
        "notifications": NOTIFICATIONS.days,
        "operations": OPERATIONS.days,
        "refresh_tokens": REFRESH_LIFETIME.days,
        "sign_in_attempts": max(KNOWN_FOR, SignInAttempts.FORGOTTEN_AFTER).days,
    }
    assert _documented("time to live") == kept
    assert expiring == kept.keys()


def test_the_audit_log_is_kept_as_long_as_terraform_says() -> None:
    declared = re.search(r'variable "audit_days".*?default\s*= (\d+)', (TERRAFORM / "variables.tf").read_text(), re.S)
    assert declared is not None
    assert int(declared[1]) == AUDIT_DAYS == Config.audit_days


def test_rows_that_expire() -> None:
    days = json.loads((TERRAFORM / "retention.json").read_text())["table_days"]
    assert _documented("partition expiry") == days
    assert days.keys() <= {table.name for table in TABLES}
    assert days["etl_rejects"] == OPERATIONS.days


def test_objects_that_expire() -> None:
    age = re.search(r"age = (\d+)", (TERRAFORM / "storage.tf").read_text())
    assert age is not None
    assert _documented("lifecycle rule") == {"the bucket": EXPORT_DAYS} == {"the bucket": int(age[1])}
