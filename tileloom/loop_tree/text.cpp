#include "tileloom/loop_tree/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tileloom/loop_tree/statement.hpp"

namespace tileloom {
namespace {

constexpr int kStep = 2;      // spaces per level
constexpr int kDeepest = 64;  // sequences within sequences

class Printer {
 public:
  Printer(const Workload& workload, const Architecture& arch) : workload_(workload), arch_(arch) {}

  void print(const LoopTree& tree, int indent) {
    for (std::size_t i = 0; i < tree.path.size(); ++i) {
      if (const Loop* loop = std::get_if<Loop>(&tree.path[i])) {
        print(*loop, indent);
        indent += kStep;
      } else {
        i = print_stores(tree.path, i, indent);
      }
    }
    if (const ComputeLeaf* leaf = std::get_if<ComputeLeaf>(&tree.tail)) {
      line(indent, "compute " + written(workload_.operators[leaf->op].name));
    } else if (const Sequence* sequence = std::get_if<Sequence>(&tree.tail)) {
      print_children("sequence", sequence->children, indent);
    } else {
      print_children("parallel", std::get<Parallel>(tree.tail).children, indent);
    }
  }

  std::string text;

 private:
  void line(int indent, const std::string& content) {
    text.append(static_cast<std::size_t>(indent), ' ').append(content).append("\n");
  }

  void print(const Loop& loop, int indent) {
    const Operator& op = workload_.operators[loop.op];
    std::string content = loop.axis ? "spatial " : "for ";
    if (workload_.operators.size() != 1) content += written(op.name) + ".";
    const std::string& rank = op.rank(loop.rank).name;  // a dot would end an operator's name
    content += rank.find('.') == std::string::npos ? written(rank) : quoted(rank);
    content += fmt::format(" in {}", loop.tile);
    if (loop.axis) content += " on " + written(arch_.axes[*loop.axis].name);
    line(indent, content);
  }

  /// Neighbours in one memory share a line. Returns the last one printed.
  std::size_t print_stores(const std::vector<PathNode>& path, std::size_t first, int indent) {
    const Store& store = std::get<Store>(path[first]);
    std::string content = "store " + written(workload_.tensors[store.tensor].name);
    std::size_t last = first;
    while (last + 1 < path.size()) {
      const Store* next = std::get_if<Store>(&path[last + 1]);
      if (next == nullptr || next->memory != store.memory || next->keep != store.keep ||
          next->single != store.single) {
        break;
      }
      content += ", " + written(workload_.tensors[next->tensor].name);
      ++last;
    }
    content += " in " + written(arch_.memories[store.memory].name);
    if (store.keep == Keep::same) content += " keep same";
    if (store.single) content += " single";
    line(indent, content);
    return last;
  }

  void print_children(const char* word, const std::vector<LoopTree>& children, int indent) {
    line(indent, word);
    for (const LoopTree& child : children) {
      line(indent + kStep, "then");
      print(child, indent + 2 * kStep);
    }
  }

  const Workload& workload_;
  const Architecture& arch_;
};

/// Puts statements together by their indentation: deeper after a loop, `then` and a branching,
/// unchanged after a store.
class TreeReader {
 public:
  TreeReader(const std::vector<Statement>& statements, std::string file, Diagnostics& mistakes)
      : statements_(statements), file_(std::move(file)), mistakes_(mistakes) {}

  LoopTree read() { return block(-1, 0); }

 private:
  using Kind = Statement::Kind;

  void wrong(const Statement& at, std::string what, std::string hint) {
    mistakes_.push_back({{file_, at.line, at.indent + 1}, std::move(what), std::move(hint)});
  }

  /// The statement at the cursor if it stands deeper than `outside`.
  const Statement* inside(int outside) const {
    const bool there = next_ < statements_.size() && statements_[next_].indent > outside;
    return there ? &statements_[next_] : nullptr;
  }

  void skip(int outside) {
    while (inside(outside) != nullptr) ++next_;
  }

  void check_indent(const Statement* before, const Statement& at) {
    if (before == nullptr || before->kind != Kind::path || at.kind == Kind::mistaken) return;
    if (before->is_loop() && at.indent <= before->indent) {
      wrong(at,
            fmt::format("indented by {} spaces below a loop indented by {}", at.indent,
                        before->indent),
            "what a loop repeats is indented more than the loop");
    } else if (!before->is_loop() && at.indent != before->indent) {
      wrong(at,
            fmt::format("indented by {} spaces below a store indented by {}", at.indent,
                        before->indent),
            "what follows a store is indented like the store");
    }
  }

