#pragma once

// Tests that look over the fence between two landlords, in one programme: nothing they do changes
// it.

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <regex>
#include <string>

#include "absl/strings/str_cat.h"
#include "e2e/prying.h"

namespace veille::e2e {

class NeighboursTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    programme_ = std::make_unique<Programme>();
    neighbours_ = std::make_unique<Neighbours>(*programme_);
  }
  static void TearDownTestSuite() {
    neighbours_.reset();
    programme_.reset();
  }

  static const std::array<Landlord, 2>& landlords() { return neighbours_->landlords(); }

  // An answer without the ids in it.
  static std::string ShapeOf(const Answer& answer) {
    static const std::regex id("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    return std::regex_replace(
        absl::StrCat(answer.status.error_code(), " ", answer.status.error_message(), " ",
                     answer.status.error_details(), " ", answer.bytes),
        id, "*");
  }

  static inline std::unique_ptr<Programme> programme_;
  static inline std::unique_ptr<Neighbours> neighbours_;
  ManyCalls calls_{*programme_};
};

}  // namespace veille::e2e
