#include "tileloom/loop_tree/statement.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "tileloom/support/nearest.hpp"

namespace tileloom {
namespace {

struct Token {
  enum class Kind : std::uint8_t { word, comma, dot } kind = Kind::word;
  std::string text;
  int column = 0;
};

bool ends_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= ' ' || byte == 0x7f || c == ',' || c == '.' || c == '"' || c == '#';
}

const std::vector<std::string> kStatements{"store",    "for",      "spatial", "compute",
                                           "sequence", "parallel", "then"};

/// The nearest name, or some of the names there are.
std::string known(std::string_view word, const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 12;
  if (names.size() <= kShown) return suggestion(word, names);
  const std::string best = nearest(word, names);
  if (!best.empty()) return fmt::format("did you mean '{}'?", best);
  return fmt::format("known: {} and {} more",
                     fmt::join(names.begin(), names.begin() + kShown, ", "), names.size() - kShown);
}

template <class Id, class Named>
std::optional<Id> find_named(const Named& all, std::string_view name) {
  std::size_t i = 0;
  for (const auto& item : all) {
    if (item.name == name) return static_cast<Id>(i);
    ++i;
  }
  return std::nullopt;
}

template <class Named>
std::vector<std::string> names_of(const Named& all) {
  std::vector<std::string> names;
  for (const auto& item : all) names.push_back(item.name);
  return names;
}

/// Reads one line; every mistake in it is reported, and reading goes on where that makes sense.
class LineReader {
 public:
  LineReader(std::string_view line, Where where, const TreeNames& names, Diagnostics& mistakes)
      : line_(line), where_(std::move(where)), names_(names), mistakes_(mistakes) {}

  /// Absent for an empty line.
  std::optional<Statement> read() {
    split();
    if (tokens_.empty() && sound_) return std::nullopt;
    Statement statement;
    statement.line = where_.line;
    statement.indent = static_cast<int>(std::min(line_.find_first_not_of(' '), line_.size()));
    if (sound_) statement.kind = understand(statement);
    if (sound_ && next_ < tokens_.size()) {
      wrong(fmt::format("unexpected '{}'", tokens_[next_].text),
            "the statement is complete before it");
    }
    if (!sound_) statement.kind = Statement::Kind::mistaken;
    return statement;
  }

 private:
  void wrong(std::string what, std::string hint, std::optional<int> column = std::nullopt) {
    sound_ = false;
    Where where = where_;
    where.column = column.value_or(next_ < tokens_.size() ? tokens_[next_].column
                                                          : static_cast<int>(line_.size()) + 1);
    mistakes_.push_back({std::move(where), std::move(what), std::move(hint)});
  }

  void split() {
    std::size_t i = 0;
    while (i < line_.size() && sound_) {
      const char c = line_[i];
      const int column = static_cast<int>(i) + 1;
      if (c == '#') return;
      if (c == ' ') {
        ++i;
      } else if (c == ',' || c == '.') {
        tokens_.push_back({c == ',' ? Token::Kind::comma : Token::Kind::dot, {c}, column});
        ++i;
      } else if (c == '"') {
        read_quoted(++i, column);
      } else if (ends_word(c)) {
        wrong(fmt::format("character {:#04x}", static_cast<unsigned char>(c)),
              c == '\t' ? "indent and separate by spaces" : "write names that have it in quotes",
              column);
      } else {
        const std::size_t begin = i;
        while (i < line_.size() && !ends_word(line_[i])) ++i;
        tokens_.push_back({Token::Kind::word, std::string(line_.substr(begin, i - begin)), column});
      }
    }
  }

  /// The rest of a quoted name; `i` stands behind the opening quote.
  void read_quoted(std::size_t& i, int column) {
    std::string text;
    for (; i < line_.size(); ++i) {
      if (line_[i] == '"') {
        ++i;
        tokens_.push_back({Token::Kind::word, std::move(text), column});
        return;
      }
      if (line_[i] != '\\') {
        text += line_[i];
        continue;
      }
      const std::string_view rest = line_.substr(i + 1);
      unsigned code = 0;
      if (rest.starts_with('"') || rest.starts_with('\\')) {
        text += rest.front();
        ++i;
      } else if (rest.size() >= 3 && rest.front() == 'x' &&
                 std::from_chars(rest.data() + 1, rest.data() + 3, code, 16).ptr ==
                     rest.data() + 3) {
        text += static_cast<char>(code);
        i += 3;
      } else {
        wrong("a lone backslash in a quoted name",
              R"(write \\ for a backslash, \" for a quote, \x0a for byte 0x0a)",
              static_cast<int>(i) + 1);
        return;
      }
    }
    wrong("a quoted name has no closing quote", "end it with \" on the same line", column);
  }

