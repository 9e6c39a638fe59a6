#pragma once

// Long lists: how much of one is shown, and where it goes on.

#include <algorithm>
#include <limits>
#include <ostream>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "veillectl/client/connection.h"

namespace veille::veillectl {

struct Paging {
  int limit = 0;  // 0: all
  std::string after;
};

// --limit and --after.
void DeclarePaging(CLI::App& command, Paging& paging);

// How many entries a page has.
int EntriesIn(const google::protobuf::Message& page);

// As many pages as it takes, as one response; its next_page_token says where the list goes on.
template <typename Stub, typename Request, typename Response>
absl::StatusOr<Response> ListPages(const Connection& connection,
                                   grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                const Request&, Response*),
                                   Request request, const Paging& paging) {
  constexpr int kLargestPage = 500;
  int left = paging.limit == 0 ? std::numeric_limits<int>::max() : paging.limit;
  Response all;
  request.set_page_token(paging.after);
  do {
    request.set_page_size(std::min(left, kLargestPage));
    absl::StatusOr<Response> page = connection.Call(method, request);
    if (!page.ok()) return page.status();
    request.set_page_token(page->next_page_token());
    page->clear_next_page_token();
    left -= EntriesIn(*page);
    all.MergeFrom(*page);
  } while (!request.page_token().empty() && left > 0);
  all.set_next_page_token(request.page_token());
  return all;
}

// The last line of a list that goes on.
void PrintMore(const std::string& next_page_token, std::ostream& out);

}  // namespace veille::veillectl
