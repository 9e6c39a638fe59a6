#pragma once

// What commands print.

#include <ostream>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"

namespace veille::veillectl {

// A response as JSON, with the names of the contract and without leaving out zeros, so that
// programs find every field.
std::string AsJson(const google::protobuf::Message& message);

// The same on one line, for answers that come one after the other.
std::string AsJsonLine(const google::protobuf::Message& message);

// Columns of text, as wide as they must be.
//
//   PARTNER                               NAME          OPEN
//   01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d  CCAS d'Albi   3
class Table {
 public:
  explicit Table(std::vector<std::string> header) : rows_{std::move(header)} {}

  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.size() == 1; }

  friend std::ostream& operator<<(std::ostream& out, const Table& table);

 private:
  std::vector<std::vector<std::string>> rows_;
};

// "2020-03-17 09:30" in the local time zone; "-" when the message is the default.
std::string Moment(const google::protobuf::Timestamp& time);

}  // namespace veille::veillectl
