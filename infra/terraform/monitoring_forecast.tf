# Forecasts that another engine made than was asked for: one line of this message a shard (forecast_job/__main__.py).

resource "google_logging_metric" "forecast_fallback" {
  name        = "stockcast/forecast_fallback"
  description = "Shards of a forecast that the requested engine did not make"
  filter      = "jsonPayload.message=\"forecast fallback\" AND resource.type=\"cloud_run_job\""

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    labels {
      key         = "client"
      description = "Whose forecast it was"
    }
    labels {
      key         = "reason"
      description = "Why: a FallbackCode of shared/domain/forecast_engine.py"
    }
  }
  label_extractors = {
    client = "EXTRACT(jsonPayload.client_id)"
    reason = "EXTRACT(jsonPayload.reason)"
  }

  depends_on = [google_project_service.api]
}
