#include "tileloom/cli/interrupt.hpp"

#include <csignal>

namespace tileloom::cli {
namespace {

std::atomic<bool> stop{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only use such");

void on_interrupt(int signal) {
  stop.store(true);
  std::signal(signal, SIG_DFL);
}

}  // namespace

std::atomic<bool>& interrupted() { return stop; }

void catch_interrupt() { std::signal(SIGINT, on_interrupt); }

}  // namespace tileloom::cli
