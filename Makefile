# Everything one does with this project. `make help` lists it. Needs Rust (rustup), Python 3.11 or newer, make, and Linux
# for the local stack; all else is installed, pinned, into .venv.

PYTHON ?= python3
CARGO ?= cargo
# The functions run on this machine in the local stack, so they are built for its processor.
LAMBDA_ARCH := $(if $(filter aarch64 arm64,$(shell uname -m)),--arm64,--x86-64)

SAM_VENV := .venv/sam
TEST_VENV := .venv/test
SAM_BIN := $(CURDIR)/$(SAM_VENV)/bin
LOCAL := PYTHONPATH=tests $(TEST_VENV)/bin/python
CARGO_TOOLS := $(CURDIR)/.venv/cargo
CARGO_DENY := cargo-deny@0.20.2
CARGO_FUZZ := cargo-fuzz@0.13.2
export SAM_CLI_TELEMETRY := 0
export PATH := $(CARGO_TOOLS)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run demo logs test test-rust test-blackbox lint build bench bench-sync bench-notify fuzz nextest deploy clean

help: ## List these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: build $(TEST_VENV)/.installed ## Run the whole product here; Ctrl-C stops it (EMULATOR_PORT, API_PORT, …, see README)
	@$(LOCAL) -m local.run

demo: $(TEST_VENV)/.installed ## Send an order through the running product and show what became of it
	@$(LOCAL) -m local.demo

logs: $(TEST_VENV)/.installed ## Print what the functions of the running product logged (FUNCTION=name for one)
	@$(LOCAL) -m local.logs $(FUNCTION)

test: test-rust test-blackbox ## Run every test

test-rust: ## Run the Rust tests, with cargo-nextest where it is installed
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		$(CARGO) nextest run --workspace --locked && $(CARGO) test --workspace --locked --doc --quiet; \
	else $(CARGO) test --workspace --locked --quiet; fi

test-blackbox: build $(TEST_VENV)/.installed ## Deploy to the emulator and test from outside (PYTEST_ARGS=...)
	$(TEST_VENV)/bin/pytest tests/blackbox -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

lint: $(SAM_VENV)/.installed $(TEST_VENV)/.installed ## Run every linter
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path tests/fuzz/Cargo.toml --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	@$(CARGO) deny --version >/dev/null 2>&1 || $(CARGO) install --quiet --locked --root $(CARGO_TOOLS) $(CARGO_DENY)
	$(CARGO) deny check bans licenses sources
	$(TEST_VENV)/bin/ruff check tests
	$(TEST_VENV)/bin/ruff format --check tests
	$(SAM_BIN)/sam validate --lint

build: $(SAM_VENV)/.installed ## Build the functions for this machine
	PATH="$(SAM_BIN):$$PATH" $(CARGO) lambda build --profile local $(LAMBDA_ARCH) --locked --package courier-functions

bench: $(SAM_VENV)/.installed $(TEST_VENV)/.installed ## Measure start-up, memory and size as deployed (BENCH_ARGS="--rounds 5")
	PATH="$(SAM_BIN):$$PATH" $(CARGO) lambda build --release $(LAMBDA_ARCH) --locked --package courier-functions
	PATH="$(SAM_BIN):$$PATH" $(CARGO) lambda build --release $(LAMBDA_ARCH) --locked --package bare
	@$(LOCAL) -m bench $(BENCH_ARGS)

bench-sync: build $(TEST_VENV)/.installed ## Measure the driver sync and the rate limit (BENCH_ARGS="--drivers 1000")
	@$(LOCAL) -m bench.sync $(BENCH_ARGS)

bench-notify: build $(TEST_VENV)/.installed ## Measure what notifications cost, and a subscriber that hangs (BENCH_ARGS="--rounds 50")
	PATH="$(SAM_BIN):$$PATH" $(CARGO) lambda build --profile local $(LAMBDA_ARCH) --locked --package courier-clients --example subscriber_cost
	@$(LOCAL) -m bench.notify $(BENCH_ARGS)

fuzz: ## Fuzz every reader of outside input, one after the other (FUZZ_SECONDS=60, FUZZ_TARGETS="jelp bringg")
	@$(CARGO) fuzz --version >/dev/null 2>&1 || $(CARGO) install --quiet --locked --root $(CARGO_TOOLS) $(CARGO_FUZZ)
	@nice $(PYTHON) tests/fuzz/run.py

nextest: ## Install cargo-nextest into .venv (7 minutes); make test uses it when present
	$(CARGO) install --locked --root $(CARGO_TOOLS) cargo-nextest@0.9.143

# The hash of an empty text: what `printf %s "$API_TOKEN" | sha256sum` gives where API_TOKEN is not set.
NO_TOKEN := e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
OVERRIDES = $(if $(API_TOKEN_SHA256),ApiTokenSha256=$(API_TOKEN_SHA256)) $(PARAMETERS)

deploy: $(SAM_VENV)/.installed ## Build with SAM and deploy to AWS (first with API_TOKEN_SHA256=...; PARAMETERS="Name=value", SAM_ARGS)
	@$(if $(findstring $(NO_TOKEN),$(OVERRIDES)),echo 'API_TOKEN is empty: this is the hash of an empty text' >&2; exit 1)
	PATH="$(SAM_BIN):$$PATH" sam build
	PATH="$(SAM_BIN):$$PATH" sam deploy $(if $(strip $(OVERRIDES)),--parameter-overrides $(OVERRIDES)) $(SAM_ARGS)

clean: ## Remove everything that was built or installed here
	rm -rf target .aws-sam .local .venv tests/fuzz/target tests/fuzz/corpus tests/fuzz/artifacts

# Installed again only when the list of packages changed.
$(SAM_VENV)/.installed: tests/requirements-sam.txt
	$(PYTHON) -m venv --clear $(SAM_VENV)
	$(SAM_VENV)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

$(TEST_VENV)/.installed: tests/requirements.txt
	$(PYTHON) -m venv --clear $(TEST_VENV)
	$(TEST_VENV)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@
