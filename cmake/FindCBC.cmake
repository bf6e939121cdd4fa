# COIN-OR CBC and what its C++ headers need (Clp, Cgl, Osi, CoinUtils): CBC::cbc.
# Distributions ship pkg-config files for it but no CMake package.
include(${CMAKE_CURRENT_LIST_DIR}/TileloomFindParts.cmake)
tileloom_find_parts(CBC CBC::cbc CbcModel.hpp "coin;coin-or" "Cbc;Cgl;OsiClp;Clp;Osi;CoinUtils")
