# What must hold of the planned cloud, whatever else changes. Runs offline: the provider is mocked.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}

# Nothing can be imported from a mock: what adopted.tf takes over is made up.
override_resource {
  target = google_artifact_registry_repository.images
  values = { repository_id = "stockcast" }
}
override_resource {
  target = google_secret_manager_secret.auth
}
override_resource {
  target = google_secret_manager_secret.chat
}

variables {
  project_id  = "stockcast-test"
  environment = "staging"
  images = {
    analytics       = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/analytics@sha256:65f98121a162a56ad8ee919ed9ea394b9eabd8714616acf30636c6092ee350b9"
    audit           = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/audit@sha256:b81f37a043a6f767e7c94d105f4bd31282f3ecc20680bb9d09bd93461cf4c863"
    auth            = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/auth@sha256:bdf49c3c3882102fc017ffb661108c63a836d065888a4093994398cc55c2ea2f"
    campaigns       = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/campaigns@sha256:7a4c3d21f9c6ee03d35af5d21d8bc5f0255147863b2c789dcde044f15d8a7260"
    chat            = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/chat@sha256:31e06f7d89feb99a0e6c0affe198748c3bb5bef5e3cc92d95cb9e996197d3fc3"
    dashboard       = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/dashboard@sha256:66cd9688a2ae068244ea01e70f0e230f5623b7fa4cdecb65070a09ec06452262"
    etl             = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/etl@sha256:631fd8e1ffac93e47a9eeeaeb7c7ffa4ed64c93ebc79450f33ff81bd2ff69a91"
    events          = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/events@sha256:5a0c1b7f6e2d9c84b3f1a6d7e8c9b0a1d2e3f4051627384950a1b2c3d4e5f607"
    forecast        = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/forecast@sha256:59f0db478528b4c446cfaf3d5b8a358dc500a6d97b29a215ee8c216a2f7174e2"
    inventory       = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/inventory@sha256:b11a85b296a90afc460430434a504e7acb04b064575b7277724688af0e59d189"
    locations       = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/locations@sha256:f0a5e562723ae8c06e5d7d8e26295fec95c5b7cc0f1887a5e7b6ce8552dea30f"
    notifications   = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/notifications@sha256:8bb6922758ad870f844ad0b4796ab55e1b6d5e31065ce9e4df2806b832a7b384"
    operations      = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/operations@sha256:74de07c4e919534b1b460e3465bb216ce0cc2bd458e42abaf0f22448da08d063"
    order-planning  = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/order-planning@sha256:e8519d19ec30042e89b9f12ca356eb60ae29d70ce5f52545af921e3e8d89939c"
    products        = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/products@sha256:0a3e27b8ca818264d75c8d816c12922c0e6d1c919204e329c580fbc9429ab4f9"
    purchase-orders = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/purchase-orders@sha256:6da9a97ff9670230382d3fc4279482eaa87d0fda0a9770c34830e56598f37440"
    recommendations = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/recommendations@sha256:f9b89ad44ffd52b6b45b9e8f2b4411b359dbd1f3da3f0d4b79c165ef77b5667a"
    settings        = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/settings@sha256:cde0fb0dec1400c54a0f7e7eafa73624c53e4da258bbd34b3380a0defeba95c1"
    suppliers       = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/suppliers@sha256:5fe59515134827f684605b4ae39ed6266d747c34a2e66e57d8e6bb09d7b83a75"
    forecast-job    = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/forecast-job@sha256:eb9a7b42937e95f22deef8082918d55dd99ed386321aa0470bc87eb495f3ddc9"
    delivery        = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/delivery@sha256:b4af39d5b65a14849e885a9d65f0efe4f4e689989689c28c16cfcb3a6e78db5a"
  }
  alert_email = "pager@example.com"

  public_function_urls = true

  jwks = { keys = [{ kid = "k1", kty = "EC", crv = "P-256", x = "x", y = "y", alg = "ES256", use = "sig" }] }
}

