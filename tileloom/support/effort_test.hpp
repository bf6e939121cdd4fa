#pragma once

#ifndef __has_feature
#define __has_feature(name) 0
#endif

namespace tileloom {

/// How many of `problems` random problems, each compared with full enumeration, a test tries: all
/// of them, but an eighth where sanitizers make every one about eight times dearer.
constexpr int effort(int problems) {
#if __has_feature(address_sanitizer) || defined(__SANITIZE_ADDRESS__)
  return (problems + 7) / 8;
#else
  return problems;
#endif
}

}  // namespace tileloom
