# Two commands on a fresh machine: `make run` shows the demo country, `make test` passes the tests.
# They need git, make and Python 3.11 to 3.13 (Debian also wants its python3.11-venv package).

SHELL := /bin/sh
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do command -v $$name && break; done)
BIN := .venv/bin
TESTS ?=
export PYTHONUNBUFFERED := 1

.PHONY: help run test check journeys test-postgres bench format clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 18

run: core ## set everything up, build the demo country, serve it on 127.0.0.1:8000
	@SHANYRAQ_DEMO=1 $(BIN)/shanyraq up

test: dev ## the whole suite on SQLite, with progress
	@SHANYRAQ_DEMO=1 $(BIN)/pytest -n 2 --durations=10 $(TESTS)

check: dev ## format, lint, types, floors, migrations, texts, locks
	@$(BIN)/python tools/check.py

journeys: dev ## the journeys in a browser (CHROMIUM names it; skipped with the reason where there is none)
	@SHANYRAQ_DEMO=1 $(BIN)/pytest -m browser -p no:xdist -rs $(TESTS)

test-postgres: dev ## the whole suite on PostgreSQL (DATABASE_URL, else a private cluster)
	@sh tools/with-postgres.sh env SHANYRAQ_DEMO=1 $(BIN)/pytest -n 2 $(TESTS)

bench: dev ## every measurement beside its peer, into bench/RESULTS.md (PostgreSQL: DATABASE_URL, else a private cluster)
	@$(PYTHON) tools/prepare.py bench
	@sh tools/with-postgres.sh env SHANYRAQ_DEMO=1 $(BIN)/python -m bench.all

format: dev ## put the code in its format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

clean: ## remove what was made, the demo country too
	rm -rf .venv .venv-bench var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.PHONY: core dev
core:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found: install python3.11 and python3.11-venv"; exit 1; }
	@$(PYTHON) tools/prepare.py core
dev:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer was not found: install python3.11 and python3.11-venv"; exit 1; }
	@$(PYTHON) tools/prepare.py dev
