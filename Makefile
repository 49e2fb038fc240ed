# Coach Pro: `make demo` shows it, `make test` proves it, `make run` serves it.
.DEFAULT_GOAL := help
.PHONY: help setup env demo run seed test fuzz faults bench evaluate client check audit format generate release requirements clean

PYTHON := .venv/bin/python
IN_PARALLEL := --numprocesses auto --maxprocesses 4

help:  ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 14

setup:  ## Make .venv with the pinned dependencies, and .env with a random secret key
	@scripts/setup.sh

env: setup

demo: setup  ## Analyse the sample match through the REST API; results in demo-output/
	@$(PYTHON) -m scripts.demo

run: setup  ## Serve on http://127.0.0.1:8000 with embedded worker and bundled engine
	@$(PYTHON) -m app.cli serve

seed: setup  ## Fill the configured database with a club to look around in; its log-in is public
	@$(PYTHON) -m scripts.seed

test: setup  ## Run all tests, on SQLite and on a private MariaDB
	@scripts/install_test_services.sh
	@$(PYTHON) -m pytest $(IN_PARALLEL) --dist loadfile $(PYTEST_ARGS)

fuzz: setup  ## Try many made-up requests on every operation of the API, on both databases (FUZZ_EXAMPLES, 100)
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-100} $(PYTHON) -m pytest $(IN_PARALLEL) tests/fuzz $(PYTEST_ARGS)

faults: setup  ## Kill, freeze and cut off running processes some 600 times, and write docs/faults.md; about 40 minutes
	@scripts/install_test_services.sh
	@$(PYTHON) -m tests.faults $(FAULTS_ARGS)

bench: setup  ## Measure what it costs and holds, and write docs/performance.md (BENCH_ARGS); some 20 minutes
	@scripts/install_test_services.sh
	@$(PYTHON) -m benchmarks $(BENCH_ARGS)

evaluate: setup  ## Score the engine on labelled footage, and write docs/engine.md (EVALUATE_ARGS; needs ../shared/data)
	@$(PYTHON) -m engine evaluate --out docs/engine.md $(EVALUATE_ARGS)

client: setup  ## Make TypeScript types of the API, and check the example client against them (needs npm)
	@scripts/check_typescript_client.sh

check: setup  ## Format, lint, types, import rules, unit tests, freshness of generated files, known vulnerabilities
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports
	$(PYTHON) -m pytest -q $(IN_PARALLEL) --dist loadfile tests/unit
	$(PYTHON) scripts/make_stubs.py --check
	$(PYTHON) -m scripts.make_openapi --check
	$(PYTHON) -m scripts.make_creation_sql --check
	$(PYTHON) -m scripts.make_seed_sql --check
	$(PYTHON) -m scripts.audit --if-reachable

audit: setup  ## Look the pinned dependencies up in the advisory database; fails without the internet, unlike check
	$(PYTHON) -m scripts.audit

format: setup  ## Format the code and mend what the linter can mend
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

generate: setup  ## Make the generated files anew
	$(PYTHON) scripts/make_stubs.py
	$(PYTHON) -m scripts.make_openapi
	$(PYTHON) -m scripts.make_creation_sql
	$(PYTHON) -m scripts.make_seed_sql

release: setup  ## Build, check, commit and tag a release: make release VERSION=1.2.0 (uploads and pushes nothing)
	@$(PYTHON) -m scripts.release $(VERSION)

requirements:  ## Pin the newest versions of the dependencies in pyproject.toml (needs uv)
	uv pip compile pyproject.toml --all-extras --upgrade --python-version 3.11 \
		--no-header --no-annotate --no-emit-index-url --output-file requirements.txt

clean:  ## Remove what make made, but not .env and var/
	rm -rf .venv build htmlcov demo-output .mypy_cache .pytest_cache .ruff_cache .import_linter_cache *.egg-info
