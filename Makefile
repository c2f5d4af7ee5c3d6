# The commands of the project. Needs Python 3.11 or newer with pip and venv; pipenv and the environment are made in this folder.

PIPENV_VERSION = 2026.10.3
MINUTES = 5

ifeq ($(OS),Windows_NT)
$(error the churn service runs on Linux and macOS: on Windows use WSL or Docker, see README.md)
endif

# The Python for the environments: PYTHON; else that of .venv, if it is new enough; else python3.
version = $(word 2,$(shell $(1) --version 2>&1 | grep '^Python '))
new = $(filter-out 2.% $(foreach minor,0 1 2 3 4 5 6 7 8 9 10,3.$(minor).%),$(call version,$(1)))
ifndef PYTHON
PYTHON := $(if $(call new,.venv/bin/python),.venv/bin/python,python3)
endif
VERSION := $(call version,$(PYTHON))
# In front of a command, ends make with one line before anything is made.
REFUSE_OLD = $(if $(call new,$(PYTHON)),,$(error needs Python 3.11 or newer; $(PYTHON) is $(or $(VERSION),not there): \
	make $(or $(MAKECMDGOALS),serve) PYTHON=python3.12))
# Removes an environment of another Python version, which pipenv would keep.
REMOVE_OTHER = $(if $(filter $(basename $(VERSION)),$(basename $(call version,.venv/bin/python))),,rm -rf .venv)

# pipenv is in a folder of its own, so that the system's Python stays unchanged. It always uses the environment .venv.
PIPENV = PIPENV_VENV_IN_PROJECT=1 PIPENV_IGNORE_VIRTUALENVS=1 PIPENV_NOSPIN=1 PIPENV_VERBOSITY=-1 .pipenv/bin/pipenv
PIPENV_MADE = .pipenv/$(PIPENV_VERSION)-python$(basename $(VERSION))

.PHONY: help serve install train test test-fast coverage test-page test-page-quality test-office test-spark test-clients test-siege test-statistics test-bench lint notebook page-pictures bench bench-files bench-models bench-tables bench-training soak check-deploy
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: .venv/serving ## serve model_C=1.0.bin on port 9696 with gunicorn
	LOG_FORMAT=$${LOG_FORMAT:-console} .venv/bin/gunicorn predict:app

install: .venv/development ## build or update the environment for train.py, predict-test.py, scoring files and the tests, in .venv

train: .venv/development ## train the model again from data/telco-churn.csv
	.venv/bin/python train.py

# Tests of real servers measure times, so they run alone, and so do those with a browser; the others share the cores.
# Tests with a target of their own are in ELSEWHERE.
ELSEWHERE = $(addprefix tests/,batch/test_spark.py bench test_office.py test_clients.py test_page_quality.py test_siege.py \
	test_statistics.py)
PYTEST = .venv/bin/python -m pytest $(addprefix --ignore=,$(ELSEWHERE))
PARALLEL = --numprocesses auto --maxprocesses 4 --dist loadfile
# Only the files that have such tests, and without a plugin that they don't use: collecting all takes 10 s more.
MARKED = $(shell grep -rlE 'mark\.(server|browser)' tests --include='test_*.py')
ALONE = $(PYTEST) -p no:schemathesis $(sort $(filter-out $(ELSEWHERE),$(MARKED)))

test: lint ## run everything that must pass: lint, types, the lock and the tests; 8 minutes on two cores
	$(PIPENV) verify
	$(PYTEST) -m "not server and not browser" $(PARALLEL)
	$(ALONE) -m "(server or browser) and not thorough"
	@echo "left out: the long tests of the page and a worker's memory (make test-page), the page's quality (make test-page-quality),"
	@echo "LibreOffice (make test-office), Apache Spark (make test-spark), generated clients (make test-clients), a siege"
	@echo "(make test-siege), simulations (make test-statistics) and the benchmarks (make test-bench)"

test-fast: .venv/development ## run the tests that need no server, no browser and little time
	$(PYTEST) -m "not server and not browser and not slow" $(PARALLEL)

coverage: .venv/development ## measure how much of churn/ is run by the tests that need no server and no browser
	$(PYTEST) -m "not server and not browser" $(PARALLEL) --cov

test-page: .venv/development ## compare the page's file readers with Python's on thousands of generated files, and check a worker's memory; needs Chromium
	$(ALONE) -m thorough

test-page-quality: .venv/development .quality/installed ## check every state of the page with axe-core, and its scores with Lighthouse; needs Chromium and Node.js with npm
	.venv/bin/python -m pytest tests/test_page_quality.py

