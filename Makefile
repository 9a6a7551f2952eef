# The project's commands. Each does what is missing before it (packages, .venv, build); `make help` lists them.
# For the curious: tools/setup prepares the machine, CMake builds in build/native, setup.py joins both for pip.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

JOBS ?= $(shell nproc)
# The set-up may have put a CMake into the environment.
CMAKE = $$(test -x .venv/bin/cmake && echo .venv/bin/cmake || echo cmake)
PYTHON_BIN = .venv/bin/python
export CMAKE_BUILD_PARALLEL_LEVEL = $(JOBS)

# $(call native,DIRECTORY,CMAKE OPTIONS,TARGET): configures and builds; quiet about what it finds.
native = $(CMAKE) -S . -B $(1) $(2) >/dev/null && $(CMAKE) --build $(1) --target $(3) --parallel $(JOBS)
# $(call ctest,DIRECTORY)
ctest = $$(dirname "$$(command -v $(CMAKE))")/ctest --test-dir $(1) --output-on-failure --parallel $(JOBS)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---- set-up and build ----

.PHONY: setup
setup: ## fetch what is missing: compilers, V8, headers, .venv
	@tools/setup

.PHONY: setup-test
setup-test:
	@tools/setup test

# With the tests' packages, as mypy reads their types.
.PHONY: setup-dev
setup-dev:
	@tools/setup test dev

.PHONY: build
build: setup ## build the native library and the extension module, in place
	@$(MAKE) build-only

# After a set-up, whichever it was.
.PHONY: build-only
build-only:
	@$(call native,build/native,-DPVB_BUNDLE_V8=OFF -DPVB_WARNINGS_AS_ERRORS=ON,pyv8bridge)
	@$(CMAKE) --install build/native --component python --prefix "$(CURDIR)/pyv8bridge" >/dev/null
	@$(MAKE) -s .venv/.extension

.venv/.extension: setup.py pyproject.toml pyv8bridge/_ffi_build.py pyv8bridge/_look.c native/include/pyv8bridge.h
	@echo "build: the extension modules (pip install -e .)"
	@$(PYTHON_BIN) -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

# ---- the two commands of the README ----

.PHONY: demo
demo: build ## run a JavaScript rule over real data and show every hop
	@$(PYTHON_BIN) examples/demo.py

.PHONY: test
test: setup-test ## all tests: C++, C, C++ under sanitizers, Python
	@$(MAKE) build-only
	@$(MAKE) run-test-native run-test-asan run-test-python

# ---- tests by part ----

.PHONY: test-native
test-native: setup-test ## C++ tests and the C program
	@$(MAKE) run-test-native

.PHONY: test-asan
test-asan: setup-test ## the C++ tests, and pytest's of bytes in, under AddressSanitizer and UBSan
	@$(MAKE) run-test-asan

.PHONY: test-python
test-python: setup-test ## pytest; ARGS="..." goes to it
	@$(MAKE) build-only
	@$(MAKE) run-test-python

TSAN_TESTS = engine_threads_test engine_host_threads_test engine_deadline_test engine_memory_test engine_binary_test

.PHONY: test-tsan
test-tsan: setup-test ## concurrent calls, host functions, deadlines and buffers under ThreadSanitizer
	@$(call native,build/tsan,-DPVB_WITH_ENGINE=ON -DPVB_BUILD_TESTS=ON -DPVB_SANITIZE=thread,$(TSAN_TESTS))
	@tools/with-tsan $(TSAN_TESTS)

.PHONY: run-test-native run-test-asan run-test-python
run-test-native:
	@$(call native,build/native,-DPVB_BUNDLE_V8=OFF -DPVB_WARNINGS_AS_ERRORS=ON -DPVB_BUILD_TESTS=ON,all)
	@$(call ctest,build/native)
