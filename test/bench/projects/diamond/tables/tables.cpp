#include "tables.hpp"

#include <algorithm>
#include <iomanip>
#include <regex>
#include <sstream>

std::string table(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t at = 0; at < row.size(); ++at) widths[at] = std::max(widths[at], row[at].size());
  }
  std::ostringstream text;
  for (const auto& row : rows) {
    for (std::size_t at = 0; at < row.size(); ++at) {
      text << std::left << std::setw(static_cast<int>(widths[at])) << row[at] << (at + 1 == row.size() ? "\n" : "  ");
    }
  }
  return text.str();
}

std::vector<Row> sorted(std::vector<Row> rows, const std::string& pattern) {
  const std::regex wanted{pattern};
  std::erase_if(rows, [&](const Row& row) {
    return std::none_of(row.begin(), row.end(), [&](const auto& cell) { return std::regex_search(cell, wanted); });
  });
  std::stable_sort(rows.begin(), rows.end());
  return rows;
}
