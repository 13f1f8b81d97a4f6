# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIGQUERY_VENV := .venv-bigquery
AUDIT_VENV := .venv-audit
CLIENT := clients/typescript
CONSOLE := console
# Beside a checkout there may be a wrapper that serves provider schemas offline; see infra/terraform/check.sh.
TERRAFORM_WRAPPER ?= $(abspath $(wildcard ../shared/tools/terraform-offline/terraform-offline))
# Processes that run tests, each with emulators of its own: 2 GB each. Three keep two cores busy, since tests wait for emulators.
WORKERS ?= 3
PIP := -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help console-check game-day setup run tick unit check test lint terraform audit examples client fuzz bench lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Without Node.js the API runs all the same; the gateway's page says what the console needs.
setup: $(VENV)/run.stamp $(BIGQUERY_VENV)/stamp $(if $(shell command -v npm),$(CONSOLE)/dist/stamp)  ## both virtual environments, the console

run:  ## the whole system with the demo on one machine; FRESH=1 loads it anew
	@$(MAKE) --no-print-directory -j3 setup
	@exec $(VENV)/bin/python -m infra.local $(if $(FRESH),--fresh) $(ARGS)

tick: $(VENV)/run.stamp  ## the scheduler's daily call on the system that `make run` has started, followed step by step
	@$(VENV)/bin/python -m infra.local.tick $(ARGS)

unit: $(VENV)/test.stamp  ## tests without emulators that take no seconds each; T=path for one file or folder
	$(VENV)/bin/python -m pytest -m "not integration and not slow" --hypothesis-profile quick $(or $(T),-n $(WORKERS) --dist worksteal tests) $(ARGS)

check: lint console-check terraform  ## format, lint, types, import rules, the console's own tests, Terraform

test:  ## everything that CI checks; ARGS="path -k words" for some of the tests
	@$(MAKE) --no-print-directory -j3 $(VENV)/test.stamp $(BIGQUERY_VENV)/stamp $(CLIENT)/node_modules/stamp \
	  $(CONSOLE)/dist/stamp $(VENV)/browser.stamp
	@$(MAKE) --no-print-directory -j3 --output-sync check
	$(VENV)/bin/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

lint: $(VENV)/test.stamp
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

console-check: $(CONSOLE)/node_modules/stamp
	cd $(CONSOLE) && npm run --silent check

terraform:
	TERRAFORM_WRAPPER=$(TERRAFORM_WRAPPER) sh infra/terraform/check.sh

audit: $(AUDIT_VENV)/stamp  ## known vulnerabilities of what is pinned, from PyPI's database; needs the network
	PIP_AUDIT=$(AUDIT_VENV)/bin/pip-audit sh infra/delivery/audit.sh

examples: $(VENV)/test.stamp $(BIGQUERY_VENV)/stamp  ## the examples of the OpenAPI document anew, from a stack of their own
	$(VENV)/bin/python -m tests.examples

client: $(VENV)/test.stamp $(CLIENT)/node_modules/stamp  ## the OpenAPI document and the TypeScript client anew, after a change of the API
	$(VENV)/bin/python -m infra.openapi_document
	cd $(CLIENT) && npm run --silent generate && npm run --silent check

FUZZ_SECONDS ?= 600
fuzz: $(VENV)/test.stamp $(BIGQUERY_VENV)/stamp  ## schemathesis against the API for ten minutes; FUZZ_SECONDS=60 for less
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(VENV)/bin/python -m pytest tests/functions/test_fuzz.py $(ARGS)

game-day: $(VENV)/test.stamp $(BIGQUERY_VENV)/stamp  ## a day at work while parts are killed, then the books; SECONDS=300 SEED=7
	$(VENV)/bin/python -m tests.game_day $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) $(ARGS)

bench: $(VENV)/test.stamp $(BIGQUERY_VENV)/stamp  ## latency, billed operations, cold starts, throughput; makes docs/measurements.md; minutes
	$(VENV)/bin/python -m tests.benchmarks --publish $(ARGS)

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header
lock:  ## locks/*.txt anew: the hashes of what constraints.txt and pyproject.toml name; needs uv
	$(COMPILE) --constraints constraints.txt --extra local --output-file locks/run.txt pyproject.toml
	grep -v '^torch==' constraints.txt | $(COMPILE) --no-deps --output-file locks/dev.txt -
	$(COMPILE) --no-deps --output-file locks/bigquery.txt infra/local/bigquery-requirements.txt
	$(COMPILE) --output-file locks/audit.txt locks/audit.in

clean:  ## remove the environments and the data of the local stack
	rm -rf $(VENV) $(BIGQUERY_VENV) $(AUDIT_VENV) $(CLIENT)/node_modules $(CONSOLE)/node_modules $(CONSOLE)/dist .local

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed: https://www.python.org/downloads/"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# What is pinned is checked against its hashes. Not torch: it and the CUDA libraries that it brings differ by machine.
$(VENV)/run.stamp: pyproject.toml locks/run.txt | $(VENV)/bin/python
	@echo "installing Stockcast into $(VENV) (a minute or so, once)"
	$(VENV)/bin/python $(PIP) --require-hashes --no-deps -r locks/run.txt
	$(VENV)/bin/python $(PIP) --no-deps -e .
	@touch $@

$(VENV)/test.stamp: pyproject.toml constraints.txt locks/dev.txt | $(VENV)/bin/python
	@echo "installing Stockcast and its test tools into $(VENV) (a minute or so, once)"
	$(VENV)/bin/python $(PIP) --require-hashes --no-deps -r locks/dev.txt
	$(VENV)/bin/python $(PIP) -c constraints.txt torch
	$(VENV)/bin/python $(PIP) --no-deps -e .
	@touch $@ $(VENV)/run.stamp

$(BIGQUERY_VENV)/stamp: locks/bigquery.txt
	@echo "installing the BigQuery emulator into $(BIGQUERY_VENV) (half a minute, once)"
	$(PYTHON) -m venv $(BIGQUERY_VENV)
	$(BIGQUERY_VENV)/bin/python $(PIP) --require-hashes --no-deps -r locks/bigquery.txt
	@touch $@

$(AUDIT_VENV)/stamp: locks/audit.txt
	$(PYTHON) -m venv $(AUDIT_VENV)
	$(AUDIT_VENV)/bin/python $(PIP) --require-hashes --no-deps -r locks/audit.txt
	@touch $@

$(CLIENT)/node_modules/stamp $(CONSOLE)/node_modules/stamp: %/node_modules/stamp: %/package.json %/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20.19 or newer is needed for the console and the TypeScript client: https://nodejs.org/"; exit 1; }
	@echo "installing the tools of $* (seconds, once)"
	cd $* && npm ci --silent --no-audit --no-fund
	@touch $@

CONSOLE_SOURCES := $(shell find $(CONSOLE)/src $(CONSOLE)/public $(CLIENT)/src -type f 2>/dev/null) \
  $(wildcard $(CONSOLE)/*.ts $(CONSOLE)/index.html $(CLIENT)/*.ts)
$(CONSOLE)/dist/stamp: $(CONSOLE)/node_modules/stamp $(CONSOLE_SOURCES)
	cd $(CONSOLE) && npm run --silent build -- --logLevel warn
	@touch $@

# The browser that the console's tests drive: the machine's Chromium, Debian's, or the one that Playwright brings.
$(VENV)/browser.stamp: $(VENV)/test.stamp
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null \
	  || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq chromium >/dev/null; } \
	  || $(VENV)/bin/playwright install chromium
	@touch $@
