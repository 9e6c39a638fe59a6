#include "referral/store/answer_store.h"

#include <algorithm>
#include <utility>

#include "common/status/macros.h"
#include "referral/store/sealed_values.h"

namespace veille::referral {
namespace {

using db::Query;
using AnswerId = ids::Id<struct AnswerTag>;

constexpr std::string_view kAnswersTable = "partner_answers";

constexpr Query kInsertAnswer{"partner_answers.insert", R"sql(
  INSERT INTO partner_answers (landlord_id, referral_id, fence, answer_id, answer, answered_by, note,
                               answered_time, recorded_by, recorded_time)
  VALUES ($1::uuid, $2::uuid, $3::bigint, $4::uuid, $5::smallint, $6::bytea, $7::bytea,
          $8::timestamptz, $9, $10::timestamptz)
)sql"};

constexpr Query kListAnswers{"partner_answers.list", R"sql(
  SELECT fence, answer_id, answer, answered_by, note, answered_time, recorded_by, recorded_time
  FROM partner_answers
  WHERE landlord_id = $1::uuid AND referral_id = $2::uuid
  ORDER BY fence, answer_id
)sql"};

absl::Status OpenSealed(const SealedRow& sealed, const db::Row& row, PartnerAnswer& answer) {
  ASSIGN_OR_RETURN(answer.answered_by,
                   sealed.Open("answered_by", row.Get<db::Bytes>("answered_by")));
  ASSIGN_OR_RETURN(answer.note, sealed.Open("note", row.Get<db::Bytes>("note")));
  return absl::OkStatus();
}

}  // namespace

void AnswerStore::Insert(ids::ReferralId referral, int64_t fence, ids::CampaignId campaign,
                         const PartnerAnswer& answer) {
  const auto id = AnswerId::Random();
  const SealedRow sealed(seal_, kAnswersTable, landlord_, campaign, id.uuid());
  const auto close = [&sealed](std::string_view column, const std::string& plain) {
    return plain.empty() ? db::Bytes() : sealed.Close(column, plain);
  };
  tx_.Queue(kInsertAnswer, landlord_, referral, fence, id, static_cast<int>(answer.kind),
            close("answered_by", answer.answered_by), close("note", answer.note),
            answer.answer_time, answer.recorded_by, answer.record_time);
}

void AnswerStore::ReadInto(Referral& referral) {
  for (const db::Row row : tx_.Run(kListAnswers, landlord_, referral.id)) {
    const auto fence = row.Get<int64_t>("fence");
    const auto about =
        std::find_if(referral.assignments.begin(), referral.assignments.end(),
                     [fence](const Assignment& assignment) { return assignment.fence == fence; });
    if (about == referral.assignments.end()) continue;
    PartnerAnswer answer;
    answer.kind = static_cast<PartnerAnswerKind>(row.Get<int>("answer"));
    answer.answer_time = row.Get<absl::Time>("answered_time");
    answer.recorded_by = row.Get<std::string>("recorded_by");
    answer.record_time = row.Get<absl::Time>("recorded_time");
    const SealedRow sealed(seal_, kAnswersTable, landlord_, referral.campaign,
                           row.Get<AnswerId>("answer_id").uuid());
    if (!OpenSealed(sealed, row, answer).ok()) {
      referral.unreadable = true;
      LogUnreadable(referral.id);
    }
    about->answers.push_back(std::move(answer));
  }
}

}  // namespace veille::referral
