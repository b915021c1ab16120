# Two commands for a fresh machine: `make demo` shows what rollout does, `make test` proves it.
.PHONY: help setup test unit long demo faults bench soak format clean

help:
	@echo "make demo   a real three-node Swarm, a site under load, a good and a bad release (root, Linux)"
	@echo "make test   lint, types, import contracts, all tests (those on a real Swarm need root and Linux)"
	@echo "make unit   the tests that need no engine, in seconds"
	@echo "make long   more tests on a real Swarm, which 'make test' leaves out"
	@echo "make faults bad releases and failures, beside docker service update: docs/faults.md (root, Linux)"
	@echo "make bench  a release of 300 MB on cold nodes, beside docker service update: docs/prepull.md (root, Linux)"
	@echo "make soak   a day of 500 services under 'rollout watch', on the simulation: docs/soak.md (some minutes)"
	@echo "make format put the code into shape"
	@echo "make clean  remove the environment and caches, and any lab that was left"

setup:
	@tools/setup

test: setup
	@tools/test

long: setup
	@tools/test -m long -n 0 -rA

unit: setup
	@tools/test -m "not lab" -q

demo: setup
	@.venv/bin/python -m rollout.lab.demo

bench: setup
	@PYTHONPATH=tests .venv/bin/python -m bench

soak: setup
	@PYTHONPATH=tests .venv/bin/python -m soak

faults: setup
	@PYTHONPATH=tests .venv/bin/python -m faults

format: setup
	@.venv/bin/ruff check --fix . && .venv/bin/ruff format .

clean:
	@if [ -x .venv/bin/rollout ]; then .venv/bin/rollout lab down --all || true; fi
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
