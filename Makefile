# The front door. Bare `make` lists what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run demo test test-full lint format bench docs lock audit clean

# uv reads the system's certificates, so that it works behind a company's proxy as pip does.
export UV_SYSTEM_CERTS = 1
export UV_COMPILE_BYTECODE = 1
export PYTHONUTF8 = 1

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v "$$p"; break; }; done)
BIN := .venv/bin
UV := .uv/bin/uv
WORKERS ?= 2

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: .venv/.run ## Install Pilothouse into .venv

setup-dev: .venv/.dev ## The same with the tools for development

run: .venv/.run ## Serve Pilothouse with its demo at http://localhost:8000
	@exec $(BIN)/pilothouse run $(if $(PORT),--port $(PORT))

demo: .venv/.run ## Make the demo organisations anew
	@$(BIN)/pilothouse migrate && $(BIN)/pilothouse demo

test: .venv/.dev ## All tests on SQLite and PostgreSQL, in Chromium where there is one
	@$(BIN)/python -m tests.run --workers $(WORKERS)

test-full: .venv/.dev ## The same with hundreds of kills and long fuzzing
	@$(BIN)/python -m tests.run --workers $(WORKERS) --full

lint: .venv/.dev ## Format, style, types, doors and migrations
	@status=0; \
	$(BIN)/ruff format --check . || status=1; \
	$(BIN)/ruff check . || status=1; \
	$(BIN)/lint-imports --no-cache || status=1; \
	$(BIN)/python -m django makemigrations --check --dry-run --settings pilothouse.site.settings_test || status=1; \
	$(BIN)/mypy || status=1; \
	exit $$status

format: .venv/.dev ## Format the code and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: .venv/.dev ## Measure speed and memory; prints figures, judges nothing
	@for bench in bench/*.py; do echo "== $$bench"; $(BIN)/python "$$bench" || exit 1; done

docs: .venv/.dev ## Write anew what docs/ takes from the code
	@$(BIN)/python -m docs.generate

lock: $(UV) ## Choose and pin the newest versions that fit
	@$(UV) pip compile pyproject.toml --extra build --extra deep $(LOCK) -o requirements/run.txt
	@$(UV) pip compile pyproject.toml --extra build --extra deep --extra dev -c requirements/run.txt $(LOCK) -o requirements/dev.txt
LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

audit: .venv/.dev ## Look for known vulnerabilities in the locked versions (asks the network)
	@$(BIN)/pip-audit --require-hashes --disable-pip -r requirements/run.txt

clean: ## Remove what make made; your data in var/ stays
	rm -rf .venv .uv .mypy_cache .pytest_cache .ruff_cache

# A stamp for each set of packages. The development set holds the other one, so it is never taken away again.
.venv/.run: requirements/run.txt requirements/dev.txt pyproject.toml $(UV)
	@if [ -e .venv/.dev ]; then $(MAKE) --no-print-directory .venv/.dev; else $(call install,run); fi
	@touch $@

.venv/.dev: requirements/dev.txt pyproject.toml $(UV)
	@$(call install,dev)
	@touch .venv/.run $@

define install
	echo "Installing into .venv ($(1)) …" && \
	{ [ -x $(BIN)/python ] || $(UV) venv --quiet --no-config --python "$(PYTHON)" .venv; } && \
	$(UV) pip sync --quiet --no-config --require-hashes requirements/$(1).txt && \
	$(UV) pip install --quiet --no-config --offline --no-deps --no-build-isolation --editable .
endef

$(UV): requirements/uv.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "Pilothouse needs Python 3.11 or newer and found none. On Debian: apt install python3 python3-pip;" \
		     "or name one: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; fi
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Pilothouse needs Python 3.11 or newer; $(PYTHON) is older or does not run." >&2; exit 1; }
	@"$(PYTHON)" -m pip --version >/dev/null 2>&1 || { \
		echo "$(PYTHON) has no pip. On Debian: apt install python3-pip" >&2; exit 1; }
	@echo "Fetching uv into .uv …"
	@"$(PYTHON)" -m pip install --quiet --disable-pip-version-check --no-warn-script-location --root-user-action ignore \
		--upgrade --require-hashes --target .uv -r requirements/uv.txt
	@touch $@
