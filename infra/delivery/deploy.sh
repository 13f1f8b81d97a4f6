#!/bin/sh
# After `terraform apply`, which leaves new revisions without traffic: migrate, roll out, and migrate what the code of
# before has written meanwhile (docs/adr/0018). Safe to be killed and repeated.
set -eu
set -a
# shellcheck source=/dev/null
. ./deployment.env # apply.sh has written it
set +a
status=$(python -m infra.migrate --status) # a step of its own: in a pipeline nobody would notice that it fails
version=$(printf '%s\n' "$status" | sed -n 's/^version \([0-9][0-9]*\) of .*/\1/p') # empty: nothing is stored yet
python -m infra.migrate
python -m infra.delivery rollout --release "$RELEASE" --images images.json \
  --watch-seconds "$WATCH_SECONDS" --smoke-job "$SMOKE_JOB"
if [ -n "$version" ]; then
  python -m infra.migrate --again "$version"
fi
