// Any bytes as a request to call-tracking, by people of a landlord whose campaign runs.

#include "call_tracking/call_tracking_server.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/requests.h"
#include "integration/call_tracking_fixture.h"

namespace {

using namespace veille;  // NOLINT: the service is the subject

class Subject final : public call_tracking::CallTrackingFixture {
 public:
  Subject() {
    log::Start("fuzz", log::Level::kError);
    for (int i = 0; i < 4; ++i) registry_.Add();
    const std::string campaign = RunCampaign();
    const std::string volunteer = Enrol("somebody");
    const auto sheet = MustLease(campaign, "somebody");
    const std::string script = Value("SELECT script_id FROM scripts");
    requests_ = std::make_unique<fuzz::Requests>(
        address(), call_tracking::ServiceNames(),
        fuzz::Requests::Known{landlord_,
                              "somebody",
                              "",
                              {campaign, sheet.lease().lease_id(), sheet.lease().household_id(),
                               sheet.contact().tenants(0).tenant_id(), script, volunteer}});
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
