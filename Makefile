# The two that everybody needs: `make run` and `make test`.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# a toolchain that was installed in this very shell is not on its path yet
export PATH := $(HOME)/.cargo/bin:$(PATH)
.PHONY: help run test build dev check bench profile prove screenshots openapi web clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 20

run: ## build, and start the demo on http://127.0.0.1:8080
	@scripts/setup.sh run
	@$(MAKE) --no-print-directory web
	cargo build --locked -p partyline
	target/debug/partyline demo

test: ## every test, as continuous integration runs them
	@scripts/test.sh

build: ## target/release/partyline: one file, the web app inside
	@scripts/setup.sh run
	@$(MAKE) --no-print-directory web
	cargo build --locked --release -p partyline
	@ls -lh target/release/partyline

dev: ## the demo, and the web app rebuilt as it is edited
	@scripts/setup.sh run
	@$(MAKE) --no-print-directory web
	cargo build -p partyline
	trap 'kill 0' EXIT; (cd web && npm run watch) & target/debug/partyline demo

check: ## formatting, lints and unit tests: about a minute
	@scripts/setup.sh run
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	cargo test --locked --workspace --lib --bins
	cd web && npm run check && npm test

bench: ## the benchmarks, each figure beside the machine's floor; FULL=1 with a million conversations
	@scripts/bench.sh $(if $(FULL),--full)

profile: ## what the server's time goes to while 64 clients text it, on both engines (perf)
	@scripts/profile.sh

prove: ## the long proofs: properties at length, random histories, the real program killed again and again
	@scripts/prove.sh

screenshots: ## docs/screenshots, in both themes
	@scripts/setup.sh test
	@$(MAKE) --no-print-directory web
	cargo build --locked -p partyline
	cargo build --locked -p partyline-carrier --example carrier
	cd e2e && npm run screenshots

openapi: ## the API's document and the web client's types, from the code
	cargo run -q -p partyline -- openapi > web/openapi.json.new && mv web/openapi.json.new web/openapi.json
	cd web && npm run api

# The web apps, only when something in them has changed.
web:
	@scripts/web.sh

clean: ## what the builds have left
	cargo clean
	rm -rf web/*/dist web/node_modules e2e/node_modules e2e/results