run "data_is_guarded_and_can_be_recovered" {
  assert {
    condition     = alltrue([for table in google_bigquery_table.table : table.require_partition_filter && table.deletion_protection])
    error_message = "Every table must require a partition filter and be protected from deletion."
  }
  assert {
    condition     = google_bigquery_table.table["etl_rejects"].time_partitioning[0].expiration_ms == 34560000000 && lookup(local.table_days, "ts_demand_daily", 0) == 0
    error_message = "Rejects must go after 400 days, and demand never."
  }
  assert {
    condition     = alltrue([for table in google_bigquery_table.table : table.clustering[0] == "client_id"])
    error_message = "Every query filters on client_id first, so every table must be clustered by it first."
  }
  assert {
    condition = alltrue([
      for table in google_bigquery_table.table :
      contains([for column in jsondecode(table.schema) : column.name if column.mode == "REQUIRED" && column.type == "DATE"], table.time_partitioning[0].field)
    ])
    error_message = "Every table must be partitioned by a required DATE column of its own."
  }

  assert {
    condition     = google_firestore_database.default.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED" && google_firestore_database.default.delete_protection_state == "DELETE_PROTECTION_ENABLED"
    error_message = "Firestore must keep point-in-time recovery and delete protection."
  }
  assert {
    condition     = alltrue([for field in google_firestore_field.expiry : length(field.ttl_config) == 1])
    error_message = "Every expiry field must have a TTL policy."
  }

  assert {
    condition     = google_storage_bucket.uploads.public_access_prevention == "enforced" && google_storage_bucket.uploads.uniform_bucket_level_access
    error_message = "The bucket must refuse public access and object ACLs."
  }
  assert {
    condition     = google_storage_bucket.uploads.lifecycle_rule[0].condition[0].age == 7 && tolist(google_storage_bucket.uploads.lifecycle_rule[0].action)[0].type == "Delete"
    error_message = "Uploads must go after a week."
  }
}

run "streams_of_events_stay_open" {
  assert {
    condition     = google_cloud_run_v2_service.function["events"].template[0].timeout == "3600s"
    error_message = "A stream of events must be given as long as Cloud Run and the load balancer leave a request open: 3600 s."
  }
  assert {
    condition = anytrue([
      for env in google_cloud_run_v2_service.function["events"].template[0].containers[0].env :
      env.name == "STOCKCAST_EVENT_STREAMS" && env.value == tostring(google_cloud_run_v2_service.function["events"].template[0].max_instance_request_concurrency - 10)
    ])
    error_message = "events must have threads left to refuse a stream with."
  }
}

