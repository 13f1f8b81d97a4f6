# What infra/bootstrap.sh makes before the first apply, because the first build needs it already.

import {
  to = google_artifact_registry_repository.images
  id = "projects/${var.project_id}/locations/${var.region}/repositories/stockcast"
}

import {
  for_each = local.auth_secrets

  to = google_secret_manager_secret.auth[each.key]
  id = "projects/${var.project_id}/secrets/${each.value.name}"
}

import {
  for_each = local.chat_secrets

  to = google_secret_manager_secret.chat[each.key]
  id = "projects/${var.project_id}/secrets/${each.value.name}"
}
