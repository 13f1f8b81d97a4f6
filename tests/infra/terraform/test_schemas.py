"""BigQuery in the cloud is made from the definitions that the code uses."""

import json

from infra.terraform_schemas import SCHEMAS, table_definitions


def test_terraform_creates_the_tables_that_the_code_defines() -> None:
    assert json.loads(SCHEMAS.read_text()) == table_definitions(), "run `python -m infra.terraform_schemas`"
