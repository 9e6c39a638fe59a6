#include "tenant_registry/domain/name_search.h"

#include <algorithm>

#include "tenant_registry/domain/text.h"

namespace veille::tenant_registry {

std::vector<SoughtWord> WordsToSeek(std::string_view typed) {
  constexpr size_t kLettersToBegin = 3;
  const std::string folded = Fold(typed);
  std::vector<SoughtWord> words;
  for (const std::string_view word : Split(folded, ' ')) {
    SoughtWord sought{std::string(word), CountCharacters(word) >= kLettersToBegin};
    if (std::find(words.begin(), words.end(), sought) == words.end()) {
      words.push_back(std::move(sought));
    }
  }
  return words;
}

}  // namespace veille::tenant_registry
