#include "index/index.hpp"

namespace index_of {

void Index::add(const std::string& document, std::string_view text) {
  for (const auto& word : tokens(text)) documents_[word].insert(document);
}

std::set<std::string> Index::with(const std::string& word) const {
  const auto found = documents_.find(word);
  return found == documents_.end() ? std::set<std::string>{} : found->second;
}

}  // namespace index_of
