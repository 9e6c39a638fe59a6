#pragma once

// Imports through the real binaries, each test for a landlord of its own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "e2e/command.h"
#include "e2e/programme.h"
#include "e2e/register_sample.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::e2e {

class ImportFixture : public ::testing::Test {
 protected:
  struct Imported {
    int code = 0;
    std::string told;       // everything that was printed
    nlohmann::json totals;  // of a successful one

    int64_t operator[](const char* total) const {
      return std::stoll(totals.at(total).get<std::string>());
    }
  };

  static void SetUpTestSuite() { programme_ = std::make_unique<Programme>(); }
  static void TearDownTestSuite() { programme_.reset(); }
  void SetUp() override { NewLandlord(); }

  void NewLandlord();

  // The command line of an import on the sample's reference day, for programs to read.
  Arguments ImportCommand(const std::string& file, const Arguments& more = {}) const;
  Imported Import(const std::string& file, const Arguments& more = {}) const;
  static Imported Read(const Result& result);

  veillectl::Connection Registry(const std::string& role = "coordinator") const;
  registry::v1::CohortCounts Preview() const;
  // All of the landlord, those that left too.
  std::vector<registry::v1::Household> Households() const;
  registry::v1::Household HouseholdOf(const std::string& client_reference) const;

  // Everything that register-truth.json says of the rows, and of the cohort drawn from them.
  void ExpectTruth(const Imported& imported) const;
  void ExpectCohortTruth() const;
  // The file of refused rows has every refused row with its reason: as the truth says, or as an
  // import of less told.
  static void ExpectRefusedFile(const std::string& path);
  static void ExpectRefusedFile(const std::string& path, const Imported& imported);

  // What the database of the registry says.
  static std::string Value(const std::string& sql);

  static std::unique_ptr<Programme> programme_;
  TestFolder folder_;
  std::string landlord_;
};

}  // namespace veille::e2e