  bool at(std::string_view keyword) const {
    return at(Token::Kind::word) && tokens_[next_].text == keyword;
  }

  std::string found() const {
    return next_ < tokens_.size() ? fmt::format("'{}'", tokens_[next_].text)
                                  : "the end of the line";
  }

  bool expect(std::string_view keyword, std::string_view form) {
    if (at(keyword)) {
      ++next_;
      return true;
    }
    wrong(fmt::format("expected '{}', found {}", keyword, found()), fmt::format("write {}", form));
    return false;
  }

  bool at(Token::Kind kind) const { return next_ < tokens_.size() && tokens_[next_].kind == kind; }

  /// One word. Absent, and reported, if there is none.
  std::optional<Token> word(std::string_view what, std::string_view form) {
    if (at(Token::Kind::word)) return tokens_[next_++];
    wrong(fmt::format("expected {}, found {}", what, found()), fmt::format("write {}", form));
    return std::nullopt;
  }

  /// Words with dots between them.
  std::optional<Token> name(std::string_view what, std::string_view form) {
    std::optional<Token> first = word(what, form);
    while (first && at(Token::Kind::dot)) {
      ++next_;
      const std::optional<Token> more = word("a name after the dot", form);
      if (!more) return std::nullopt;
      first->text += "." + more->text;
    }
    return first;
  }

  template <class Id, class Named>
  Id lookup(const Token& token, std::string_view what, const Named& all) {
    if (const std::optional<Id> id = find_named<Id>(all, token.text)) return *id;
    wrong(fmt::format("no {} '{}'", what, token.text), known(token.text, names_of(all)),
          token.column);
    return {};
  }

  Statement::Kind understand(Statement& statement) {
    using Kind = Statement::Kind;
    if (tokens_.front().kind == Token::Kind::word) {
      const std::string& first = tokens_[next_++].text;
      if (first == "store") return store(statement);
      if (first == "for") return loop(statement, false);
      if (first == "spatial") return loop(statement, true);
      if (first == "compute") return compute(statement);
      if (first == "sequence") return Kind::sequence;
      if (first == "parallel") return Kind::parallel;
      if (first == "then") return Kind::then;
      next_ = 0;
    }
    wrong(fmt::format("no statement '{}'", tokens_.front().text),
          known(tokens_.front().text, kStatements));
    return Kind::mistaken;
  }

  Statement::Kind store(Statement& statement) {
    constexpr std::string_view kForm =
        "store TENSOR, TENSOR in MEMORY [keep overlap|same] [single]";
    for (;;) {
      const std::optional<Token> tensor = name("a tensor", kForm);
      if (!tensor) return Statement::Kind::mistaken;
      Store store;
      store.tensor = lookup<TensorId>(*tensor, "tensor", names_.workload.tensors);
      statement.nodes.push_back(store);
      if (!at(Token::Kind::comma)) break;
      ++next_;
    }
    if (!expect("in", kForm)) return Statement::Kind::mistaken;
    const std::optional<Token> memory = name("a memory", kForm);
    if (!memory) return Statement::Kind::mistaken;
    const MemoryId id = lookup<MemoryId>(*memory, "memory", names_.arch.memories);
    Keep keep = Keep::overlap;
    if (at("keep")) {
      ++next_;
      if (at("same")) {
        keep = Keep::same;
      } else if (!at("overlap")) {
        wrong(fmt::format("expected 'overlap' or 'same', found {}", found()),
              "overlap keeps what the old and the new box share, same keeps only a box that does "
              "not change");
        return Statement::Kind::mistaken;
      }
      ++next_;
    }
    const bool single = at("single");
    if (single) ++next_;
    for (PathNode& node : statement.nodes) {
      std::get<Store>(node).memory = id;
      std::get<Store>(node).keep = keep;
      std::get<Store>(node).single = single;
    }
    return Statement::Kind::path;
  }