test-office: .venv/development ## train on files saved by LibreOffice, and score them by command and on the page; needs LibreOffice and Chromium
	.venv/bin/python -m pytest tests/test_office.py

test-spark: .venv/spark ## score a million rows on Apache Spark; needs Java 17
	.venv/bin/python -m pytest tests/batch/test_spark.py

test-clients: .venv/development .clients/python/installed .clients/node/installed ## test clients generated from /openapi.json in Python and TypeScript; needs Node.js with npm
	.venv/bin/python -m pytest tests/test_clients.py

test-siege: .venv/development ## serve while thousands of clients hold their connections open; some minutes, less with SIEGE=short
	.venv/bin/python -m pytest tests/test_siege.py

test-bench: .venv/development ## run the tests of the benchmarks
	.venv/bin/python -m pytest tests/bench

test-statistics: .venv/development ## simulate the false alarms and the power of the drift tests
	.venv/bin/python -m pytest tests/test_statistics.py

lint: .venv/development ## check style and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

notebook: .venv/development ## run notebook.ipynb from top to bottom and store its outputs
	.venv/bin/python -m tests.notebook

page-pictures: .venv/development ## take the pictures of docs/page.md again; needs Chromium
	.venv/bin/python -m tests.page_pictures

bench: .venv/bench-servers .venv/bench-tables ## measure the cost of a request, compared with other servers, and of scoring alone: bench/results.md, bench/scoring.md; needs wrk
	.venv/bin/python -m bench.servers
	.venv/bin/python -m bench.scoring

soak: .venv/development ## run five minutes (or MINUTES=30) of mixed load with swaps, kills, reloads and slow clients, and count every request: bench/soak.md
	.venv/bin/python -m bench.soak --minutes $(MINUTES)

bench-files: .venv/development ## measure the speed of scoring files, compared with pyarrow and the course's way: bench/files.md
	.venv/bin/python -m bench.files

bench-models: .venv/bench-models ## measure the quality of the models on public tables, compared with LightGBM, CatBoost and EBM: bench/models.md
	.venv/bin/python -m bench.models

bench-tables: .venv/bench-tables ## measure train.py on public tables, compared with a plain pipeline of scikit-learn: bench/tables.md
	.venv/bin/python -m bench.tables

bench-training: .venv/development ## measure time and memory of training, up to a million rows: bench/training.md
	.venv/bin/python -m bench.training

check-deploy: ## check before eb deploy that everything is committed and that the files agree with each other
	$(REFUSE_OLD)$(PYTHON) check-deploy.py

$(PIPENV_MADE):
	$(REFUSE_OLD)rm -rf .pipenv
	$(PYTHON) -m venv .pipenv
	.pipenv/bin/python -m pip install --quiet --disable-pip-version-check pipenv==$(PIPENV_VERSION)
	touch $@

.venv/serving: $(PIPENV_MADE) Pipfile.lock
	$(REMOVE_OTHER)
	$(PIPENV) sync
	touch $@

.venv/development: $(PIPENV_MADE) Pipfile.lock
	$(REMOVE_OTHER)
	$(PIPENV) sync --dev --categories "packages dev-packages batch"
	touch .venv/serving $@

.venv/spark: .venv/development
	$(PIPENV) sync --categories "batch spark"
	touch $@

.venv/bench-models: .venv/development
	$(PIPENV) sync --categories "bench-models bench-tables"
	touch $@

.venv/bench-tables: .venv/development
	$(PIPENV) sync --categories "bench-tables"
	touch $@

.venv/bench-servers: .venv/development
	$(PIPENV) sync --categories "bench-servers"
	touch $@

# The generators of clients, in a folder of their own. Without npm its part is not installed, and the tests say so.
.clients/python/installed: tests/clients/requirements.txt $(PIPENV_MADE)
	rm -rf .clients/python
	$(PYTHON) -m venv .clients/python
	.clients/python/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

.clients/node/installed: tests/clients/package.json tests/clients/package-lock.json
	rm -rf .clients/node
	mkdir -p .clients/node
	cp $^ .clients/node
	if command -v npm >/dev/null; then npm ci --prefix .clients/node --silent --no-audit --no-fund && touch $@; fi

# The tools that measure the page, likewise. package.json pins packages of which Lighthouse would take the latest version.
.quality/installed: tests/quality/package.json tests/quality/package-lock.json
	rm -rf .quality
	mkdir -p .quality
	cp $^ .quality
	if command -v npm >/dev/null; then npm ci --prefix .quality --silent --no-audit --no-fund && touch $@; fi
