#pragma once
#include <atomic>

namespace tileloom::cli {

/// Set by the first Ctrl-C after `catch_interrupt`; the second one ends the program.
std::atomic<bool>& interrupted();
void catch_interrupt();

}  // namespace tileloom::cli
