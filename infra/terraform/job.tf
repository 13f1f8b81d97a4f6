# Forecasts: of a night one execution for all clients that are ready, dealt out to its tasks, each safe to repeat.

locals {
  # What Cloud Run demands with each kind of GPU, which torch its driver takes, and where there are some; infra/images/build.sh
  # chooses the torch by the same word.
  gpu_types    = jsondecode(file("${path.module}/gpu_types.json"))
  forecast_box = var.gpu_type == null ? { cpu = "4", memory = "16Gi" } : { cpu = local.gpu_types[var.gpu_type].cpu, memory = local.gpu_types[var.gpu_type].memory }
}

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
      gpu_zonal_redundancy_disabled = var.gpu_type == null ? null : true

      dynamic "node_selector" {
        for_each = var.gpu_type == null ? [] : [var.gpu_type]
        content {
          accelerator = node_selector.value
        }
      }

      containers {
        image = var.images[local.forecast_job]

        resources {
          limits = merge(local.forecast_box, var.gpu_type == null ? {} : { "nvidia.com/gpu" = "1" })
        }

        dynamic "env" {
          for_each = local.environment
          content {
            name  = env.key
            value = env.value
          }
        }

        # Without a folder the image's own variable stands, which names the weights that were built into it.
        dynamic "env" {
          for_each = { for name, value in {
            STOCKCAST_CHRONOS_WEIGHTS    = var.chronos_weights
            STOCKCAST_CHRONOS_SHA256     = var.chronos_sha256
            STOCKCAST_CHRONOS_COVARIATES = var.chronos_covariates
          } : name => value if value != null }
          content {
            name  = env.key
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
