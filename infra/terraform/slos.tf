# What callers are promised over 28 days, and pages that come while there is still something left of the rest: the burn
# rate says how many times too fast it is used up. (Google's SRE workbook, "Alerting on SLOs": windows and rates.)

locals {
  # Those that serve callers. The others also answer 503 to tasks that are to be tried again.
  serving = sort([for name in keys(local.functions) : name if !contains(["analytics", "etl", "forecast", "inventory", "notifications", "operations"], name)])
  lists   = ["GET /products", "GET /dashboard", "GET /suppliers", "GET /purchase-orders", "GET /order-planning/suggestions", "GET /recommendations", "GET /campaigns", "GET /locations"]

  slos = {
    availability = {
      promise = "99.9 % of requests are not answered with 5xx"
      goal    = 0.999
    }
    latency = {
      promise = "95 % of requests for lists take less than 500 ms"
      goal    = 0.95
    }
  }

  # A burn of 14.4 uses 2 % of 28 days' rest up in an hour, one of 6 a twentieth in six. The short window ends the page
  # soon after the cause has ended.
  burns = {
    fast = { rate = 14.4, long = "3600s", short = "300s", severity = "CRITICAL" }
    slow = { rate = 6, long = "21600s", short = "1800s", severity = "ERROR" }
  }
  burning = { for pair in setproduct(keys(local.slos), keys(local.burns)) : join("-", pair) => { slo = pair[0], burn = local.burns[pair[1]] } }
}

resource "google_monitoring_custom_service" "api" {
  service_id   = "stockcast-api"
  display_name = "Stockcast API"
  depends_on   = [google_project_service.api]
}

# By Cloud Run's own count, which also knows the requests that an instance died of.
resource "google_monitoring_slo" "availability" {
  service             = google_monitoring_custom_service.api.service_id
  slo_id              = "availability"
  display_name        = local.slos.availability.promise
  goal                = local.slos.availability.goal
  rolling_period_days = 28

  request_based_sli {
    good_total_ratio {
      total_service_filter = "metric.type=\"run.googleapis.com/request_count\" AND resource.type=\"cloud_run_revision\" AND resource.labels.service_name=one_of(${join(", ", [for name in local.serving : "\"${name}\""])})"
      bad_service_filter   = "metric.type=\"run.googleapis.com/request_count\" AND resource.type=\"cloud_run_revision\" AND resource.labels.service_name=one_of(${join(", ", [for name in local.serving : "\"${name}\""])}) AND metric.labels.response_code_class=\"5xx\""
    }
  }
}

resource "google_monitoring_slo" "latency" {
  service             = google_monitoring_custom_service.api.service_id
  slo_id              = "latency"
  display_name        = local.slos.latency.promise
  goal                = local.slos.latency.goal
  rolling_period_days = 28

  request_based_sli {
    distribution_cut {
      distribution_filter = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.line["request_latency"].name}\" AND resource.type=\"cloud_run_revision\" AND metric.labels.route=one_of(${join(", ", [for route in local.lists : "\"${route}\""])})"
      range {
        max = 500
      }
    }
  }
}

resource "google_monitoring_alert_policy" "burn" {
  for_each = local.burning

  display_name          = "stockcast ${each.key}"
  combiner              = "AND"
  severity              = each.value.burn.severity
  notification_channels = [google_monitoring_notification_channel.pager.id]

  dynamic "conditions" {
    for_each = [each.value.burn.long, each.value.burn.short]
    content {
      display_name = "${each.key} over ${conditions.value}"
      condition_threshold {
        filter          = "select_slo_burn_rate(\"${each.value.slo == "availability" ? google_monitoring_slo.availability.name : google_monitoring_slo.latency.name}\", \"${conditions.value}\")"
        comparison      = "COMPARISON_GT"
        threshold_value = each.value.burn.rate
        duration        = "0s"
      }
    }
  }

  documentation {
    subject   = "stockcast: ${each.key}"
    mime_type = "text/markdown"
    content   = "${local.slos[each.value.slo].promise}: this promise is broken soon at the present rate.\n\nWhat to do: infra/README.md, \"When it pages\", ${each.value.slo}."
  }
}
