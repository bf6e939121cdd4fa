#include "tileloom/target/x86_vnni/choose.hpp"

#include "tileloom/embedder/embedder.hpp"

namespace tileloom::x86_vnni {

tl::expected<Choice, std::string> choose(const Operator& op, const Instruction& instruction) {
  const embedder::EmbedResult found = embedder::embed(op, instruction, {.swapped = false});
  if (found.embeddings.empty()) return tl::unexpected(found.reason);
  tl::expected<Choice, std::string> best = tl::unexpected(std::string("no embedding"));
  double least = 0;
  for (const Embedding& embedding : found.embeddings) {
    const tl::expected<Plan, std::string> planned = plan(op, instruction, embedding);
    if (!planned) {
      if (!best) best = tl::unexpected(planned.error());
      continue;
    }
    const double cycles = expected_cycles(*planned);
    if (best && cycles >= least) continue;
    least = cycles;
    best = Choice{embedding, *planned};
  }
  return best;
}

}  // namespace tileloom::x86_vnni
