# What production differs in; project, region and images are given by the build.
environment = "production"
alert_email = "oncall@example.com"

# Uncomment where staging builds the releases (docs/operations.md): its project.
# releases_from = "my-staging"

# Uncomment once the repository is connected, in the project that builds.
# repository = "projects/my-project/locations/europe-west1/connections/github/repositories/stockcast"

# Uncomment once the weights of Chronos-2 are there (config.json and model.safetensors); the digest pins them:
# sha256sum config.json model.safetensors | sha256sum
# chronos_weights = "gs://my-weights/chronos-2"
# chronos_sha256  = "..."

# The GPU of the forecast job: nvidia-l4 or nvidia-rtx-pro-6000. Image and job follow this word.
# gpu_type = "nvidia-l4"

# Yours to point at the load balancer (output api_address). For a trial without one: public_function_urls = true instead.
domain = "api.example.com"
# cors_origins = ["https://app.example.com"]

trace_share = 0.1

# Uncomment to be told before a month costs more (the build's account must be a Costs Manager of the billing account).
# billing_account = "012345-6789AB-CDEF01"
# monthly_budget  = 300
