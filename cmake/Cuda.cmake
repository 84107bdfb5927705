# aifactory_cuda_library(<target> SOURCES <.cu>...): a static library of CUDA kernels, compiled by calling nvcc. CMake's
# own CUDA language is not used: it hands C++20 only to toolkits that its release knows, and costs every configuration a
# compiler test.
function(aifactory_cuda_library target)
  cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
  set(architectures "")
  foreach(architecture ${AIFACTORY_CUDA_ARCHITECTURES})
    list(APPEND architectures -gencode=arch=compute_${architecture},code=sm_${architecture})
  endforeach()
  set(objects "")
  foreach(source ${ARG_SOURCES})
    get_filename_component(name ${source} NAME)
    set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.o)
    add_custom_command(
      OUTPUT ${object}
      COMMAND ${CCACHE_PROGRAM} ${AIFACTORY_NVCC} -std=c++20 -O3 ${architectures} -ccbin ${AIFACTORY_CUDA_HOST_COMPILER}
              -I${PROJECT_SOURCE_DIR} -Xcompiler=-Wall,-Wextra,-fPIC -MD -MF ${object}.d -c ${source} -o ${object}
      DEPENDS ${source} DEPFILE ${object}.d
      COMMENT "Building CUDA object ${name}.o" VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  add_library(${target} STATIC ${objects})
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE CXX)
endfunction()
