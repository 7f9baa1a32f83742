#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace index_of {

/** Words of a text, in lower case. */
std::vector<std::string> tokens(std::string_view text);

/** Which documents have which words. */
class Index {
 public:
  void add(const std::string& document, std::string_view text);
  [[nodiscard]] std::set<std::string> with(const std::string& word) const;
  [[nodiscard]] std::size_t words() const { return documents_.size(); }

 private:
  std::map<std::string, std::set<std::string>, std::less<>> documents_;
};

/** Documents that match a query such as `red (apple | pear) -sour`; nothing when it cannot be read. */
std::optional<std::set<std::string>> search(const Index& index, std::string_view query);

}  // namespace index_of
