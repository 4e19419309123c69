# What the README tells a person to run.
CARGO ?= cargo
TARGET = $(or $(CARGO_TARGET_DIR),target)
DEMO_DATABASE ?= sqlite://data/demo.db

.PHONY: run demo test lint fuzz-api bench bench-1m torture

run: ## Build and serve on http://127.0.0.1:9015
	$(CARGO) run --release --package crm-gateway -- serve

demo: ## The same on a database of its own, filled with two years of a sales team's work
	$(CARGO) run --release --package crm-gateway -- seed-demo --if-empty --database-url $(DEMO_DATABASE)
	$(CARGO) run --release --package crm-gateway -- serve --database-url $(DEMO_DATABASE)

test: ## Every test, on SQLite and on PostgreSQL where there is one
	$(CARGO) test --workspace

lint: ## Formatting, clippy and the documentation, without warnings
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" $(CARGO) doc --workspace --no-deps

fuzz-api: ## The served API held to its document by schemathesis, on both databases (some minutes; needs Python)
	$(CARGO) build --workspace --bin crm-gateway
	tests/fuzz-api.sh

bench: ## How fast it is at 100,000 customers, on both databases: target/bench/report.md (half an hour)
	$(CARGO) build --release --package crm-gateway --package crm-bench
	$(TARGET)/release/crm-bench $(BENCH)

bench-1m: ## The same at 10,000 and at 1,000,000 customers, and what growing costs
	$(MAKE) bench BENCH="--customers 10000,1000000 $(BENCH)"

torture: ## What it survives: kill -9, SIGTERM, PostgreSQL away, a full pool and disk, slow clients (a quarter of an hour)
	$(CARGO) build --package crm-gateway --package crm-torture
	$(TARGET)/debug/crm-torture $(TORTURE)
