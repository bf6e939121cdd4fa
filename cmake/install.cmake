# `cmake --install`: the library with its headers, the program, architectures, models, and the
# package that find_package(tileloom) finds.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/tileloom)

set_target_properties(tileloom_cli PROPERTIES EXPORT_NAME cli)
install(TARGETS tileloom tileloom_cli EXPORT tileloomTargets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/tileloom DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp" PATTERN "cli" EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/archs DESTINATION ${CMAKE_INSTALL_DATADIR}/tileloom)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models DESTINATION ${CMAKE_INSTALL_DATADIR}/tileloom
        FILES_MATCHING PATTERN "*.onnx" PATTERN "README.md")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/defines
        DESTINATION ${CMAKE_INSTALL_DATADIR}/tileloom/models)

install(EXPORT tileloomTargets NAMESPACE tileloom:: DESTINATION ${package})
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/tileloomConfig.cmake.in ${PROJECT_BINARY_DIR}/tileloomConfig.cmake
  INSTALL_DESTINATION ${package} PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tileloomConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tileloomConfig.cmake
              ${PROJECT_BINARY_DIR}/tileloomConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindONNX.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindCBC.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindGecode.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindHIGHS.cmake
              ${PROJECT_SOURCE_DIR}/cmake/TileloomFindParts.cmake
        DESTINATION ${package})
