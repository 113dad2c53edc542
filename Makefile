# Every verb brings what it needs: Python 3.11 or newer, its venv module and make.

.DEFAULT_GOAL := help
.PHONY: help run demo image attack attack-selftest authz authz-selftest chaos chaos-selftest replay golden coverage-sim bench-verdicts bench-verdicts-selftest bench-reports bench-roster test check fmt contract words openapi lock ci ci-long clean runtime dev

PORT ?= 8000
SEED ?= 1
ENGINE ?= sqlite
DEVICES ?= 60
WAVES ?= 3
export PYTHON
bin := .venv/bin

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-23s %s\n", $$1, $$2 }' Makefile

run: runtime ## serve a small agency on http://127.0.0.1:8000 (PORT=...)
	@$(bin)/python -m demo.run $(PORT)

demo: runtime ## 60 phones go offline, come back, and their teams get their scores
	@$(bin)/python -m demo.field_day

image: runtime ## the container image built, each command of it tried, the demo played through it
	@$(bin)/python -m demo.image

authz: dev ## every operation by every kind of caller: is each answered as declared?
	@$(bin)/python -m tools.authz

authz-selftest: dev ## views widened on purpose: does authz notice?
	@$(bin)/python -m tools.authz.selftest

chaos: dev ## a bad network, dying phones, a dying service: is an answer lost or doubled?
	@$(bin)/python -m tools.chaos --seed $(SEED) --engine $(ENGINE) \
		--devices $(DEVICES) --waves $(WAVES)

chaos-selftest: dev ## the service and the SDK broken on purpose: does chaos notice?
	@$(bin)/python -m tools.chaos.selftest

attack: dev ## readers and operators with every copy: can they tell who answered what?
	@$(bin)/python -m tools.attack $(if $(QUICK),--quick) \
		$(if $(filter command line,$(origin ENGINE)),--engine $(ENGINE)) \
		$(if $(filter command line,$(origin SEED)),--seed $(SEED))

attack-selftest: dev ## the service and the SDK weakened on purpose: does attack notice?
	@$(bin)/python -m tools.attack.selftest

replay: runtime ## 2,042 real people's answers, end to end, against reference scores
	@$(bin)/python -m benchmarks.replay

golden: runtime ## 106 reference values on real data, recomputed
	@$(bin)/python -m benchmarks.golden_values

coverage-sim: runtime ## do intervals and the placebo test keep what they promise?
	@$(bin)/python -m benchmarks.coverage_sim

bench-verdicts: runtime ## what verdicts, levels and arrows promise, in simulated agencies (SEED=n, QUICK=1)
	@OPENBLAS_NUM_THREADS=1 $(bin)/python -m benchmarks.verdicts --seed $(SEED) \
		$(if $(QUICK),--quick)

bench-verdicts-selftest: runtime ## the statistics broken on purpose: does bench-verdicts notice?
	@OPENBLAS_NUM_THREADS=1 $(bin)/python -m benchmarks.verdicts.selftest --seed $(SEED)

bench-reports: dev ## do reports cost the same for 10 thousand answers and 10 million?
	@$(bin)/python -m benchmarks.reports

bench-roster: dev ## how long does a roster of up to 100,000 people take, and how much memory?
	@nice $(bin)/python -m benchmarks.roster

test: dev ## every test, on SQLite and on a PostgreSQL of its own
	@$(bin)/pytest -n 2

check: dev ## lint, format, types, walls between the rooms
	@$(bin)/ruff check
	@$(bin)/ruff format --check
	@$(bin)/mypy
	@$(bin)/mypy demo benchmarks tools
	@$(bin)/lint-imports

fmt: dev ## format the code
	@$(bin)/ruff check --fix
	@$(bin)/ruff format

contract: dev ## the published document, its examples and its problems, against the service
	@$(bin)/python -m tools.openapi

words: dev ## names, docstrings and the glossary, against the naming rules
	@$(bin)/python -m tools.words

openapi: dev ## write schemas/rapport_schemas/openapi.json anew from the views
	@$(bin)/python -m tools.openapi.document

lock: ## write requirements/*.txt anew from what is asked for
	@requirements/lock

ci: ## everything that CI runs
	@.ci/run

ci-long: ## the long runs and the self-tests that CI leaves out
	@.ci/long

clean: ## remove .venv and caches; var/, the data of make run, stays
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

runtime dev:
	@requirements/install $@
