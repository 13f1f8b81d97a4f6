# What differs between environments; project, region and image tag are given by cloudbuild.yaml.
alert_email = "oncall@example.com"

# Uncomment once the domain is yours to point at the load balancer (output api_address).
# domain       = "api.example.com"
# cors_origins = ["https://app.example.com"]
