#include <algorithm>
#include <format>
#include <numeric>
#include <ranges>

#include "tables.hpp"

/** Rows with the running sum of numbers. */
std::vector<Row> sums(const std::vector<double>& numbers) {
  std::vector<double> running(numbers.size());
  std::partial_sum(numbers.begin(), numbers.end(), running.begin());
  std::vector<Row> rows;
  for (auto at : std::views::iota(std::size_t{0}, numbers.size())) {
    rows.push_back({std::format("{:.2f}", numbers[at]), std::format("{:.2f}", running[at])});
  }
  return rows;
}
