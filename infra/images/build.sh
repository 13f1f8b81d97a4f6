#!/bin/sh
# Build and push one image: build.sh NAME, NAME being a function's service name or forecast-job.
# IMAGE_ROOT and IMAGE_TAG say where to. A tag is never rebuilt: deploying a commit again takes its images as they are.
set -eu
name=$1
image="$IMAGE_ROOT/$name:$IMAGE_TAG"
if docker manifest inspect "$image" >/dev/null 2>&1; then
  echo "$image is there already"
  exit 0
fi
case $name in
  forecast-job) file=forecast_job ;;
  *) file=function ;;
esac
folder=$(printf '%s' "$name" | tr - _) # a service name takes hyphens, a Python package underscores
DOCKER_BUILDKIT=1 docker build -f "infra/images/$file.Dockerfile" \
  --build-arg "FUNCTION=$folder" --build-arg "TORCH_INDEX=${TORCH_INDEX:-}" -t "$image" .
docker push --quiet "$image"
