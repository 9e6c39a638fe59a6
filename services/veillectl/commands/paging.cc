#include "veillectl/commands/paging.h"

#include "google/protobuf/descriptor.h"

namespace veille::veillectl {

void DeclarePaging(CLI::App& command, Paging& paging) {
  command.add_option("--limit", paging.limit, "show so many at most (all)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000).description("a number from 1"));
  command.add_option("--after", paging.after, "go on where a list with --limit ended")
      ->type_name("TOKEN");
}

int EntriesIn(const google::protobuf::Message& page) {
  int entries = 0;
  for (int i = 0; i < page.GetDescriptor()->field_count(); ++i) {
    const auto* field = page.GetDescriptor()->field(i);
    if (field->is_repeated()) entries += page.GetReflection()->FieldSize(page, field);
  }
  return entries;
}

void PrintMore(const std::string& next_page_token, std::ostream& out) {
  if (next_page_token.empty()) return;
  out << "More follow: repeat the command with --after " << next_page_token << "\n";
}

}  // namespace veille::veillectl
