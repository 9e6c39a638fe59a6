#include "e2e/register_sample.h"

#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "e2e/programme.h"
#include "testing/subprocess.h"
#include "veillectl/register/byte_source.h"
#include "veillectl/register/csv_reader.h"
#include "veillectl/register/refused_rows.h"

namespace veille::e2e {
namespace {

namespace fs = std::filesystem;
using veillectl::Encoding;

struct VariantColumn {
  const char* name;
  const char* field;
  const char* from;  // the sample's column
};

constexpr VariantColumn kVariant[] = {
    {"Nom de famille", "family_name", "NOM"},
    {"Prénom", "given_name", "PRENOM"},
    {"Né(e) le", "birth_date", "DATE_NAISSANCE"},
    {"Observations", "ignore", ""},
    {"Code logement", "dwelling_number", "NUM_LOGEMENT"},
    {"Résidence", "residence", "RESIDENCE"},
    {"Bât.", "building", "BATIMENT"},
    {"Esc.", "staircase", "ESCALIER"},
    {"Niveau", "floor", "ETAGE"},
    {"Porte", "door", "PORTE"},
    {"Voie", "street_address", "ADRESSE"},
    {"CP", "postal_code", "CODE_POSTAL"},
    {"Ville", "commune_name", "COMMUNE"},
    {"INSEE", "commune_code", "CODE_INSEE"},
    {"Client", "client_reference", "REF_CLIENT"},
    {"Titre", "title", "CIVILITE"},
    {"Téléphone 1", "phones", "TEL_FIXE"},
    {"Téléphone 2", "phones", "TEL_MOBILE"},
    {"Courriel", "email", "EMAIL"},
    {"Qualité", "relation", "LIEN"},
    {"Entrée", "move_in_date", "DATE_ENTREE"},
    {"Refus d'appel", "objection", "OPPOSITION"},
    {"Contact", "key_contact_name", "PERSONNE_A_PREVENIR"},
    {"Tél. contact", "key_contact_phone", "TEL_PREVENIR"},
};

// 14/05/1969 → 1969-05-14; what is no date stays.
std::string IsoDate(const std::string& text) {
  if (text.size() < 10 || text[2] != '/' || text[5] != '/') return text;
  return text.substr(6, 4) + "-" + text.substr(3, 2) + "-" + text.substr(0, 2) + text.substr(10);
}

std::string VariantCell(const VariantColumn& column, const std::string& cell) {
  const std::string field = column.field;
  if (field == "birth_date" || field == "move_in_date") return IsoDate(cell);
  if (field == "objection") return cell == "O" ? "true" : cell == "N" ? "false" : cell;
  if (field == "relation") return cell == "Titulaire" ? "T" : cell;
  return cell;
}

std::string Lines(const RegisterCells& cells, char separator, const std::string& end) {
  std::string text;
  for (const std::vector<std::string>& row : cells) {
    std::vector<std::string> quoted;
    for (const std::string& cell : row) quoted.push_back(veillectl::Quoted(cell, separator));
    text += absl::StrJoin(quoted, std::string(1, separator)) + end;
  }
  return text;
}

std::string ToWindows1252(const std::string& utf8) {
  veillectl::Transcoder transcoder(Encoding::kWindows1252);
  std::map<std::string, char> bytes;
  for (int byte = 0x80; byte < 0x100; ++byte) {
    std::string character;
    transcoder.Append(std::string(1, static_cast<char>(byte)), true, character);
    bytes[character] = static_cast<char>(byte);
  }
  std::string text;
  for (size_t i = 0; i < utf8.size();) {
    const auto first = static_cast<unsigned char>(utf8[i]);
    const size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    text += size == 1 ? utf8[i] : bytes.at(utf8.substr(i, size));
    i += size;
  }
  return text;
}

RegisterCells Parse(const std::string& text) {
  const auto source = veillectl::SourceOf(text);
  const auto survey = veillectl::SurveyFile(*source);
  veillectl::CsvReader csv(
      std::make_unique<veillectl::LineReader>(*source, survey.value(), survey->encoding),
      survey->encoding, ';');
  RegisterCells cells;
  while (csv.Next().value()) {
    cells.emplace_back();
    for (size_t i = 0; i < csv.size(); ++i) cells.back().push_back(csv.cell(i));
  }
  return cells;
}

}  // namespace

const nlohmann::json& RegisterTruth() {
  static const auto truth =
      nlohmann::json::parse(TestFolder::Read(VEILLE_TEST_DATA_DIR "/register-truth.json"));
  return truth;
}

const std::string& SampleRegister() {
  static const std::string text = [] {
    testing::Subprocess gunzip({"/bin/gunzip", "-c", SamplePath("register.csv.gz")});
    return gunzip.ReadAll();
  }();
  return text;
}

const RegisterCells& SampleCells() {
  static const RegisterCells cells = Parse(SampleRegister());
  return cells;
}

size_t ColumnOf(const RegisterCells& cells, const std::string& name) {
  const auto found = std::find(cells[0].begin(), cells[0].end(), name);
  if (found == cells[0].end()) throw std::runtime_error("the sample has no column " + name);
  return static_cast<size_t>(found - cells[0].begin());
}

std::string AsSample(const RegisterCells& cells) {
  return ToWindows1252(Lines(cells, ';', "\r\n"));
}

std::string AsVariant(const RegisterCells& cells) {
  RegisterCells variant(cells.size());
  for (const VariantColumn& column : kVariant) {
    variant[0].emplace_back(column.name);
    for (size_t row = 1; row < cells.size(); ++row) {
      const std::string from = column.from;
      variant[row].push_back(from.empty() ? "rappeler, \"le soir\""
                                          : VariantCell(column, cells[row][ColumnOf(cells, from)]));
    }
  }
  return Lines(variant, ',', "\n");
}

std::string VariantMapping() {
  nlohmann::json mapping;
  for (const VariantColumn& column : kVariant) mapping["columns"][column.name] = column.field;
  mapping["date_format"] = "yyyy-mm-dd";
  mapping["objection"] = {{"yes", "true"}, {"no", {"false", ""}}};
  mapping["relation"] = {{"T", "Titulaire"}};
  return mapping.dump(2);
}

TestFolder::TestFolder() {
  std::string pattern = (fs::temp_directory_path() / "veille-import.XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string TestFolder::Write(const std::string& name, const std::string& content) const {
  std::ofstream(path_ / name, std::ios::binary) << content;
  return Path(name);
}

std::string TestFolder::Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> TestFolder::Names() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path_)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace veille::e2e
