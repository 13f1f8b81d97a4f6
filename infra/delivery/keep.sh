#!/bin/sh
# Keep a release in the bucket: what is deployed (images.json), with what (source.tgz), what it consists of and what was
# found in it. It is written once: what a name stands for never changes.
set -eu
if gcloud storage objects describe "$RELEASES/$RELEASE/images.json" >/dev/null 2>&1; then
  echo "$RELEASE is there already"
  gcloud storage cp "$RELEASES/$RELEASE/images.json" images.json
  exit 0
fi
tar --exclude='__pycache__' --exclude='.terraform' -czf source.tgz infra shared cloudbuild.deploy.yaml
gcloud storage cp --recursive source.tgz sbom scans "$RELEASES/$RELEASE/"
gcloud storage cp images.json "$RELEASES/$RELEASE/images.json" # last: with it the release is whole
