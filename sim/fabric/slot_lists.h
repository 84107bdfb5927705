// Many short growable lists in one block of memory: one list per link, reserved exactly when the population is known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace aifactory {

template <class T>
class SlotLists {
 public:
  explicit SlotLists(std::size_t lists) : lists_(lists) {}

  // Lays the lists out back to back with room for `capacity[i]` entries each. Only while all are empty.
  void reserve(std::span<const std::uint32_t> capacity) {
    std::uint32_t begin = 0;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      lists_[i] = {begin, 0, capacity[i]};
      begin += capacity[i];
    }
    data_.resize(begin);
  }

  [[nodiscard]] std::uint32_t size(std::size_t list) const { return lists_[list].size; }
  [[nodiscard]] bool empty(std::size_t list) const { return lists_[list].size == 0; }
  [[nodiscard]] T* data(std::size_t list) { return data_.data() + lists_[list].begin; }
  [[nodiscard]] const T* data(std::size_t list) const { return data_.data() + lists_[list].begin; }

  void push_back(std::size_t list, const T& value) {
    List& l = lists_[list];
    if (l.size == l.capacity) {
      grow(l);
    }
    data_[l.begin + l.size++] = value;
  }
  void pop_back(std::size_t list) { --lists_[list].size; }

 private:
  struct List {
    std::uint32_t begin = 0, size = 0, capacity = 0;
  };

  void grow(List& l) {
    const std::uint32_t capacity = l.capacity == 0 ? 4 : 2 * l.capacity;
    const auto begin = static_cast<std::uint32_t>(data_.size());
    data_.resize(data_.size() + capacity);
    for (std::uint32_t i = 0; i < l.size; ++i) {
      data_[begin + i] = data_[l.begin + i];
    }
    l = {begin, l.size, capacity};
  }

  std::vector<List> lists_;
  std::vector<T> data_;
};

}  // namespace aifactory
