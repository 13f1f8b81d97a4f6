# What staging differs in; project, region and images are given by the build.
environment   = "staging"
alert_email   = "staging@example.com"
watch_seconds = 240 # nobody waits for it, and the walk is its only traffic

# Uncomment where production takes its releases from here: its project.
# next_project = "my-production"

# Uncomment once the repository is connected.
# repository = "projects/my-staging/locations/europe-west1/connections/github/repositories/stockcast"

# Yours to point at the load balancer (output api_address), as in production: what is tried here is what runs there.
domain = "api.staging.example.com"

trace_share = 0.1

# Uncomment to be told before a month costs more (the build's account must be a Costs Manager of the billing account).
# billing_account = "012345-6789AB-CDEF01"
# monthly_budget  = 300