run "functions_have_their_own_identity_and_the_whole_configuration" {
  assert {
    condition     = length(distinct([for name in keys(local.functions) : google_cloud_run_v2_service.function[name].template[0].service_account])) == length(local.functions)
    error_message = "Every function must run as a service account of its own."
  }
  assert {
    condition     = alltrue([for service in google_cloud_run_v2_service.function : service.template[0].containers[0].startup_probe[0].http_get[0].path == "/health"])
    error_message = "Every function must be ready only once it answers /health."
  }
  assert {
    condition     = alltrue([for service in google_cloud_run_v2_service.function : service.template[0].containers[0].image == var.images[service.name]])
    error_message = "Every function must run its image, by its digest."
  }
  assert {
    condition     = alltrue([for name in ["etl", "inventory"] : google_cloud_run_v2_service.function[name].template[0].timeout == "1800s"])
    error_message = "etl and inventory must be given as long as Cloud Tasks waits for a task: 1800 s."
  }
  assert {
    condition     = alltrue([for function in local.functions : length(setsubtract(function.access, keys(local.project_roles))) == 0])
    error_message = "Every access that functions.json names must be defined in identity.tf."
  }

  assert {
    condition = toset(regexall("STOCKCAST_[A-Z_]+", join(" ", regexall("\"STOCKCAST_[A-Z_]+\"", file("../../shared/config.py"))))) == toset(concat(["STOCKCAST_JWT_KEYS"], [
      for env in google_cloud_run_v2_service.function["auth"].template[0].containers[0].env : env.name if startswith(env.name, "STOCKCAST_")
    ]))
    error_message = "auth must be given exactly the STOCKCAST_ variables that shared/config.py reads, less the secret of HS256."
  }
  assert {
    condition     = toset([for env in google_cloud_run_v2_job.forecast.template[0].template[0].containers[0].env : env.name]) == toset(keys(local.environment))
    error_message = "The job must be given the same variables as the functions, less all keys."
  }
  assert {
    condition = alltrue([
      for name, service in google_cloud_run_v2_service.function : join(" ", sort([
        for env in service.template[0].containers[0].env : env.name if length(env.value_source) > 0
      ])) == join(" ", sort(keys(lookup(local.function_secrets, name, {}))))
    ])
    error_message = "Only auth, and chat for its proposals, may be given a secret: all others hold public keys."
  }
  assert {
    condition     = toset([for grant in google_secret_manager_secret_iam_member.auth : grant.member]) == toset([google_service_account.workload["auth"].member]) && length(google_secret_manager_secret_iam_member.auth) == length(local.auth_secrets)
    error_message = "Only auth may read what signs."
  }
  assert {
    condition     = toset([for grant in google_secret_manager_secret_iam_member.chat : grant.member]) == toset([google_service_account.workload["chat"].member]) && length(setintersection([for secret in local.chat_secrets : secret.name], [for secret in local.auth_secrets : secret.name])) == 0
    error_message = "chat must have a ring of its own, which it alone reads."
  }
  assert {
    condition = alltrue([
      for service in google_cloud_run_v2_service.function : [
        for env in service.template[0].containers[0].env : jsondecode(env.value).keys[0].kid if env.name == "STOCKCAST_JWKS"
      ] == ["k1"]
    ])
    error_message = "Every function must be given the public keys of access tokens."
  }
  assert {
    condition     = local.environment.STOCKCAST_FUNCTION_URL == "https://{function}-123456789012.europe-west1.run.app"
    error_message = "Functions must find each other at Cloud Run's predictable address."
  }
  assert {
    condition = alltrue([
      for env in google_cloud_run_v2_service.function["auth"].template[0].containers[0].env :
      env.value_source[0].secret_key_ref[0].version == "1" if length(env.value_source) > 0
    ])
    error_message = "auth's secrets must come from a pinned version, never as a value."
  }
  assert {
    condition     = length(regexall("EMULATOR", join(" ", keys(local.environment)))) == 0
    error_message = "No emulator in the cloud."
  }

  assert {
    condition     = alltrue([for grant in google_project_iam_member.workload : !contains(["roles/owner", "roles/editor", "roles/viewer"], grant.role) && !endswith(grant.role, "admin") && !endswith(grant.role, "Admin")])
    error_message = "No workload may hold a basic or an admin role."
  }
  assert {
    condition     = toset([for name, _ in google_bigquery_dataset_iam_member.workload : name]) == toset(["analytics", "campaigns", "etl", "forecast", "forecast-job", "inventory", "products", "purchase-orders"])
    error_message = "Only these functions and the job read or write BigQuery."
  }
  assert {
    condition     = google_bigquery_dataset_iam_member.workload["products"].role == "roles/bigquery.dataViewer"
    error_message = "products only reads BigQuery."
  }
  assert {
    condition     = toset(keys(google_storage_bucket_iam_member.uploads)) == toset(["etl"])
    error_message = "Only etl touches uploaded files."
  }
  assert {
    condition     = toset(keys(google_project_iam_member.client_secrets)) == toset(["etl", "notifications"]) && strcontains(google_project_iam_member.client_secrets["etl"].condition[0].expression, "/secrets/client_")
    error_message = "Only etl and notifications read clients' secrets, and no other secret by that grant."
  }
  assert {
    condition     = toset(keys(google_storage_bucket_iam_member.checkpoints)) == toset(["forecast-job"]) && strcontains(google_storage_bucket_iam_member.checkpoints["forecast-job"].condition[0].expression, "/objects/checkpoints/")
    error_message = "The forecast job touches its checkpoints only."
  }
  assert {
    condition = alltrue([
      for queue in ["stockcast", "stockcast-syncs"] :
      toset([for key in keys(google_cloud_tasks_queue_iam_member.enqueue) : split(" ", key)[0] if split(" ", key)[1] == queue])
      == setunion([local.forecast_job], [for name, function in local.functions : name if contains(function.access, "enqueue")])
    ]) && toset(keys(google_service_account_iam_member.act_as_tasks)) == local.enqueuers
    error_message = "The job and the functions that start work must be able to enqueue it, as the task account."
  }
  assert {
    condition     = toset([for grant in google_cloud_run_v2_job_iam_member.launch_forecast : grant.member]) == toset([google_service_account.workload["forecast"].member])
    error_message = "Only forecast starts the job with arguments of its own."
  }

  assert {
    condition     = length(google_compute_backend_service.function) == 0 && google_cloud_run_v2_service.function["auth"].ingress == "INGRESS_TRAFFIC_ALL"
    error_message = "Without a domain there is no load balancer, and functions must be reachable."
  }
}

