# What auth alone may read: the private keys that sign access tokens, the secrets that others are derived from, and what
# passwords are hashed with. All others hold public keys, chat a ring of its own beside them, so whoever takes one of them over can sign no token. Values never pass through
# Terraform, so they are not in the state: infra/README.md says how a version is added.

locals {
  # Variable of auth -> the secret's name, and the version that its instances read: pinned, so that all change at once.
  auth_secrets = {
    STOCKCAST_JWT_SIGNING_KEYS = { name = "stockcast-jwt-signing-keys", version = var.secret_versions.jwt_signing_keys }
    STOCKCAST_DERIVATION_KEYS  = { name = "stockcast-derivation-keys", version = var.secret_versions.derivation_keys }
    STOCKCAST_PASSWORD_PEPPERS = { name = "stockcast-password-peppers", version = var.secret_versions.password_peppers }
  }
  # What chat signs its proposals with: a ring of its own, so that whoever takes chat over makes no invitation.
  chat_secrets = {
    STOCKCAST_DERIVATION_KEYS = { name = "stockcast-chat-derivation-keys", version = var.secret_versions.chat_derivation_keys }
  }
  function_secrets = { auth = local.auth_secrets, chat = local.chat_secrets }
}

resource "google_secret_manager_secret" "auth" {
  for_each = local.auth_secrets

  secret_id           = each.value.name
  deletion_protection = true

  replication {
    auto {}
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_iam_member" "auth" {
  for_each = local.auth_secrets

  secret_id = google_secret_manager_secret.auth[each.key].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.workload["auth"].member
}

resource "google_secret_manager_secret" "chat" {
  for_each = local.chat_secrets

  secret_id           = each.value.name
  deletion_protection = true

  replication {
    auto {}
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_iam_member" "chat" {
  for_each = local.chat_secrets

  secret_id = google_secret_manager_secret.chat[each.key].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.workload["chat"].member
}
