# Gives a program's own code further options, -O0 say, that leave the library as fast as it is: of an
# inline function that both contain a linker keeps what stands first, so the library is put first.
function(tileloom_less_optimised program)
  if(NOT ARGN OR BUILD_SHARED_LIBS)
    return()
  endif()
  target_compile_options(${program} PRIVATE ${ARGN})
  target_link_options(${program} PRIVATE LINKER:--whole-archive $<TARGET_FILE:tileloom>
                      LINKER:--no-whole-archive)
endfunction()