  Statement::Kind loop(Statement& statement, bool spatial) {
    const std::string_view form = spatial ? "spatial RANK in TILE on AXIS" : "for RANK in TILE";
    Loop loop;
    if (!rank(loop, form) || !expect("in", form) || !tile(loop, form)) {
      return Statement::Kind::mistaken;
    }
    if (spatial) {
      if (!expect("on", form)) return Statement::Kind::mistaken;
      const std::optional<Token> axis = name("an axis", form);
      if (!axis) return Statement::Kind::mistaken;
      loop.axis = lookup<AxisId>(*axis, "axis", names_.arch.axes);
    }
    statement.nodes.push_back(loop);
    return Statement::Kind::path;
  }

  /// RANK or OPERATOR.RANK, the operator's name up to the last dot; false if reading cannot go on.
  bool rank(Loop& loop, std::string_view form) {
    const PerId<OperatorId, Operator>& all = names_.workload.operators;
    std::optional<Token> op;
    std::optional<Token> rank = word("a rank", form);
    while (rank && at(Token::Kind::dot)) {
      ++next_;
      if (op) op->text += "." + rank->text;
      if (!op) op = rank;
      rank = word("a rank after the dot", form);
    }
    if (!rank) return false;
    if (op) {
      loop.op = lookup<OperatorId>(*op, "operator", all);
      if (!sound_) return true;
    } else if (all.size() != 1) {
      wrong(fmt::format("rank '{}' without its operator", rank->text),
            fmt::format("write OPERATOR.{}", rank->text), rank->column);
      return true;
    }
    const Operator& owner = all[loop.op];
    loop.rank = lookup<RankId>(*rank, fmt::format("rank of operator {}:", owner.name), owner.ranks);
    return true;
  }

  bool tile(Loop& loop, std::string_view form) {
    const std::optional<Token> token = word("a tile", form);
    if (!token) return false;
    const char* end = token->text.data() + token->text.size();
    const auto [stop, error] = std::from_chars(token->text.data(), end, loop.tile);
    if (error == std::errc::result_out_of_range) {
      wrong(fmt::format("tile {} does not fit into 64 bits", token->text),
            "a tile is at most the extent of its rank", token->column);
    } else if (error != std::errc{} || stop != end) {
      wrong(fmt::format("tile '{}' is not an integer", token->text), fmt::format("write {}", form),
            token->column);
    } else if (loop.tile < 1) {
      wrong(fmt::format("tile {} is not positive", token->text), "a tile is at least 1",
            token->column);
    }
    return true;
  }

  Statement::Kind compute(Statement& statement) {
    const std::optional<Token> op = name("an operator", "compute OPERATOR");
    if (!op) return Statement::Kind::mistaken;
    statement.op = lookup<OperatorId>(*op, "operator", names_.workload.operators);
    return Statement::Kind::compute;
  }

  std::string_view line_;
  Where where_;
  const TreeNames& names_;
  Diagnostics& mistakes_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  bool sound_ = true;
};

}  // namespace

std::vector<Statement> read_statements(std::string_view text, const std::string& file,
                                       const TreeNames& names, Diagnostics& mistakes) {
  std::vector<Statement> statements;
  for (int line = 1; !text.empty(); ++line) {
    const std::size_t end = text.find('\n');
    std::string_view content = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (content.ends_with('\r')) content.remove_suffix(1);
    LineReader reader(content, {file, line, 0}, names, mistakes);
    if (std::optional<Statement> statement = reader.read()) {
      statements.push_back(std::move(*statement));
    }
  }
  return statements;
}

std::string written(std::string_view name) {
  const bool dots_inside =
      !name.starts_with('.') && !name.ends_with('.') && name.find("..") == std::string_view::npos;
  const auto plain = [&](char c) { return (c == '.' && dots_inside) || !ends_word(c); };
  return !name.empty() && std::ranges::all_of(name, plain) ? std::string(name) : quoted(name);
}

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (byte < ' ' || byte == 0x7f) {
      text += fmt::format("\\x{:02x}", byte);
    } else {
      text += c;
    }
  }
  return text + "\"";
}

}  // namespace tileloom