  /// One tree: everything deeper than `outside`.
  LoopTree block(int outside, int depth) {
    LoopTree tree;
    const Statement* before = nullptr;
    while (const Statement* at = inside(outside)) {
      check_indent(before, *at);
      before = at;
      ++next_;
      if (at->kind == Kind::path) {
        tree.path.insert(tree.path.end(), at->nodes.begin(), at->nodes.end());
      } else if (at->kind == Kind::then) {
        wrong(*at, "'then' outside a sequence or parallel",
              "'then' starts a child and is indented more than its 'sequence' or 'parallel'");
      } else if (at->kind != Kind::mistaken) {
        finish(tree, *at, outside, depth);
        return tree;
      }
    }
    unfinished(before, outside);
    return tree;
  }

  void unfinished(const Statement* last, int outside) {
    if (last != nullptr && last->kind == Kind::mistaken) return;
    const char* hint = "end every path with 'compute OPERATOR', 'sequence' or 'parallel'";
    if (last != nullptr) {
      wrong(*last, "the path ends here without a leaf", hint);
    } else if (outside >= 0) {
      wrong(statements_[next_ - 1], "'then' with nothing below it", hint);
    } else {
      mistakes_.push_back({{file_, 0, 0}, "the text holds no tree", hint});
    }
  }

  /// The statement that ends a path, its children, and what must not follow.
  void finish(LoopTree& tree, const Statement& at, int outside, int depth) {
    if (at.kind == Kind::compute) {
      tree.tail = ComputeLeaf{at.op};
    } else if (depth >= kDeepest) {
      wrong(at, fmt::format("more than {} sequences inside each other", kDeepest), "use fewer");
      skip(outside);
      return;
    } else if (at.kind == Kind::sequence) {
      tree.tail = Sequence{children(at, depth)};
    } else {
      tree.tail = Parallel{children(at, depth)};
    }
    if (const Statement* more = inside(outside)) {
      wrong(*more, "a statement after the end of its path",
            "children of a sequence stand each below a 'then' of their own");
      skip(outside);
    }
  }

  std::vector<LoopTree> children(const Statement& branch, int depth) {
    std::vector<LoopTree> found;
    const Statement* first = nullptr;
    const std::size_t begin = next_;
    while (const Statement* at = inside(branch.indent)) {
      ++next_;
      if (at->kind != Kind::then) {
        if (at->kind != Kind::mistaken) {
          wrong(*at, "a child without 'then'", "write 'then' and indent the child below it");
        }
        skip(at->indent);
        continue;
      }
      if (first == nullptr) first = at;
      if (at->indent != first->indent) {
        wrong(*at,
              fmt::format("'then' indented by {} spaces after one indented by {}", at->indent,
                          first->indent),
              "children of one sequence are indented alike");
      }
      found.push_back(block(at->indent, depth + 1));
    }
    if (next_ == begin) {
      wrong(branch, "no children", "write each child below an indented 'then'");
    }
    return found;
  }

  const std::vector<Statement>& statements_;
  std::string file_;
  Diagnostics& mistakes_;
  std::size_t next_ = 0;
};

bool stands_before(const Diagnostic& a, const Diagnostic& b) {
  return std::pair(a.where.line, a.where.column) < std::pair(b.where.line, b.where.column);
}

}  // namespace

std::string print_tree(const Workload& workload, const Architecture& arch, const LoopTree& tree) {
  Printer printer(workload, arch);
  printer.print(tree, 0);
  return printer.text;
}

Result<LoopTree> parse_tree(const std::string& text, const std::string& file,
                            const Workload& workload, const Architecture& arch) {
  Diagnostics mistakes;
  const std::vector<Statement> statements = read_statements(text, file, {workload, arch}, mistakes);
  LoopTree tree = TreeReader(statements, file, mistakes).read();
  if (mistakes.empty()) return tree;
  std::ranges::stable_sort(mistakes, stands_before);
  return tl::unexpected(std::move(mistakes));
}

}  // namespace tileloom
