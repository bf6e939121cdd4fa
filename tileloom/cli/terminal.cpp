#include "tileloom/cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace tileloom::cli {

report::TableOptions table_options() {
  report::TableOptions options;
  if (::isatty(STDOUT_FILENO) == 0) return options;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    options.width = size.ws_col;
  }
  options.colour = true;
  return options;
}

}  // namespace tileloom::cli
