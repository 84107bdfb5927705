# Language level, warnings, sanitizers, compiler cache and linker: what every target of ours is built with.
include(CheckLinkerFlag)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

# One optimisation level for what is shipped and what is tested; -O3 doubles the build for nothing measurable.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # Hits across build folders (base directory) and through the tests' precompiled header (sloppiness).
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()

add_library(aifactory_flags INTERFACE)
# No contraction and no fast-math: the same bytes on machines with and without FMA (DESIGN: deterministic). Paths in
# the binary start at the repository, wherever it was built.
target_compile_options(aifactory_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Werror -ffp-contract=off -ffile-prefix-map=${PROJECT_SOURCE_DIR}=.)
target_include_directories(aifactory_flags INTERFACE ${PROJECT_SOURCE_DIR})
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC 12 sees overlaps in "literal" + std::string that are not there (GCC PR 105651).
  target_compile_options(aifactory_flags INTERFACE -Wno-restrict)
endif()

if(AIFACTORY_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "AIFACTORY_FUZZ needs Clang's libFuzzer: use the preset 'fuzz'.")
  endif()
  # Only the fuzzers themselves get libFuzzer's main (aifactory_fuzzer); everything else just reports its coverage.
  target_compile_options(aifactory_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(AIFACTORY_SANITIZE)
  list(JOIN AIFACTORY_SANITIZE "," _sanitizers)
  target_compile_options(aifactory_flags INTERFACE
    -fsanitize=${_sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(aifactory_flags INTERFACE -fsanitize=${_sanitizers})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC's manual: with sanitizers this warning has false positives, in std::regex for one.
    target_compile_options(aifactory_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(AIFACTORY_COVERAGE)
  target_compile_options(aifactory_flags INTERFACE --coverage)
  target_link_options(aifactory_flags INTERFACE --coverage)
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  check_linker_flag(CXX -fuse-ld=mold AIFACTORY_LINKS_WITH_MOLD)  # compilers before GCC 12 do not know it
  if(AIFACTORY_LINKS_WITH_MOLD)
    target_link_options(aifactory_flags INTERFACE -fuse-ld=mold)
  endif()
endif()
