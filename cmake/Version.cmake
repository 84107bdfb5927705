# `aifactory_version`: the header aifactory_version.h with kVersion, "0.1.0" or, from a git checkout, "0.1.0+g1a2b3c4".
# Written at build time, so that it follows commits without configuring again, and only when it changes.
set(_version_dir ${PROJECT_BINARY_DIR}/generated/version)
add_custom_target(aifactory_version_header
  COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${PROJECT_SOURCE_DIR} -DVERSION=${PROJECT_VERSION}
          -DOUTPUT=${_version_dir}/aifactory_version.h -P ${PROJECT_SOURCE_DIR}/cmake/WriteVersion.cmake
  BYPRODUCTS ${_version_dir}/aifactory_version.h
  COMMENT "")
add_library(aifactory_version INTERFACE)
target_include_directories(aifactory_version INTERFACE ${_version_dir})
add_dependencies(aifactory_version aifactory_version_header)
