#pragma once
#include <string>
#include <string_view>

/** Bytes as text that has only letters and digits. */
std::string encode(std::string_view bytes);
std::string decode(std::string_view text);
