# Everything a developer runs. `make test` works from nothing: it makes .venv and brings the servers that tests need.
# Tests, benchmark and the platform itself have their own ports and data, so all of them may run at the same time.

PYTHON_OF_VENV := .venv/bin/python
LOCK_VENV := .frontrow/lock-venv
AUDIT_VENV := .frontrow/audit-venv
LOCK := $(LOCK_VENV)/bin/pip-compile --quiet --generate-hashes --strip-extras --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host $(UPGRADE)
SESSIONS := 2
SIDE_BY_SIDE = --numprocesses=$(SESSIONS) --dist=loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help environment test test-long coverage lint load audit bench bench-against bench-setting bench-compare bench-growth charts streams overload fuzz faults sabotage lock audit-dependencies clean web screenshots page-speed

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

environment: ## .venv with everything for development, and the servers of native mode
	@infra/native/bootstrap.sh requirements-dev.txt

coverage: environment ## all tests, and which branches of tests and services none of them takes; takes half an hour
	$(PYTHON_OF_VENV) -m pytest --cov --cov-config=tests/coverage.toml --cov-report=term $(SIDE_BY_SIDE) tests

# Two sessions side by side, since most tests wait for servers (tests/conftest.py deals the tests out); `make test SESSIONS=0` runs one.
test: lint ## lint, then the tests with real servers
	$(PYTHON_OF_VENV) -m pytest $(SIDE_BY_SIDE) -m "not long" --durations=25 tests

test-long: environment ## the tests that show at length, and again, what others show too
	$(PYTHON_OF_VENV) -m pytest $(SIDE_BY_SIDE) -m long --durations=25 tests

lint: environment ## style, types, and who may import whom
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(PYTHON_OF_VENV) -m mypy .
	.venv/bin/lint-imports

load: environment ## load the running platform, print the table, check the invariants
	$(PYTHON_OF_VENV) -m loadtest.load

audit: environment ## replay the running platform's log, compare ledger and view with it
	$(PYTHON_OF_VENV) -m loadtest.check

# QUICK=1 tries it in some minutes, ONLY=one_event,contest measures these parts alone; neither writes anything.
bench: environment ## measure, as ratios of one run, in an instance of its own; takes ten minutes
	$(PYTHON_OF_VENV) -m loadtest.bench $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY))

bench-against: environment ## plain bookings of this checkout and of COMMIT=<sha>, in one run
	$(PYTHON_OF_VENV) -m loadtest.bench.against $(COMMIT)

bench-setting: environment ## a drain with a setting of PostgreSQL and without it, in one run: SETTING=wal_compression=lz4
	@$(PYTHON_OF_VENV) -m loadtest.bench.setting $(SETTING)

bench-compare: environment ## two runs of bench side by side: A=<file or commit> B=<file or commit>
	@$(PYTHON_OF_VENV) -m loadtest.bench.compare $(A) $(B)

# ONLY=seats,streams measures these alone, QUICK=1 at few and small points, FULL=1 also 5 million bookings stored;
# SOAK=30 has the platform work for half an hour as well.
bench-growth: environment ## how figures grow with load, seats, events, bookings stored and streams; takes an hour
	$(PYTHON_OF_VENV) -m loadtest.growth $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick) $(if $(FULL),--full) \
		$(if $(SOAK),--soak $(SOAK))

charts: environment ## draw what make bench and make bench-growth measured, as SVG files in loadtest/results
	$(PYTHON_OF_VENV) -m loadtest.charts

streams: environment ## 2,000 open streams of one event: how late the last one hears, and what one costs
	$(PYTHON_OF_VENV) -m loadtest.bench.streams

overload: environment ## five times the load that can be sustained, for a minute, and what becomes of everybody
	$(PYTHON_OF_VENV) -m loadtest.bench.overload

# SECONDS=600 for longer, SEED=1 plays a seed again.
fuzz: environment ## made-up requests of every call, on a platform of its own, for a minute; another seed each time
	@$(PYTHON_OF_VENV) -m tests.fuzz $(if $(SEED),--seed $(SEED)) $(if $(SECONDS),--seconds $(SECONDS))

web: ## build the page into web/dist, where the gateway takes it from (needs Node)
	cd web && npm ci && npm run build

screenshots: environment ## pictures of the running platform's pages, into docs/screenshots: look at them
	$(PYTHON_OF_VENV) -m tests.e2e.web.screenshots $(URL)

page-speed: environment ## the running platform's page with a processor four times slower: paint, interaction, frames
	$(PYTHON_OF_VENV) -m tests.e2e.web.speed $(URL)

# SEED=1 plays a seed again, ROUNDS=3 so many rounds, FAULT='kill -9 worker' that one alone; FAULT=list names all.
# SEEDS=1-30 plays them one after the other and reports to tests/faults/results; README=1 puts the table into README.
faults: environment ## hurt a platform of its own under load for two minutes, and prove that nothing was lost
ifdef SEEDS
	@$(PYTHON_OF_VENV) -m tests.faults.run.campaign $(SEEDS) $(if $(README),--readme)
else
	@$(PYTHON_OF_VENV) -m tests.faults.run $(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(FAULT),--fault '$(FAULT)')
endif

sabotage: environment ## break the platform on purpose, one way at a time, and show which test notices
	@$(PYTHON_OF_VENV) -m tests.sabotage $(if $(ONLY),--only '$(ONLY)')

# One resolution for all three files: what runs is what was tested. `make lock UPGRADE=--upgrade` takes newer versions.
lock: ## lock the dependencies of pyproject.toml, with hashes
	$(PYTHON_OF_VENV) -m venv $(LOCK_VENV)
	$(LOCK_VENV)/bin/python -m pip install --quiet pip-tools
	$(LOCK) --extra services --extra native --extra dev --output-file requirements-dev.txt pyproject.toml
	$(LOCK) --constraint requirements-dev.txt --extra services --extra native --output-file requirements-native.txt pyproject.toml
	$(LOCK) --constraint requirements-dev.txt --extra services --output-file requirements.txt pyproject.toml

# --strict: where the advisories cannot be had it would say that none are known, and end well.
audit-dependencies: ## which of the locked packages have known vulnerabilities, by the index's own advisories
	$(PYTHON_OF_VENV) -m venv $(AUDIT_VENV)
	$(AUDIT_VENV)/bin/python -m pip install --quiet pip-audit
	$(AUDIT_VENV)/bin/pip-audit --strict --disable-pip --require-hashes --progress-spinner off --requirement requirements-dev.txt

clean: ## remove caches and reports; data and .venv stay
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis htmlcov .coverage .coverage.* $(LOCK_VENV) $(AUDIT_VENV)
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
