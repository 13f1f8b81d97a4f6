#!/bin/sh
# images.json from what build.sh has left in digests/: the name of each image -> REPOSITORY@sha256:...
set -eu
separator=''
printf '{'
for file in digests/*; do
  printf '%s\n  "%s": "%s"' "$separator" "$(basename "$file")" "$(cat "$file")"
  separator=,
done
printf '\n}\n'
