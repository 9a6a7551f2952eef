# Installs libpyv8bridge.so beside the Python package's extension module (component `python`), in a way that it finds its V8:
#   V8 of the system           nothing to do
#   V8 elsewhere               an RPATH to that place: right for an editable install, which lives as long as the clone
#   V8 elsewhere, PVB_BUNDLE_V8  libnode and what it needs from there are copied to _libs/, and the RPATH leads to them
set_target_properties(pyv8bridge PROPERTIES INSTALL_RPATH "${V8_PRIVATE_LIBDIR}")
if(PVB_BUNDLE_V8 AND V8_PRIVATE_LIBDIR)
  set_target_properties(pyv8bridge PROPERTIES INSTALL_RPATH "$ORIGIN/_libs")
endif()
install(TARGETS pyv8bridge LIBRARY DESTINATION . COMPONENT python)

# Fills _libs/ as it is now wanted; a leftover of another kind of build goes.
install(CODE "file(REMOVE_RECURSE \"\${CMAKE_INSTALL_PREFIX}/_libs\")" COMPONENT python)
if(PVB_BUNDLE_V8 AND V8_PRIVATE_LIBDIR)
  install(CODE "
    set(libdir \"${V8_PRIVATE_LIBDIR}\")
    set(libs \"\${CMAKE_INSTALL_PREFIX}/_libs\")
    file(GET_RUNTIME_DEPENDENCIES LIBRARIES \"${V8_LIBRARY}\" DIRECTORIES \"\${libdir}\"
         PRE_INCLUDE_REGEXES \".*\" RESOLVED_DEPENDENCIES_VAR needed UNRESOLVED_DEPENDENCIES_VAR missing)
    if(missing)
      message(FATAL_ERROR \"libnode needs \${missing}, which are neither in the system nor in \${libdir}\")
    endif()
    file(REAL_PATH \"${V8_LIBRARY}\" node)
    foreach(library IN LISTS needed ITEMS \"\${node}\")
      # Copied under the name that the loader asks for; a link would become a second copy in a wheel.
      cmake_path(IS_PREFIX libdir \"\${library}\" ours)
      if(ours)
        cmake_path(GET library FILENAME name)
        file(REAL_PATH \"\${library}\" file)
        file(MAKE_DIRECTORY \"\${libs}\")
        file(COPY_FILE \"\${file}\" \"\${libs}/\${name}\" ONLY_IF_DIFFERENT)
      endif()
    endforeach()
    file(GLOB notices \"\${libdir}/../../share/doc/*/copyright\" \"${MSGPACK_CXX_INCLUDE_DIR}/../share/doc/libmsgpack-cxx-dev/copyright\")
    foreach(notice IN LISTS notices)
      cmake_path(GET notice PARENT_PATH package)
      cmake_path(GET package FILENAME package)
      if(package MATCHES \"^lib\")
        file(COPY_FILE \"\${notice}\" \"\${libs}/\${package}.copyright\")
      endif()
    endforeach()
  " COMPONENT python)
endif()
