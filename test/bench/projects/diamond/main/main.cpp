#include <iostream>

#include "codec.hpp"
#include "tables.hpp"

int main(int argc, char** argv) {
  std::vector<Row> rows{{"text", "code"}};
  for (int at = 1; at < argc; ++at) rows.push_back({argv[at], encode(argv[at])});
  std::cout << table(rows);
}
