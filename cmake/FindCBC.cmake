# COIN-OR CBC and what its C++ headers need (Clp, Cgl, Osi, CoinUtils): CBC::cbc.
# Distributions ship pkg-config files for it but no CMake package.
find_path(CBC_INCLUDE_DIR CbcModel.hpp PATH_SUFFIXES coin coin-or)
set(CBC_PARTS Cbc Cgl OsiClp Clp Osi CoinUtils)
set(CBC_LIBRARIES)
foreach(part IN LISTS CBC_PARTS)
  find_library(CBC_${part}_LIBRARY ${part})
  list(APPEND CBC_LIBRARIES "${CBC_${part}_LIBRARY}")
  list(APPEND CBC_REQUIRED CBC_${part}_LIBRARY)
endforeach()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CBC REQUIRED_VARS CBC_INCLUDE_DIR ${CBC_REQUIRED})
mark_as_advanced(CBC_INCLUDE_DIR ${CBC_REQUIRED})

if(CBC_FOUND AND NOT TARGET CBC::cbc)
  add_library(CBC::cbc INTERFACE IMPORTED)
  set_target_properties(CBC::cbc PROPERTIES
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${CBC_INCLUDE_DIR}"
    INTERFACE_INCLUDE_DIRECTORIES "${CBC_INCLUDE_DIR}"
    INTERFACE_LINK_LIBRARIES "${CBC_LIBRARIES}")
endif()
