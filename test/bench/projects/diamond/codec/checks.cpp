#include <iostream>
#include <regex>
#include <unordered_map>

#include "codec.hpp"

/** Texts that come back as they were. */
bool is_stable(const std::vector<std::string>& texts) {
  std::unordered_map<std::string, std::string> seen;
  for (const auto& text : texts) {
    const auto encoded = encode(text);
    if (decode(encoded) != text) return false;
    if (const auto [at, is_new] = seen.emplace(encoded, text); !is_new && at->second != text) return false;
  }
  return true;
}
