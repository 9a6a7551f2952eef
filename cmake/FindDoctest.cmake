# Finds doctest, the header of the native tests. Gives the target Doctest::Doctest; include <doctest/doctest.h>.
find_path(DOCTEST_INCLUDE_DIR NAMES doctest/doctest.h
  HINTS "${V8_ROOT}" "$ENV{V8_ROOT}" PATHS "${PVB_DEPS_PREFIX}" PATH_SUFFIXES include usr/include)
mark_as_advanced(DOCTEST_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Doctest
  REQUIRED_VARS DOCTEST_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "
  doctest/doctest.h was not found. On Debian: apt-get install doctest-dev, or make setup (no root needed).
  Elsewhere: set DOCTEST_INCLUDE_DIR to the directory that holds it.
")

if(Doctest_FOUND AND NOT TARGET Doctest::Doctest)
  add_library(Doctest::Doctest INTERFACE IMPORTED)
  target_include_directories(Doctest::Doctest SYSTEM INTERFACE "${DOCTEST_INCLUDE_DIR}")
endif()
