# Files on their way into an import, and what forecast shards have done so far (checkpoints/). Both are removed when the
# import or shard is done; what is left behind, and what shards have learned for others, goes after a week.
resource "google_storage_bucket" "uploads" {
  name                        = "${var.project_id}-uploads"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  lifecycle_rule {
    condition {
      age = 7
    }
    action {
      type = "Delete"
    }
  }

  # A client's sales are not to linger after deletion; the client still has the file.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  depends_on = [google_project_service.api]
}

resource "google_artifact_registry_repository" "images" {
  repository_id = "stockcast"
  location      = var.region
  format        = "DOCKER"
  description   = "One image per function and one for the forecast job"

  docker_config {
    immutable_tags = true
  }

  cleanup_policies {
    id     = "keep-last-ten"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }
  cleanup_policies {
    id     = "drop-the-rest-after-90-days"
    action = "DELETE"
    condition {
      older_than = "7776000s"
    }
  }

  depends_on = [google_project_service.api]
}
