variable "project_id" {
  description = "The Google Cloud project, one per environment: names inside it carry no environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id must be 6 to 30 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "region" {
  description = "Where everything lives: Firestore and BigQuery locations cannot be changed later."
  type        = string
  default     = "europe-west1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region must be a single region such as europe-west1: functions, data and queue stay together."
  }
}

variable "images" {
  description = "What is deployed, by digest: the name of each image -> REPOSITORY@sha256:..., as images.json of a release has it."
  type        = map(string)

  validation {
    condition     = toset(keys(var.images)) == toset(concat(keys(jsondecode(file("${path.module}/functions.json"))), ["forecast-job", "delivery"]))
    error_message = "images must name every function of functions.json, forecast-job and delivery, and nothing else."
  }
  validation {
    condition = alltrue([
      for name, image in var.images : can(regex("^[a-z0-9-]+-docker\\.pkg\\.dev/[a-z0-9-]+/stockcast/${name}@sha256:[0-9a-f]{64}$", image))
    ])
    error_message = "each of images must be REGION-docker.pkg.dev/PROJECT/stockcast/NAME@sha256:DIGEST, never a tag, which could move."
  }
}

variable "environment" {
  description = "What this project is: the name of its file in environments/. Deployments to production wait for an approval."
  type        = string

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "environment must be staging or production."
  }
}

variable "releases_from" {
  description = "The project that builds the releases, in whose bucket and repository they are. Null: this one."
  type        = string
  default     = null
}

variable "next_project" {
  description = "The project to which a release that was well here is proposed: production's, where this one is staging. Null: none."
  type        = string
  default     = null
}

variable "repository" {
  description = "The connected repository, projects/P/locations/R/connections/C/repositories/N, whose main is built when pushed and once a week. Null: builds are submitted by hand."
  type        = string
  default     = null

  validation {
    condition     = var.repository == null || can(regex("^projects/[^/]+/locations/[^/]+/connections/[^/]+/repositories/[^/]+$", var.repository))
    error_message = "repository must be projects/P/locations/R/connections/C/repositories/N."
  }
}

variable "watch_seconds" {
  description = "So long each step of traffic (5, 25, 100 %) is watched before the next. Metrics come up to 3 minutes late."
  type        = number
  default     = 600

  validation {
    condition     = var.watch_seconds >= 240 && var.watch_seconds <= 1800
    error_message = "watch_seconds must be between 240 and 1800."
  }
}

variable "jwks" {
  description = "The public keys of access tokens, a JSON Web Key Set as `python -m infra.jwt_keys jwks` prints it; every function verifies with them."
  type        = object({ keys = list(map(string)) })

  validation {
    condition     = length(var.jwks.keys) > 0 && alltrue([for key in var.jwks.keys : contains(["EC", "RSA"], key.kty) && length(setintersection(keys(key), ["d", "p", "q", "dp", "dq", "qi", "k"])) == 0])
    error_message = "jwks must hold one public key (kty EC or RSA) or more, and nothing private: `python -m infra.jwt_keys jwks` prints it."
  }
}

variable "secret_versions" {
  description = "Which version of each secret of auth, and of chat's, its instances read."
  type = object({
    jwt_signing_keys     = optional(number, 1)
    derivation_keys      = optional(number, 1)
    password_peppers     = optional(number, 1)
    chat_derivation_keys = optional(number, 1)
  })
  default = {}

  validation {
    condition     = alltrue([for version in values(var.secret_versions) : version >= 1 && floor(version) == version])
    error_message = "each of secret_versions must be the number of a secret version: 1, 2, ..."
  }
}

variable "alert_email" {
  description = "Who is paged."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alert_email))
    error_message = "alert_email must be an e-mail address."
  }
}

variable "domain" {
  description = "The host name that serves /api/v1. Null, only with public_function_urls: no load balancer, each function answers at its run.app address."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain must be a host name such as api.example.com, without scheme or path."
  }
  validation {
    condition     = (var.domain == null) == var.public_function_urls
    error_message = "Set domain: without a load balancer there is no Cloud Armor, no rate limit of addresses and no TLS policy, and /internal/ is protected by its OIDC token alone. If that is meant, as for a trial, set public_function_urls = true instead."
  }
}

variable "public_function_urls" {
  description = "Every function may be called from anywhere at its run.app address: without a domain, and only then."
  type        = bool
  default     = false
}

variable "waf_preview" {
  description = "OWASP rule sets that only log what they would deny. Names of items and free texts may look like code to sqli, xss and rce: enforce them (by []) once the logs are quiet."
  type        = set(string)
  default     = ["rce", "sqli", "xss"]

  validation {
    condition     = length(setsubtract(var.waf_preview, ["lfi", "protocolattack", "rce", "scannerdetection", "sqli", "xss"])) == 0
    error_message = "waf_preview may name lfi, protocolattack, rce, scannerdetection, sqli and xss."
  }
}

variable "cors_origins" {
  description = "Origins of the frontends, exact: https://app.example.com."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.cors_origins : can(regex("^https://[^/,*]+$", origin))])
    error_message = "each of cors_origins must be https://host, without path or wildcard."
  }
}

variable "allowed_networks" {
  description = "Networks, beside public addresses, in which clients' databases and webhooks may be: 10.8.0.0/16 behind a VPN."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for network in var.allowed_networks : can(cidrhost(network, 0))])
    error_message = "each of allowed_networks must be a network such as 10.8.0.0/16."
  }
}

