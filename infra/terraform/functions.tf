# One Cloud Run service per function, from functions.json: its name, the first path segments it serves, what it may
# touch (identity.tf) and its size. etl and inventory also run the long tasks, up to the 30 minutes that Cloud Tasks
# waits, so they have more memory (a file that an instance writes is memory too) and take few requests at once; auth takes
# few because each password check holds 64 MiB. A list takes 2.4 ms of a core and a mixed request 12 to 18 ms (`python -m
# tests.benchmarks at_once`), so 20 at once are more than a core has work for; products takes 40, because a detail waits for
# BigQuery in its thread, and with 16 threads fifty details kept every list waiting (p99 6.4 s; with 48 threads 0.7 s). The
# events holds a stream in each of its threads, which wait: ten more than the streams that it takes, so that one too many is
# answered, up to the hour that Cloud Run and the load balancer's serverless backends leave a request open. The
# catalogs that an instance holds take up to 250 MiB (shared/catalog/live.py): the 1 GiB of those that serve lists.

locals {
  functions    = jsondecode(file("${path.module}/functions.json"))
  forecast_job = "forecast-job"

  # Cloud Run's predictable address: known before a service exists, so every function can be told all of them.
  function_url = "https://{function}-${data.google_project.this.number}.${var.region}.run.app"

  # Everything shared/config.py reads, less the keys and the emulators; tests/deployment.tftest.hcl compares.
  environment = {
    GOOGLE_CLOUD_PROJECT            = var.project_id
    STOCKCAST_REGION                = var.region
    STOCKCAST_DATASET               = google_bigquery_dataset.inventory.dataset_id
    STOCKCAST_UPLOAD_BUCKET         = google_storage_bucket.uploads.name
    STOCKCAST_QUEUE                 = google_cloud_tasks_queue.work[local.queue].name
    STOCKCAST_SYNC_QUEUE            = google_cloud_tasks_queue.work[local.sync_queue].name
    STOCKCAST_FORECAST_JOB          = local.forecast_job
    STOCKCAST_FUNCTION_URL          = local.function_url
    STOCKCAST_TASK_SERVICE_ACCOUNT  = google_service_account.tasks.email
    STOCKCAST_OIDC_CERTS_URL        = "https://www.googleapis.com/oauth2/v3/certs"
    STOCKCAST_OIDC_ISSUER           = "https://accounts.google.com"
    STOCKCAST_API_HOST              = var.domain == null ? "" : var.domain
    STOCKCAST_CORS_ORIGINS          = join(",", var.cors_origins)
    STOCKCAST_ALLOWED_NETWORKS      = join(",", var.allowed_networks)
    STOCKCAST_FORECAST_ENGINE       = coalesce(var.forecast_engine, var.chronos_weights == null ? "statistical" : "chronos2")
    STOCKCAST_EVENT_STREAMS         = tostring(local.functions["events"].concurrency - 10)
    STOCKCAST_REQUESTS_PER_MINUTE   = tostring(var.requests_per_minute)
    STOCKCAST_AUDIT_DAYS            = tostring(var.audit_days)
    STOCKCAST_FORECAST_WAIT_SECONDS = tostring(var.forecast_wait_seconds)
    # Cloud Run's own front end adds the caller's address; the load balancer adds the caller's and then its own.
    STOCKCAST_TRUSTED_PROXIES = var.domain == null ? "1" : "2"
    # Spans (shared/telemetry/spans.py), by OpenTelemetry's own names. Empty: none.
    OTEL_EXPORTER_OTLP_ENDPOINT = var.trace_share > 0 ? "https://telemetry.googleapis.com" : ""
    OTEL_TRACES_SAMPLER_ARG     = tostring(var.trace_share)
  }
}

resource "google_cloud_run_v2_service" "function" {
  for_each = local.functions

  name     = each.key
  location = var.region

  # Callers are verified by the function itself: a user's token, or the task account's for /internal/.
  invoker_iam_disabled = true
  # With a load balancer nothing else gets in from outside; Cloud Tasks and Cloud Scheduler count as inside.
  ingress             = var.domain == null ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"
  deletion_protection = false # it holds no data, and a removed function is to go

  # Of the service and not of each revision: one that waits behind a tag for a rollback is not to be kept warm.
  scaling {
    min_instance_count = each.value.min_instances
  }

  template {
    service_account                  = google_service_account.workload[each.key].email
    timeout                          = "${each.value.timeout_seconds}s"
    max_instance_request_concurrency = each.value.concurrency

    scaling {
      max_instance_count = each.value.max_instances
    }

    containers {
      image = var.images[each.key]

      resources {
        limits            = { cpu = tostring(each.value.cpu), memory = each.value.memory }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = merge(local.environment, { THREADS = tostring(each.value.concurrency), STOCKCAST_JWKS = jsonencode(var.jwks) })
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = lookup(local.function_secrets, each.key, {})
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = each.key == "auth" ? google_secret_manager_secret.auth[env.key].secret_id : google_secret_manager_secret.chat[env.key].secret_id
              version = tostring(env.value.version)
            }
          }
        }
      }

      # gunicorn listens before the function is imported, so an open port is no sign of readiness.
      startup_probe {
        period_seconds    = 1
        timeout_seconds   = 1
        failure_threshold = 60
        http_get {
          path = "/health"
        }
      }
    }
  }

  # A new revision gets no traffic here: infra/delivery tries it and shifts (docs/adr/0021).
  lifecycle {
    ignore_changes = [traffic]
  }

  depends_on = [
    google_project_service.api,
    google_secret_manager_secret_iam_member.auth,
    google_secret_manager_secret_iam_member.chat,
  ]
}
