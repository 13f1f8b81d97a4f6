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

  # Whole, because what was denied must not be missed; of what was let pass the exclusion below keeps a tenth.
  log_config {
    enable      = true
    sample_rate = 1
  }
}

resource "google_compute_url_map" "api" {
  for_each = local.fronted

  name = "stockcast"

  # No function sees a request for a host that is not ours: who asks for a run.app address here is sent away.
  default_url_redirect {
    host_redirect          = each.key
    https_redirect         = true
    strip_query            = false
    redirect_response_code = "PERMANENT_REDIRECT"
  }

  host_rule {
    hosts        = [each.key]
    path_matcher = "api"
  }

  path_matcher {
    name            = "api"
    default_service = google_compute_backend_service.function["auth"].id # answers 404 as problem+json

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
  ssl_policy       = google_compute_ssl_policy.api[each.key].id
}

resource "google_compute_ssl_policy" "api" {
  for_each = local.fronted

  name            = "stockcast"
  profile         = "RESTRICTED"
  min_tls_version = "TLS_1_2"
  depends_on      = [google_project_service.api]
}

# Over HTTP there is nothing but the way to HTTPS.
resource "google_compute_url_map" "redirect" {
  for_each = local.fronted

  name = "stockcast-redirect"
  default_url_redirect {
    host_redirect          = each.key
    https_redirect         = true
    strip_query            = false
    redirect_response_code = "PERMANENT_REDIRECT"
  }
  depends_on = [google_project_service.api]
}

resource "google_compute_target_http_proxy" "redirect" {
  for_each = local.fronted

  name    = "stockcast-redirect"
  url_map = google_compute_url_map.redirect[each.key].id
}

resource "google_compute_global_forwarding_rule" "redirect" {
  for_each = local.fronted

  name                  = "stockcast-redirect"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.api[each.key].id
  port_range            = "80"
  target                = google_compute_target_http_proxy.redirect[each.key].id
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

# Of requests that were let pass and answered a tenth is kept; all that were denied, or would be outside of preview.
resource "google_logging_project_exclusion" "accepted" {
  for_each = local.fronted

  name        = "stockcast-accepted-requests"
  description = "Nine of ten requests that the load balancer let pass"
  filter      = "resource.type=\"http_load_balancer\" AND jsonPayload.enforcedSecurityPolicy.outcome=\"ACCEPT\" AND NOT jsonPayload.previewSecurityPolicy.outcome=\"DENY\" AND httpRequest.status<500 AND sample(insertId, 0.9)"
  depends_on  = [google_project_service.api]
}