run "work_is_retried_and_failure_pages" {
  assert {
    condition = alltrue([
      for queue in google_cloud_tasks_queue.work :
      queue.retry_config[0].max_attempts > 5 * tonumber(regex("MAX_ATTEMPTS = (\\d+)", file("../../shared/tasks/worker.py"))[0])
    ])
    error_message = "A queue must go on well beyond the worker's own attempts, or an operation may never be marked failed."
  }
  assert {
    condition = sum([for queue in google_cloud_tasks_queue.work : queue.rate_limits[0].max_concurrent_dispatches]) <= sum([
      for name in ["etl", "inventory"] : local.functions[name].max_instances * local.functions[name].concurrency
    ])
    error_message = "The queues must not dispatch more than etl and inventory can run at once."
  }
  assert {
    condition     = google_cloud_tasks_queue.work["stockcast-syncs"].rate_limits[0].max_concurrent_dispatches <= 0.75 * local.functions["etl"].max_instances * local.functions["etl"].concurrency
    error_message = "Syncs that wait for slow databases must leave a quarter of etl to imports."
  }
  assert {
    condition = alltrue([
      for name, job in google_cloud_scheduler_job.internal :
      job.http_target[0].oidc_token[0].audience == "https://${local.schedules[name].function}-123456789012.europe-west1.run.app"
    ])
    error_message = "A schedule's token must be meant for the function it calls (Config.url_of)."
  }
  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.internal : startswith(job.http_target[0].uri, "${job.http_target[0].oidc_token[0].audience}/")])
    error_message = "A schedule must call the function that its token is meant for."
  }

  # Every zone has its two in the morning at a full or half hour of UTC: an hourly call finds it within the hour.
  assert {
    condition     = google_cloud_scheduler_job.internal["daily-run"].schedule == "0 * * * *" && local.schedules["daily-run"].function == "etl" && google_cloud_scheduler_job.internal["daily-run"].retry_config[0].retry_count == 3
    error_message = "The daily runs must be started hourly, and again when that fails."
  }
  assert {
    condition     = alltrue([for job in google_cloud_scheduler_job.internal : !strcontains(job.http_target[0].uri, "run.googleapis.com")])
    error_message = "No schedule starts the forecast job by itself: it follows a client's data."
  }
  assert {
    condition     = toset([for name, schedule in local.schedules : name if schedule.schedule == "* * * * *"]) == toset(["drain-outbox", "watch-forecasts"])
    error_message = "Outboxes must be drained and waiting forecasts started every minute."
  }

  assert {
    condition = alltrue([
      for name, alert in google_monitoring_alert_policy.alert :
      length(alert.notification_channels) == 1 && strcontains(file("../README.md"), "### ${name}")
    ])
    error_message = "Every alert must page, and have its entry in infra/README.md."
  }
  assert {
    condition     = google_monitoring_alert_policy.daily_run_missing.conditions[0].condition_absent[0].duration == "10800s" && strcontains(file("../README.md"), "### daily-run-missing")
    error_message = "Daily runs that nobody starts must page."
  }
  assert {
    condition = toset(keys(google_monitoring_alert_policy.burn)) == toset(["availability-fast", "availability-slow", "latency-fast", "latency-slow"]) && alltrue([
      for policy in google_monitoring_alert_policy.burn : policy.combiner == "AND" && length(policy.conditions) == 2
    ])
    error_message = "Each promise must page over a long and a short window, fast and slow."
  }
  assert {
    condition     = google_monitoring_slo.availability.goal == 0.999 && google_monitoring_slo.latency.goal == 0.95 && google_monitoring_slo.latency.request_based_sli[0].distribution_cut[0].range[0].max == 500 && contains(local.metrics.request_latency.bounds, 500)
    error_message = "The promises must be those that the documents tell, and a bucket must end at the limit."
  }
  assert {
    condition     = alltrue([for name in local.serving : contains(keys(local.functions), name)]) && length(local.serving) == length(local.functions) - 6
    error_message = "The functions that take tasks must not count as serving."
  }
  assert {
    condition     = length(google_billing_budget.month) == 0 && length(google_project_iam_member.spans) == 0 && local.environment.OTEL_EXPORTER_OTLP_ENDPOINT == ""
    error_message = "Without a billing account there is no budget, and without a share of traces nothing is sent."
  }
}

