# tileloom_find_parts(NAME TARGET HEADER FOLDERS LIBRARIES): finds a package of several libraries that
# distributions ship without a CMake package. HEADER is looked for in FOLDERS below the include
# paths; LIBRARIES stand in the order of static linking. Sets NAME_FOUND and makes the imported
# TARGET.
include(FindPackageHandleStandardArgs)
macro(tileloom_find_parts name target header folders libraries)
  find_path(${name}_INCLUDE_DIR ${header} PATH_SUFFIXES ${folders})
  set(${name}_LIBRARIES)
  set(${name}_REQUIRED ${name}_INCLUDE_DIR)
  foreach(part IN ITEMS ${libraries})
    find_library(${name}_${part}_LIBRARY ${part})
    list(APPEND ${name}_LIBRARIES "${${name}_${part}_LIBRARY}")
    list(APPEND ${name}_REQUIRED ${name}_${part}_LIBRARY)
  endforeach()
  find_package_handle_standard_args(${name} REQUIRED_VARS ${${name}_REQUIRED})
  mark_as_advanced(${${name}_REQUIRED})

  if(${name}_FOUND AND NOT TARGET ${target})
    add_library(${target} INTERFACE IMPORTED)
    set_target_properties(${target} PROPERTIES
      INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${${name}_INCLUDE_DIR}"
      INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE_DIR}"
      INTERFACE_LINK_LIBRARIES "${${name}_LIBRARIES}")
  endif()
endmacro()
