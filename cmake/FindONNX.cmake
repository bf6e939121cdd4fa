# The ONNX project's own schema: ONNX::onnx (schemas, shape inference) and ONNX::proto (messages).
# Distributions differ in whether they ship ONNX's CMake package, and in what its targets carry.
find_library(ONNX_LIBRARY onnx)
find_library(ONNX_PROTO_LIBRARY onnx_proto)
find_path(ONNX_INCLUDE_DIR onnx/onnx_pb.h)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ONNX DEFAULT_MSG ONNX_LIBRARY ONNX_PROTO_LIBRARY ONNX_INCLUDE_DIR)
mark_as_advanced(ONNX_LIBRARY ONNX_PROTO_LIBRARY ONNX_INCLUDE_DIR)

if(ONNX_FOUND AND NOT TARGET ONNX::onnx)
  add_library(ONNX::proto UNKNOWN IMPORTED)
  set_target_properties(ONNX::proto PROPERTIES
    IMPORTED_LOCATION "${ONNX_PROTO_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${ONNX_INCLUDE_DIR}"
    # The macros the distribution's libraries were built with.
    INTERFACE_COMPILE_DEFINITIONS "ONNX_ML=1;ONNX_NAMESPACE=onnx")
  add_library(ONNX::onnx UNKNOWN IMPORTED)
  set_target_properties(ONNX::onnx PROPERTIES
    IMPORTED_LOCATION "${ONNX_LIBRARY}"
    INTERFACE_LINK_LIBRARIES ONNX::proto)
endif()
