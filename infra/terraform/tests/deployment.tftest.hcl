# What must hold of the planned cloud, whatever else changes. Runs offline: the provider is mocked.

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}

variables {
  project_id  = "stockcast-test"
  image_tag   = "0123abc"
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
    condition     = alltrue([for service in google_cloud_run_v2_service.function : endswith(service.template[0].containers[0].image, ":0123abc")])
    error_message = "Every function must run the image of the deployed commit."
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
      ])) == (name == "auth" ? join(" ", sort(keys(local.auth_secrets))) : "")
    ])
    error_message = "Only auth may be given a secret: all others hold public keys."
  }
  assert {
    condition     = toset([for grant in google_secret_manager_secret_iam_member.auth : grant.member]) == toset([google_service_account.workload["auth"].member]) && length(google_secret_manager_secret_iam_member.auth) == length(local.auth_secrets)
    error_message = "Only auth may read what signs."
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
}

run "with_a_domain_and_a_gpu" {
  variables {
    domain               = "api.example.com"
    public_function_urls = false
    forecast_gpu         = true
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
    error_message = "With forecast_gpu the job must ask for one L4."
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
        if rule.priority == set.priority && rule.action == "deny(403)" && rule.preview == contains(["rce", "sqli", "xss"], name) && strcontains(try(rule.match[0].expr[0].expression, ""), "'${name}-v33-stable'")
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

run "without_weights_the_job_takes_those_of_its_image" {
  assert {
    condition = length(google_storage_bucket_iam_member.weights) == 0 && length([
      for env in google_cloud_run_v2_job.forecast.template[0].template[0].containers[0].env : env if env.name == "STOCKCAST_CHRONOS_WEIGHTS"
    ]) == 0
    error_message = "Without chronos_weights the image's own variable must stand, and no bucket be opened."
  }
  assert {
    condition     = local.environment.STOCKCAST_FORECAST_ENGINE == "statistical"
    error_message = "Without weights the statistical engine must be the default."
  }
}

run "with_weights_in_a_bucket" {
  variables {
    chronos_weights = "gs://stockcast-weights/chronos-2"
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
    condition     = toset(keys(google_logging_metric.forecast_fallback.label_extractors)) == toset(["client", "reason"])
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

run "bad_variables_are_refused" {
  command = plan
  variables {
    image_tag    = "latest"
    cors_origins = ["https://*.example.com"]
    project_id   = "Nope"
    domain       = "https://api.example.com"
    alert_email  = "nobody"

    chronos_weights = "gs://bucket/folder/"
    jwks            = { keys = [{ kid = "k1", kty = "EC", crv = "P-256", x = "x", y = "y", d = "private" }] }
    secret_versions = { derivation_keys = 0 }
    waf_preview     = ["csrf"]
  }
  expect_failures = [var.jwks, var.secret_versions, var.waf_preview, var.image_tag, var.cors_origins, var.project_id, var.domain, var.alert_email, var.chronos_weights]
}
