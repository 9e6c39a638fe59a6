#include "referral/convert/partner_test.h"

#include "common/status/macros.h"
#include "referral/convert/fields.h"

namespace veille::referral {

absl::StatusOr<PartnerOrder> FromProto(const pb::TestPartnerRequest& request) {
  Violations violations;
  const PartnerOrder order{
      .request = ReadRequestId(request.request_id(), violations),
      .partner = ReadId<ids::PartnerId>("partner_id", request.partner_id(), violations),
      .etag = ""};
  RETURN_IF_ERROR(violations.ToStatus());
  return order;
}

pb::PartnerTest ToProto(const PartnerTest& test) {
  pb::PartnerTest proto;
  proto.set_test_id(test.id.ToString());
  proto.set_delivery_id(test.delivery.ToString());
  proto.set_stage(static_cast<pb::PartnerTestStage>(StageOf(test)));
  proto.set_problem(static_cast<pb::PartnerTestProblem>(ProblemOf(test)));
  proto.set_answer(test.answer);
  proto.set_tries(test.tries);
  proto.set_over(test.over);
  *proto.mutable_create_time() = ToProto(test.create_time);
  *proto.mutable_expire_time() = ToProto(test.expire_time);
  if (test.receive_time.has_value()) *proto.mutable_receive_time() = ToProto(*test.receive_time);
  if (test.fetch_time.has_value()) *proto.mutable_fetch_time() = ToProto(*test.fetch_time);
  if (test.accept_time.has_value()) *proto.mutable_accept_time() = ToProto(*test.accept_time);
  return proto;
}

}  // namespace veille::referral
