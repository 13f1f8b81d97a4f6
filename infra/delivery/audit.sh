#!/bin/sh
# Look up what the locks pin in PyPI's database of known vulnerabilities: `make audit`, and a build before it makes images.
#
# PIP_AUDIT is the program. ACCEPTED, identifiers with commas between them, names what was judged not to matter here. Where
# the network does not reach the database, nothing can be said: that is a failure too, hence --strict.
set -eu
accepted=$(printf '%s' "${ACCEPTED:-}" | tr , ' ')
for vulnerability in $accepted; do
  set -- "$@" --ignore-vuln "$vulnerability"
done
for lock in run dev bigquery; do
  "$PIP_AUDIT" --strict --disable-pip --require-hashes -r "locks/$lock.txt" "$@"
done
