#pragma once
// A file in the Trace Event format (Perfetto, chrome://tracing), event by event.

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tileloom/support/quantity.hpp"

namespace tileloom::report {

class TraceEvents {
 public:
  using Json = nlohmann::ordered_json;

  /// The format counts in microseconds: cycles · 1e6 / clock. A track is a line of the drawing.
  explicit TraceEvents(double clock_hz) : clock_hz_(clock_hz) {}

  /// `what`: "process_name", or "thread_name" of a track.
  void name(const char* what, std::optional<int> track, const std::string& text);
  /// Draws tracks in the order of their numbers.
  void order(int track);
  /// Something that lasts; nothing is written of what lasts no cycle.
  void slice(int track, const std::string& text, Cycles begin, Cycles length, Json args);
  void instant(int track, const std::string& text, Cycles at, Json args);
  void counter(const std::string& text, Cycles at, Json values);
  /// The whole file.
  std::string text() &&;

 private:
  double microseconds(Cycles cycles) const;

  double clock_hz_;
  Json events_ = Json::array();
};

}  // namespace tileloom::report
