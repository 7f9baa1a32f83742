#include "codec.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <regex>
#include <stdexcept>

namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

std::map<char, unsigned> values() {
  std::map<char, unsigned> result;
  for (unsigned at = 0; at < alphabet.size(); ++at) result[alphabet[at]] = at;
  return result;
}

}  // namespace

std::string encode(std::string_view bytes) {
  std::string text;
  unsigned buffer = 0, bits = 0;
  for (unsigned char byte : bytes) {
    buffer = buffer << 8 | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[buffer >> bits & 31];
    }
  }
  if (bits > 0) text += alphabet[buffer << (5 - bits) & 31];
  return text;
}

std::string decode(std::string_view text) {
  static const auto known = values();
  static const std::regex valid{"[0-9a-hjkmnp-tv-z]*"};
  const std::string copy{text};
  if (!std::regex_match(copy, valid)) throw std::invalid_argument("not encoded: " + copy);
  std::string bytes;
  unsigned buffer = 0, bits = 0;
  for (char letter : text) {
    buffer = buffer << 5 | known.at(letter);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(buffer >> bits & 255);
    }
  }
  return bytes;
}
