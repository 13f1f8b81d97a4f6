output "api_url" {
  description = "The API's base address behind the load balancer; null without a domain."
  value       = var.domain == null ? null : "https://${var.domain}/api/v1"
}

output "api_address" {
  description = "The address that the domain's A record must point to; null without a domain."
  value       = one([for address in google_compute_global_address.api : address.address])
}

output "function_urls" {
  description = "Each function's own address, as Cloud Tasks calls it."
  value       = { for name in keys(local.functions) : name => replace(local.function_url, "{function}", name) }
}

output "environment" {
  description = "What every function and the job is told, less the functions' secret: for a command run by hand against this project."
  value       = local.environment
}

output "deployment_env" {
  description = "The same as lines that a shell reads, with what infra/delivery/deploy.sh needs beside it."
  value = join("", [
    for name, value in merge(local.environment, {
      SMOKE_JOB     = join("", [for job in google_cloud_run_v2_job.smoke : job.name])
      WATCH_SECONDS = tostring(var.watch_seconds)
    }) : "${name}='${value}'\n"
  ])
}
