// The rules that every contract under proto/veille keeps: each method says who may call it, each
// field that could hold personal data says how personal it is, each mutation carries a request id.
//
// The .proto files are read as they stand, so a file that nobody links yet is judged too.

#include <gmock/gmock.h>
#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "veille/common/v1/access.pb.h"
#include "veille/common/v1/privacy.pb.h"

namespace veille {
namespace {

namespace protobuf = ::google::protobuf;
namespace pb = ::veille::common::v1;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Methods that change nothing. What is not among them is a mutation, new verbs included.
constexpr absl::string_view kReads[] = {"Get",     "List",  "BatchGet", "Select", "Preview",
                                        "Explain", "Watch", "Search",   "Find",   "Check",
                                        "Test",    "Plan",  "Export",   "Verify"};

bool IsMutation(const protobuf::MethodDescriptor& method) {
  // These carry keys of their own: a file's hash and each row's key; an assignment's fence.
  if (method.name() == "ImportHouseholds" || method.name() == "DeliverReferral") return false;
  return std::none_of(std::begin(kReads), std::end(kReads), [&](absl::string_view verb) {
    return absl::StartsWith(method.name(), verb) && method.name().size() > verb.size() &&
           absl::ascii_isupper(method.name()[verb.size()]);
  });
}

void CheckField(const protobuf::FieldDescriptor& field, std::vector<std::string>& faults) {
  using Type = protobuf::FieldDescriptor::CppType;
  if (field.cpp_type() != Type::CPPTYPE_STRING && field.cpp_type() != Type::CPPTYPE_MESSAGE) return;
  if (field.options().GetExtension(pb::privacy) == pb::PRIVACY_UNSPECIFIED) {
    faults.push_back(absl::StrCat(field.full_name(), ": no (veille.common.v1.privacy)"));
  }
}

void CheckMessage(const protobuf::Descriptor& message, std::vector<std::string>& faults) {
  if (message.options().map_entry()) return;  // the map's own field is classed
  for (int i = 0; i < message.field_count(); ++i) CheckField(*message.field(i), faults);
  for (int i = 0; i < message.nested_type_count(); ++i) {
    CheckMessage(*message.nested_type(i), faults);
  }
}

void CheckMethod(const protobuf::MethodDescriptor& method, std::vector<std::string>& faults) {
  const auto fault = [&](absl::string_view what) {
    faults.push_back(absl::StrCat(method.full_name(), ": ", what));
  };
  if (!method.options().HasExtension(pb::access)) {
    fault("no (veille.common.v1.access)");
  } else {
    const pb::Access& access = method.options().GetExtension(pb::access);
    const auto names = [&](pb::Role role) {
      return std::find(access.roles().begin(), access.roles().end(), role) != access.roles().end();
    };
    if (access.roles().empty()) fault("access without roles");
    if (names(pb::ROLE_UNSPECIFIED)) fault("access names ROLE_UNSPECIFIED");
    if (access.relation() == pb::RELATION_UNSPECIFIED) fault("access without a relation");
    if (names(pb::ROLE_SERVICE) != !access.services().empty()) {
      fault("services are named if and only if ROLE_SERVICE may call");
    }
  }
  const protobuf::FieldDescriptor* id = method.input_type()->FindFieldByName("request_id");
  if (IsMutation(method) &&
      (id == nullptr || id->type() != protobuf::FieldDescriptor::TYPE_STRING)) {
    fault("a mutation without `string request_id`");
  }
}

std::vector<std::string> Faults(const protobuf::FileDescriptor& file) {
  std::vector<std::string> faults;
  for (int i = 0; i < file.message_type_count(); ++i) CheckMessage(*file.message_type(i), faults);
  for (int i = 0; i < file.service_count(); ++i) {
    for (int j = 0; j < file.service(i)->method_count(); ++j) {
      CheckMethod(*file.service(i)->method(j), faults);
    }
  }
  return faults;
}

// The contracts on disk, and one planted file over them.
class Contracts : public protobuf::compiler::SourceTree,
                  public protobuf::compiler::MultiFileErrorCollector {
 public:
  Contracts() : importer_(this, this) {
    disk_.MapPath("", VEILLE_PROTO_DIR);
    disk_.MapPath("", VEILLE_PROTOBUF_INCLUDE_DIR);
  }

  protobuf::io::ZeroCopyInputStream* Open(const std::string& file) override {
    if (file != "planted.proto") return disk_.Open(file);
    return new protobuf::io::ArrayInputStream(planted_.data(), static_cast<int>(planted_.size()));
  }
  void AddError(const std::string& file, int line, int, const std::string& message) override {
    ADD_FAILURE() << file << ":" << line + 1 << ": " << message;
  }

  const protobuf::FileDescriptor* Import(const std::string& file) { return importer_.Import(file); }

  std::vector<std::string> FaultsOfPlanted(absl::string_view body) {
    planted_ = absl::StrCat(R"(syntax = "proto3";
        package planted;
        import "google/protobuf/timestamp.proto";
        import "veille/common/v1/access.proto";
        import "veille/common/v1/privacy.proto";
        )",
                            body);
    const protobuf::FileDescriptor* file = Import("planted.proto");
    return file == nullptr ? std::vector<std::string>() : Faults(*file);
  }

