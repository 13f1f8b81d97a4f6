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
        image = var.images[local.forecast_job]

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

  # The image follows when the functions have all traffic, and goes back with them: infra/delivery sets it.
  lifecycle {
    ignore_changes = [template[0].template[0].containers[0].image]
  }

  depends_on = [
    google_project_service.api,
    google_storage_bucket_iam_member.weights,
  ]
}
