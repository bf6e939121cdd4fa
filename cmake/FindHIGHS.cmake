# HiGHS: highs::highs. Its own CMake package is asked only for a static library, which needs others:
# Debian's stops with an error unless the program `highs` is installed beside the library.
include(${CMAKE_CURRENT_LIST_DIR}/TileloomFindParts.cmake)
find_library(HIGHS_highs_LIBRARY highs)
if(HIGHS_DIR OR HIGHS_highs_LIBRARY MATCHES "\\.a$")
  find_package(HIGHS CONFIG QUIET)
else()
  tileloom_find_parts(HIGHS highs::highs Highs.h highs highs)
endif()
