// A registry that answers contact sheets without a database: what remains is call-tracking's own
// cost. Listens where it is told, prints "SERVING address", ends with SIGTERM. It answers for the
// households that the bench prepares: one tenant, whose id is the household's, and one phone, whose
// hash is the SHA-256 of that id.

#include <openssl/sha.h>

#include "bench/serve_one.h"
#include "common/ids/uuid.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::bench {
namespace {

namespace pb = ::veille::registry::v1;

std::string PhoneHash(const std::string& household) {
  const auto id = ids::Uuid::Parse(household).value_or(ids::Uuid());
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(id.bytes().data(), id.bytes().size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), sizeof digest);
}

class StubRegistry final : public pb::RegistryService::CallbackService {
 public:
  grpc::ServerUnaryReactor* BatchGetContactSheets(
      grpc::CallbackServerContext* context, const pb::BatchGetContactSheetsRequest* request,
      pb::BatchGetContactSheetsResponse* response) override {
    for (const auto& query : request->queries()) {
      auto* sheet = response->add_contact_sheets();
      sheet->set_household_id(query.household_id());
      sheet->set_version(1);
      sheet->add_address_lines("1 rue des Lilas");
      sheet->set_commune_code("31555");
      sheet->set_commune_name("Toulouse");
      sheet->set_time_zone("Europe/Paris");
      auto* tenant = sheet->add_tenants();
      tenant->set_tenant_id(query.household_id());
      tenant->set_family_name("Exemple");
      tenant->set_age(80);
      auto* phone = sheet->add_phones();
      phone->set_e164("+33199000000");
      phone->set_position(1);
      phone->set_phone_hash(PhoneHash(query.household_id()));
    }
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace
}  // namespace veille::bench

int main(int argc, char** argv) {
  using namespace veille::bench;
  StubRegistry service;
  return ServeOne("stub-registry", argc > 1 ? argv[1] : "127.0.0.1:0", service,
                  pb::RegistryService::service_full_name());
}
