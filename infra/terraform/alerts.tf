# What pages, and what the page says. The runbook behind each name is in infra/README.md.

resource "google_monitoring_notification_channel" "pager" {
  display_name = "Stockcast pager"
  type         = "email"
  labels       = { email_address = var.alert_email }
  depends_on   = [google_project_service.api]
}

locals {
  # Counted over 5 minutes (or `period`) per `each`, which the page names; `for` is how long it must last.
  alerts = {
    operation-failed = {
      summary   = "An import, refresh or other operation failed for good; the client keeps seeing its previous data."
      filter    = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.line["operation_failed"].name}\" AND resource.type=one_of(\"cloud_run_revision\", \"cloud_run_job\")"
      each      = "metric.label.kind"
      aligner   = "ALIGN_DELTA"
      threshold = 0
      for       = "0s"
      severity  = "ERROR"
    }
    server-errors = {
      summary   = "A function answers with 5xx: more than 20 in 5 minutes, for 5 minutes."
      filter    = "metric.type=\"run.googleapis.com/request_count\" AND resource.type=\"cloud_run_revision\" AND metric.labels.response_code_class=\"5xx\""
      each      = "resource.label.service_name"
      aligner   = "ALIGN_DELTA"
      threshold = 20
      for       = "300s"
      severity  = "CRITICAL"
    }
    forecast-failed = {
      summary   = "An execution of the forecast job failed after its retries; the catalog keeps yesterday's forecast."
      filter    = "metric.type=\"run.googleapis.com/job/completed_execution_count\" AND resource.type=\"cloud_run_job\" AND metric.labels.result=\"failed\""
      each      = "resource.label.job_name"
      aligner   = "ALIGN_DELTA"
      threshold = 0
      for       = "0s"
      severity  = "ERROR"
    }
    forecast-fallback = {
      summary   = "A forecast was asked for from one engine and another one made it: no weights, other weights, no GPU, no memory."
      filter    = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.line["forecast_fallback"].name}\" AND resource.type=\"cloud_run_job\" AND metric.label.reason!=\"history_too_short\""
      each      = "metric.label.reason"
      aligner   = "ALIGN_DELTA"
      threshold = 0
      for       = "0s"
      severity  = "ERROR"
    }
    queue-backlog = {
      summary   = "More than 500 tasks have waited in a queue for 15 minutes: work comes in faster than it is done, or fails and is retried."
      filter    = "metric.type=\"cloudtasks.googleapis.com/queue/depth\" AND resource.type=\"cloud_tasks_queue\" AND resource.labels.queue_id=monitoring.regex.full_match(\"${join("|", keys(google_cloud_tasks_queue.work))}\")"
      each      = "resource.label.queue_id"
      aligner   = "ALIGN_MAX"
      threshold = 500
      for       = "900s"
      severity  = "WARNING"
    }
    schedule-failed = {
      summary   = "Schedules keep failing: outboxes are not drained, or the daily run did not start."
      filter    = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.line["schedule_failed"].name}\" AND resource.type=\"cloud_scheduler_job\""
      each      = "resource.label.job_id"
      aligner   = "ALIGN_DELTA"
      threshold = 2
      for       = "0s"
      severity  = "ERROR"
    }
    stale-data = {
      summary   = "A client has no sales of the last two days: the shop is closed, or the source or its sync stands still."
      filter    = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.line["stale_data"].name}\" AND resource.type=\"cloud_run_revision\""
      each      = "metric.label.client_id"
      aligner   = "ALIGN_DELTA"
      threshold = 0
      for       = "0s"
      severity  = "WARNING"
      period    = "7200s" # it is looked at every hour
    }
    stale-forecast = {
      summary   = "A client's lists show a forecast that is older than two days."
      filter    = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.line["stale_forecast"].name}\" AND resource.type=\"cloud_run_revision\""
      each      = "metric.label.client_id"
      aligner   = "ALIGN_DELTA"
      threshold = 0
      for       = "0s"
      severity  = "ERROR"
      period    = "7200s"
    }
    daily-run-delayed = {
      summary   = "A client's daily run is due and could not be started for hours: an earlier run of the client does not end, or starting fails."
      filter    = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.line["daily_run_delayed"].name}\" AND resource.type=\"cloud_run_revision\""
      each      = "metric.label.client_id"
      aligner   = "ALIGN_DELTA"
      threshold = 3
      for       = "0s"
      severity  = "ERROR"
      period    = "21600s"
    }
    rate-limits-open = {
      summary   = "The counts of rate limits are out of reach: each instance counts alone, or nobody does."
      filter    = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.line["rate_limits_not_shared"].name}\" AND resource.type=\"cloud_run_revision\""
      each      = "metric.label.kind"
      aligner   = "ALIGN_DELTA"
      threshold = 3
      for       = "300s"
      severity  = "WARNING"
    }
    sign-in-attack = {
      summary   = "More than 100 sign-ins were refused in 5 minutes: somebody tries passwords."
      filter    = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.line["sign_in_refused"].name}\" AND resource.type=\"cloud_run_revision\""
      each      = "metric.label.code"
      aligner   = "ALIGN_DELTA"
      threshold = 100
      for       = "0s"
      severity  = "WARNING"
    }
  }
}

