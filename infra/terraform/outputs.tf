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

output "image_root" {
  description = "Where cloudbuild.yaml pushes the images."
  value       = local.image_root
}

output "environment" {
  description = "What every function and the job is told, less the functions' secret: for a command run by hand against this project."
  value       = local.environment
}
