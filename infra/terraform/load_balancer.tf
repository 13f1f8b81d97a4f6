# https://DOMAIN/api/v1/<path>/... to the function that owns the path; only with var.domain.

locals {
  balanced = var.domain == null ? {} : local.functions
  fronted  = var.domain == null ? toset([]) : toset([var.domain])
}

resource "google_compute_region_network_endpoint_group" "function" {
  for_each = local.balanced

  name                  = "stockcast-${each.key}"
  region                = var.region
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloud_run_v2_service.function[each.key].name
  }
}

resource "google_compute_backend_service" "function" {
  for_each = local.balanced

  name                  = "stockcast-${each.key}"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"
  security_policy       = google_compute_security_policy.api[var.domain].id

  backend {
    group = google_compute_region_network_endpoint_group.function[each.key].id
  }

  log_config {
    enable      = true
    sample_rate = 0.1
  }
}

# One address that hammers the API, the password endpoint above all, is held off before it starts instances.
resource "google_compute_security_policy" "api" {
  for_each = local.fronted

  name = "stockcast"

  rule {
    priority    = 1000
    action      = "throttle"
    description = "At most 30 sign-ins a minute from one address"
    match {
      expr {
        expression = "request.path.startsWith('/api/v1/auth/')"
      }
    }
    rate_limit_options {
      enforce_on_key = "IP"
      conform_action = "allow"
      exceed_action  = "deny(429)"
      rate_limit_threshold {
        count        = 30
        interval_sec = 60
      }
    }
  }

  rule {
    priority    = 2000
    action      = "throttle"
    description = "At most 1,200 requests a minute from one address"
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
    rate_limit_options {
      enforce_on_key = "IP"
      conform_action = "allow"
      exceed_action  = "deny(429)"
      rate_limit_threshold {
        count        = 1200
        interval_sec = 60
      }
    }
  }

  rule {
    priority    = 2147483647
    action      = "allow"
    description = "The default"
    match {
      versioned_expr = "SRC_IPS_V1"
      config {
        src_ip_ranges = ["*"]
      }
    }
  }

  depends_on = [google_project_service.api]
}

resource "google_compute_url_map" "api" {
  for_each = local.fronted

  name            = "stockcast"
  default_service = google_compute_backend_service.function["auth"].id # answers 404 as problem+json

  host_rule {
    hosts        = [each.key]
    path_matcher = "api"
  }

  path_matcher {
    name            = "api"
    default_service = google_compute_backend_service.function["auth"].id

    dynamic "path_rule" {
      for_each = local.functions
      content {
        paths   = flatten([for path in path_rule.value.paths : ["/api/v1/${path}", "/api/v1/${path}/*"]])
        service = google_compute_backend_service.function[path_rule.key].id
      }
    }
  }
}

resource "google_compute_managed_ssl_certificate" "api" {
  for_each = local.fronted

  name = "stockcast-${substr(sha256(each.key), 0, 8)}" # a certificate cannot change its domain, so another gets another name
  managed {
    domains = [each.key]
  }

  lifecycle {
    create_before_destroy = true
  }
  depends_on = [google_project_service.api]
}

resource "google_compute_target_https_proxy" "api" {
  for_each = local.fronted

  name             = "stockcast"
  url_map          = google_compute_url_map.api[each.key].id
  ssl_certificates = [google_compute_managed_ssl_certificate.api[each.key].id]
}

resource "google_compute_global_address" "api" {
  for_each = local.fronted

  name       = "stockcast"
  depends_on = [google_project_service.api]
}

resource "google_compute_global_forwarding_rule" "api" {
  for_each = local.fronted

  name                  = "stockcast"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.api[each.key].id
  port_range            = "443"
  target                = google_compute_target_https_proxy.api[each.key].id
}
