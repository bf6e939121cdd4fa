#pragma once

namespace tileloom::cli {

/// Seconds of processor time the calling thread has used so far: other programs on the machine do
/// not change it.
double thread_seconds();

/// Seconds since some moment, whatever the machine did meanwhile.
double wall_seconds();

}  // namespace tileloom::cli
