#pragma once

// The sample register (deploy/samples/register.csv.gz), what is true of it, and files made from it.

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace veille::e2e {

// Cells in UTF-8, the names of the columns first.
using RegisterCells = std::vector<std::vector<std::string>>;

// tests/data/register-truth.json.
const nlohmann::json& RegisterTruth();

// The sample as it stands in its file, and its cells.
const std::string& SampleRegister();
const RegisterCells& SampleCells();
size_t ColumnOf(const RegisterCells& cells, const std::string& name);

// As the sample is written: Windows-1252, semicolons, CRLF.
std::string AsSample(const RegisterCells& cells);

// The same register from another program: UTF-8, commas, ISO dates, other names and another order
// of columns, one column more; and the mapping that says so.
std::string AsVariant(const RegisterCells& cells);
std::string VariantMapping();

// A folder of the test, removed with what is in it.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string Path(const std::string& name) const { return (path_ / name).string(); }
  std::string Write(const std::string& name, const std::string& content) const;  // its path
  static std::string Read(const std::string& path);
  std::vector<std::string> Names() const;

 private:
  std::filesystem::path path_;
};

}  // namespace veille::e2e
