#include <algorithm>
#include <cctype>
#include <functional>
#include <iterator>
#include <variant>

#include "index/index.hpp"

namespace index_of {
namespace {

using Documents = std::set<std::string>;

struct Open {};
struct Close {};
struct Or {};
struct Not {};
struct End {};
using Token = std::variant<Open, Close, Or, Not, End, std::string>;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_{text} { next(); }

  [[nodiscard]] const Token& token() const { return token_; }

  void next() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    if (at_ == text_.size()) {
      token_ = End{};
      return;
    }
    switch (text_[at_]) {
      case '(': ++at_; token_ = Open{}; return;
      case ')': ++at_; token_ = Close{}; return;
      case '|': ++at_; token_ = Or{}; return;
      case '-': ++at_; token_ = Not{}; return;
      default: break;
    }
    const auto end = std::find_if(text_.begin() + static_cast<std::ptrdiff_t>(at_), text_.end(), [](char c) {
      return std::isspace(static_cast<unsigned char>(c)) || c == '(' || c == ')' || c == '|';
    });
    const auto length = static_cast<std::size_t>(end - text_.begin()) - at_;
    std::string word{text_.substr(at_, length)};
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    at_ += length;
    token_ = std::move(word);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  Token token_ = End{};
};

Documents both(const Documents& a, const Documents& b) {
  Documents result;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(result, result.end()));
  return result;
}

Documents without(const Documents& a, const Documents& b) {
  Documents result;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(result, result.end()));
  return result;
}

class Search {
 public:
  Search(const Index& index, std::string_view query) : index_{index}, reader_{query} {}

  std::optional<Documents> run() {
    auto result = either();
    if (!std::holds_alternative<End>(reader_.token())) return std::nullopt;
    return result;
  }

 private:
  std::optional<Documents> either() {
    auto result = all();
    while (result && std::holds_alternative<Or>(reader_.token())) {
      reader_.next();
      const auto other = all();
      if (!other) return std::nullopt;
      result->insert(other->begin(), other->end());
    }
    return result;
  }

  std::optional<Documents> all() {
    auto result = one();
    while (result) {
      const bool negated = std::holds_alternative<Not>(reader_.token());
      if (negated) reader_.next();
      else if (!starts()) break;
      const auto other = one();
      if (!other) return std::nullopt;
      result = negated ? without(*result, *other) : both(*result, *other);
    }
    return result;
  }

  [[nodiscard]] bool starts() const {
    return std::holds_alternative<Open>(reader_.token()) || std::holds_alternative<std::string>(reader_.token());
  }

  std::optional<Documents> one() {
    if (const auto* word = std::get_if<std::string>(&reader_.token())) {
      auto result = index_.with(*word);
      reader_.next();
      return result;
    }
    if (!std::holds_alternative<Open>(reader_.token())) return std::nullopt;
    reader_.next();
    auto result = either();
    if (!result || !std::holds_alternative<Close>(reader_.token())) return std::nullopt;
    reader_.next();
    return result;
  }

  const Index& index_;
  Reader reader_;
};

}  // namespace

std::optional<Documents> search(const Index& index, std::string_view query) {
  return Search{index, query}.run();
}

}  // namespace index_of
