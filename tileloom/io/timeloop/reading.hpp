#pragma once
// Values out of a document, with every mistake collected.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/io/timeloop/document.hpp"

namespace tileloom::io::timeloop {

/// After a mistake the functions return a harmless value, so that reading finds the next one.
class Reading {
 public:
  void mistake(const Where& where, std::string what, std::string hint) {
    mistakes_.push_back({where, std::move(what), std::move(hint)});
  }
  const Diagnostics& mistakes() const { return mistakes_; }
  Diagnostics& mistakes() { return mistakes_; }

  /// The value of `key`, whose absence is a mistake.
  const Node* need(const Node& map, const std::string& key, const std::string& of);
  std::string text(const Node& node);
  std::int64_t positive_integer(const Node& node, const std::string& name);
  double positive_number(const Node& node, const std::string& name);
  double non_negative_number(const Node& node, const std::string& name);
  bool boolean(const Node& node, const std::string& name);
  /// A list of words, or a text of words separated by commas or spaces.
  struct Word {
    std::string text;
    Where where;
  };
  std::vector<Word> words(const Node& node, const std::string& name);

  /// A key that is not in `known` but close to one of them is a mistake; any other is somebody
  /// else's (Accelergy's), and is left alone.
  void check_keys(const Node& map, const std::vector<std::string>& known);

 private:
  std::optional<double> number(const Node& node, const std::string& name);

  Diagnostics mistakes_;
};

}  // namespace tileloom::io::timeloop
