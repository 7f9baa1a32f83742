#include <iostream>

#include "index/index.hpp"

namespace {

int failures = 0;

void expect(bool holds, const char* what) {
  if (holds) return;
  ++failures;
  std::cerr << "failed: " << what << '\n';
}

}  // namespace

int main() {
  index_of::Index index;
  index.add("a", "Red apples, green pears");
  index.add("b", "A red car and a sour apple");
  index.add("c", "Green cars don't rust");
  using Documents = std::set<std::string>;
  expect(index_of::tokens("Don't stop - now") == std::vector<std::string>({"don't", "stop", "now"}), "tokens");
  expect(index_of::search(index, "red") == Documents({"a", "b"}), "a word");
  expect(index_of::search(index, "red -sour") == Documents({"a"}), "not");
  expect(index_of::search(index, "(pears | rust) green") == Documents({"a", "c"}), "or");
  expect(!index_of::search(index, "(red"), "an open parenthesis");
  return failures == 0 ? 0 : 1;
}
