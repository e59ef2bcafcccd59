# Everything a person runs by hand. A fresh machine needs Python 3.11+, make and a package network.
# PYTHON=python3.13 make test   chooses another interpreter, with an environment of its own: .venv-python3.13.
PYTHON ?= python3
VENV ?= $(if $(filter python3,$(PYTHON)),.venv,.venv-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
# Named after the version: an environment of another one is built anew.
STAMP := $(VENV)/.installed-$(shell $(PYTHON) -c 'import sys; print(*sys.version_info[:2], sep=".")' 2>/dev/null)
# Each module is compiled once, and not in each of the hundreds of processes that the tests start.
export PYTHONDONTWRITEBYTECODE :=
PACKAGES := crawler scheduler spiders storage

.PHONY: demo test check static lint messages types contracts unit audit browser bench bench-page real soak coverage mutants fuzz eval-held clean

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: PYTHON=/path/to/python3.11 make $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Installing python3-venv ..."; apt-get update -qq && apt-get install -y -qq python3-venv; }
	@echo "Building the environment in $(VENV) (a minute or two, once) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

$(VENV): $(STAMP)

# The whole main job against a local news site of our own.
demo: $(STAMP)
	@$(BIN)/accordwatch demo

# All that must pass.
test: check

# The audit only names what it finds: an advisory of today says nothing about the change that is checked.
check: static unit
	-@.ci/audit $(BIN)/python

# Known holes in the libraries that were tried together, where a database of advisories answers.
audit: $(STAMP)
	@.ci/audit $(BIN)/python

# Side by side: mypy's own workers must answer within three seconds, which a busy machine does not keep.
static: $(STAMP)
	@$(MAKE) --no-print-directory -j 3 --output-sync=target lint types contracts

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONPATH=. $(BIN)/python .ci/messages.py

# Writes what is new into the files of the translators.
messages: $(STAMP)
	PYTHONPATH=. $(BIN)/python .ci/messages.py update

types: $(STAMP)
	$(BIN)/mypy

contracts: $(STAMP)
	$(BIN)/lint-imports

# The mail and the page are looked at in a real browser.
browser:
	@command -v chromium >/dev/null || { echo "Installing chromium ..."; apt-get update -qq && apt-get install -y -qq chromium; }

# A module stays with one process, which makes once what its tests share. Three processes for two cores, since many tests
# wait for servers and processes that they started: a quarter less time.
unit: $(STAMP) browser
	$(BIN)/pytest -m "not slow" -n 3 --dist loadscope

bench: $(STAMP)
	$(BIN)/python -m benchmarks.judgement
	$(BIN)/python -m benchmarks.register
	$(BIN)/python -m benchmarks.ratios
	$(BIN)/python -m benchmarks.crawl

# How long readers wait with a million documents; filling the database takes a quarter of an hour.
bench-page: $(STAMP)
	$(BIN)/python -m benchmarks.page

# The judgement on real news, which is not part of the project: REAL=folder with background/ and real/.
REAL ?= ../shared
real: $(STAMP)
	$(BIN)/python -m benchmarks.real $(REAL)
	$(BIN)/python -m benchmarks.real_entries $(REAL)

# The slow tests, and a daemon at work for two hours.
soak: $(STAMP)
	$(BIN)/pytest -m slow --timeout=3600
	$(BIN)/python -m benchmarks.soak

# Which lines and branches of the gate, ingest, rules and the outbox do tests reach? Ten minutes.
COVERING = tests/spiders/fetch tests/crawler/ingest tests/crawler/judgement/rules tests/crawler/judgement/test_judge.py \
  tests/crawler/judgement/card/test_others.py tests/storage/notifications tests/storage/maintenance/test_retention.py \
  tests/scheduler/notify/test_deliver.py tests/scheduler/notify/test_review_section.py tests/scheduler/jobs/health/test_incidents.py \
  tests/scheduler/jobs/test_reclassify.py tests/scheduler/exchange/test_list_import.py tests/scheduler/cli/test_rules_languages.py
coverage: $(STAMP)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[coverage]'
	$(BIN)/coverage run -m pytest -q -m "not slow" -k "not postgresql" $(COVERING)
	$(BIN)/coverage report

# Which small faults would the closest tests not see? Two hours; a second call goes on where the first one ended.
mutants: $(STAMP)
	$(BIN)/python -m benchmarks.mutants

# Bytes of any kind for what reads strangers' bytes: feeds, sitemaps, mails, days, rules, addresses; minutes each.
FUZZ_SECONDS ?= 240
fuzz: $(STAMP)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[fuzz]'
	$(BIN)/python -m tests.hostile.fuzz --seconds $(FUZZ_SECONDS)

# Scores the articles that were set aside before a rule was written; every look is written to benchmarks/eval-held.log.
eval-held: $(STAMP)
	$(BIN)/python -m tests.eval.held

clean:
	rm -rf $(VENV) .fuzz .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
