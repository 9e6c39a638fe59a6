#pragma once

// The two services that call-tracking calls, in the test's process.

#include <grpcpp/server.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "veille/common/v1/errors.pb.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::call_tracking {

namespace common_pb = ::veille::common::v1;
namespace registry_pb = ::veille::registry::v1;
namespace referral_pb = ::veille::referral::v1;

// A household of the register: one subject, one phone, unless a test says otherwise.
struct RegisteredHousehold {
  std::string id;
  std::vector<std::string> subjects;
  std::vector<std::string> phone_hashes;  // 32 bytes each
  std::string family_name = "Durand";     // of every subject
  std::string given_name;
  std::vector<std::string> address_lines = {"1 rue des Lilas"};
  std::string commune_code = "31555";
  std::string time_zone = "Europe/Paris";
  int64_t version = 1;
  std::optional<registry_pb::LeftOutReason> left_out;
  bool objection = false;   // since it was drawn
  bool calls_only = false;  // that objection is to calls only
};

// The registry, with the households that the test gives it. Thread-safe.
class FakeRegistry final : public registry_pb::RegistryService::Service {
 public:
  FakeRegistry();
  ~FakeRegistry() override;
  const std::string& address() const { return address_; }

  // Adds one with fresh ids, and gives it.
  RegisteredHousehold Add();
  RegisteredHousehold AddLeftOut(registry_pb::LeftOutReason reason);
  void Add(const RegisteredHousehold& household);

  void SetPageSize(int size);
  // The next drawings break off after so many pages; negative: never again.
  void CutAfter(int pages);
  // Answers no contact sheet from now on.
  void Fail(bool fail);
  // The next request for contact sheets waits until it is let fail; `holding` says that it waits.
  void HoldNext();
  bool holding() const;
  void LetHeldFail();
  // The register has this household no more.
  void Remove(const std::string& household_id);

  int drawings() const;
  std::vector<registry_pb::ReportPhoneRequest> reports() const;
  std::vector<registry_pb::RecordObjectionRequest> objections() const;
  std::vector<registry_pb::ContactSheetQuery> queries() const;
  std::vector<std::string> landlords() const;  // of each call, as metadata says it

  grpc::Status SelectCohort(grpc::ServerContext* context,
                            const registry_pb::SelectCohortRequest* request,
                            grpc::ServerWriter<registry_pb::SelectCohortResponse>* writer) override;
  grpc::Status BatchGetContactSheets(grpc::ServerContext* context,
                                     const registry_pb::BatchGetContactSheetsRequest* request,
                                     registry_pb::BatchGetContactSheetsResponse* response) override;
  grpc::Status ReportPhone(grpc::ServerContext* context,
                           const registry_pb::ReportPhoneRequest* request,
                           registry_pb::ReportPhoneResponse* response) override;
  grpc::Status RecordObjection(grpc::ServerContext* context,
                               const registry_pb::RecordObjectionRequest* request,
                               registry_pb::RecordObjectionResponse* response) override;

 private:
  std::vector<registry_pb::SelectCohortResponse> PagesAfter(const std::string& id) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoteLandlord(const grpc::ServerContext& context);

  mutable absl::Mutex mutex_;
  std::vector<RegisteredHousehold> households_ ABSL_GUARDED_BY(mutex_);
  int page_size_ ABSL_GUARDED_BY(mutex_) = 500;
  int cut_after_ ABSL_GUARDED_BY(mutex_) = -1;
  bool fail_ ABSL_GUARDED_BY(mutex_) = false;
  bool hold_next_ ABSL_GUARDED_BY(mutex_) = false;
  bool holding_ ABSL_GUARDED_BY(mutex_) = false;
  bool let_fail_ ABSL_GUARDED_BY(mutex_) = false;
  int drawings_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<registry_pb::ReportPhoneRequest> reports_ ABSL_GUARDED_BY(mutex_);
  std::vector<registry_pb::RecordObjectionRequest> objections_ ABSL_GUARDED_BY(mutex_);
  std::vector<registry_pb::ContactSheetQuery> queries_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> landlords_ ABSL_GUARDED_BY(mutex_);
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

// The referral service: takes each need once.
class FakeReferral final : public referral_pb::ReferralService::Service {
 public:
  FakeReferral();
  ~FakeReferral() override;
  const std::string& address() const { return address_; }
  // Every need is answered with this referral from now on, as one that exists; at version 5 and
  // with nobody where it has ended.
  void AnswerExisting(const std::string& referral_id,
                      common_pb::ReferralState state = common_pb::REFERRAL_STATE_REQUESTED);
  // Refuses every need so from now on; OK: no more.
  void Refuse(const grpc::Status& status);
  std::vector<referral_pb::CreateReferralRequest> requests() const;
  std::vector<referral_pb::RecordHouseholdObjectionRequest> objections() const;

  grpc::Status CreateReferral(grpc::ServerContext* context,
                              const referral_pb::CreateReferralRequest* request,
                              referral_pb::CreateReferralResponse* response) override;
  grpc::Status RecordHouseholdObjection(
      grpc::ServerContext* context, const referral_pb::RecordHouseholdObjectionRequest* request,
      referral_pb::RecordHouseholdObjectionResponse* response) override;

 private:
  mutable absl::Mutex mutex_;
  std::vector<referral_pb::RecordHouseholdObjectionRequest> objections_ ABSL_GUARDED_BY(mutex_);
  std::string existing_ ABSL_GUARDED_BY(mutex_);
  common_pb::ReferralState state_ ABSL_GUARDED_BY(mutex_) = common_pb::REFERRAL_STATE_REQUESTED;
  grpc::Status refusal_ ABSL_GUARDED_BY(mutex_);
  std::vector<referral_pb::CreateReferralRequest> requests_ ABSL_GUARDED_BY(mutex_);
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace veille::call_tracking
