#include "tileloom/io/timeloop/read_problem.hpp"

#include <fmt/format.h>

#include <map>
#include <set>

#include "tileloom/support/nearest.hpp"

namespace tileloom::io::timeloop {
namespace {

using cost::timeloop::Dataspace;
using cost::timeloop::DimId;
using cost::timeloop::Problem;
using cost::timeloop::Rank;
using cost::timeloop::SpaceId;

template <class Id, class Items>
std::optional<Id> find_named(const Items& items, const std::string& kind, const std::string& name,
                             const Where& where, Reading& reading) {
  std::vector<std::string> known;
  for (const Id id : ids<Id>(items.size())) {
    if (items[id].name == name) return id;
    known.push_back(items[id].name);
  }
  // One letter is always near another: then all are listed.
  reading.mistake(
      where, fmt::format("unknown {} '{}'", kind, name),
      name.size() > 1 ? suggestion(name, known) : fmt::format("known: {}", fmt::join(known, ", ")));
  return std::nullopt;
}

/// Values of the coefficients: their defaults, overruled by the instance.
std::map<std::string, std::int64_t> read_coefficients(const Node& shape, const Node& instance,
                                                      Reading& reading) {
  std::map<std::string, std::int64_t> values;
  const Node* list = find(shape, "coefficients");
  if (list == nullptr) return values;
  for (const Node& item : list->items) {
    const Node* name = reading.need(item, "name", "the coefficient");
    if (name == nullptr) continue;
    const std::string text = reading.text(*name);
    const Node* given = find(instance, text);
    const Node* value = given != nullptr ? given : find(item, "default");
    values[text] = value == nullptr ? 1 : reading.positive_integer(*value, text);
  }
  return values;
}

void read_dims(const Node& shape, const Node& instance, Problem& problem, Reading& reading) {
  const Node* dims = reading.need(shape, "dimensions", "the shape");
  if (dims == nullptr) return;
  std::set<std::string> seen;
  for (const Reading::Word& word : reading.words(*dims, "dimensions")) {
    if (!seen.insert(word.text).second) {
      reading.mistake(word.where, fmt::format("dimension '{}' is given twice", word.text),
                      "remove one");
      continue;
    }
    const Node* bound = find(instance, word.text);
    if (bound == nullptr)
      reading.mistake(instance.where, fmt::format("no bound for dimension '{}'", word.text),
                      fmt::format("add '{}: ' and its size to the instance", word.text));
    problem.dims.push_back(
        {word.text, bound == nullptr ? 1 : reading.positive_integer(*bound, word.text)});
  }
}

/// One product [dim] or [dim, coefficient]; the coefficient is a name or a number.
void read_term(const Node& node, const std::map<std::string, std::int64_t>& coefficients,
               const Problem& problem, Rank& rank, Reading& reading) {
  const std::vector<Reading::Word> words = reading.words(node, "the projection");
  if (words.empty() || words.size() > 2) {
    reading.mistake(node.where, "this is no product of a dimension and a coefficient",
                    "write [dimension] or [dimension, coefficient]");
    return;
  }
  const auto dim = find_dim(problem, words[0].text, words[0].where, reading);
  std::int64_t coefficient = 1;
  if (words.size() == 2) {
    const auto found = coefficients.find(words[1].text);
    if (found != coefficients.end()) {
      coefficient = found->second;
    } else if (!words[1].text.empty() && words[1].text[0] >= '0' && words[1].text[0] <= '9') {
      Node number;
      number.kind = Node::Kind::scalar;
      number.where = words[1].where;
      number.text = words[1].text;
      coefficient = reading.positive_integer(number, "the coefficient");
    } else {
      std::vector<std::string> known;
      for (const auto& [name, value] : coefficients) known.push_back(name);
      reading.mistake(words[1].where, fmt::format("unknown coefficient '{}'", words[1].text),
                      suggestion(words[1].text, known));
    }
  }
  if (dim) rank.push_back({*dim, coefficient});
}

Dataspace read_space(const Node& node, const std::map<std::string, std::int64_t>& coefficients,
                     const Problem& problem, Reading& reading) {
  Dataspace space;
  if (const Node* name = reading.need(node, "name", "the data space"))
    space.name = reading.text(*name);
  if (const Node* output = find(node, "read_write"))
    space.is_output = reading.boolean(*output, "read_write");
  const Node* projection = reading.need(node, "projection", "'" + space.name + "'");
  if (projection == nullptr) return space;
  for (const Node& item : projection->items) {
    Rank rank;
    if (item.kind == Node::Kind::list)
      for (const Node& term : item.items) read_term(term, coefficients, problem, rank, reading);
    else
      read_term(item, coefficients, problem, rank, reading);
    space.ranks.push_back(std::move(rank));
  }
  return space;
}

void check_spaces(const Problem& problem, const Node& spaces, Reading& reading) {
  int outputs = 0;
  std::set<std::string> seen;
  for (const Dataspace& space : problem.spaces) {
    outputs += space.is_output ? 1 : 0;
    if (!seen.insert(space.name).second)
      reading.mistake(spaces.where, fmt::format("data space '{}' is given twice", space.name),
                      "rename one");
  }
  if (outputs != 1)
    reading.mistake(spaces.where, fmt::format("{} data spaces are written", outputs),
                    "give exactly one of them 'read_write: true'");
}

}  // namespace

std::optional<DimId> find_dim(const Problem& problem, const std::string& name, const Where& where,
                              Reading& reading) {
  return find_named<DimId>(problem.dims, "dimension", name, where, reading);
}

std::optional<SpaceId> find_space(const Problem& problem, const std::string& name,
                                  const Where& where, Reading& reading) {
  return find_named<SpaceId>(problem.spaces, "data space", name, where, reading);
}

Problem read_problem(const Node& node, Reading& reading) {
  Problem problem;
  const Node* shape = reading.need(node, "shape", "the problem");
  if (shape == nullptr) return problem;
  if (shape->kind != Node::Kind::map) {
    reading.mistake(shape->where, "the shape is only a name",
                    "write out its dimensions and data_spaces");
    return problem;
  }
  reading.check_keys(*shape, {"name", "dimensions", "coefficients", "data_spaces", "version"});
  // Older files state the bounds beside the shape.
  const Node* stated = find(node, "instance");
  const Node& instance = stated != nullptr ? *stated : node;
  read_dims(*shape, instance, problem, reading);
  const auto coefficients = read_coefficients(*shape, instance, reading);
  if (const Node* spaces = reading.need(*shape, "data_spaces", "the shape")) {
    for (const Node& item : spaces->items)
      problem.spaces.push_back(read_space(item, coefficients, problem, reading));
    check_spaces(problem, *spaces, reading);
  }
  return problem;
}

}  // namespace tileloom::io::timeloop
