#!/bin/sh
# From an empty project to one that the build can deploy to: what must be there before the first build.
#
#   sh infra/bootstrap.sh PROJECT REGION                  a project that builds its own releases
#   sh infra/bootstrap.sh PROJECT REGION RELEASES_FROM    one that takes those of the project RELEASES_FROM
#
# By an owner of PROJECT (and of RELEASES_FROM), after `gcloud auth login`; the project exists and has a billing account.
# It makes what is missing and changes nothing else, so it may be stopped and repeated. PYTHON is the interpreter of an
# environment that has Stockcast; without it `make` makes one.
set -eu
if [ $# -lt 2 ] || [ $# -gt 3 ]; then
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
project=$1 region=$2 releases_from=${3:-}
cd "$(dirname "$0")/.."
if [ -z "${PYTHON:-}" ]; then
  make --no-print-directory .venv/run.stamp
  PYTHON=.venv/bin/python
fi
bucket=gs://$project-terraform
account=stockcast-deploy@$project.iam.gserviceaccount.com

say() { printf '%s\n' "$*" >&2; }
g() { gcloud --quiet --project="$project" "$@"; }
lines() { sed -n "s/^$1  *\([^ ]*\).*/\1/p" infra/delivery/roles.txt; } # the names of one kind
roles_of() {
  g projects get-iam-policy "$project" --flatten='bindings[].members' --filter="bindings.members:$1" \
    --format='value(bindings.role)'
}

say "APIs"
g services enable artifactregistry.googleapis.com cloudbuild.googleapis.com cloudresourcemanager.googleapis.com \
  compute.googleapis.com iam.googleapis.com ondemandscanning.googleapis.com run.googleapis.com \
  secretmanager.googleapis.com serviceusage.googleapis.com storage.googleapis.com

say "bucket of Terraform's state and of releases"
if ! g storage buckets describe "$bucket" >/dev/null 2>&1; then
  g storage buckets create "$bucket" --location="$region" --uniform-bucket-level-access --public-access-prevention
fi
g storage buckets update "$bucket" --versioning >/dev/null

say "account of the build"
if ! g iam service-accounts describe "$account" >/dev/null 2>&1; then
  g iam service-accounts create stockcast-deploy --display-name="Stockcast builds and deployments"
fi
permissions=$(lines permission | paste -sd, -)
if g iam roles describe stockcastSecrets >/dev/null 2>&1; then
  g iam roles update stockcastSecrets --permissions="$permissions" >/dev/null
else
  g iam roles create stockcastSecrets --title="Secrets without their values" --permissions="$permissions" --stage=GA
fi
granted=$(roles_of "serviceAccount:$account")
for role in $(lines role | sed "s/PROJECT/$project/"); do
  if ! printf '%s\n' "$granted" | grep -qxF "$role"; then
    g projects add-iam-policy-binding "$project" --member="serviceAccount:$account" --role="$role" --condition=None >/dev/null
  fi
done
# It may grant roles, but only those that functions need: no key to the whole project.
grants=$(lines grant | sed "s/.*/'&'/" | paste -sd, -)
expression="api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly([$grants])"
g projects add-iam-policy-binding "$project" --member="serviceAccount:$account" \
  --role=roles/resourcemanager.projectIamAdmin \
  --condition="^;^title=stockcast-grants;expression=$expression" >/dev/null

# Whoever deploys may act as the accounts of the project: the default one, which nothing here uses, must not be an editor.
number=$(g projects describe "$project" --format='value(projectNumber)')
default=$number-compute@developer.gserviceaccount.com
if roles_of "serviceAccount:$default" | grep -qxF roles/editor; then
  g projects remove-iam-policy-binding "$project" --member="serviceAccount:$default" --role=roles/editor \
    --condition=None >/dev/null
fi

say "repository of images"
if ! g artifacts repositories describe stockcast --location="$region" >/dev/null 2>&1; then
  g artifacts repositories create stockcast --location="$region" --repository-format=docker --immutable-tags
fi

say "keys"
secret() { # NAME COMMAND...: a first version, which the command prints, where there is none
  name=$1
  shift
  if ! g secrets describe "$name" >/dev/null 2>&1; then
    g secrets create "$name" --replication-policy=automatic
  fi
  if [ -z "$(g secrets versions list "$name" --limit=1 --format='value(name)')" ]; then
    value=$("$@") # before it is stored, so that a failure stores nothing
    printf '%s' "$value" | g secrets versions add "$name" --data-file=- >/dev/null
  fi
}
signing_keys() { "$PYTHON" -m infra.jwt_keys add </dev/null; }
random_key() { printf '{"%s": "%s"}' "$1" "$("$PYTHON" -c 'import secrets; print(secrets.token_hex(32))')"; }
secret stockcast-jwt-signing-keys signing_keys
secret stockcast-derivation-keys random_key d1
secret stockcast-chat-derivation-keys random_key c1
secret stockcast-password-peppers random_key p1
if ! g storage objects describe "$bucket/keys.tfvars.json" >/dev/null 2>&1; then
  jwks=$(g secrets versions access latest --secret=stockcast-jwt-signing-keys | "$PYTHON" -m infra.jwt_keys jwks)
  printf '{"jwks": %s}\n' "$jwks" | g storage cp - "$bucket/keys.tfvars.json"
fi

if [ -n "$releases_from" ]; then
  say "releases of $releases_from"
  g beta services identity create --service=run.googleapis.com >/dev/null # Cloud Run's own account pulls the images
  for member in "$account" "service-$number@serverless-robot-prod.iam.gserviceaccount.com"; do
    gcloud --quiet --project="$releases_from" artifacts repositories add-iam-policy-binding stockcast \
      --location="$region" --member="serviceAccount:$member" --role=roles/artifactregistry.reader >/dev/null
  done
  gcloud --quiet --project="$releases_from" storage buckets add-iam-policy-binding "gs://$releases_from-terraform" \
    --member="serviceAccount:$account" --role=roles/storage.objectViewer \
    --condition="^;^title=releases;expression=resource.name.startsWith('projects/_/buckets/$releases_from-terraform/objects/releases/')" \
    >/dev/null
fi

say "done; the first deployment:"
if [ -n "$releases_from" ]; then
  cat <<END
gcloud builds submit --project=$project --region=$region --no-source --config=cloudbuild.deploy.yaml \\
  --substitutions=_RELEASE=RELEASE,_REGION=$region,_IMAGE_ROOT=$region-docker.pkg.dev/$releases_from/stockcast,_RELEASES=gs://$releases_from-terraform/releases
END
else
  cat <<END
gcloud builds submit --project=$project --region=$region \\
  --substitutions=SHORT_SHA=\$(git rev-parse --short HEAD),_REGION=$region,_ENVIRONMENT=production
END
fi