run "with_a_domain_and_a_gpu" {
  variables {
    domain               = "api.example.com"
    public_function_urls = false
    gpu_type             = "nvidia-l4"
  }
  assert {
    condition     = alltrue([for service in google_cloud_run_v2_service.function : service.ingress == "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"])
    error_message = "With a load balancer, functions must not be reachable around it."
  }
  assert {
    condition = toset(flatten([for rule in google_compute_url_map.api["api.example.com"].path_matcher[0].path_rule : rule.paths])) == toset(flatten([
      for function in local.functions : [for path in function.paths : ["/api/v1/${path}", "/api/v1/${path}/*"]]
    ]))
    error_message = "Every path of every function must be routed."
  }
  assert {
    condition     = output.api_url == "https://api.example.com/api/v1"
    error_message = "The API's address must be put out."
  }

  assert {
    condition     = google_cloud_run_v2_job.forecast.template[0].template[0].node_selector[0].accelerator == "nvidia-l4" && google_cloud_run_v2_job.forecast.template[0].template[0].containers[0].resources[0].limits["nvidia.com/gpu"] == "1"
    error_message = "The job must ask for one L4."
  }
  assert {
    condition     = google_cloud_run_v2_job.forecast.template[0].template[0].containers[0].resources[0].limits["cpu"] == "4" && google_cloud_run_v2_job.forecast.template[0].template[0].containers[0].resources[0].limits["memory"] == "16Gi"
    error_message = "Cloud Run gives an L4 to no less than 4 CPUs and 16 GiB."
  }
  assert {
    condition     = google_cloud_run_v2_job.forecast.template[0].template[0].max_retries > 0
    error_message = "A shard must be retried."
  }
}

