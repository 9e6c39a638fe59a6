#include "referral/handlers/desk.h"

#include <algorithm>
#include <utility>

#include "common/db/request_ledger.h"
#include "common/status/macros.h"
#include "referral/assignment/partner_act.h"
#include "referral/convert/personal_items.h"
#include "referral/errors.h"
#include "referral/store/case_store.h"
#include "referral/store/disclosure_store.h"
#include "referral/store/page.h"
#include "referral/store/partner_test_store.h"
#include "referral/store/referral_audit.h"

namespace veille::referral::handlers {
namespace {

void AppendTestEvent(db::WriteTx& tx, const RequestContext& context) {
  privacy::AppendAuditEvent(tx, context.Audit("partner", context.partner().uuid(), "partner test"));
}

// The case that the partner may read: one of its own, or the invented one of its test.
absl::StatusOr<PartnerCase> OwnCase(db::WriteTx& tx, const RequestContext& context,
                                    ids::ReferralId id, bool is_fetched) {
  auto own = CaseStore(tx, context.seal(), context.landlord(), context.partner()).Get(id);
  if (!absl::IsNotFound(own.status())) {
    if (own.ok()) AppendReferralEvent(tx, context.Audit("referral", id.uuid(), kReferralPurpose));
    return own;
  }
  PartnerTestStore tests(tx, context.landlord());
  auto invented =
      is_fetched ? tests.Fetch(context.partner(), id) : tests.Read(context.partner(), id);
  if (!invented.has_value()) return own;
  AppendTestEvent(tx, context);
  return *std::move(invented);
}

// On the first page, before all others: its assignment is where that page begins, so that a token
// made of it goes on with the others.
void PutTestFirst(db::WriteTx& tx, const RequestContext& context, const CaseListing& listing,
                  std::vector<PartnerCase>& cases) {
  if (!listing.page.after.is_nil()) return;
  auto invented = PartnerTestStore(tx, context.landlord()).UnderWay(context.partner());
  if (!invented.has_value()) return;
  const auto& states = listing.states;
  const bool is_asked_for =
      states.empty() || std::find(states.begin(), states.end(), invented->state) != states.end();
  if (!is_asked_for) return;
  invented->assignment = AssignmentId(NewestFirstFrom({}));
  invented->words.clear();
  cases.insert(cases.begin(), *std::move(invented));
}

// Moves nothing but the test's own row.
absl::StatusOr<PartnerCase> ActOnTest(db::WriteTx& tx, const RequestContext& context,
                                      const DeskAct& act, ReferralState to) {
  ASSIGN_OR_RETURN(PartnerCase stands,
                   PartnerTestStore(tx, context.landlord())
                       .Act(context.partner(), act.referral, act.fence, to, act.outcome));
  AppendTestEvent(tx, context);
  return stands;
}

// One act of a partner with what follows from it, the update for call-tracking and the trace; and
// the case as the partner sees it afterwards.
absl::StatusOr<PartnerCase> CarryOut(db::WriteTx& tx, const RequestContext& context,
                                     const DeskAct& act, ReferralState to) {
  Assigner assigner(tx, context.seal(), context.landlord(), context.now());
  const auto own = assigner.assignments().FindOwn(context.partner(), act.referral, act.fence);
  if (!own.has_value()) return ActOnTest(tx, context, act, to);
  RETURN_IF_ERROR(Perform(assigner, *own,
                          {.referral = act.referral,
                           .fence = act.fence,
                           .to = to,
                           .reason = act.reason,
                           .outcome = act.outcome,
                           .note = act.note,
                           .actor = Actor::kPartner,
                           .said = context.now(),
                           .by = context.caller().subject}));
  RETURN_IF_ERROR(assigner.Publish(act.referral).status());
  AppendReferralEvent(tx, context.Audit("referral", act.referral.uuid(), kReferralPurpose));
  return CaseStore(tx, context.seal(), context.landlord(), context.partner()).Get(act.referral);
}

// What the partner is shown of these cases, with the record of what that tells. Made here and
// answered as it is, so that what is recorded is what is shown.
std::vector<partner_pb::PartnerCase> Show(db::WriteTx& tx, const RequestContext& context,
                                          DisclosureWay way,
                                          const std::vector<PartnerCase>& cases) {
  std::vector<partner_pb::PartnerCase> shown;
  std::vector<Telling> told;
  for (const PartnerCase& own : cases) {
    const partner_pb::PartnerCase& one = shown.emplace_back(ToProto(own));
    if (own.test) continue;  // it is about nobody
    told.push_back(TellingOf(context.landlord(), own, PersonalItemsOf(one)));
  }
  RecordDisclosures(tx, context.seal(), way, told, context.now());
  return shown;
}

absl::StatusOr<partner_pb::PartnerCase> ShowOne(db::WriteTx& tx, const RequestContext& context,
                                                absl::StatusOr<PartnerCase> own) {
  if (!own.ok()) return own.status();
  return Show(tx, context, DisclosureWay::kRead, {*std::move(own)}).front();
}

// The RPC of an act: each repetition of a request id answers the case as it stands.
template <typename Response, typename Request>
async::Task<absl::StatusOr<Response>> Act(RequestContext& context, const Request& request,
                                          ReferralState to) {
  CO_ASSIGN_OR_RETURN(const DeskAct act, FromProto(request));
  auto done =
      co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<partner_pb::PartnerCase> {
        ASSIGN_OR_RETURN(const auto taken,
                         db::TakeRequest(tx, context.landlord(), act.request, context.method(),
                                         act.referral.uuid(), /*same_object=*/true));
        return ShowOne(tx, context,
                       taken.repeated ? OwnCase(tx, context, act.referral, /*is_fetched=*/false)
                                      : CarryOut(tx, context, act, to));
      });
  CO_ASSIGN_OR_RETURN(partner_pb::PartnerCase stands, std::move(done));
  context.WakeLoops();
  Response response;
  *response.mutable_partner_case() = std::move(stands);
  co_return response;
}

}  // namespace

