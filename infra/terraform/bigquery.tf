# The tables come from shared/bigquery/tables.py, the only place that defines them; `python -m infra.terraform_schemas`
# writes schemas.json from it.

locals {
  tables = jsondecode(file("${path.module}/schemas.json"))
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
    type  = each.value.partition_by
    field = each.value.partition
  }
}
