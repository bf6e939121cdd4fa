# Turns the page's template into a source file, so that the program carries it and its build needs no
# web tools. `scripts/web` makes the template. The literal is cut because compilers limit its length.
set(template ${CMAKE_CURRENT_LIST_DIR}/template.html)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${template})
file(READ ${template} text)
string(LENGTH "${text}" length)
set(literals "")
foreach(begin RANGE 0 ${length} 8000)
  string(SUBSTRING "${text}" ${begin} 8000 part)
  string(APPEND literals "    R\"tileloom(${part})tileloom\",\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/report_page_template.cpp CONTENT [[
// Made from tileloom/report/page/template.html.
#include "tileloom/report/page/page_template.hpp"

namespace tileloom::report {

std::string page_template() {
  static constexpr const char* kParts[] = {
@literals@  };
  std::string text;
  for (const char* part : kParts) text += part;
  return text;
}

}  // namespace tileloom::report
]] @ONLY)
