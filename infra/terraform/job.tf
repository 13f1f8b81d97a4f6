# Forecasts: of a night one execution for all clients that are ready, dealt out to its tasks, each safe to repeat.

resource "google_cloud_run_v2_job" "forecast" {
  name                = local.forecast_job
  location            = var.region
  deletion_protection = false

  template {
    task_count = var.forecast_task_count

    template {
      service_account               = google_service_account.workload[local.forecast_job].email
      timeout                       = "3600s"
      max_retries                   = 2
      gpu_zonal_redundancy_disabled = var.forecast_gpu ? true : null

      dynamic "node_selector" {
        for_each = var.forecast_gpu ? ["nvidia-l4"] : []
        content {
          accelerator = node_selector.value
        }
      }

      containers {
        image = "${local.image_root}/${local.forecast_job}:${var.image_tag}"

        resources {
          # An L4 comes with at least 4 CPUs and 16 GiB.
          limits = merge(
            { cpu = "4", memory = "16Gi" },
            var.forecast_gpu ? { "nvidia.com/gpu" = "1" } : {},
          )
        }

        dynamic "env" {
          for_each = local.environment
          content {
            name  = env.key
            value = env.value
          }
        }

        dynamic "env" {
          for_each = var.chronos_weights == null ? [] : [var.chronos_weights]
          content {
            name  = "STOCKCAST_CHRONOS_WEIGHTS"
            value = env.value
          }
        }
      }
    }
  }

  depends_on = [
    google_project_service.api,
    google_storage_bucket_iam_member.weights,
  ]
}
