#!/bin/sh
# Apply environments/ENVIRONMENT.tfvars with the digests of images.json and this installation's keys.tfvars.json;
# deployment.env then tells the next step what it works on. Revisions that this makes get no traffic.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root/infra/terraform"
TF_VAR_images=$(cat "$root/images.json")
export TF_VAR_images TF_IN_AUTOMATION=1
terraform init -input=false -backend-config="bucket=$STATE_BUCKET"
terraform apply -input=false -auto-approve -var-file="environments/$ENVIRONMENT.tfvars" \
  -var-file="$root/keys.tfvars.json"
terraform output -raw deployment_env >"$root/deployment.env"
