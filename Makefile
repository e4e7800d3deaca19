.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
# the demo and the tests are installations of their own: a real city's home is never touched by them
DEMO := ROLLCALL_CITY=simulator/city ROLLCALL_HOME=.rollcall/demo
export PYTHONPATH := plugins:.

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

setup: $(VENV)/.installed ## Install the pinned packages into .venv

$(VENV)/.installed: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Rollcall needs Python 3.11: set PYTHON=..."; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

demo: setup ## The whole synthetic city: a year of history, three nights through Airflow, the city report
	$(DEMO) $(BIN)/python scripts/demo.py

verify: setup ## Compare the demo's marts with an independent computation from the simulator's truth
	$(DEMO) $(BIN)/python scripts/verify.py

score: setup ## Score the demo's questions on missing education against the simulator's true answer
	$(DEMO) $(BIN)/python scripts/score_cme.py

calibration: setup ## The demo city beside Derby's published figures
	$(BIN)/python -m simulator calibration --truth .rollcall/demo/truth

backtest: setup ## Score the early signal and the sickness forecast on the demo city as it was known
	$(BIN)/python scripts/backtest_early_signal.py .rollcall/demo/truth
	$(BIN)/python scripts/backtest_sickness_forecast.py .rollcall/demo/truth

bi: setup bi/.venv/.installed ## The BI tool on what is published: datasets and dashboards as code, Apache Superset (after make demo)
	$(DEMO) $(BIN)/python -m bi up

bi/.venv/.installed: bi/requirements.lock
	test -x bi/.venv/bin/python || $(PYTHON) -m venv bi/.venv
	bi/.venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r bi/requirements.lock
	bi/.venv/bin/python -m bi.telemetry
	touch $@

up: setup ## Start PostgreSQL and Airflow for the city that ROLLCALL_CITY names
	$(BIN)/rollcall up

down: setup ## Stop everything that this folder started
	-$(BIN)/rollcall down
	-$(DEMO) $(BIN)/rollcall down

test: setup test-tools ## Every test, against a real PostgreSQL, a real Airflow, a real browser
	$(BIN)/python -m pytest

test-tools: # a browser, Redis, pango (for PDF) and an older PostgreSQL, from the system's own packages
	@for tool in chromium redis-server libpango-1.0-0 libpangoft2-1.0-0 postgresql; do \
	  command -v $$tool >/dev/null && continue; \
	  case $$tool in \
	    lib*) ldconfig -p | grep -q "$${tool%-0}.so.0" && continue;; \
	    postgresql) ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 && continue;; esac; \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y -qq $$tool >/dev/null; \
	  else echo "The tests need $$tool: install it with your system's package manager."; exit 1; fi; done

check: setup ## Style, types, import directions, SQL
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint --processes 2 dbt_project/models dbt_project/tests

bench: setup ## Speed of each step against a floor measured in the same run
	$(DEMO) $(BIN)/python -m benchmarks

bench-bi: bi ## What a reader of the dashboards waits for: first visit to warm, and ten at once (forgets kept answers)
	$(DEMO) $(BIN)/python -m bi.benchmark

lock: ## Renew requirements.lock from requirements.in (needs uv)
	uv pip compile --python-version 3.11 --generate-hashes --no-header --no-annotate -q -o requirements.lock requirements.in

.PHONY: help setup demo bi verify score calibration backtest up down test test-tools check bench bench-bi lock
