.DEFAULT_GOAL := help
UV ?= $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
PYTHON := .venv/bin/python
PORT ?= 8000
JOBS ?= 3
unexport PYTHONDONTWRITEBYTECODE # otherwise each process that a test starts compiles the product again

.PHONY: help install run test slow check docs format texts client bench bench-large faults

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

.uv/bin/uv:
	python3 -m venv .uv && .uv/bin/pip install --quiet 'uv>=0.8'

install: ## Create the environment from the lock file
	@command -v uv >/dev/null 2>&1 || $(MAKE) --no-print-directory .uv/bin/uv
	@$(UV) sync --frozen --quiet

run: install ## Start everything with the demo world on http://127.0.0.1:$(PORT)
	@exec $(PYTHON) manage.py up --demo --port $(PORT)

test: install ## Run the tests
	$(PYTHON) -m pytest -n $(JOBS)

slow: install ## Run the long tests that the suite has no time for: real models, a recovery to a point in time, axe on every page
	$(PYTHON) -m pytest -m slow

docs: install ## Build the documentation into var/docs; a broken link is an error
	.venv/bin/sphinx-build -W --keep-going -q docs var/docs

check: install ## Format, lint, types, imports, templates, migrations, documentation
	@$(MAKE) --no-print-directory -j 2 types lint

.PHONY: types lint
types:
	$(PYTHON) -m mypy .

lint: docs
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	.venv/bin/lint-imports
	.venv/bin/djlint --check --quiet templates
	.venv/bin/djade --target-version 5.2 --check $$(git ls-files 'templates/*.html')
	.venv/bin/deptry .
	OUTREACH_DEVELOPMENT=1 $(PYTHON) manage.py check --fail-level WARNING
	OUTREACH_DEVELOPMENT=1 $(PYTHON) manage.py makemigrations --check --dry-run

format: install ## Put code and templates in order
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .
	.venv/bin/djlint --reformat --quiet templates
	-.venv/bin/djade --target-version 5.2 $$(git ls-files 'templates/*.html')

texts: install ## Collect the interface texts for translation and compile them (needs gettext)
	$(PYTHON) manage.py makemessages -l ru --no-obsolete --no-wrap --no-location -i .venv -i 'var/*' -i 'tests/*' -i 'docs/*'
	$(PYTHON) manage.py compilemessages -l ru -i .venv

client: install ## Generate a typed Python client of the API into var/outreach-client
	$(PYTHON) manage.py spectacular --format openapi-json --file var/openapi.json
	$(PYTHON) -m openapi_python_client generate --path var/openapi.json --config docs/examples/python-client.yaml \
	  --output-path var/outreach-client --meta setup --overwrite

bench: install ## Measure speed and memory beside limits and rivals; writes var/bench/latest.json
	$(PYTHON) -m tests.benchmarks

bench-large: install ## The same for live sets and segments at 10k, 100k and 1M leads, and 1,000 campaigns planned (long); writes var/bench/large.json
	$(PYTHON) -m tests.benchmarks engine live --large --scale 1000000

faults: install ## Kill, cut, confuse and fail over while it sends; writes below var/faults
	$(PYTHON) -m tests.faults
	$(PYTHON) -m tests.faults failover
