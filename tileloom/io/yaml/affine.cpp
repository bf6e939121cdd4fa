#include "tileloom/io/yaml/affine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "tileloom/support/checked.hpp"

namespace tileloom::yaml {
namespace {

/// Walks over the text of one axis.
class Scan {
 public:
  Scan(Reader& reader, const Node& node) : reader_(reader), node_(node), text_(node.text) {}

  std::optional<Affine> run() {
    Affine affine;
    bool negative = accept('-');
    for (;;) {
      if (!read_term(affine, negative)) return std::nullopt;
      skip_spaces();
      if (at_ == text_.size()) return affine;
      negative = text_[at_] == '-';
      if (!negative && text_[at_] != '+') {
        return fail("expected '+' or '-'");
      }
      ++at_;
    }
  }

 private:
  std::optional<Affine> fail(const std::string& why) {
    Place place = node_.place;
    place.column += static_cast<int>(at_);
    reader_.report(place, fmt::format("axis {}: {}", quoted(text_), why),
                   "write a sum such as 2*p + r - 1");
    return std::nullopt;
  }
  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool accept(char c) {
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::optional<std::int64_t> number() {
    skip_spaces();
    std::int64_t value = 0;
    const char* end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(text_.data() + at_, end, value);
    if (error != std::errc{} || text_[at_] == '-') return std::nullopt;
    at_ = static_cast<std::size_t>(stop - text_.data());
    return value;
  }
  std::string name() {
    skip_spaces();
    const std::size_t start = at_;
    const auto part = [&](char c) {
      return std::isalpha(static_cast<unsigned char>(c)) || c == '_' ||
             (at_ > start && std::isdigit(static_cast<unsigned char>(c)));
    };
    while (at_ < text_.size() && part(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  bool read_term(Affine& affine, bool negative) {
    const std::optional<std::int64_t> first = number();
    const bool product = first && accept('*');
    const std::string rank = !first || product ? name() : "";
    if (rank.empty() && (!first || product)) {
      fail(product ? "expected a rank after '*'" : "expected a rank or a number");
      return false;
    }
    if (rank.empty()) {
      affine.offset = negative ? affine.offset - bounded(*first) : affine.offset + bounded(*first);
      return true;
    }
    std::optional<std::int64_t> coefficient = first;
    if (!product && accept('*')) {
      coefficient = number();
      if (!coefficient) {
        fail("expected a number after '*'");
        return false;
      }
    }
    return add(affine, rank, coefficient.value_or(1), negative);
  }

  bool add(Affine& affine, const std::string& rank, std::int64_t coefficient, bool negative) {
    if (negative || coefficient < 1) {
      fail(fmt::format("the coefficient of {} must be positive", rank));
      return false;
    }
    const bool twice =
        std::ranges::any_of(affine.terms, [&](const auto& term) { return term.first == rank; });
    if (twice) {
      fail(fmt::format("{} occurs twice", rank));
      return false;
    }
    affine.terms.emplace_back(rank, bounded(coefficient));
    return true;
  }

  /// Keeps sums of a text of at most a mebibyte far from 64 bits.
  static std::int64_t bounded(std::int64_t value) { return std::min(value, std::int64_t{1} << 40); }

  Reader& reader_;
  const Node& node_;
  const std::string& text_;
  std::size_t at_ = 0;
};

}  // namespace

std::optional<Affine> read_affine(Reader& reader, const Node& node) {
  if (node.kind != Node::Kind::scalar) {
    reader.report(node.place, fmt::format("an axis is {}, not a sum", description(node)),
                  "write a sum such as 2*p + r - 1");
    return std::nullopt;
  }
  return Scan(reader, node).run();
}

}  // namespace tileloom::yaml