async::Task<absl::StatusOr<partner_pb::ListMyReferralsResponse>> ListMyReferrals(
    RequestContext& context, const partner_pb::ListMyReferralsRequest& request) {
  CO_ASSIGN_OR_RETURN(const CaseListing listing, FromProto(request));
  const ids::Uuid before = NewestFirstFrom(listing.page.after);
  auto listed = co_await context.db().Write(
      [&](db::WriteTx& tx) -> absl::StatusOr<partner_pb::ListMyReferralsResponse> {
        std::vector<PartnerCase> cases =
            CaseStore(tx, context.seal(), context.landlord(), context.partner())
                .List(listing.states, before, listing.page.size + 1);
        AppendListEvents(tx,
                         context.Audit("referral list", context.partner().uuid(), kReferralPurpose),
                         cases, &PartnerCase::id, listing.page.size);
        PutTestFirst(tx, context, listing, cases);
        partner_pb::ListMyReferralsResponse response;
        if (CutToPage(cases, listing.page.size)) {
          response.set_next_page_token(cases.back().assignment.ToString());
        }
        for (auto& shown : Show(tx, context, DisclosureWay::kList, cases)) {
          *response.add_cases() = std::move(shown);
        }
        return response;
      });
  co_return listed;
}

async::Task<absl::StatusOr<partner_pb::GetMyReferralResponse>> GetMyReferral(
    RequestContext& context, const partner_pb::GetMyReferralRequest& request) {
  CO_ASSIGN_OR_RETURN(const ids::ReferralId id, FromProto(request));
  auto found =
      co_await context.db().Write([&](db::WriteTx& tx) -> absl::StatusOr<partner_pb::PartnerCase> {
        return ShowOne(tx, context, OwnCase(tx, context, id, /*is_fetched=*/true));
      });
  CO_ASSIGN_OR_RETURN(partner_pb::PartnerCase own, std::move(found));
  partner_pb::GetMyReferralResponse response;
  *response.mutable_partner_case() = std::move(own);
  co_return response;
}

async::Task<absl::StatusOr<partner_pb::AcceptReferralResponse>> AcceptReferral(
    RequestContext& context, const partner_pb::AcceptReferralRequest& request) {
  return Act<partner_pb::AcceptReferralResponse>(context, request, ReferralState::kAccepted);
}

async::Task<absl::StatusOr<partner_pb::DeclineReferralResponse>> DeclineReferral(
    RequestContext& context, const partner_pb::DeclineReferralRequest& request) {
  return Act<partner_pb::DeclineReferralResponse>(context, request, ReferralState::kRejected);
}

async::Task<absl::StatusOr<partner_pb::StartReferralResponse>> StartReferral(
    RequestContext& context, const partner_pb::StartReferralRequest& request) {
  return Act<partner_pb::StartReferralResponse>(context, request, ReferralState::kInProgress);
}

async::Task<absl::StatusOr<partner_pb::CloseReferralResponse>> CloseReferral(
    RequestContext& context, const partner_pb::CloseReferralRequest& request) {
  return Act<partner_pb::CloseReferralResponse>(context, request, ReferralState::kCompleted);
}

}  // namespace veille::referral::handlers
