// Any bytes as a request to the registry, or as one message of an import, by a landlord's people.

#include "fuzz/fuzz_target.h"
#include "fuzz/requests.h"
#include "integration/tenant_registry_fixture.h"
#include "tenant_registry/registry_service.h"

namespace {

using namespace veille;  // NOLINT: the service is the subject

class Subject final : public tenant_registry::RegistryTest {
 public:
  Subject() {
    log::Start("fuzz", log::Level::kError);
    using tenant_registry::Person;
    Import(stub(), Coordinator(), tenant_registry::ImportStream::Header(),
           {Person("31000101", "L1", "Dupré", "Éliane", "03/02/1938", "06 39 98 41 02"),
            Person("31000102", "L2", "Fabre", "Odette", "28/06/1944")});
    const auto household = Find("L1");
    requests_ = std::make_unique<fuzz::Requests>(
        address(), std::vector<std::string>{tenant_registry::RegistryService::kFullName},
        fuzz::Requests::Known{landlord_,
                              "somebody",
                              "",
                              {household.household_id(), household.tenants(0).tenant_id()}});
  }
  void TestBody() override {}

  const fuzz::Requests& requests() const { return *requests_; }

 private:
  std::unique_ptr<fuzz::Requests> requests_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Subject subject;
  subject.requests().Try(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
