# Finds msgpack-c's C++ headers by the header itself: the name of its CMake package changes between releases.
# Gives the target MsgpackCxx::MsgpackCxx, without Boost.
find_path(MSGPACK_CXX_INCLUDE_DIR NAMES msgpack.hpp
  HINTS "${V8_ROOT}" "$ENV{V8_ROOT}" PATHS "${PVB_DEPS_PREFIX}" PATH_SUFFIXES include usr/include)
mark_as_advanced(MSGPACK_CXX_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MsgpackCxx
  REQUIRED_VARS MSGPACK_CXX_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "
  msgpack.hpp was not found. On Debian: apt-get install libmsgpack-cxx-dev, or make setup (no root needed).
  Elsewhere: set MSGPACK_CXX_INCLUDE_DIR to the directory that holds it.
")

if(MsgpackCxx_FOUND AND NOT TARGET MsgpackCxx::MsgpackCxx)
  add_library(MsgpackCxx::MsgpackCxx INTERFACE IMPORTED)
  target_include_directories(MsgpackCxx::MsgpackCxx SYSTEM INTERFACE "${MSGPACK_CXX_INCLUDE_DIR}")
  target_compile_definitions(MsgpackCxx::MsgpackCxx INTERFACE MSGPACK_NO_BOOST)
endif()
