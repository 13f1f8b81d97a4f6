# The tables come from shared/bigquery/tables.py, the only place that defines them; `python -m infra.terraform_schemas`
# writes schemas.json from it.

locals {
  tables = jsondecode(file("${path.module}/schemas.json"))

  # Days after which a table's partitions are dropped; 0: never. docs/retention.md.
  table_days = merge(jsondecode(file("${path.module}/retention.json")).table_days, var.table_retention_days)
}

resource "google_bigquery_dataset" "inventory" {
  dataset_id  = "inventory"
  location    = var.region
  description = "Demand history, forecasts and metrics of every client"
  depends_on  = [google_project_service.api]
}

resource "google_bigquery_table" "table" {
  for_each = local.tables

  dataset_id               = google_bigquery_dataset.inventory.dataset_id
  table_id                 = each.key
  schema                   = jsonencode(each.value.schema)
  clustering               = each.value.clustering
  require_partition_filter = true
  deletion_protection      = true

  time_partitioning {
    type          = each.value.partition_by
    field         = each.value.partition
    expiration_ms = lookup(local.table_days, each.key, 0) == 0 ? null : local.table_days[each.key] * 24 * 60 * 60 * 1000
  }
}
