# Finds the V8 inside libnode, with its headers. Looks under V8_ROOT (a CMake or environment variable), then in the system,
# then under PVB_DEPS_PREFIX. A root may be "/usr"-like or hold a whole "usr/" tree.
#
# Gives the target V8::V8, V8_FOUND, V8_VERSION (10.2.154.26), V8_LIBRARY, V8_INCLUDE_DIR and V8_PRIVATE_LIBDIR (the
# library's directory when the dynamic linker would not look there by itself).
#
# Library and headers come from the same root, and must agree on Node's module version: a foreign nodejs package puts
# headers of another V8 into /usr/include/node, and no library.

set(_v8_wanted libnode-dev)
set(_v8_roots "")
foreach(root IN ITEMS "${V8_ROOT}" "$ENV{V8_ROOT}")
  if(root)
    list(APPEND _v8_roots "${root}")
  endif()
endforeach()
# A V8_ROOT is an order, not a hint: nothing else is tried.
if(NOT _v8_roots)
  list(APPEND _v8_roots /usr /usr/local "${PVB_DEPS_PREFIX}")
endif()

# The number N of "#define NODE_MODULE_VERSION N", or empty.
function(_v8_module_version include_dir out)
  set(number "")
  if(EXISTS "${include_dir}/node_version.h")
    file(STRINGS "${include_dir}/node_version.h" line REGEX "^#define NODE_MODULE_VERSION [0-9]+")
    string(REGEX MATCH "[0-9]+" number "${line}")
  endif()
  set(${out} "${number}" PARENT_SCOPE)
endfunction()

set(_v8_reasons "")
unset(V8_LIBRARY)
unset(V8_INCLUDE_DIR)
foreach(root IN LISTS _v8_roots)
  unset(_v8_library)
  unset(_v8_include)
  find_library(_v8_library NAMES node PATHS "${root}" "${root}/usr" NO_DEFAULT_PATH NO_CACHE
               PATH_SUFFIXES lib lib/x86_64-linux-gnu)
  find_path(_v8_include NAMES v8.h PATHS "${root}" "${root}/usr" NO_DEFAULT_PATH NO_CACHE PATH_SUFFIXES include/node include)
  if(NOT _v8_library OR NOT _v8_include)
    if(_v8_include)
      list(APPEND _v8_reasons "${_v8_include} has V8's headers, but no libnode.so is beside them")
    elseif(_v8_library)
      list(APPEND _v8_reasons "${_v8_library} has no v8.h beside it")
    else()
      list(APPEND _v8_reasons "${root} has neither libnode.so nor v8.h")
    endif()
    continue()
  endif()
  file(REAL_PATH "${_v8_library}" _v8_real)
  _v8_module_version("${_v8_include}" _v8_headers_abi)
  string(REGEX MATCH "[0-9]+$" _v8_library_abi "${_v8_real}")
  if(_v8_library_abi AND NOT _v8_library_abi STREQUAL _v8_headers_abi)
    list(APPEND _v8_reasons "${_v8_include} (module version ${_v8_headers_abi}) does not belong to ${_v8_real}")
    continue()
  endif()
  set(V8_LIBRARY "${_v8_library}")
  set(V8_INCLUDE_DIR "${_v8_include}")
  break()
endforeach()

if(V8_LIBRARY)
  file(STRINGS "${V8_INCLUDE_DIR}/v8-version.h" _v8_numbers REGEX "^#define V8_(MAJOR|MINOR|BUILD|PATCH)[A-Z_]* [0-9]+")
  list(TRANSFORM _v8_numbers REPLACE "^[^ ]+ [^ ]+ ([0-9]+).*" "\\1")
  list(JOIN _v8_numbers "." V8_VERSION)

  # The inspector's and the Fast API's headers are not among Node's own.
  set(_v8_includes "${V8_INCLUDE_DIR}")
  string(REGEX REPLACE "/node/?$" "/nodejs/deps/v8/include" _v8_rest "${V8_INCLUDE_DIR}")
  if(NOT _v8_rest STREQUAL V8_INCLUDE_DIR AND EXISTS "${_v8_rest}")
    list(APPEND _v8_includes "${_v8_rest}")
  endif()

  cmake_path(GET V8_LIBRARY PARENT_PATH _v8_libdir)
  set(V8_PRIVATE_LIBDIR "")
  if(NOT _v8_libdir MATCHES "^(/usr)?/lib(/x86_64-linux-gnu)?$")
    set(V8_PRIVATE_LIBDIR "${_v8_libdir}")
  endif()
endif()

include(FindPackageHandleStandardArgs)
list(JOIN _v8_reasons "\n    " _v8_reasons)
find_package_handle_standard_args(V8
  REQUIRED_VARS V8_LIBRARY V8_INCLUDE_DIR V8_VERSION
  VERSION_VAR V8_VERSION
  REASON_FAILURE_MESSAGE "
  V8 was not found:
    ${_v8_reasons}
  On Debian: apt-get install ${_v8_wanted} libmsgpack-cxx-dev
  Where apt refuses that because of another nodejs package: make setup   (unpacks it into .deps/, no root needed)
  Elsewhere: set V8_ROOT to a directory with lib/libnode.so and include/node/v8.h
")

if(V8_FOUND AND NOT TARGET V8::V8)
  add_library(V8::V8 SHARED IMPORTED)
  set_target_properties(V8::V8 PROPERTIES
    IMPORTED_LOCATION "${V8_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${_v8_includes}")
  if(V8_PRIVATE_LIBDIR)
    # The linker has to see libnode's own dependencies too.
    target_link_options(V8::V8 INTERFACE "LINKER:-rpath-link,${V8_PRIVATE_LIBDIR}")
  endif()
endif()
