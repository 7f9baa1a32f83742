#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "index/index.hpp"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: index FOLDER QUERY\n";
    return 2;
  }
  index_of::Index index;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{argv[1]}) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file{entry.path()};
    std::ostringstream text;
    text << file.rdbuf();
    index.add(entry.path().string(), text.str());
  }
  const auto found = index_of::search(index, argv[2]);
  if (!found) {
    std::cerr << "index: the query cannot be read\n";
    return 2;
  }
  for (const auto& document : *found) std::cout << document << '\n';
  return found->empty() ? 1 : 0;
}
