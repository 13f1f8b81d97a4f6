# What differs between environments; project, region and image tag are given by cloudbuild.yaml.
alert_email = "oncall@example.com"

# Uncomment once the weights of Chronos-2 are there (config.json and model.safetensors).
# chronos_weights = "gs://my-weights/chronos-2"

# Yours to point at the load balancer (output api_address). For a trial without one: public_function_urls = true instead.
domain = "api.example.com"
# cors_origins = ["https://app.example.com"]
