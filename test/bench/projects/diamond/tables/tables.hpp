#pragma once
#include <string>
#include <vector>

using Row = std::vector<std::string>;

/** Rows as text in columns. */
std::string table(const std::vector<Row>& rows);
std::vector<Row> sorted(std::vector<Row> rows, const std::string& pattern);
