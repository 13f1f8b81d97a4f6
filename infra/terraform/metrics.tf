# What is counted of the lines that functions and the job log, from metrics.json: a filter, the fields that are labels, and
# of a distribution the field that is its value. tests/infra/terraform/test_metrics.py matches the filters against lines
# that running code wrote.

locals {
  metrics = jsondecode(file("${path.module}/metrics.json"))
}

resource "google_logging_metric" "line" {
  for_each = local.metrics

  name            = "stockcast/${each.key}"
  description     = each.value.description
  filter          = each.value.filter
  value_extractor = can(each.value.value) ? "EXTRACT(${each.value.value})" : null

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = can(each.value.value) ? "DISTRIBUTION" : "INT64"
    unit        = try(each.value.unit, "1")

    dynamic "labels" {
      for_each = each.value.labels
      content {
        key         = labels.key
        description = labels.value.description
      }
    }
  }

  label_extractors = { for name, label in each.value.labels : name => "EXTRACT(${label.field})" }

  dynamic "bucket_options" {
    for_each = can(each.value.bounds) ? [each.value.bounds] : []
    content {
      explicit_buckets {
        bounds = bucket_options.value
      }
    }
  }

  depends_on = [google_project_service.api]
}