run "the_edge" {
  variables {
    domain               = "api.example.com"
    public_function_urls = false
  }
  assert {
    condition     = alltrue([for service in google_cloud_run_v2_service.function : one([for env in service.template[0].containers[0].env : env.value if env.name == "STOCKCAST_API_HOST"]) == "api.example.com"])
    error_message = "A function must know which host its outside requests name."
  }
  assert {
    condition = alltrue([
      for path in [
        "/api/v1/auth/token", "/token", "/auth/token", "//auth//token", "/api/v1//auth/token", "/api//v1/auth/token/", "/api/v1/auth/refresh", "/api/v1/token",
        "/api/v1/auth/password", "/api/v1/auth/password-reset",
      ] : can(regex(local.sign_in, path))
    ]) && !can(regex(local.sign_in, "/api/v1/auth/me")) && !can(regex(local.sign_in, "/api/v1/products/token"))
    error_message = "The limit of sign-ins must hold for every spelling of their addresses, and for nothing else."
  }
  assert {
    condition = alltrue([
      for path in ["/internal/daily", "/api/v1/etl/internal/daily", "/etl//internal/daily", "//api/v1//operations/internal/drain-outbox", "/api/v1/internal"] :
      can(regex(local.internal, path))
    ]) && !can(regex(local.internal, "/api/v1/products/internal/metrics")) && !can(regex(local.internal, "/api/v1/etl/sources/internal"))
    error_message = "Internal paths must be denied however they are spelled, and no item that is called internal."
  }
  assert {
    condition = [
      for rule in google_compute_security_policy.api["api.example.com"].rule : rule.match[0].expr[0].expression if rule.priority == 100 || rule.priority == 1000
    ] == ["request.path.urlDecode().lower().matches('${local.internal}')", "request.path.urlDecode().lower().matches('${local.sign_in}')"]
    error_message = "The two rules of paths must look at the decoded path in lower case."
  }
  assert {
    condition     = alltrue([for rule in google_compute_security_policy.api["api.example.com"].rule : rule.action == "deny(404)" if rule.priority == 100])
    error_message = "Internal paths must not be there."
  }
  assert {
    condition = alltrue([
      for name, set in local.waf : length([
        for rule in google_compute_security_policy.api["api.example.com"].rule : rule
        if rule.priority == set.priority && rule.action == "deny(403)" && rule.preview == contains(["rce", "sqli", "xss"], name) && strcontains(try(rule.match[0].expr[0].expression, ""), "'${name}-v422-stable'")
      ]) == 1
    ]) && toset(keys(local.waf)) == toset(["lfi", "protocolattack", "rce", "scannerdetection", "sqli", "xss"])
    error_message = "Each of OWASP's sets must deny, or log where it is in preview."
  }
  assert {
    condition = alltrue([
      for rule in google_compute_security_policy.api["api.example.com"].rule : rule.priority < 1000 if startswith(rule.action, "deny")
    ])
    error_message = "What denies must come before what counts: a rule that lets pass ends the search."
  }
  assert {
    condition = alltrue([
      for path in ["/api/v1/etl/import", "/api/v1/suppliers/import", "/api/v1/product-suppliers/import"] : can(regex(local.upload, path))
    ]) && !can(regex(local.upload, "/api/v1/etl/import/x")) && !can(regex(local.upload, "/api/v1/auth/token"))
    error_message = "Only uploads are spared."
  }
  assert {
    condition = alltrue([
      for rule in google_compute_security_policy.api["api.example.com"].rule :
      rule.action == "rate_based_ban" && rule.rate_limit_options[0].ban_duration_sec == 900 && rule.rate_limit_options[0].enforce_on_key == "IP" if rule.priority == 1000
    ])
    error_message = "Who goes on guessing must be banned for a while."
  }
  assert {
    condition     = google_compute_security_policy.api["api.example.com"].advanced_options_config[0].json_parsing == "STANDARD" && google_compute_security_policy.api["api.example.com"].adaptive_protection_config[0].layer_7_ddos_defense_config[0].enable
    error_message = "JSON must be understood, and floods noticed."
  }
  assert {
    condition     = alltrue([for backend in google_compute_backend_service.function : backend.log_config[0].sample_rate == 1]) && strcontains(google_logging_project_exclusion.accepted["api.example.com"].filter, "outcome=\"ACCEPT\"")
    error_message = "All that was denied must be logged; only what was let pass may be thinned out."
  }
  assert {
    condition     = google_compute_ssl_policy.api["api.example.com"].min_tls_version == "TLS_1_2" && google_compute_ssl_policy.api["api.example.com"].profile == "RESTRICTED"
    error_message = "TLS must be 1.2 or later, with forward secrecy only."
  }
  assert {
    condition = alltrue([
      for map in [google_compute_url_map.redirect["api.example.com"], google_compute_url_map.api["api.example.com"]] :
      map.default_url_redirect[0].https_redirect && map.default_url_redirect[0].host_redirect == "api.example.com"
    ]) && google_compute_global_forwarding_rule.redirect["api.example.com"].port_range == "80"
    error_message = "HTTP, and any other host, must lead to https://api.example.com."
  }
}

run "rule_sets_that_are_quiet_are_enforced" {
  variables {
    domain               = "api.example.com"
    public_function_urls = false
    waf_preview          = []
  }
  assert {
    condition     = alltrue([for rule in google_compute_security_policy.api["api.example.com"].rule : rule.preview != true])
    error_message = "With an empty waf_preview every set must deny."
  }
}

run "functions_are_not_public_unless_that_is_meant" {
  command = plan
  variables {
    public_function_urls = false
  }
  expect_failures = [var.domain]
}

run "a_load_balancer_with_a_way_around_it_is_refused" {
  command = plan
  variables {
    domain = "api.example.com"
  }
  expect_failures = [var.domain]
}

run "with_the_larger_gpu" {
  command = plan
  variables {
    gpu_type = "nvidia-rtx-pro-6000"
    region   = "europe-west4"
  }
  assert {
    condition     = google_cloud_run_v2_job.forecast.template[0].template[0].node_selector[0].accelerator == "nvidia-rtx-pro-6000" && google_cloud_run_v2_job.forecast.template[0].template[0].gpu_zonal_redundancy_disabled
    error_message = "The job must ask for the GPU that was chosen."
  }
  assert {
    condition = google_cloud_run_v2_job.forecast.template[0].template[0].containers[0].resources[0].limits == tomap({
      "cpu" = "20", "memory" = "80Gi", "nvidia.com/gpu" = "1"
    })
    error_message = "Cloud Run gives an RTX PRO 6000 to no less than 20 CPUs and 80 GiB."
  }
}

