# How releases come here: triggers of the builds, the topic on which a release is proposed, and who tries new revisions.

locals {
  releases_from  = coalesce(var.releases_from, var.project_id) # the project that has built them
  image_root     = "${var.region}-docker.pkg.dev/${local.releases_from}/stockcast"
  deploy_account = "projects/${var.project_id}/serviceAccounts/stockcast-deploy@${var.project_id}.iam.gserviceaccount.com"
  deployment     = yamldecode(file("${path.module}/../../cloudbuild.deploy.yaml"))
  is_production  = var.environment == "production"
}

# A message names a release: of the project before this one (docs/operations.md), or of a person who deploys an older one.
resource "google_pubsub_topic" "release" {
  name       = "stockcast-release"
  depends_on = [google_project_service.api]
}

resource "google_pubsub_topic_iam_member" "proposes" {
  count = var.releases_from == null ? 0 : 1

  topic  = google_pubsub_topic.release.name
  role   = "roles/pubsub.publisher" # all that the build of staging may do here
  member = "serviceAccount:stockcast-deploy@${var.releases_from}.iam.gserviceaccount.com"
}

resource "google_cloudbuild_trigger" "deploy" {
  name            = "stockcast-deploy"
  location        = var.region
  description     = "Deploy the release that a message names"
  service_account = local.deploy_account
  filter          = "_RELEASE.matches('^[A-Za-z0-9_.-]{1,128}$')"

  pubsub_config {
    topic = google_pubsub_topic.release.id
  }

  approval_config {
    approval_required = local.is_production
  }

  substitutions = {
    _RELEASE     = "$(body.message.attributes.release)"
    _REGION      = var.region
    _ENVIRONMENT = var.environment
    _IMAGE_ROOT  = local.image_root
    _RELEASES    = "gs://${local.releases_from}-terraform/releases" # never from the message
  }

  build {
    timeout = local.deployment.timeout

    options {
      logging               = local.deployment.options.logging
      dynamic_substitutions = local.deployment.options.dynamicSubstitutions
    }

    dynamic "step" {
      for_each = local.deployment.steps
      content {
        id         = step.value.id
        name       = step.value.name
        entrypoint = step.value.entrypoint
        args       = step.value.args
        env        = step.value.env
        wait_for   = step.value.waitFor
      }
    }
  }
}

locals {
  # The builds of a project that is connected to the repository; substitutions that both share.
  builds = var.repository == null ? toset([]) : toset(["build"])
  building = merge(
    { _REGION = var.region, _ENVIRONMENT = var.environment },
    var.next_project == null ? {} : { _NEXT_PROJECT = var.next_project },
  )
}

resource "google_cloudbuild_trigger" "build" {
  for_each = local.builds

  name            = "stockcast-build"
  location        = var.region
  description     = "Test, build and deploy what is pushed to main"
  service_account = local.deploy_account
  filename        = "cloudbuild.yaml"
  substitutions   = local.building

  repository_event_config {
    repository = var.repository
    push {
      branch = "^main$"
    }
  }

  approval_config {
    approval_required = local.is_production
  }

  depends_on = [google_project_service.api]
}

# Once a week main is built anew, for what has changed in the base image and in Debian; a release of its own, which goes
# the same way as every other.
resource "google_pubsub_topic" "rebuild" {
  for_each = local.builds

  name       = "stockcast-rebuild"
  depends_on = [google_project_service.api]
}

resource "google_cloud_scheduler_job" "rebuild" {
  for_each = local.builds

  name        = "weekly-rebuild"
  region      = var.region
  description = "Main on the base image of today"
  schedule    = "0 4 * * 1"
  time_zone   = var.time_zone

  pubsub_target {
    topic_name = google_pubsub_topic.rebuild[each.key].id
    data       = base64encode("weekly")
  }
}

resource "google_cloudbuild_trigger" "rebuild" {
  for_each = local.builds

  name            = "stockcast-rebuild"
  location        = var.region
  description     = "Main on the base image of today"
  service_account = local.deploy_account
  substitutions   = merge(local.building, { _RELEASE = "$${SHORT_SHA}-$${BUILD_ID}" })

  pubsub_config {
    topic = google_pubsub_topic.rebuild[each.key].id
  }

  source_to_build {
    repository = var.repository
    ref        = "refs/heads/main"
    repo_type  = "GITHUB"
  }

  git_file_source {
    path       = "cloudbuild.yaml"
    repository = var.repository
    revision   = "refs/heads/main"
    repo_type  = "GITHUB"
  }

  approval_config {
    approval_required = local.is_production
  }
}

# Who signs in to try a new revision; docs/operations.md says how the user and the version are made.
resource "google_secret_manager_secret" "smoke_user" {
  secret_id = "stockcast-smoke-user"

  replication {
    auto {}
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_iam_member" "smoke_user" {
  for_each = merge(
    { deploy = "serviceAccount:stockcast-deploy@${var.project_id}.iam.gserviceaccount.com" },
    { for host, account in google_service_account.smoke : "job" => account.member },
  )

  secret_id = google_secret_manager_secret.smoke_user.secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = each.value
}

# Behind a load balancer nothing outside the project reaches a revision at its own address, so there a job tries it, from
# a network whose way to Cloud Run counts as inside.
resource "google_compute_network" "smoke" {
  for_each = local.fronted

  name                    = "stockcast-smoke"
  auto_create_subnetworks = false
  depends_on              = [google_project_service.api]
}

resource "google_compute_subnetwork" "smoke" {
  for_each = local.fronted

  name                     = "stockcast-smoke"
  region                   = var.region
  network                  = google_compute_network.smoke[each.key].id
  ip_cidr_range            = "10.200.0.0/26"
  private_ip_google_access = true
}

resource "google_service_account" "smoke" {
  for_each = local.fronted

  account_id   = "stockcast-smoke"
  display_name = "Stockcast smoke"
  depends_on   = [google_project_service.api]
}

resource "google_cloud_run_v2_job" "smoke" {
  for_each = local.fronted

  name                = "smoke"
  location            = var.region
  deletion_protection = false

  template {
    template {
      service_account = google_service_account.smoke[each.key].email
      timeout         = "600s"
      max_retries     = 0

      vpc_access {
        egress = "ALL_TRAFFIC"
        network_interfaces {
          network    = google_compute_network.smoke[each.key].id
          subnetwork = google_compute_subnetwork.smoke[each.key].id
        }
      }

      containers {
        image = var.images["delivery"]

        resources {
          limits = { cpu = "1", memory = "512Mi" }
        }

        env {
          name  = "GOOGLE_CLOUD_PROJECT"
          value = var.project_id
        }
      }
    }
  }
}