variable "requests_per_minute" {
  description = "How many requests each client may send in a minute, over all its people, machines and instances. 0: as many as it likes."
  type        = number
  default     = 1200

  validation {
    condition     = var.requests_per_minute >= 0 && floor(var.requests_per_minute) == var.requests_per_minute
    error_message = "requests_per_minute must be a whole number, 0 or more."
  }
}

variable "time_zone" {
  description = "In which the daily schedules are read."
  type        = string
  default     = "Etc/UTC"
}

variable "forecast_task_count" {
  description = "Shards of a forecast of all items that somebody asks for: raise it when a shard comes near its hour. A night's are as many as its items need."
  type        = number
  default     = 4

  validation {
    condition     = var.forecast_task_count >= 1 && var.forecast_task_count <= 100
    error_message = "forecast_task_count must be between 1 and 100."
  }
}

variable "forecast_engine" {
  description = "What forecasts for clients whose settings name no engine. Null: chronos2 where chronos_weights are given, else statistical; name chronos2 where the weights are in the image."
  type        = string
  default     = null

  validation {
    condition     = var.forecast_engine == null || contains(["statistical", "chronos2", "champion", "auto_ets", "auto_theta"], coalesce(var.forecast_engine, "-"))
    error_message = "forecast_engine must be an engine of shared/domain/forecast_engine.py."
  }
}

variable "forecast_wait_seconds" {
  description = "So long the forecasts of a night wait for clients whose data is still being read, to share an execution with them."
  type        = number
  default     = 600

  validation {
    condition     = var.forecast_wait_seconds >= 0 && var.forecast_wait_seconds <= 3600
    error_message = "forecast_wait_seconds must be between 0 and 3600."
  }
}

variable "table_retention_days" {
  description = "Days, of the partition column, after which rows of a BigQuery table go, by table; 0: never. Beside retention.json: rejects and forecasts after 400, all else never."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for table, days in var.table_retention_days : contains(keys(jsondecode(file("${path.module}/schemas.json"))), table) && (days == 0 || days >= 120)])
    error_message = "table_retention_days names tables of schemas.json; what is scored and compared needs 120 days at least."
  }
}

variable "audit_days" {
  description = "Days that an entry of the audit log is kept."
  type        = number
  default     = 1095

  validation {
    condition     = var.audit_days >= 90 && var.audit_days <= 3650
    error_message = "audit_days must be between 90 and 3650."
  }
}

variable "chronos_weights" {
  description = "The folder of the Chronos-2 weights, gs://bucket/folder; those tuned for a client are in clients/ID within it. Null: those in the image, if any."
  type        = string
  default     = null

  validation {
    condition     = var.chronos_weights == null || can(regex("^gs://[a-z0-9][a-z0-9._-]{1,61}[a-z0-9](/[^/]+)*$", var.chronos_weights))
    error_message = "chronos_weights must be gs://bucket or gs://bucket/folder, without a slash at its end."
  }
}

variable "chronos_sha256" {
  description = "The digest that pins the weights: `sha256sum config.json model.safetensors | sha256sum` in their folder. Weights without it, or with another one, forecast nothing."
  type        = string
  default     = null

  validation {
    condition     = var.chronos_sha256 == null ? var.chronos_weights == null : can(regex("^[0-9a-f]{64}$", var.chronos_sha256))
    error_message = "chronos_weights need chronos_sha256, 64 lower-case hexadecimal digits: sha256sum config.json model.safetensors | sha256sum"
  }
}

variable "chronos_covariates" {
  description = "What goes with a series to Chronos-2. Null: events, its own and those known ahead; all: the calendar and all that varies, at 2.8 times the time; none."
  type        = string
  default     = null

  validation {
    condition     = contains(["events", "all", "none"], coalesce(var.chronos_covariates, "events"))
    error_message = "chronos_covariates must be events, all or none."
  }
}

variable "gpu_type" {
  description = "The GPU of the forecast job: nvidia-l4 or nvidia-rtx-pro-6000 (needs quota, and a region that has it: gpu_types.json); null: CPUs only. Its CPUs, memory and torch follow."
  type        = string
  default     = null

  validation {
    condition     = contains(["none", "nvidia-l4", "nvidia-rtx-pro-6000"], coalesce(var.gpu_type, "none"))
    error_message = "gpu_type must be nvidia-l4 or nvidia-rtx-pro-6000."
  }
}

variable "trace_share" {
  description = "The share of the requests whose spans are sent to Cloud Trace; 0: none are. Whoever calls with a sampled traceparent decides for himself."
  type        = number
  default     = 0

  validation {
    condition     = var.trace_share >= 0 && var.trace_share <= 1
    error_message = "trace_share must be between 0 and 1."
  }
}

variable "billing_account" {
  description = "The billing account whose budget watches the project, such as 012345-6789AB-CDEF01. Null: no budget."
  type        = string
  default     = null

  validation {
    condition     = var.billing_account == null || can(regex("^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$", var.billing_account))
    error_message = "billing_account must be the id of a billing account, 012345-6789AB-CDEF01."
  }
}

variable "monthly_budget" {
  description = "What a month may cost, in whole units of the billing account's currency; told at 50, 90 and 100 % of it, and when a month is forecast to exceed it."
  type        = number
  default     = 300

  validation {
    condition     = var.monthly_budget >= 1 && floor(var.monthly_budget) == var.monthly_budget
    error_message = "monthly_budget must be a whole number, 1 or more."
  }
}
