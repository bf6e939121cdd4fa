#pragma once
// Indices are types: a rank number cannot be used where a tensor number is meant.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace tileloom {

enum class TensorId : std::uint32_t {};    ///< index into Workload::tensors
enum class OperatorId : std::uint32_t {};  ///< index into Workload::operators
enum class RankId : std::uint16_t {};      ///< index into Operator::ranks
enum class MemoryId : std::uint16_t {};    ///< index into Architecture::memories, outermost first
enum class AxisId : std::uint16_t {};      ///< index into Architecture::axes, outermost first

template <class Id>
constexpr std::size_t index(Id id) {
  return static_cast<std::size_t>(id);
}

/// A vector that can only be indexed by its own kind of id.
template <class Id, class T>
class PerId {
 public:
  PerId() = default;
  explicit PerId(std::size_t size, const T& value = T{}) : items_(size, value) {}
  PerId(std::initializer_list<T> items) : items_(items) {}

  T& operator[](Id id) { return items_[index(id)]; }
  const T& operator[](Id id) const { return items_[index(id)]; }
  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  Id push_back(T item) {
    items_.push_back(std::move(item));
    return static_cast<Id>(items_.size() - 1);
  }
  auto begin() { return items_.begin(); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  bool operator==(const PerId&) const = default;

 private:
  std::vector<T> items_;
};

/// All ids of a container, for range-for: `for (TensorId t : ids<TensorId>(tensors.size()))`.
template <class Id>
class IdRange {
 public:
  struct Iterator {
    std::size_t i;
    Id operator*() const { return static_cast<Id>(i); }
    Iterator& operator++() {
      ++i;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return i != other.i; }
  };
  explicit IdRange(std::size_t size) : size_(size) {}
  Iterator begin() const { return {0}; }
  Iterator end() const { return {size_}; }

 private:
  std::size_t size_;
};

template <class Id>
IdRange<Id> ids(std::size_t size) {
  return IdRange<Id>(size);
}

}  // namespace tileloom