run "without_weights_the_job_takes_those_of_its_image" {
  assert {
    condition = length(google_storage_bucket_iam_member.weights) == 0 && length([
      for env in google_cloud_run_v2_job.forecast.template[0].template[0].containers[0].env : env if env.name == "STOCKCAST_CHRONOS_WEIGHTS"
    ]) == 0
    error_message = "Without chronos_weights the image's own variable must stand, and no bucket be opened."
  }
  assert {
    condition     = length(google_cloud_run_v2_job.forecast.template[0].template[0].node_selector) == 0 && google_cloud_run_v2_job.forecast.template[0].template[0].containers[0].resources[0].limits == tomap({ "cpu" = "4", "memory" = "16Gi" })
    error_message = "Without gpu_type there must be no GPU."
  }
  assert {
    condition     = local.environment.STOCKCAST_FORECAST_ENGINE == "statistical"
    error_message = "Without weights the statistical engine must be the default."
  }
}

run "with_weights_in_a_bucket" {
  variables {
    chronos_weights = "gs://stockcast-weights/chronos-2"
    chronos_sha256  = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }
  assert {
    condition = [
      for env in google_cloud_run_v2_job.forecast.template[0].template[0].containers[0].env : env.value if env.name == "STOCKCAST_CHRONOS_SHA256"
    ] == [var.chronos_sha256]
    error_message = "The job must be told which weights are the right ones."
  }
  assert {
    condition = [
      for env in google_cloud_run_v2_job.forecast.template[0].template[0].containers[0].env : env.value if env.name == "STOCKCAST_CHRONOS_WEIGHTS"
    ] == ["gs://stockcast-weights/chronos-2"]
    error_message = "The job must be told where its weights are."
  }
  assert {
    condition     = local.environment.STOCKCAST_FORECAST_ENGINE == "chronos2"
    error_message = "Weights that are paid for must be used at night."
  }
  assert {
    condition     = toset(keys(google_logging_metric.line["forecast_fallback"].label_extractors)) == toset(["client_id", "reason"])
    error_message = "Fallbacks must be counted by client and reason."
  }
  assert {
    condition = alltrue([
      for grant in google_storage_bucket_iam_member.weights :
      grant.bucket == "stockcast-weights" && grant.role == "roles/storage.objectViewer" && grant.member == google_service_account.workload["forecast-job"].member
    ]) && length(google_storage_bucket_iam_member.weights) == 1
    error_message = "The job, and nobody else, must be able to read the weights, and not to write them."
  }
}

run "a_release_is_built_and_deployed_to_staging" {
  variables {
    repository   = "projects/stockcast-test/locations/europe-west1/connections/github/repositories/stockcast"
    next_project = "stockcast-prod"
  }
  assert {
    condition     = google_cloudbuild_trigger.deploy.approval_config[0].approval_required == false && google_cloudbuild_trigger.build["build"].approval_config[0].approval_required == false
    error_message = "Staging must not wait for anybody."
  }
  assert {
    condition     = google_cloudbuild_trigger.build["build"].substitutions == tomap({ _REGION = "europe-west1", _ENVIRONMENT = "staging", _NEXT_PROJECT = "stockcast-prod" })
    error_message = "What is well in staging must be proposed to production."
  }
  assert {
    condition     = length(setsubtract(keys(merge(google_cloudbuild_trigger.build["build"].substitutions, google_cloudbuild_trigger.rebuild["build"].substitutions)), keys(yamldecode(file("../../cloudbuild.yaml")).substitutions))) == 0
    error_message = "Triggers must give substitutions that cloudbuild.yaml has."
  }
  assert {
    condition     = google_cloud_scheduler_job.rebuild["build"].schedule == "0 4 * * 1" && google_cloudbuild_trigger.rebuild["build"].substitutions["_RELEASE"] == "$${SHORT_SHA}-$${BUILD_ID}"
    error_message = "The base image must be taken anew once a week, as a release of its own."
  }
  assert {
    condition     = length(google_cloud_run_v2_job.smoke) == 0 && strcontains(output.deployment_env, "SMOKE_JOB=''\n") && strcontains(output.deployment_env, "GOOGLE_CLOUD_PROJECT='stockcast-test'\n")
    error_message = "Without a load balancer the build itself tries new revisions, and knows where."
  }
}

