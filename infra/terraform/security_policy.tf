# What the load balancer keeps away from the functions (Cloud Armor). The first rule that matches decides, so what denies
# comes before what counts.

locals {
  # However a path is written: lower-cased and decoded, with slashes doubled or the root left out.
  spelled = "request.path.urlDecode().lower()"

  # Where passwords and tokens can be guessed.
  sign_in = "^/+(api/+v1/+)?(auth/+)?(token|refresh|logout|password|password-reset)/*$"

  # The functions that Cloud Tasks and Cloud Scheduler call; tests/infra compares. Elsewhere an item may be called so.
  internal_owners = ["analytics", "etl", "forecast", "inventory", "notifications", "operations", "purchase-orders"]
  internal        = "^/+(api/+v1/+)?((${join("|", local.internal_owners)})/+)?internal(/|$)"

  # Files of up to 32 MiB, whose cells hold whatever a shop's system exported. Spelled exactly: no other spelling is served.
  upload = "^/api/v1/(etl|suppliers|product-suppliers)/import$"

  # Google's rules after OWASP's core rule set, at the level of the fewest false alarms. `bodies`: they look into what is
  # sent, and so spare uploads.
  waf = {
    scannerdetection = { priority = 200, bodies = false }
    protocolattack   = { priority = 210, bodies = true }
    lfi              = { priority = 220, bodies = true }
    rce              = { priority = 230, bodies = true }
    sqli             = { priority = 240, bodies = true }
    xss              = { priority = 250, bodies = true }
  }
}

resource "google_compute_security_policy" "api" {
  for_each = local.fronted

  name = "stockcast"

  advanced_options_config {
    json_parsing                 = "STANDARD" # the values, not the quotes and braces around them
    request_body_inspection_size = "64KB"
    log_level                    = "NORMAL" # VERBOSE would log what clients send
  }

  adaptive_protection_config {
    layer_7_ddos_defense_config {
      enable          = true
      rule_visibility = "STANDARD"
    }
  }

  rule {
    priority    = 100
    action      = "deny(404)"
    description = "Internal paths are for Cloud Tasks and Cloud Scheduler, which do not come this way"
    match {
      expr {
        expression = "${local.spelled}.matches('${local.internal}')"
      }
    }
  }

  dynamic "rule" {
    for_each = local.waf
    content {
      priority    = rule.value.priority
      action      = "deny(403)"
      preview     = contains(var.waf_preview, rule.key)
      description = "OWASP core rule set: ${rule.key}"
      match {
        expr {
          expression = "${rule.value.bodies ? "!request.path.matches('${local.upload}') && " : ""}evaluatePreconfiguredWaf('${rule.key}-v422-stable', {'sensitivity': 1})"
        }
      }
    }
  }

  rule {
    priority    = 1000
    action      = "rate_based_ban"
    description = "At most 30 sign-ins a minute from one address; 120 in 10 minutes ban it for 15"
    match {
      expr {
        expression = "${local.spelled}.matches('${local.sign_in}')"
      }
    }
    rate_limit_options {
      enforce_on_key   = "IP"
      conform_action   = "allow"
      exceed_action    = "deny(429)"
      ban_duration_sec = 900
      rate_limit_threshold {
        count        = 30
        interval_sec = 60
      }
      ban_threshold {
        count        = 120
        interval_sec = 600
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
