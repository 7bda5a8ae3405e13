# What people and CI run. Needs make and python3; everything else is installed or said by the targets themselves.
# sudo is used where root is needed and you are not root. README.md says what each takes.

PYTHON ?= python3
VENV := .venv/bin
ROLE ?=
FORMAT ?= text
SITE ?= inventories/demo/site.yml
BUNDLE ?=
SIGNERS ?=
HOST ?= ws-acme-1
BUDGET ?=

.DEFAULT_GOAL := help
.PHONY: help demo demo-down prove audit-local diagram verify-bundle ready-tests setup test test-all test-unit \
	test-integration test-role lint claims build clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## build, start, harden and audit the demo call centre
	@$(PYTHON) -m tools.lab demo

demo-down: ## remove the demo: hosts, networks, keys, kernel settings, images (KEEP_IMAGES=1 leaves these)
	@$(PYTHON) -m tools.lab down --lab demo $(if $(KEEP_IMAGES),,--images)

prove: setup ## break a host of the running demo on purpose and see each check turn red: make prove HOST=gw1,db1
	@$(PYTHON) -m tools.lab prove "$(HOST)"

audit-local: ## audit this very machine, read-only, with nothing but python3
	@$(PYTHON) -m tools.audit_local

diagram: setup ## draw a site's network and data flows as SVG: make diagram SITE=inventories/mysite/site.yml
	@$(PYTHON) -m tools.lab drawing
	@$(VENV)/ansible-playbook -i "$(SITE)" playbooks/diagram.yml

verify-bundle: ## is a bundle as it was sealed? make verify-bundle BUNDLE=evidence/latest [SIGNERS=file]; nothing but python3
	@test -n "$(BUNDLE)" || { echo "Which bundle? make verify-bundle BUNDLE=inventories/mysite/evidence/latest" >&2; exit 2; }
	@$(PYTHON) plugins/plugin_utils/verify_bundle.py "$(BUNDLE)" $(if $(SIGNERS),--signers "$(SIGNERS)")

ready-tests: ## install and build all that the tests need
	@$(PYTHON) -m tools.lab ready --tests

setup: ## make .venv with the pinned Python packages
	@$(PYTHON) -m tools.lab venv

test: ready-tests ## lint, unit and integration tests, the scenarios that a change can affect; BUDGET=55: and others, in so many minutes
	@$(VENV)/python -m tools.run_tests $(if $(BUDGET),--budget $(BUDGET))

test-all: ready-tests ## the same with every scenario
	@$(VENV)/python -m tools.run_tests --all

test-unit: setup ## unit tests only
	@$(VENV)/python -m pytest -q -n 2 tests/unit

test-integration: setup ## the tests that run Ansible's own commands, on this machine only
	@$(VENV)/python -m pytest -q -n 2 tests/integration

test-role: ## one role's scenario: make test-role ROLE=firewall
	@test -n "$(ROLE)" || { echo "Which role? make test-role ROLE=firewall" >&2; exit 2; }
	@$(PYTHON) -m tools.lab ready --tests --role "$(ROLE)"
	@$(VENV)/python -m tools.run_tests --role "$(ROLE)"

lint: setup ## all gates: ansible-lint, ruff, mypy, sanity, documentation, galaxy
	@$(VENV)/python -m tools.gates

claims: ## which control, role and test stands for which claim; FORMAT=json for machines
	@$(PYTHON) -m tools.lab venv >&2
	@$(VENV)/python -m tools.claims --format $(FORMAT)

build: ## build the collection's tarball, with the ansible-core that is here or one in .cache/build
	@$(PYTHON) -m tools.build_collection

clean: ## remove all that any target made: labs, images, .venv, caches, tarballs
	@$(PYTHON) -m tools.lab clean
