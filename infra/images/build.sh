#!/bin/sh
# Build and push one image: build.sh NAME, NAME being a function's service name, forecast-job or delivery.
#
# IMAGE_ROOT and IMAGE_TAG say where to. A tag is never rebuilt: building a release again takes its images as they are.
# digests/NAME says afterwards what is deployed, REPOSITORY@sha256:..., and sbom/NAME.json what is in it.
set -eu
name=$1
image="$IMAGE_ROOT/$name:$IMAGE_TAG"
case $name in
  forecast-job) file=forecast_job ;;
  delivery) file=delivery ;;
  *) file=function ;;
esac
# The forecast job's torch must fit the driver of the GPU that the environments choose (infra/terraform/gpu_types.json).
torch_index=
if [ "$name" = forecast-job ]; then
  case $(sed -n 's/^gpu_type *= *"\([^"]*\)".*/\1/p' infra/terraform/environments/*.tfvars | sort -u) in
    nvidia-l4) # a driver for CUDA 12; the usual torch is built for 13
      torch_index=${TORCH_INDEX:-}
      [ -n "$torch_index" ] || { echo "nvidia-l4 needs _TORCH_INDEX, an index with torch for CUDA 12" >&2; exit 1; } ;;
    nvidia-rtx-pro-6000 | "") ;; # a driver for CUDA 13, or none
    *) echo "one image serves one GPU: give all environments the same gpu_type" >&2; exit 1 ;;
  esac
fi
folder=$(printf '%s' "$name" | tr - _) # a service name takes hyphens, a Python package underscores
if docker manifest inspect "$image" >/dev/null 2>&1; then
  echo "$image is there already"
  docker pull --quiet "$image"
else
  DOCKER_BUILDKIT=1 docker build --pull -f "infra/images/$file.Dockerfile" \
    --build-arg "FUNCTION=$folder" --build-arg "TORCH_INDEX=$torch_index" -t "$image" .
  docker push --quiet "$image"
fi
mkdir -p digests sbom
docker inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$image" | grep "^$IMAGE_ROOT/$name@sha256:" >"digests/$name"
docker run --rm --interactive --network=none --entrypoint python "$image" - "$name" <infra/images/sbom.py >"sbom/$name.json"
