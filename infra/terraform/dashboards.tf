# What one looks at: a chart is a title, a unit and PromQL over Cloud Run's own metrics and those of metrics.json, whose
# names tests/infra/terraform/test_metrics.py checks. A log-based metric stockcast/x is logging_googleapis_com:user_stockcast_x.

locals {
  # Dollars, as infra/cost.py has them (a test compares): an instance of 1 vCPU and 1 GiB that answers nobody else, shards of
  # 4 vCPU and 16 GiB. So what a client costs is at most this, without its storage and its part of the installation.
  prices = {
    firestore_reads       = 0.0000006
    firestore_writes      = 0.0000018
    firestore_deletes     = 0.0000002
    bigquery_bytes_billed = 0.00000000000568434188608
    busy                  = 0.0000000265
    shard_seconds         = 0.000104
  }
  # Every client that is there has read something: beside that, what there is none of is zero.
  some_client = "0 * sum by (client_id) (increase(logging_googleapis_com:user_stockcast_firestore_reads_sum{monitored_resource=\"cloud_run_revision\"}[WINDOW]))"
  of_services = { for name in keys(local.prices) : name => "(sum by (client_id) (increase(logging_googleapis_com:user_stockcast_${name}_sum{monitored_resource=\"cloud_run_revision\"}[WINDOW])) or ${local.some_client})" }
  of_job      = { for name in keys(local.prices) : name => "(sum by (client_id) (increase(logging_googleapis_com:user_stockcast_${name}_sum{monitored_resource=\"cloud_run_job\"}[WINDOW])) or ${local.some_client})" }
  of_client   = { for name in keys(local.prices) : name => "(${local.of_services[name]} + ${local.of_job[name]})" }
  cost_a_day  = replace(join(" + ", [for name, price in local.prices : "${format("%.20f", price)} * ${local.of_client[name]}"]), "WINDOW", "1d")

  by_client = {
    firestore_reads       = { title = "Firestore reads a client and hour", unit = "1" }
    firestore_writes      = { title = "Firestore writes a client and hour", unit = "1" }
    firestore_deletes     = { title = "Firestore deletes a client and hour", unit = "1" }
    bigquery_bytes_billed = { title = "BigQuery bytes billed a client and hour", unit = "By" }
  }

  charts = {
    operation = [
      { title = "Requests a second", unit = "1/s", query = "sum by (service_name) (rate(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\"}[5m]))" },
      { title = "Share of 5xx", unit = "10^2.%", query = "sum(rate(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\",response_code_class=\"5xx\"}[5m])) / sum(rate(run_googleapis_com:request_count{monitored_resource=\"cloud_run_revision\"}[5m]))" },
      { title = "Errors by code", unit = "1/s", query = "sum by (code) (rate(logging_googleapis_com:user_stockcast_request_errors{monitored_resource=\"cloud_run_revision\"}[5m]))" },
      { title = "p95 of a request, by route", unit = "ms", query = "histogram_quantile(0.95, sum by (le, route) (rate(logging_googleapis_com:user_stockcast_request_latency_bucket{monitored_resource=\"cloud_run_revision\"}[5m])))" },
      { title = "p50 of a request, by route", unit = "ms", query = "histogram_quantile(0.5, sum by (le, route) (rate(logging_googleapis_com:user_stockcast_request_latency_bucket{monitored_resource=\"cloud_run_revision\"}[5m])))" },
      { title = "p95 of a task, by route", unit = "ms", query = "histogram_quantile(0.95, sum by (le, route) (rate(logging_googleapis_com:user_stockcast_task_latency_bucket{monitored_resource=\"cloud_run_revision\"}[15m])))" },
      { title = "Requests that a backend did not answer, by error", unit = "1/s", query = "sum by (kind) (rate(logging_googleapis_com:user_stockcast_backend_unavailable{monitored_resource=\"cloud_run_revision\"}[5m]))" },
      { title = "Cold starts an hour", unit = "1", query = "sum by (service_name) (increase(logging_googleapis_com:user_stockcast_cold_starts{monitored_resource=\"cloud_run_revision\"}[1h]))" },
      { title = "Instances", unit = "1", query = "sum by (service_name) (run_googleapis_com:container_instance_count{monitored_resource=\"cloud_run_revision\"})" },
      { title = "Tasks that wait", unit = "1", query = "sum by (queue_id) (cloudtasks_googleapis_com:queue_depth{monitored_resource=\"cloud_tasks_queue\"})" },
      { title = "Sign-ins refused in 5 minutes", unit = "1", query = "sum by (code) (increase(logging_googleapis_com:user_stockcast_sign_in_refused{monitored_resource=\"cloud_run_revision\"}[5m]))" },
    ]
    clients = concat(
      [
        { title = "Days since the newest sale", unit = "d", query = "sum by (client_id) (increase(logging_googleapis_com:user_stockcast_data_age_sum{monitored_resource=\"cloud_run_revision\"}[2h])) / sum by (client_id) (increase(logging_googleapis_com:user_stockcast_data_age_count{monitored_resource=\"cloud_run_revision\"}[2h]))" },
        { title = "Days since the forecast", unit = "d", query = "sum by (client_id) (increase(logging_googleapis_com:user_stockcast_forecast_age_sum{monitored_resource=\"cloud_run_revision\"}[2h])) / sum by (client_id) (increase(logging_googleapis_com:user_stockcast_forecast_age_count{monitored_resource=\"cloud_run_revision\"}[2h]))" },
        { title = "Cost a client and day at most, without storage", unit = "USD", query = local.cost_a_day },
        { title = "Runs that failed or were partial, by client and day", unit = "1", query = "sum by (client_id) (increase(logging_googleapis_com:user_stockcast_client_run_trouble{monitored_resource=\"cloud_run_revision\"}[1d]))" },
      ],
      [
        for name, chart in local.by_client : {
          title = chart.title
          unit  = chart.unit
          query = replace(local.of_client[name], "WINDOW", "1h")
        }
      ],
    )
    forecast = [
      { title = "p95 of a shard, by engine", unit = "s", query = "histogram_quantile(0.95, sum by (le, engine) (rate(logging_googleapis_com:user_stockcast_shard_seconds_bucket{monitored_resource=\"cloud_run_job\"}[1d])))" },
      { title = "Shards a day, by outcome", unit = "1", query = "sum by (outcome) (increase(logging_googleapis_com:user_stockcast_shard_seconds_count{monitored_resource=\"cloud_run_job\"}[1d]))" },
      { title = "Shards of another engine than was asked for, by reason and day", unit = "1", query = "sum by (reason) (increase(logging_googleapis_com:user_stockcast_forecast_fallback{monitored_resource=\"cloud_run_job\"}[1d]))" },
      { title = "Executions a day, by result", unit = "1", query = "sum by (result) (increase(run_googleapis_com:job_completed_execution_count{monitored_resource=\"cloud_run_job\"}[1d]))" },
      { title = "Operations that failed for good, by kind and day", unit = "1", query = "sum by (kind) (increase(logging_googleapis_com:user_stockcast_operation_failed{monitored_resource=\"cloud_run_revision\"}[1d]))" },
    ]
  }
}

resource "google_monitoring_dashboard" "page" {
  for_each = local.charts

  dashboard_json = jsonencode({
    displayName = "Stockcast: ${each.key}"
    mosaicLayout = {
      columns = 48
      tiles = [
        for place, chart in each.value : {
          xPos   = (place % 2) * 24
          yPos   = floor(place / 2) * 16
          width  = 24
          height = 16
          widget = {
            title = chart.title
            xyChart = {
              dataSets = [{
                plotType        = "LINE"
                targetAxis      = "Y1"
                timeSeriesQuery = { prometheusQuery = chart.query, unitOverride = chart.unit }
              }]
              yAxis = { scale = "LINEAR" }
            }
          }
        }
      ]
    }
  })

  depends_on = [google_project_service.api]
}