run-test-asan:
	@$(call native,build/asan,-DPVB_WITH_ENGINE=ON -DPVB_BUILD_TESTS=ON -DPVB_SANITIZE=address$(comma)undefined,all)
	@ASAN_OPTIONS=detect_leaks=0 $(call ctest,build/asan)
	@tools/with-sanitizers $(PYTHON_BIN) -m pytest -q -p no:cacheprovider $(wildcard tests/python/test_wire*.py)
run-test-python:
	@$(PYTHON_BIN) -m pytest $(ARGS)

comma := ,

.PHONY: check-clean
check-clean: ## as root: the set-up on bare Debian systems (debootstrap; ROOTS="..." picks some)
	@tools/check-clean $(ROOTS)

# ---- quality ----

NATIVE_SOURCES = $$(find native pyv8bridge tests/native fuzz -name '*.h' -o -name '*.cc' -o -name '*.c')
SHELL_SCRIPTS = tools/setup tools/check-clean tools/coverage tools/fuzz tools/with-sanitizers tools/with-tsan .ci/run

.PHONY: lint
lint: setup-dev ## clang-format, ruff, mypy --strict, shellcheck
	@.venv/bin/clang-format --dry-run -Werror $(NATIVE_SOURCES)
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@$(PYTHON_BIN) -m mypy
	@.venv/bin/shellcheck $(SHELL_SCRIPTS)

.PHONY: format
format: setup-dev ## rewrite sources in the project's style
	@.venv/bin/clang-format -i $(NATIVE_SOURCES)
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .

.PHONY: fuzz
fuzz: ## every fuzzer for SECONDS=60 each, with clang (ONLY=name picks one)
	@tools/fuzz --seconds $(or $(SECONDS),60) $(ONLY)

.PHONY: soak
soak: soak-faults bombs ## faults 50 times, all memory bombs, every fuzzer for an hour
	@tools/fuzz --seconds $(or $(SECONDS),3600) $(ONLY)

.PHONY: soak-faults
soak-faults: build ## the tests of faults TIMES=50 times in a row, then those that want a quiet machine
	@for turn in $$(seq $(or $(TIMES),50)); do \
	  echo "soak-faults: $$turn"; $(PYTHON_BIN) -m pytest -q -p no:cacheprovider -m "faults and not soak" || exit 1; \
	done
	@$(PYTHON_BIN) -m pytest -q -p no:cacheprovider -m soak

.PHONY: bombs
bombs: build ## every memory bomb with every limit (WRITE=1: the table of docs/limits.md; ONLY=text, LIMITS="32 64" pick)
	@$(PYTHON_BIN) tests/python/bomb_runner.py $(if $(WRITE),--write) $(if $(ONLY),--only "$(ONLY)") $(if $(LIMITS),--limits $(LIMITS))

# A peer that cannot be installed here is left out.
.PHONY: bench
bench: ## measure beside other libraries and write docs/benchmarks; QUICK=1 only checks that all runs; ARGS="..." as in bench/README.md
	@tools/setup $(if $(QUICK),,bench) || tools/setup
	@$(MAKE) build-only
	@$(PYTHON_BIN) -m bench $(if $(QUICK),--quick,$(if $(ARGS),,--write)) $(ARGS)

.PHONY: coverage
coverage: ## branches of the byte codecs that tests and the fuzzers' corpus reach, with clang
	@tools/coverage

# ---- packages ----

.PHONY: dist
dist: setup-dev ## an sdist and a wheel for this machine, in dist/
	@V8_ROOT="$${V8_ROOT-$$(test -e .deps/root/usr/include/node && echo "$(CURDIR)/.deps/root")}" $(PYTHON_BIN) -m build --outdir dist

.PHONY: clean
clean: ## remove what was built; downloads and .venv stay
	rm -rf build dist *.egg-info pyv8bridge/*.so pyv8bridge/_libs .venv/.extension

.PHONY: distclean
distclean: clean ## remove what was fetched as well
	rm -rf .deps .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
