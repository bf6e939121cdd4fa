#pragma once
// The copy of a kernel's data that has rows beside one another.

#include "tileloom/target/x86_vnni/code_text.hpp"
#include "tileloom/target/x86_vnni/data_views.hpp"

namespace tileloom::x86_vnni {

/// A function `beside(rows, to, columns)` that copies up to 8 rows of one channel, eight bytes of a
/// column at a time; nothing for other shapes.
void emit_beside_function(Text& text, const RowsBeside& copy);

/// Fills `scratch` from `data`, the 64 bytes after it included.
void emit_beside(Text& text, const RowsBeside& copy);

}  // namespace tileloom::x86_vnni
