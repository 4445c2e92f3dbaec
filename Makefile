# Every verb sets up what it needs; on a machine with Python 3.11+, git and make nothing else is wanted.
BIN := .venv/bin
.DEFAULT_GOAL := help
.PHONY: help setup run serve test eval eval-llm bench bench-judge bench-jobs kill-sweep bench-batch bench-peers floors lint format train migrate clean

help: ## Show the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(BIN)/.set-up ## Install the locked dependencies into .venv, uv included

$(BIN)/.set-up: pyproject.toml uv.lock .ci/setup
	@.ci/setup
	@touch $@

run: setup ## Score the example stories with the rules engine
	@$(BIN)/star-coach score examples/stories --engine rules

serve: setup ## Run the HTTP service on this machine, docs at /docs
	@$(BIN)/star-coach serve

test: setup ## Run all tests, on SQLite and PostgreSQL, with coverage
	@$(BIN)/python tests/provide.py postgresql chromium
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --cov --cov-report=term
	@$(MAKE) --no-print-directory floors

eval: setup ## Measure the rules engine on the labelled stories, into evals/REPORT.md
	@$(BIN)/python evals/report.py

eval-llm: setup ## Measure a model on top of the rules, into evals/REPORT-LLM.md: LIMIT=12 stories, ALL=1 for all
	@$(BIN)/python -m evals.report_llm $(if $(ALL),,--limit $(or $(LIMIT),12)) --repeat $(or $(REPEAT),2)

floors: setup ## Hold the rules engine to evals/floors.json
	@for set in dev messy own; do \
		$(BIN)/star-coach eval evals/$$set --engine rules --min evals/floors.json >/dev/null || exit 1; done

lint: setup ## Check style, types and the direction of imports
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/pyright
	@$(BIN)/lint-imports

format: setup ## Put the code into shape
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: setup ## Time the rules engine and the command, in multiples of merely reading the stories
	@$(BIN)/python evals/bench.py

bench-judge: setup ## Time the judge beside a bare loop over the SDK, on a slow model server of its own
	@$(BIN)/python -m evals.bench_overhead

bench-jobs: setup ## Time batches with 1, 2 and 4 workers on PostgreSQL beside a bare loop over the SDK
	@$(BIN)/python -m evals.bench_jobs

kill-sweep: setup ## Kill, stop and crowd the running service, and count what is lost or done twice: N=20 moments
	@$(BIN)/python -m evals.kill_sweep --moments $(or $(N),20)

bench-batch: setup ## Time 10,000 stories with the rules engine, and watch the memory: COUNT=1000 for fewer
	@$(BIN)/python -m evals.bench_batch $(if $(COUNT),--count $(COUNT))

bench-peers: setup ## Time the command beside promptfoo and Inspect on one slow local model, into docs/comparison.md
	@$(BIN)/python -m evals.bench_peers $(if $(STORIES),--stories $(STORIES) --no-doc)

train: setup ## Make the rules engine's weights from evals/training, and what held-out weights say
	@$$(command -v uv || echo .tools/uv/bin/uv) run --frozen --group train python evals/training/train.py --leave-one-out
	@$$(command -v uv || echo .tools/uv/bin/uv) run --frozen --group train python evals/training/train.py

migrate: setup ## Bring the configured database's schema up to date
	@$(BIN)/star-coach db upgrade

clean: ## Remove what setup, tests and linters made
	rm -rf .venv .tools .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov dist
	find app migrations tests -name __pycache__ -type d -prune -exec rm -rf {} +
