# One call per folder of the design: the folder is the component, its .cpp files are its sources.

# aifactory_component(<name> [DEPENDS <targets>...] [PRIVATE <targets>...])
# A static library `aifactory_<name>` of every .cpp in the current folder; header-only folders become interface libraries.
function(aifactory_component name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE" ${ARGN})
  set(target aifactory_${name})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(sources)
    add_library(${target} STATIC ${sources})
    target_link_libraries(${target} PUBLIC aifactory_flags ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE})
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE aifactory_flags ${ARG_DEPENDS} ${ARG_PRIVATE})
  endif()
endfunction()

# aifactory_test(<name> [LABELS <label>] [DEPENDS <targets>...])
# A GoogleTest program of every *_test.cpp in the current folder, one ctest case per TEST. GoogleTest comes precompiled;
# include <gtest/gtest.h> all the same.
function(aifactory_test name)
  cmake_parse_arguments(ARG "" "LABELS" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  set(target test_${name})
  add_executable(${target} ${sources})
  target_precompile_headers(${target} REUSE_FROM aifactory_test_base)
  target_link_libraries(${target} PRIVATE aifactory_test_base ${ARG_DEPENDS})
  # Random properties (rapidcheck) draw the same cases in every run. An empty value would shift the pairs after it.
  set(properties TIMEOUT 600 ENVIRONMENT "RC_PARAMS=seed=20250924")
  if(ARG_LABELS)
    list(APPEND properties LABELS ${ARG_LABELS})
  endif()
  gtest_discover_tests(${target} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
endfunction()

# aifactory_fuzzer(<name> [DEPENDS <targets>...])
# A libFuzzer program `fuzz_<name>` of <name>_fuzz.cpp in the current folder, part of the target `fuzzers`; only with
# AIFACTORY_FUZZ.
function(aifactory_fuzzer name)
  cmake_parse_arguments(ARG "" "" "DEPENDS" ${ARGN})
  if(NOT AIFACTORY_FUZZ)
    return()
  endif()
  set(target fuzz_${name})
  add_executable(${target} EXCLUDE_FROM_ALL ${name}_fuzz.cpp)
  target_link_libraries(${target} PRIVATE aifactory_flags ${ARG_DEPENDS})
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers ${target})
endfunction()
