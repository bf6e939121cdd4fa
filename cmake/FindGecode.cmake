# Gecode's kernel, integer variables and search: Gecode::gecode. Distributions ship neither a CMake
# package nor a pkg-config file for it.
include(${CMAKE_CURRENT_LIST_DIR}/TileloomFindParts.cmake)
tileloom_find_parts(Gecode Gecode::gecode gecode/int.hh ""
                    "gecodesearch;gecodeint;gecodekernel;gecodesupport")
