# Firestore keeps all transactional state. firestore.json lists what its queries need beyond the automatic indexes of
# single fields: composite indexes, fields queried over a collection group, the field after which a document expires,
# and fields too large to be worth an index.

locals {
  firestore = jsondecode(file("${path.module}/firestore.json"))
}

resource "google_firestore_database" "default" {
  name                              = "(default)"
  location_id                       = var.region
  type                              = "FIRESTORE_NATIVE"
  database_edition                  = "STANDARD"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED" # any minute of the last 7 days
  delete_protection_state           = "DELETE_PROTECTION_ENABLED"
  depends_on                        = [google_project_service.api]
}

# Point-in-time recovery goes with the database; backups survive it.
resource "google_firestore_backup_schedule" "daily" {
  database  = google_firestore_database.default.name
  retention = "1209600s" # 14 days

  daily_recurrence {}
}

resource "google_firestore_index" "composite" {
  for_each = {
    for index in local.firestore.composite_indexes :
    "${index.collection}: ${join(", ", [for field in index.fields : "${field.path} ${field.order}"])}" => index
  }

  database    = google_firestore_database.default.name
  collection  = each.value.collection
  query_scope = "COLLECTION"

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path   = fields.value.path
      order        = fields.value.order == "CONTAINS" ? null : fields.value.order
      array_config = fields.value.order == "CONTAINS" ? "CONTAINS" : null
    }
  }
}

# An expiry field has no index of its own: nothing queries it, and an index on a rising timestamp limits writes.
resource "google_firestore_field" "expiry" {
  for_each = toset(local.firestore.expiry_fields)

  database   = google_firestore_database.default.name
  collection = split(".", each.key)[0]
  field      = split(".", each.key)[1]

  ttl_config {}
  index_config {}
}

# Queried over all clients at once, on top of the ordinary index within one client.
resource "google_firestore_field" "collection_group" {
  for_each = toset(local.firestore.collection_group_fields)

  database   = google_firestore_database.default.name
  collection = split(".", each.key)[0]
  field      = split(".", each.key)[1]

  index_config {
    indexes {
      query_scope = "COLLECTION"
      order       = "ASCENDING"
    }
    indexes {
      query_scope = "COLLECTION_GROUP"
      order       = "ASCENDING"
    }
  }
}

resource "google_firestore_field" "unindexed" {
  for_each = toset(local.firestore.unindexed_fields)

  database   = google_firestore_database.default.name
  collection = split(".", each.key)[0]
  field      = split(".", each.key)[1]

  index_config {}
}
