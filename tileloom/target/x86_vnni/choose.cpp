#include "tileloom/target/x86_vnni/choose.hpp"

#include "tileloom/embedder/embedder.hpp"

namespace tileloom::x86_vnni {
namespace {

using Best = tl::expected<Choice, std::string>;

/// Keeps the better of what is known and the operator's embeddings.
void consider(const Operator& op, const Instruction& instruction,
              const std::optional<RowsBeside>& copy, Best& best) {
  const embedder::EmbedResult found = embedder::embed(op, instruction, {.swapped = false});
  if (found.embeddings.empty() && !best) best = tl::unexpected(found.reason);
  for (const Embedding& embedding : found.embeddings) {
    tl::expected<Plan, std::string> planned = plan(op, instruction, embedding);
    if (!planned) {
      if (!best) best = tl::unexpected(planned.error());
      continue;
    }
    planned->beside = copy;
    planned->copied = planned->copied || copy.has_value();
    if (best && expected_cycles(*planned) >= expected_cycles(best->plan)) continue;
    best = Choice{op, embedding, *planned};
  }
}

}  // namespace

Best choose(const Operator& op, const Instruction& instruction, bool rows_beside) {
  Best best = tl::unexpected(std::string("no embedding"));
  const Operator seen = without_padding_results(op);
  consider(seen, instruction, std::nullopt, best);
  if (!rows_beside) return best;
  if (const std::optional<Beside> beside = x86_vnni::rows_beside(seen)) {
    consider(beside->op, instruction, beside->copy, best);
  }
  return best;
}

}  // namespace tileloom::x86_vnni