resource "google_monitoring_alert_policy" "alert" {
  for_each = local.alerts

  display_name          = "stockcast ${each.key}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = [google_monitoring_notification_channel.pager.id]

  conditions {
    display_name = each.key
    condition_threshold {
      filter          = each.value.filter
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.threshold
      duration        = each.value.for
      aggregations {
        alignment_period     = try(each.value.period, "300s")
        per_series_aligner   = each.value.aligner
        cross_series_reducer = "REDUCE_SUM"
        group_by_fields      = [each.value.each]
      }
    }
  }

  # An open incident keeps the next failure from paging, and a counter that stops sends no zero to close it.
  alert_strategy {
    auto_close = try(each.value.period, "1800s")
  }

  documentation {
    subject   = "stockcast: ${each.key}"
    mime_type = "text/markdown"
    content   = "${each.value.summary}\n\nWhat to do: infra/README.md, \"When it pages\", ${each.key}."
  }
}

# The call that starts daily runs comes every hour, and says so when all that were due have been started.
resource "google_monitoring_alert_policy" "daily_run_missing" {
  display_name          = "stockcast daily-run-missing"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = [google_monitoring_notification_channel.pager.id]

  conditions {
    display_name = "daily-run-missing"
    condition_absent {
      filter   = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.line["daily_runs"].name}\" AND resource.type=\"cloud_run_revision\""
      duration = "10800s"
      aggregations {
        alignment_period     = "3600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    subject   = "stockcast: daily-run-missing"
    mime_type = "text/markdown"
    content   = "Nobody has started the clients' daily runs for three hours.\n\nWhat to do: infra/README.md, \"When it pages\", daily-run-missing."
  }
}

# The whole way in: DNS, certificate, load balancer, a function that starts.
resource "google_monitoring_uptime_check_config" "api" {
  for_each = local.fronted

  display_name = "stockcast api"
  timeout      = "10s"
  period       = "60s"

  http_check {
    path         = "/api/v1/health"
    port         = 443
    use_ssl      = true
    validate_ssl = true
  }

  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project_id, host = each.key }
  }

  depends_on = [google_project_service.api]
}

resource "google_monitoring_alert_policy" "unreachable" {
  for_each = local.fronted

  display_name          = "stockcast unreachable"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = [google_monitoring_notification_channel.pager.id]

  conditions {
    display_name = "unreachable from two regions"
    condition_threshold {
      filter          = "metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND resource.type=\"uptime_url\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.api[each.key].uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "120s"
      aggregations {
        alignment_period     = "120s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }

  documentation {
    subject   = "stockcast: unreachable"
    mime_type = "text/markdown"
    content   = "The API does not answer from outside.\n\nWhat to do: infra/README.md, \"When it pages\", unreachable."
  }
}
