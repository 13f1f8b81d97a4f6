# Who may touch what. Every function and the job has an account of its own with the roles that its `access` names;
# roles are granted on the queues, the one dataset, bucket or secret wherever Google Cloud allows that.

locals {
  access = merge(
    { for name, function in local.functions : name => function.access },
    { (local.forecast_job) = ["firestore_write", "bigquery_write", "checkpoints", "enqueue"] },
  )

  project_roles = {
    firestore_write = ["roles/datastore.user"] # all of them: whoever takes a service token writes down its use
    bigquery_read   = ["roles/bigquery.jobUser", "roles/bigquery.readSessionUser"]
    bigquery_write  = ["roles/bigquery.jobUser", "roles/bigquery.readSessionUser"]
    uploads         = []
    checkpoints     = []
    enqueue         = []
    run_forecast    = []
    client_secrets  = []
  }
  dataset_roles = {
    bigquery_read  = "roles/bigquery.dataViewer"
    bigquery_write = "roles/bigquery.dataEditor"
  }

  project_grants = merge([
    for name, kinds in local.access : {
      for role in flatten([for kind in kinds : local.project_roles[kind]]) : "${name} ${role}" => { name = name, role = role }
    }
  ]...)
  dataset_grants = merge([
    for name, kinds in local.access : {
      for kind in kinds : name => local.dataset_roles[kind] if contains(keys(local.dataset_roles), kind)
    }
  ]...)
  uploaders = toset([for name, kinds in local.access : name if contains(kinds, "uploads")])
  resumers  = toset([for name, kinds in local.access : name if contains(kinds, "checkpoints")])
  launchers = toset([for name, kinds in local.access : name if contains(kinds, "run_forecast")])
  readers   = toset([for name, kinds in local.access : name if contains(kinds, "client_secrets")])
  enqueuers = toset([for name, kinds in local.access : name if contains(kinds, "enqueue")])
}

resource "google_service_account" "workload" {
  for_each = local.access

  account_id   = "stockcast-${each.key}"
  display_name = "Stockcast ${each.key}"
  depends_on   = [google_project_service.api]
}

# Cloud Tasks and Cloud Scheduler call /internal/ handlers with an OIDC token of this account, and nothing else does.
resource "google_service_account" "tasks" {
  account_id   = "stockcast-tasks"
  display_name = "Stockcast tasks and schedules"
  depends_on   = [google_project_service.api]
}

resource "google_project_iam_member" "workload" {
  for_each = local.project_grants

  project = var.project_id
  role    = each.value.role
  member  = google_service_account.workload[each.value.name].member
}

resource "google_project_iam_member" "spans" {
  for_each = var.trace_share > 0 ? local.access : {}

  project = var.project_id
  role    = "roles/telemetry.tracesWriter"
  member  = google_service_account.workload[each.key].member
}

resource "google_bigquery_dataset_iam_member" "workload" {
  for_each = local.dataset_grants

  dataset_id = google_bigquery_dataset.inventory.dataset_id
  role       = each.value
  member     = google_service_account.workload[each.key].member
}

resource "google_storage_bucket_iam_member" "uploads" {
  for_each = local.uploaders

  bucket = google_storage_bucket.uploads.name
  role   = "roles/storage.objectUser"
  member = google_service_account.workload[each.key].member
}

# The forecast job's own part of that bucket; listing is asked about with the prefix that is listed.
resource "google_storage_bucket_iam_member" "checkpoints" {
  for_each = local.resumers

  bucket = google_storage_bucket.uploads.name
  role   = "roles/storage.objectUser"
  member = google_service_account.workload[each.key].member

  condition {
    title      = "checkpoints"
    expression = <<-CEL
      resource.name.startsWith("projects/_/buckets/${google_storage_bucket.uploads.name}/objects/checkpoints/") ||
      api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("checkpoints/")
    CEL
  }
}

# The bucket is made by whoever puts the weights there: a job that could write to it could change every forecast.
resource "google_storage_bucket_iam_member" "weights" {
  count = var.chronos_weights == null ? 0 : 1

  bucket = split("/", var.chronos_weights)[2]
  role   = "roles/storage.objectViewer"
  member = google_service_account.workload[local.forecast_job].member
}

resource "google_cloud_tasks_queue_iam_member" "enqueue" {
  for_each = { for pair in setproduct(local.enqueuers, keys(local.queue_widths)) : join(" ", pair) => pair }

  name     = google_cloud_tasks_queue.work[each.value[1]].name
  location = var.region
  role     = "roles/cloudtasks.enqueuer"
  member   = google_service_account.workload[each.value[0]].member
}

# Enqueueing a task that carries the task account's token is acting as that account.
resource "google_service_account_iam_member" "act_as_tasks" {
  for_each = local.enqueuers

  service_account_id = google_service_account.tasks.name
  role               = "roles/iam.serviceAccountUser"
  member             = google_service_account.workload[each.key].member
}

# The secrets of clients are made by whoever runs the platform, as client_ID_NAME (shared/secrets.py); signing keys and
# whatever else the project holds stay out of reach.
resource "google_project_iam_member" "client_secrets" {
  for_each = local.readers

  project = var.project_id
  role    = "roles/secretmanager.secretAccessor"
  member  = google_service_account.workload[each.key].member

  condition {
    title      = "client_secrets"
    expression = "resource.name.startsWith(\"projects/${data.google_project.this.number}/secrets/client_\")"
  }
}

# A run is started with arguments of its own, which takes more than run.invoker; its execution is looked at and cancelled.
resource "google_cloud_run_v2_job_iam_member" "launch_forecast" {
  for_each = { for pair in setproduct(local.launchers, ["roles/run.jobsExecutorWithOverrides", "roles/run.viewer"]) : join(" ", pair) => pair }

  name     = google_cloud_run_v2_job.forecast.name
  location = var.region
  role     = each.value[1]
  member   = google_service_account.workload[each.value[0]].member
}
