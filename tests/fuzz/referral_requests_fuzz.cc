// Any bytes as a request to the referral service, by a landlord's people and one of its partners.

#include "fuzz/fuzz_target.h"
#include "fuzz/requests.h"
#include "integration/referral_fixture.h"
#include "referral/referral_server.h"

namespace {

using namespace veille;  // NOLINT: the service is the subject

class Subject final : public referral::ReferralFixture {
 public:
  Subject() {
    log::Start("fuzz", log::Level::kError);
    const std::string partner = Register("CCAS");
    const std::string other = Register("Mairie");
    const std::string referral = CreateOne();
    const std::string tenant = Read(referral).tenant_id();
    CreateOne([](auto& request) { request.set_urgency(common::v1::URGENCY_EMERGENCY); });
    const std::string item = Worklist().front().worklist_item_id();
    requests_ = std::make_unique<fuzz::Requests>(
        address(), referral::ServiceNames(),
        fuzz::Requests::Known{
            landlord_, "somebody", partner, {campaign_, partner, other, referral, item, tenant}});
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
