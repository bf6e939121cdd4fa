#pragma once
// Names of cost model definitions that reference files may ask for, and how each is replayed.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "tileloom/support/diagnostic.hpp"

namespace tileloom::io {
struct JsonText;
}

namespace tileloom::driver {

/// How far a figure may lie from the reference: |got − expected| ≤ absolute + relative·|expected|.
struct Tolerance {
  double relative = 0;
  double absolute = 0;
};

/// The figures of one case in one setting, both in the shape of the reference file.
struct Replayed {
  const std::string& case_id;
  const std::string& setting;
  const nlohmann::json& expected;
  const nlohmann::json& got;
};
using Each = std::function<void(const Replayed&)>;

/// A cost model definition that can replay its reference files.
struct Definition {
  std::string_view profile;  ///< as the file's "profile" names it
  /// Evaluates every case in every setting and hands it to `each`; or says everything that is wrong
  /// with the file.
  Diagnostics (*replay)(const io::JsonText& file, const Each& each);
  /// Tolerance of a quantity, named by its keys without names of levels and dataspaces.
  Tolerance (*tolerance)(std::string_view quantity);
};

/// Every definition. A new one is one file and one line here.
std::span<const Definition> definitions();

}  // namespace tileloom::driver
