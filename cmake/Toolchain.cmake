# Language level, warnings, sanitizers, compiler cache and linker: what every target of ours is built with.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(aifactory_flags INTERFACE)
# No contraction and no fast-math: the same bytes on machines with and without FMA (DESIGN: deterministic).
target_compile_options(aifactory_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Werror -ffp-contract=off)
target_include_directories(aifactory_flags INTERFACE ${PROJECT_SOURCE_DIR})

if(AIFACTORY_SANITIZE)
  list(JOIN AIFACTORY_SANITIZE "," _sanitizers)
  target_compile_options(aifactory_flags INTERFACE -fsanitize=${_sanitizers} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(aifactory_flags INTERFACE -fsanitize=${_sanitizers})
endif()
if(AIFACTORY_COVERAGE)
  target_compile_options(aifactory_flags INTERFACE --coverage)
  target_link_options(aifactory_flags INTERFACE --coverage)
endif()

find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  target_link_options(aifactory_flags INTERFACE -fuse-ld=mold)
endif()
