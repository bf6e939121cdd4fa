# Gecode's kernel, integer variables and search: Gecode::gecode. Distributions ship neither a CMake
# package nor a pkg-config file for it.
find_path(GECODE_INCLUDE_DIR gecode/int.hh)
set(GECODE_PARTS search int kernel support)
set(GECODE_LIBRARIES)
set(GECODE_REQUIRED)
foreach(part IN LISTS GECODE_PARTS)
  find_library(GECODE_${part}_LIBRARY gecode${part})
  list(APPEND GECODE_LIBRARIES "${GECODE_${part}_LIBRARY}")
  list(APPEND GECODE_REQUIRED GECODE_${part}_LIBRARY)
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Gecode REQUIRED_VARS GECODE_INCLUDE_DIR ${GECODE_REQUIRED})
mark_as_advanced(GECODE_INCLUDE_DIR ${GECODE_REQUIRED})

if(Gecode_FOUND AND NOT TARGET Gecode::gecode)
  add_library(Gecode::gecode INTERFACE IMPORTED)
  set_target_properties(Gecode::gecode PROPERTIES
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${GECODE_INCLUDE_DIR}"
    INTERFACE_INCLUDE_DIRECTORIES "${GECODE_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${GECODE_LIBRARIES}")
endif()