 private:
  protobuf::compiler::DiskSourceTree disk_;
  protobuf::compiler::Importer importer_;
  std::string planted_;
};

TEST(ContractTest, EveryContractKeepsTheRules) {
  Contracts contracts;
  int files = 0;
  std::vector<std::string> faults;
  const std::filesystem::path top = VEILLE_PROTO_DIR;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(top / "veille")) {
    if (entry.path().extension() != ".proto") continue;
    const std::string name = std::filesystem::relative(entry.path(), top).generic_string();
    const protobuf::FileDescriptor* file = contracts.Import(name);
    ASSERT_NE(file, nullptr) << name;
    ++files;
    for (const std::string& fault : Faults(*file))
      faults.push_back(absl::StrCat(name, ": ", fault));
  }
  EXPECT_GT(files, 10);
  EXPECT_THAT(faults, IsEmpty()) << absl::StrJoin(faults, "\n");
}

constexpr absl::string_view kClassed = R"(
    message GetThingRequest {
      string id = 1 [(veille.common.v1.privacy) = PRIVACY_PSEUDONYM];
      int32 page_size = 2;
      map<string, string> notes = 3 [(veille.common.v1.privacy) = PRIVACY_FREE_TEXT];
    }
    message GetThingResponse {})";

constexpr absl::string_view kAccess = R"( { option (veille.common.v1.access) = {
    roles: [ROLE_VOLUNTEER] relation: RELATION_ANY_IN_LANDLORD }; })";

TEST(ContractTest, AClassedFieldIsAccepted) {
  EXPECT_THAT(Contracts().FaultsOfPlanted(kClassed), IsEmpty());
}

TEST(ContractTest, AnUnclassifiedFieldIsReported) {
  for (const absl::string_view type :
       {"string", "bytes", "repeated string", "google.protobuf.Timestamp", "map<string, int32>"}) {
    EXPECT_THAT(
        Contracts().FaultsOfPlanted(absl::StrCat("message Person { ", type, " name = 1; }")),
        Contains(HasSubstr("planted.Person.name: no")))
        << type;
  }
}

TEST(ContractTest, AFieldClassedUnspecifiedIsReported) {
  EXPECT_THAT(Contracts().FaultsOfPlanted(R"(message Person {
                string name = 1 [(veille.common.v1.privacy) = PRIVACY_UNSPECIFIED]; })"),
              Contains(HasSubstr("planted.Person.name: no")));
}

TEST(ContractTest, AFieldOfANestedMessageIsReported) {
  EXPECT_THAT(Contracts().FaultsOfPlanted("message A { message B { oneof c { string d = 1; } } }"),
              Contains(HasSubstr("planted.A.B.d: no")));
}

TEST(ContractTest, AMethodWithAccessIsAccepted) {
  EXPECT_THAT(Contracts().FaultsOfPlanted(absl::StrCat(
                  kClassed, "service S { rpc GetThing(GetThingRequest) returns (GetThingResponse)",
                  kAccess, "}")),
              IsEmpty());
}

TEST(ContractTest, AMethodWithoutAccessIsReported) {
  EXPECT_THAT(
      Contracts().FaultsOfPlanted(absl::StrCat(
          kClassed, "service S { rpc GetThing(GetThingRequest) returns (GetThingResponse); }")),
      Contains(HasSubstr("planted.S.GetThing: no (veille.common.v1.access)")));
}

TEST(ContractTest, AnEmptyAccessIsReported) {
  EXPECT_THAT(Contracts().FaultsOfPlanted(absl::StrCat(
                  kClassed, R"(service S { rpc GetThing(GetThingRequest) returns (GetThingResponse)
                    { option (veille.common.v1.access) = {}; } })")),
              SizeIs(2));
}

TEST(ContractTest, AServiceRoleWithoutServicesIsReported) {
  EXPECT_THAT(Contracts().FaultsOfPlanted(absl::StrCat(
                  kClassed, R"(service S { rpc GetThing(GetThingRequest) returns (GetThingResponse)
                    { option (veille.common.v1.access) = {
                        roles: [ROLE_SERVICE] relation: RELATION_ANY_IN_LANDLORD }; } })")),
              Contains(HasSubstr("if and only if ROLE_SERVICE")));
}

TEST(ContractTest, AMutationWithoutRequestIdIsReported) {
  for (const absl::string_view verb : {"Create", "Lease", "Record", "Getaway", "Frobnicate"}) {
    EXPECT_THAT(Contracts().FaultsOfPlanted(
                    absl::StrCat(kClassed, "service S { rpc ", verb,
                                 "(GetThingRequest) returns (GetThingResponse)", kAccess, "}")),
                Contains(HasSubstr("without `string request_id`")))
        << verb;
  }
}

}  // namespace
}  // namespace veille
