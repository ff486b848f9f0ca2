# The verbs of this house. Each is a script in scripts/, which says how.
.DEFAULT_GOAL := help
.PHONY: help setup build fix check test e2e bench fuzz soak run lock

help: ## List the verbs
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  \033[1mmake %-6s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Python environment, Rust core in release mode, web client; nothing that is up to date is done again
	@scripts/setup.sh

run: ## Everything that is needed, then the server for trying it out, on http://localhost:7880
	@scripts/run.sh $(ARGS)

build: ## A wheel with the core and the web client inside, in dist/
	@scripts/build.sh

fix: ## Format the code, and mend what linters can mend
	@scripts/fix.sh

check: ## Formats, lints, types, imports and the house rules; changes nothing
	@scripts/check.sh

test: ## Every test that CI runs, with all its set-up
	@scripts/test.sh

e2e: ## Only the tests with real SDKs and browsers
	@scripts/e2e.sh $(ARGS)

bench: ## Measure the limit of this machine, Hoichan and its peers under the same load: tables and plots
	@scripts/bench.sh $(ARGS)

fuzz: ## Fuzz every parser for long; FUZZ_SECONDS each (600)
	@scripts/fuzz.sh

soak: ## 30 minutes of four clients that come, go and lose their link; memory must stay flat
	@scripts/soak.sh

lock: ## Choose the newest allowed versions, and pin them
	@scripts/lock.sh
