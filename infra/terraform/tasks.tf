# Asynchronous work: the queues that deliver it, and the clock that starts it.

locals {
  queue      = "stockcast"
  sync_queue = "stockcast-syncs"

  # How many tasks each has under way at once. Most work ends in a MERGE, of which BigQuery runs 2 and queues 20 on a
  # table. Syncs wait for clients' databases, for half an hour where one is slow: imports are not to wait behind them.
  queue_widths = {
    (local.queue)      = 16
    (local.sync_queue) = 12
  }
}

resource "google_cloud_tasks_queue" "work" {
  for_each = local.queue_widths

  name     = each.key
  location = var.region

  rate_limits {
    max_dispatches_per_second = 20
    max_concurrent_dispatches = each.value
  }

  # The worker counts its own attempts and records the failure of the last one (shared/tasks/worker.py). A queue must
  # not give up before: deliveries that find the operation leased to a worker that died count here, not there.
  retry_config {
    max_attempts  = 100
    min_backoff   = "5s"
    max_backoff   = "300s"
    max_doublings = 6
  }

  stackdriver_logging_config {
    sampling_ratio = 1
  }

  depends_on = [google_project_service.api]
}

locals {
  schedules = jsondecode(file("${path.module}/schedules.json"))
}

resource "google_cloud_scheduler_job" "internal" {
  for_each = local.schedules

  name             = each.key
  region           = var.region
  description      = each.value.description
  schedule         = each.value.schedule
  time_zone        = var.time_zone
  attempt_deadline = "${each.value.deadline_seconds}s"

  http_target {
    http_method = "POST"
    uri         = "${replace(local.function_url, "{function}", each.value.function)}${each.value.path}"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode("{}")

    oidc_token {
      service_account_email = google_service_account.tasks.email
      audience              = replace(local.function_url, "{function}", each.value.function)
    }
  }

  # A schedule that comes round every minute is its own retry; a daily one that fails four times in a minute pages.
  retry_config {
    retry_count          = each.value.schedule == "* * * * *" ? 0 : 3
    min_backoff_duration = "10s"
    max_backoff_duration = "30s"
  }

  depends_on = [google_cloud_run_v2_service.function]
}