run "production_takes_the_releases_of_staging_and_waits_for_an_approval" {
  variables {
    environment   = "production"
    releases_from = "stockcast-staging"
    domain        = "api.example.com"

    public_function_urls = false
  }
  assert {
    condition     = google_cloudbuild_trigger.deploy.approval_config[0].approval_required
    error_message = "Production must wait for an approval."
  }
  assert {
    condition     = google_cloudbuild_trigger.deploy.substitutions["_RELEASES"] == "gs://stockcast-staging-terraform/releases" && google_cloudbuild_trigger.deploy.substitutions["_IMAGE_ROOT"] == "europe-west1-docker.pkg.dev/stockcast-staging/stockcast"
    error_message = "Releases must come from the project that has built them, whatever the message says."
  }
  assert {
    condition     = toset(keys(google_cloudbuild_trigger.deploy.substitutions)) == toset(keys(yamldecode(file("../../cloudbuild.deploy.yaml")).substitutions))
    error_message = "The trigger must give every substitution of cloudbuild.deploy.yaml."
  }
  assert {
    condition     = join(" ", google_cloudbuild_trigger.deploy.build[0].step[*].id) == "fetch keys apply roll-out"
    error_message = "The trigger must run cloudbuild.deploy.yaml."
  }
  assert {
    condition     = google_pubsub_topic_iam_member.proposes[0].member == "serviceAccount:stockcast-deploy@stockcast-staging.iam.gserviceaccount.com" && google_pubsub_topic_iam_member.proposes[0].role == "roles/pubsub.publisher"
    error_message = "Staging may propose a release to production, and nothing else."
  }
  assert {
    condition     = length(google_cloudbuild_trigger.build) == 0 && length(google_cloud_scheduler_job.rebuild) == 0
    error_message = "A project without the repository builds nothing."
  }
  assert {
    condition     = strcontains(output.deployment_env, "SMOKE_JOB='smoke'\n") && google_cloud_run_v2_job.smoke["api.example.com"].template[0].template[0].vpc_access[0].egress == "ALL_TRAFFIC"
    error_message = "Behind a load balancer a job in the project's own network must try new revisions."
  }
}

run "with_traces_and_a_budget" {
  variables {
    trace_share     = 0.1
    billing_account = "012345-6789AB-CDEF01"
    monthly_budget  = 500
  }
  assert {
    condition     = local.environment.OTEL_EXPORTER_OTLP_ENDPOINT == "https://telemetry.googleapis.com" && local.environment.OTEL_TRACES_SAMPLER_ARG == "0.1" && toset(keys(google_project_iam_member.spans)) == toset(keys(local.access))
    error_message = "Every function and the job must be told where spans go, and may write them."
  }
  assert {
    condition     = google_billing_budget.month[0].amount[0].specified_amount[0].units == "500" && length(google_billing_budget.month[0].threshold_rules) == 4
    error_message = "The budget must be the one that was asked for."
  }
}

run "bad_variables_are_refused" {
  command = plan
  variables {
    environment     = "test"
    images          = { auth = "europe-west1-docker.pkg.dev/stockcast-test/stockcast/auth:latest" }
    cors_origins    = ["https://*.example.com"]
    project_id      = "Nope"
    domain          = "https://api.example.com"
    alert_email     = "nobody"
    trace_share     = 10
    billing_account = "mine"
    monthly_budget  = 0.5

    chronos_weights = "gs://bucket/folder/"
    gpu_type        = "nvidia-t4"
    jwks            = { keys = [{ kid = "k1", kty = "EC", crv = "P-256", x = "x", y = "y", d = "private" }] }
    secret_versions = { derivation_keys = 0 }
    waf_preview     = ["csrf"]

    requests_per_minute = -1
  }
  expect_failures = [var.trace_share, var.billing_account, var.monthly_budget, var.jwks, var.secret_versions, var.waf_preview, var.requests_per_minute, var.images, var.environment, var.cors_origins, var.project_id, var.domain, var.alert_email, var.chronos_weights, var.gpu_type]
}

run "weights_without_a_pin_are_refused" {
  command = plan
  variables {
    chronos_weights = "gs://stockcast-weights/chronos-2"
  }
  expect_failures = [var.chronos_sha256]
}
