#include "tileloom/report/trace_events.hpp"

#include <utility>

namespace tileloom::report {
namespace {

constexpr int kProcess = 1;

}  // namespace

double TraceEvents::microseconds(Cycles cycles) const {
  return static_cast<double>(cycles.value) * 1e6 / clock_hz_;
}

void TraceEvents::name(const char* what, std::optional<int> track, const std::string& text) {
  Json event{{"ph", "M"}, {"pid", kProcess}, {"name", what}};
  if (track) event["tid"] = *track;
  event["args"] = {{"name", text}};
  events_.push_back(std::move(event));
}

void TraceEvents::order(int track) {
  events_.push_back({{"ph", "M"},
                     {"pid", kProcess},
                     {"tid", track},
                     {"name", "thread_sort_index"},
                     {"args", {{"sort_index", track}}}});
}

void TraceEvents::slice(int track, const std::string& text, Cycles begin, Cycles length,
                        Json args) {
  if (length.value == 0) return;
  events_.push_back({{"ph", "X"},
                     {"pid", kProcess},
                     {"tid", track},
                     {"name", text},
                     {"ts", microseconds(begin)},
                     {"dur", microseconds(length)},
                     {"args", std::move(args)}});
}

void TraceEvents::instant(int track, const std::string& text, Cycles at, Json args) {
  events_.push_back({{"ph", "i"},
                     {"pid", kProcess},
                     {"tid", track},
                     {"name", text},
                     {"ts", microseconds(at)},
                     {"s", "t"},
                     {"args", std::move(args)}});
}

void TraceEvents::counter(const std::string& text, Cycles at, Json values) {
  events_.push_back({{"ph", "C"},
                     {"pid", kProcess},
                     {"name", text},
                     {"ts", microseconds(at)},
                     {"args", std::move(values)}});
}

std::string TraceEvents::text() && {
  const Json document{{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events_)}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tileloom::report
