# What infra/bootstrap.sh has made before the first apply, because the first build needs it already.

import {
  to = google_artifact_registry_repository.images
  id = "projects/${var.project_id}/locations/${var.region}/repositories/stockcast"
}

import {
  to = google_secret_manager_secret.jwt_keys
  id = "projects/${var.project_id}/secrets/stockcast-jwt-keys"
}
