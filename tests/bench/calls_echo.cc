// What gRPC alone costs: answers LeaseNextCall and RecordCall at once, with messages of the shape
// that the service answers and nothing behind them. Listens where it is told, prints "SERVING
// address", ends with SIGTERM.
//
//   calls_echo ADDRESS

#include <grpcpp/support/server_callback.h>

#include "absl/time/clock.h"
#include "bench/serve_one.h"
#include "common/rpc/fields.h"
#include "veille/calls/v1/call_service.grpc.pb.h"

namespace veille::bench {
namespace {

namespace pb = ::veille::calls::v1;

constexpr char kSomeId[] = "01890000-0000-7000-8000-00000000000d";

// As of a household that prepare_calls.sql makes, with the sheet of the stub registry.
void FillCallSheet(const std::string& campaign, pb::CallSheet& sheet) {
  auto& lease = *sheet.mutable_lease();
  lease.set_lease_id(kSomeId);
  lease.set_campaign_id(campaign);
  lease.set_household_id(kSomeId);
  lease.set_fence(1);
  *lease.mutable_expire_time() = rpc::ToProto(absl::Now());
  lease.set_attempt_number(1);
  lease.set_phone_position(1);
  auto& contact = *sheet.mutable_contact();
  auto& tenant = *contact.add_tenants();
  tenant.set_tenant_id(kSomeId);
  tenant.set_family_name("Exemple");
  tenant.set_age(80);
  tenant.set_subject(true);
  auto& phone = *contact.add_phones();
  phone.set_e164("+33199000000");
  phone.set_position(1);
  contact.add_address_lines("1 rue des Lilas");
  contact.set_commune_code("31555");
  contact.set_commune_name("Toulouse");
  contact.set_time_zone("Europe/Paris");
  sheet.set_script_id(kSomeId);
  sheet.set_script_version(1);
}

class Echo final : public pb::CallService::CallbackService {
 public:
  grpc::ServerUnaryReactor* LeaseNextCall(grpc::CallbackServerContext* context,
                                          const pb::LeaseNextCallRequest* request,
                                          pb::LeaseNextCallResponse* response) override {
    FillCallSheet(request->campaign_id(), *response->mutable_call_sheet());
    return Finish(context);
  }
  grpc::ServerUnaryReactor* RecordCall(grpc::CallbackServerContext* context,
                                       const pb::RecordCallRequest*,
                                       pb::RecordCallResponse* response) override {
    response->set_attempt_id(kSomeId);
    response->set_household_state(pb::HOUSEHOLD_STATE_DONE);
    return Finish(context);
  }

 private:
  static grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context) {
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace
}  // namespace veille::bench

int main(int argc, char** argv) {
  using namespace veille::bench;
  Echo service;
  return ServeOne("calls-echo", argc > 1 ? argv[1] : "127.0.0.1:0", service,
                  pb::CallService::service_full_name());
}
