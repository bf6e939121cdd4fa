#include "tileloom/loop_tree/region.hpp"

#include <algorithm>
#include <optional>

#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

/// `a` without `b`: along every axis what lies before and after `b`, the axes before cut to `b`.
void cut(Box a, const Box& b, std::vector<Box>& rest) {
  const Box common = intersection(a, b);
  if (common.empty()) {
    rest.push_back(a);
    return;
  }
  for (std::size_t axis = 0; axis < a.axes(); ++axis) {
    const Interval whole = a[axis];
    if (whole.begin < common[axis].begin) {
      a[axis] = {whole.begin, common[axis].begin};
      rest.push_back(a);
    }
    if (common[axis].end < whole.end) {
      a[axis] = {common[axis].end, whole.end};
      rest.push_back(a);
    }
    a[axis] = common[axis];
  }
}

/// Boxes that agree on all axes before `axis`, rearranged from there on.
std::vector<Box> sweep(const std::vector<Box>& boxes, std::size_t axis) {
  if (boxes.size() <= 1 || axis == boxes.front().axes()) return boxes;
  std::vector<std::int64_t> cuts;
  for (const Box& box : boxes) {
    cuts.push_back(box[axis].begin);
    cuts.push_back(box[axis].end);
  }
  std::ranges::sort(cuts);
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  std::vector<Box> found;
  std::vector<Box> last;  // the cross-section before, with an empty interval on this axis
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    std::vector<Box> section;
    for (Box box : boxes) {
      if (box[axis].begin > cuts[i] || box[axis].end <= cuts[i]) continue;
      box[axis] = {};
      section.push_back(box);
    }
    section = sweep(section, axis + 1);
    if (!section.empty() && section == last) {
      for (std::size_t k = 0; k < section.size(); ++k) {
        found[found.size() - section.size() + k][axis].end = cuts[i + 1];
      }
      continue;
    }
    last = section;
    for (Box& box : section) {
      box[axis] = {cuts[i], cuts[i + 1]};
      found.push_back(box);
    }
  }
  return found;
}

/// The union of two boxes, none empty, if it is one: if they differ along one axis at most, without
/// a gap, or one of them holds the other.
std::optional<Box> joined(const Box& a, const Box& b) {
  std::size_t differ = 0;
  bool gap = false;
  bool a_holds = true;
  bool b_holds = true;
  for (std::size_t i = 0; i < a.axes(); ++i) {
    if (a[i] == b[i]) continue;
    ++differ;
    gap = gap || std::max(a[i].begin, b[i].begin) > std::min(a[i].end, b[i].end);
    a_holds = a_holds && a[i].begin <= b[i].begin && b[i].end <= a[i].end;
    b_holds = b_holds && b[i].begin <= a[i].begin && a[i].end <= b[i].end;
  }
  if (a_holds) return a;
  if (b_holds) return b;
  if (differ == 1 && !gap) return hull(a, b);
  return std::nullopt;
}

}  // namespace

Box Box::whole(const std::vector<std::int64_t>& extents) {
  Box box(extents.size());
  for (std::size_t a = 0; a < extents.size(); ++a) box[a] = {0, extents[a]};
  return box;
}

bool Box::empty() const {
  for (std::size_t a = 0; a < axes_; ++a) {
    if (intervals_[a].end <= intervals_[a].begin) return true;
  }
  return false;
}

std::int64_t Box::size() const {
  std::int64_t product = 1;
  for (std::size_t a = 0; a < axes_; ++a) product = checked_mul(product, intervals_[a].length());
  return product;
}

Box intersection(const Box& a, const Box& b) {
  Box common(a.axes());
  for (std::size_t i = 0; i < a.axes(); ++i) {
    common[i] = {std::max(a[i].begin, b[i].begin), std::min(a[i].end, b[i].end)};
  }
  return common;
}

Box hull(const Box& a, const Box& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  Box both(a.axes());
  for (std::size_t i = 0; i < a.axes(); ++i) {
    both[i] = {std::min(a[i].begin, b[i].begin), std::max(a[i].end, b[i].end)};
  }
  return both;
}

Region::Region(const Box& box) {
  if (!box.empty()) boxes.push_back(box);
}

std::int64_t Region::size() const {
  std::int64_t sum = 0;
  for (const Box& box : boxes) sum = checked_add(sum, box.size());
  return sum;
}

Region intersection(const Region& a, const Box& b) {
  Region common;
  for (const Box& box : a.boxes) {
    const Box part = intersection(box, b);
    if (!part.empty()) common.boxes.push_back(part);
  }
  return common;
}

Region intersection(const Region& a, const Region& b) {
  Region common;
  for (const Box& box : b.boxes) {
    const Region part = intersection(a, box);
    common.boxes.insert(common.boxes.end(), part.boxes.begin(), part.boxes.end());
  }
  return common;
}

std::int64_t common(const Region& a, const Region& b) {
  std::int64_t sum = 0;
  for (const Box& box : a.boxes) {
    for (const Box& other : b.boxes) {
      const Box part = intersection(box, other);
      if (!part.empty()) sum = checked_add(sum, part.size());
    }
  }
  return sum;
}

Region difference(const Region& a, const Region& b) {
  Region rest = a;
  for (const Box& box : b.boxes) {
    std::vector<Box> next;
    for (const Box& from : rest.boxes) cut(from, box, next);
    rest.boxes = std::move(next);
  }
  return rest;
}

Region united(const Region& a, const Region& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  if (a.boxes.size() == 1 && b.boxes.size() == 1) {
    if (const std::optional<Box> one = joined(a.boxes.front(), b.boxes.front())) return *one;
  }
  Region both = difference(a, b);
  both.boxes.insert(both.boxes.end(), b.boxes.begin(), b.boxes.end());
  both.boxes = pieces(both);
  return both;
}

std::vector<Box> pieces(const Region& region) { return sweep(region.boxes, 0); }

}  // namespace tileloom
