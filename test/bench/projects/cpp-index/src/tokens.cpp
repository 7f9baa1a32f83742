#include <algorithm>
#include <cctype>
#include <iterator>
#include <regex>

#include "index/index.hpp"

namespace index_of {

std::vector<std::string> tokens(std::string_view text) {
  static const std::regex word{"[[:alnum:]]+(?:['-][[:alnum:]]+)*"};
  std::string lower;
  lower.reserve(text.size());
  std::transform(text.begin(), text.end(), std::back_inserter(lower),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::vector<std::string> found;
  for (std::sregex_iterator at{lower.begin(), lower.end(), word}, end; at != end; ++at) {
    found.push_back(at->str());
  }
  return found;
}

}  // namespace index_of
