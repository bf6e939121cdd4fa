#pragma once

#ifndef __has_feature
#define __has_feature(name) 0
#endif

namespace tileloom {

/// How many of its problems a long test tries: all of them, but an eighth where sanitizers make
/// every one about eight times dearer.
constexpr auto effort(auto problems) {
#if __has_feature(address_sanitizer) || defined(__SANITIZE_ADDRESS__)
  return (problems + 7) / 8;
#else
  return problems;
#endif
}

}  // namespace tileloom
