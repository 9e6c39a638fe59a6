#include "e2e/prying.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids/uuid.h"
#include "veille/calls/v1/call_service.pb.h"

namespace veille::e2e {
namespace {

using google::protobuf::MethodDescriptor;
using veillectl::Identity;

// The methods by their names: each has one in all services.
struct Served {
  Service service;
  const MethodDescriptor* method;
};
const std::map<std::string, Served>& ServedMethods() {
  static const auto* methods = [] {
    auto* all = new std::map<std::string, Served>();
    for (const Contract& contract : Contracts()) {
      for (int i = 0; i < contract.descriptor->method_count(); ++i) {
        const MethodDescriptor* method = contract.descriptor->method(i);
        all->try_emplace(method->name(), Served{contract.service, method});
      }
    }
    return all;
  }();
  return *methods;
}

constexpr const char* kLeaseMethods[] = {"GetCallSheet", "GetCallSheet", "RenewLease",
                                         "ReleaseLease", "RecordCall"};
constexpr const char* kCaseActs[] = {"AcceptReferral", "DeclineReferral", "StartReferral",
                                     "CloseReferral"};
constexpr const char* kCaseMethods[] = {"GetMyReferral",   "GetMyReferral", "AcceptReferral",
                                        "DeclineReferral", "StartReferral", "CloseReferral"};

Fields Of(const std::string& campaign, const Landlord::Lease& lease) {
  return {{"campaign_id", campaign},
          {"lease_id", lease.id},
          {"fence", lease.fence},
          {"disposition", absl::StrCat(calls::v1::DISPOSITION_NO_ANSWER)}};
}
Fields Of(const Landlord::Case& seen) {
  return {{"referral_id", seen.referral},
          {"assignment_fence", seen.fence},
          {"reason", "1"},
          {"outcome", "1"}};
}
Look Named(Look look, const std::string& how) {
  look.kind = absl::StrCat(look.method, " as ", look.caller.role, how);
  return look;
}

}  // namespace

CallToMake ToCall(const Look& look) {
  const Served& served = ServedMethods().at(look.method);
  return {served.service, served.method, look.caller, RequestWith(*served.method, look.fields)};
}

CallToMake AtWhatIsNotThere(const Look& look) {
  Look other = look;
  for (const std::string& field : look.foreign) {
    other.fields[field] = ids::Uuid::Random().ToString();
  }
  return ToCall(other);
}

Look Prying::Next() {
  const size_t at = dice_.Below(2);
  here_ = &landlords_[at];
  there_ = &landlords_[1 - at];
  using Draw = Look (Prying::*)();
  constexpr Draw kinds[] = {&Prying::AtAnothersLease,      &Prying::AtAnothersLease,
                            &Prying::AtALeaseElsewhere,    &Prying::ByALeaseThatRanOut,
                            &Prying::AtARecordElsewhere,   &Prying::AtARecordElsewhere,
                            &Prying::AtACampaignElsewhere, &Prying::AtAHouseholdElsewhere,
                            &Prying::AtAnothersCase,       &Prying::AtACaseElsewhere,
                            &Prying::InAnothersName,       &Prying::AtACaseThatWasTakenAway};
  return (this->*dice_.One(kinds))();
}

Look Prying::AtAnothersLease() {
  const Landlord::Lease& lease = dice_.One(here_->leases);
  size_t pryer = dice_.Below(here_->volunteers.size());
  if (pryer == lease.holder) pryer = (pryer + 1) % here_->volunteers.size();
  return Named({.method = dice_.One(kLeaseMethods),
                .caller = here_->As("volunteer", here_->volunteers[pryer]),
                .fields = Of(here_->campaign, lease),
                .foreign = {"lease_id"}},
               ", a colleague's lease");
}

Look Prying::AtALeaseElsewhere() {
  return Named({.method = dice_.One(kLeaseMethods),
                .caller = here_->As("volunteer", dice_.One(here_->volunteers)),
                .fields = Of(there_->campaign, dice_.One(there_->leases)),
                .foreign = {"campaign_id", "lease_id"}},
               ", another landlord's lease");
}

Look Prying::ByALeaseThatRanOut() {
  std::vector<const Landlord::Lease*> expired;
  for (const auto& lease : here_->leases) {
    if (lease.expired) expired.push_back(&lease);
  }
  const Landlord::Lease& lease = *dice_.One(expired);
  return Named({.method = dice_.Below(2) == 0 ? "GetCallSheet" : "RenewLease",
                .caller = here_->As("volunteer", here_->volunteers[lease.holder]),
                .fields = Of(here_->campaign, lease),
                .foreign = {},
                .expected = grpc::StatusCode::FAILED_PRECONDITION,
                .reason = "LEASE_(EXPIRED|LOST)"},
               ", a lease that ran out");
}

Look Prying::AtARecordElsewhere() {
  struct Kind {
    const char* method;
    const char* field;
    const std::string& id;
  };
  const Kind kinds[] = {{"GetHousehold", "household_id", dice_.One(there_->households)},
                        {"GetReferral", "referral_id", dice_.One(there_->cases).referral},
                        {"GetDisclosureStatement", "tenant_id", dice_.One(there_->helped)},
                        {"GetPartner", "partner_id", dice_.One(there_->partners)}};
  const Kind& kind = dice_.One(kinds);
  const char* role = dice_.Below(2) == 0 ? "coordinator" : "dpo";
  return Named({.method = kind.method,
                .caller = here_->As(role, dice_.Anybody()),
                .fields = {{kind.field, kind.id}},
                .foreign = {kind.field}},
               ", another landlord's");
}

Look Prying::AtACampaignElsewhere() {
  struct Kind {
    const char* method;
    const char* role;
    const char* field;
    const std::string& id;
  };
  const Kind kinds[] = {{"GetCampaign", "volunteer", "campaign_id", there_->campaign},
                        {"GetCampaign", "coordinator", "campaign_id", there_->campaign},
                        {"GetCampaign", "dpo", "campaign_id", there_->campaign},
                        {"GetCampaignReport", "dpo", "campaign_id", there_->campaign},
                        {"GetScript", "volunteer", "script_id", there_->script},
                        {"GetScript", "coordinator", "script_id", there_->script}};
  const Kind& kind = dice_.One(kinds);
  return Named({.method = kind.method,
                .caller = here_->As(kind.role, dice_.Anybody()),
                .fields = {{kind.field, kind.id}},
                .foreign = {kind.field}},
               ", another landlord's");
}

Look Prying::AtAHouseholdElsewhere() {
  const bool own = dice_.Below(2) == 0;
  Look look{.method = "ExplainHousehold",
            .caller = here_->As("coordinator", dice_.Anybody()),
            .fields = {{"campaign_id", own ? here_->campaign : there_->campaign},
                       {"household_id", dice_.One(there_->leases).household}},
            .foreign = {"household_id"}};
  if (!own) look.foreign.push_back("campaign_id");
  return Named(look, own ? ", their own campaign" : ", another landlord's");
}

Look Prying::AtAnothersCase() {
  const Landlord::Case& seen = dice_.One(here_->cases);
  // The first partner had the one that was taken away.
  if (seen.referral == here_->superseded.referral) return AtACaseElsewhere();
  return Named({.method = dice_.One(kCaseMethods),
                .caller = here_->AsPartner(1 - seen.partner, dice_.Anybody()),
                .fields = Of(seen),
                .foreign = {"referral_id"}},
               ", another partner's");
}

Look Prying::AtACaseElsewhere() {
  return Named({.method = dice_.One(kCaseMethods),
                .caller = here_->AsPartner(dice_.Below(2), dice_.Anybody()),
                .fields = Of(dice_.One(there_->cases)),
                .foreign = {"referral_id"}},
               ", another landlord's");
}

Look Prying::InAnothersName() {
  const Landlord::Case& seen = dice_.One(there_->cases);
  Identity caller = here_->AsPartner(0, dice_.Anybody());
  caller.partner = there_->partners[seen.partner];
  return Named({.method = dice_.One(kCaseMethods),
                .caller = caller,
                .fields = Of(seen),
                .foreign = {"referral_id"}},
               ", that partner at another landlord");
}

Look Prying::AtACaseThatWasTakenAway() {
  return Named({.method = dice_.One(kCaseActs),
                .caller = here_->AsPartner(0, dice_.Anybody()),
                .fields = Of(here_->superseded),
                .foreign = {},
                .expected = grpc::StatusCode::FAILED_PRECONDITION,
                .reason = "ASSIGNMENT_SUPERSEDED"},
               ", taken away");
}

}  // namespace veille::e2e
