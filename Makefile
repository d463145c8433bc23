# The whole warehouse from one place. `make help` lists what there is to do; settings come from the
# environment (`make settings` lists them). Each recipe first brings the environments it needs in step with their locks.

SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
ENVS := $(abspath $(or $(PONAM_ENVS),.local/envs))
SETUP := $(PYTHON) infra/setup_environments.py
INFRA := $(ENVS)/pipeline/bin/python -m infra
TEST_BIN := $(ENVS)/test/bin

export PYTHONPATH := $(CURDIR)
# Without compiled modules each of a run's twenty processes compiles Airflow again.
unexport PYTHONDONTWRITEBYTECODE

# Queries and file names reach the shell as environment variables: no quote or dollar in them can break a command.
psql: export PONAM_QUERY = $(value Q)
ingest: export PONAM_DATASET = $(value DATASET)
ingest: export PONAM_FILE = $(value FILE)
ingest: export PONAM_DELIVERY = $(value DELIVERY)
templates: export PONAM_OUT = $(or $(value OUT),$(or $(value PONAM_STATE),.local)/templates)

##@ Run
run: setup-run ## Set everything up, ingest, transform, and serve the dashboard until Ctrl-C
	@$(INFRA) run

pipeline: setup-run ## The same without the dashboard's server: ends by itself, 0 when all is judged and built
	@$(INFRA) pipeline

stop: setup-pipeline ## End every process that a run started (from another terminal)
	@$(INFRA) stop

status: setup-pipeline ## What is running, where, and the state of the last transformation
	@$(INFRA) status

settings: setup-pipeline ## Every environment variable: name, value in force, meaning
	@$(INFRA) settings

clean: ## Say what local state there is, then remove all of it (refuses while something runs)
	@$(PYTHON) -m infra.clean

##@ Data
ingest: setup-data ## One file by hand: make ingest DATASET=bceao.eden FILE=path; or one read again: DELIVERY=28
	@$(INFRA) ingest --delivery "$$PONAM_DELIVERY" "$$PONAM_DATASET" "$$PONAM_FILE"

templates: setup-pipeline ## The collection workbooks of every sent dataset: make templates OUT=folder
	@$(ENVS)/pipeline/bin/python -m ingestion templates --out "$$PONAM_OUT"

psql: setup-pipeline ## psql on the warehouse, read-only; make -s psql Q="select 1" prints tuples only
	@$(INFRA) psql $${PONAM_QUERY:+--query "$$PONAM_QUERY"}

dbt: setup-data ## dbt on the local warehouse: make dbt ARGS="build --select marts"
	@$(INFRA) dbt $(ARGS)

ledger: setup-pipeline ## Deliveries, rejections, decisions, evidence: make ledger ARGS="evidence PON-4-01 2016"
	@$(INFRA) ledger $(ARGS)

judge: setup-pipeline ## The verdict on a delivery as a page for its institution: make judge ARGS="report 12 --out page.html"
	@$(INFRA) judge $(ARGS)

indicator: setup-pipeline ## The two files of a new indicator: make indicator ARGS='PON-4-16 --name "…" --unit XOF'
	@$(ENVS)/pipeline/bin/python -m dbt_project.scaffold $(ARGS)

docs: setup-data ## dbt's documentation and the indicator sheets, HTML and PDF, under PONAM_STATE/docs
	@$(INFRA) docs

compare: setup-data ## What changes between a branch and this work tree, values first: make compare BASE=main
	@$(INFRA) compare "$(or $(BASE),main)"

dashboards-pull: setup-run ## Write the dashboards edited in Superset back to superset_dashboards/, for review
	@$(INFRA) dashboards-pull

##@ Develop
test: setup-test ## The whole suite, on two cores; a part of it, on one, by PYTEST_ARGS="tests/unit -k french"
	@$(TEST_BIN)/python -m pytest $(or $(PYTEST_ARGS),--numprocesses 2)

lint: setup-test ## What does not hold in the catalogue or in the dashboards' files; ruff, mypy --strict, sqlfluff
	@$(TEST_BIN)/python -m dbt_project.catalogue
	@$(TEST_BIN)/python -m superset_dashboards.deploy --check
	@$(TEST_BIN)/ruff check .
	@$(TEST_BIN)/ruff format --check .
	@$(TEST_BIN)/mypy
	@$(TEST_BIN)/sqlfluff lint dbt_project/models

bench-load: setup-bench ## Ours against raw COPY, dlt and pandas on synthetic rows: make bench-load ROWS=1000000
	@$(TEST_BIN)/python -m tests.bench.load --rows $(or $(ROWS),1000000) --bench-python $(ENVS)/bench/bin/python

bench-kill: setup-test ## Kill loader and PostgreSQL at random moments; how many closed: make bench-kill POINTS=1000
	@$(TEST_BIN)/python -m tests.bench.kill --points $(or $(POINTS),1000)

bench-build: setup-test ## What one new month costs dbt on millions of synthetic rows: make bench-build ROWS=10000000
	@$(TEST_BIN)/python -m tests.bench.build --rows $(or $(ROWS),10000000)

fuzz: setup-fuzz ## Give a reader files that nobody thought of: make fuzz READER=excel SECONDS=300
	@PYTHONPATH=$$(echo $(ENVS)/fuzz/lib/python3*/site-packages) $(TEST_BIN)/python -m tests.fuzzing $(or $(READER),excel) --seconds $(or $(SECONDS),300)

format: setup-test ## Rewrite Python, SQL and the dashboards' files in the project's style, and the generated list of indicators
	@$(TEST_BIN)/ruff check --fix-only --quiet .
	@$(TEST_BIN)/ruff format .
	@$(TEST_BIN)/sqlfluff fix dbt_project/models
	@$(TEST_BIN)/python -m dbt_project.generate
	@$(TEST_BIN)/python -m superset_dashboards.assets

lock: ## Resolve the requirements again, as of the date in infra/requirements/cutoff
	@$(SETUP) lock

##@ Environments
setup: ## Create or update the environments of the product and of its tests
	@$(SETUP) sync pipeline transform bi test

.PHONY: setup-run setup-data setup-pipeline setup-test setup-bench setup-fuzz
setup-run:
	@$(SETUP) sync pipeline transform bi
setup-data:
	@$(SETUP) sync pipeline transform
setup-pipeline:
	@$(SETUP) sync pipeline
setup-test: setup
setup-bench: setup-test
	@$(SETUP) sync bench
setup-fuzz: setup-test
	@$(SETUP) sync fuzz

help: ## This list
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run ledger judge pipeline stop status settings clean ingest psql templates dbt docs compare indicator dashboards-pull test lint bench-load bench-kill bench-build fuzz format lock setup help
