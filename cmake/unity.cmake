# Builds that are made whole and seldom read each folder as one translation unit, at half the cost.
# Files that open other namespaces for themselves share one with those that open the same.
function(tileloom_unity target)
  foreach(source ${ARGN})
    get_filename_component(folder ${source} DIRECTORY)
    file(RELATIVE_PATH folder ${CMAKE_CURRENT_SOURCE_DIR} ${folder})
    set(opened "")
    if(EXISTS ${source})  # generated files do not yet
      file(STRINGS ${source} opened REGEX "^using namespace")
    endif()
    string(MAKE_C_IDENTIFIER "in ${folder} ${opened}" group)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()
