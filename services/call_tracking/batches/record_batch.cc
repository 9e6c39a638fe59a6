#include "call_tracking/batches/record_batch.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "call_tracking/convert/outgoing.h"
#include "call_tracking/domain/call_hours.h"
#include "call_tracking/domain/names.h"
#include "call_tracking/store/finding_store.h"
#include "call_tracking/store/record_store.h"
#include "call_tracking/store/verification_store.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

constexpr int kShards = 64;

// The place of the first subject in the request who is none of the household's; empty when all are.
std::string FindUnknownSubject(const CallRecord& call, const std::vector<ids::TenantId>& subjects) {
  const auto unknown = [&subjects](ids::TenantId tenant) {
    return std::find(subjects.begin(), subjects.end(), tenant) == subjects.end();
  };
  for (size_t i = 0; i < call.answers.size(); ++i) {
    if (unknown(call.answers[i].tenant)) return absl::StrCat("answers[", i, "].tenant_id");
  }
  for (size_t i = 0; i < call.agreements.size(); ++i) {
    if (unknown(call.agreements[i].tenant)) return absl::StrCat("agreements[", i, "].tenant_id");
  }
  for (size_t i = 0; i < call.raised.size(); ++i) {
    if (unknown(call.raised[i].tenant)) return absl::StrCat("raised_findings[", i, "].tenant_id");
  }
  return "";
}

// Whether nobody else holds the household, or has recorded a call of it since: the lease lives, or
// it ended without a record (ran out, was given back, was ended by an objection).
bool StillHis(const LockedLease& locked) {
  if (locked.state == "LIVE") return true;
  return locked.household.state != HouseholdState::kLeased &&
         locked.household.attempts + 1 == locked.lease.attempt_number;
}

bool IsAccepted(RecordVerdict verdict) {
  return verdict == RecordVerdict::kRecorded || verdict == RecordVerdict::kLate;
}

// What the calls of a batch say of outcomes, and the findings that this is about.
class SaidOfOutcomes {
 public:
  // Locks them: before their households.
  SaidOfOutcomes(db::WriteTx& tx, const std::vector<const RecordAsk*>& asks) : asks_(asks) {
    std::vector<SaidOfOutcome> said;
    std::vector<Place> places;
    for (size_t i = 0; i < asks.size(); ++i) {
      const CallRecord& call = asks[i]->call;
      for (size_t k = 0; k < call.verified.size(); ++k) {
        said.push_back({asks[i]->landlord, call.campaign, call.lease, call.verified[k].referral});
        places.emplace_back(i, k);
      }
    }
    for (const LockedOutcome& locked : LockOutcomes(tx, said)) {
      found_[places[locked.said]].push_back(locked.finding);
    }
  }

  // The place in the request of the first referral that is none of the household's to be verified.
  std::string FindUnknown(size_t ask) const {
    for (size_t k = 0; k < asks_[ask]->call.verified.size(); ++k) {
      if (found_.contains({ask, k})) continue;
      return absl::StrCat("verified_outcomes[", k, "].referral_id");
    }
    return "";
  }

  // Stores what the accepted calls say. What is left to ask in their households, which are locked,
  // is theirs from now on.
  void Store(db::WriteTx& tx, const privacy::Seal& seal, const std::vector<RecordAnswer>& answers,
             std::vector<LockedLease>& locked) const {
    std::vector<VerifiedFinding> verified;
    std::set<HouseholdKey> households;
    for (const auto& [place, findings] : found_) {
      const auto& [ask, k] = place;
      if (!IsAccepted(answers[ask].verdict)) continue;
      for (const ids::FindingId finding : findings) {
        verified.push_back({asks_[ask]->landlord, asks_[ask]->call.campaign, finding,
                            asks_[ask]->call.verified[k].came});
      }
      households.insert(KeyOf(ask, locked));
    }
    StoreVerifications(tx, seal, verified);
    const auto left = CountToVerify(tx, {households.begin(), households.end()});
    for (size_t i = 0; i < locked.size(); ++i) {
      const auto found = left.find(KeyOf(i, locked));
      const bool counts = found != left.end() && locked[i].household.to_verify > 0;
      if (counts) locked[i].household.to_verify = found->second;
    }
  }

 private:
  using Place = std::pair<size_t, size_t>;  // an ask, and which of what it says

  HouseholdKey KeyOf(size_t ask, const std::vector<LockedLease>& locked) const {
    return {asks_[ask]->landlord, locked[ask].lease.campaign, locked[ask].lease.household};
  }

  const std::vector<const RecordAsk*>& asks_;
  std::map<Place, std::vector<ids::FindingId>> found_;
};

// The most pressing of what a coordinator must decide about the answers.
DecisionReason Unhelped(const CallRecord& call) {
  DecisionReason reason = DecisionReason::kNone;
  for (const VerifiedOutcome& said : call.verified) {
    reason = MorePressing(reason, ReasonOf(said.came));
  }
  return reason;
}

RecordVerdict Judge(const RecordAsk& ask, const LockedLease& locked, std::string& unknown) {
  if (!locked.found) return RecordVerdict::kLeaseNotFound;
  if (locked.used.has_value()) {
    const bool same =
        locked.used->first == "RecordCall" && locked.used->second == locked.lease.id.uuid();
    return same ? RecordVerdict::kRepeated : RecordVerdict::kRequestReused;
  }
  if (locked.lease.fence != ask.call.fence) return RecordVerdict::kFenceMismatch;
  if (locked.state == "RECORDED") return RecordVerdict::kLeaseFinished;
  unknown = FindUnknownSubject(ask.call, locked.lease.subjects);
  if (!unknown.empty()) return RecordVerdict::kUnknownSubject;
  return StillHis(locked) ? RecordVerdict::kRecorded : RecordVerdict::kLate;
}

// Which phone was dialled; empty when it is one that the campaign does not know.
std::string Dialled(const CallRecord& call, const Lease& lease) {
  if (call.phone_position == 0) return lease.phone_hash;
  const size_t index = static_cast<size_t>(call.phone_position) - 1;
  return index < lease.phone_hashes.size() ? lease.phone_hashes[index] : "";
}

// How the attempt ended. What was found and agreed to is the ask's, or what became of it.
AttemptEnd EndOf(const RecordAsk& ask, const LockedLease& locked, const std::string& dialled,
                 const std::vector<Finding>& findings) {
  return {.disposition = ask.call.disposition,
          .phone_hash = dialled,
          .callback_time = ask.call.callback_time,
          .findings = &findings,
          .agreements = &ask.call.agreements,
          .volunteer = locked.volunteer,
          .volunteer_stands_in = locked.weekly_volunteer_left,
          .call_time = ask.call.dial_time.value_or(ask.now),
          .verified = static_cast<int>(ask.call.verified.size()),
          .unhelped = Unhelped(ask.call)};
}

// What a batch changes, gathered item by item.
class Changes {
 public:
  void Record(const RecordAsk& ask, const LockedLease& locked, RecordAnswer& answer) {
    const std::string dialled = Dialled(ask.call, locked.lease);
    answer.findings = ask.findings;
    KeepAgreedWeeklyCalls(answer.findings, ask.call.agreements, locked.household.progress);
    answer.household = Advance(locked.household, EndOf(ask, locked, dialled, answer.findings),
                               ask.campaign->campaign.draft, ZoneOf(locked.time_zone), ask.now);
    standings_[KeyOf(ask, locked)] = answer.household;
    records_.push_back({.landlord = ask.landlord,
                        .subject = ask.subject,
                        .locked = &locked,
                        .call = &ask.call,
                        .attempt = ask.attempt,
                        .phone_hash = dialled.empty() ? locked.lease.phone_hash : dialled,
                        .now = ask.now,
                        .household = answer.household,
                        .answers = &ask.answers});
    CountAttempt(ask);
    CountHousehold(ask, locked.household.progress, answer.household.progress);
    TellOfPhone(ask, locked, dialled);
    TellOfObjection(ask, locked);
    Find(ask, locked, answer.findings);
  }

  // The record is kept whole. What it found stands for the coordinator and, as far as its subject
  // agreed or its life is at stake, goes where it would have gone.
  void KeepLate(const RecordAsk& ask, const LockedLease& locked, RecordAnswer& answer) {
    late_.push_back({.landlord = ask.landlord,
                     .subject = ask.subject,
                     .locked = &locked,
                     .request = ask.call.request,
                     .attempt = ask.attempt,
                     .record = ask.request,
                     .now = ask.now});
    const std::string dialled = Dialled(ask.call, locked.lease);
    answer.findings = FoundLate(ask.findings);
    const HouseholdKey key = KeyOf(ask, locked);
    const auto stands = standings_.try_emplace(key, locked.household).first;
    stands->second =
        WithLateRecord(stands->second, EndOf(ask, locked, dialled, answer.findings),
                       ask.campaign->campaign.draft, ZoneOf(locked.time_zone), ask.now);
    answer.household = stands->second;
    late_standings_[key] = ask.now;
    CountAttempt(ask);
    Count(ask, "late_records", 1);
    TellOfPhone(ask, locked, dialled);
    TellOfObjection(ask, locked);
    Find(ask, locked, answer.findings);
  }

  void Store(db::WriteTx& tx, const privacy::Seal& seal) const {
    StoreRecords(tx, seal, records_);
    StoreAnswers(tx, seal, records_);
    StoreAgreements(tx, seal, records_);
    StoreLateRecords(tx, seal, late_);
    for (const auto& [key, now] : late_standings_) {
      StoreStanding(tx, seal, key, standings_.at(key), now);
    }
    StoreFindings(tx, seal, found_);
    AppendFacts(tx, seal, facts_);
    AddToFigures(tx, figures_, shard_);
  }

 private:
  static HouseholdKey KeyOf(const RecordAsk& ask, const LockedLease& locked) {
    return {ask.landlord, locked.lease.campaign, locked.lease.household};
  }

  void Count(const RecordAsk& ask, const std::string& figure, int64_t amount) {
    if (amount == 0) return;
    figures_[{{ask.landlord, ask.call.campaign}, figure}] += amount;
    // Any item's id will do to spread the batches.
    shard_ = ask.attempt.uuid().bytes()[15] % kShards;
  }

  void CountAttempt(const RecordAsk& ask) {
    Count(ask, "attempts", 1);
    Count(ask, absl::StrCat("disposition.", std::string(NameOf(ask.call.disposition))), 1);
  }

  void CountHousehold(const RecordAsk& ask, const Progress& before, const Progress& after) {
    Count(ask, "reached", after.reached && !before.reached);
    Count(ask, "completed", after.completed && !before.completed);
    Count(ask, "refused", after.refused && !before.refused);
  }

  void TellOfPhone(const RecordAsk& ask, const LockedLease& locked, const std::string& dialled) {
    if (!IsPhoneFault(ask.call.disposition) || dialled.empty()) return;
    facts_.push_back(
        {ask.landlord, ask.attempt.uuid(), kReportPhoneTopic,
         ReportPhonePayload(ask.attempt, locked.lease.household, dialled, ask.call.disposition)});
  }

  // So that nobody calls the household, in this campaign or another.
  void TellOfObjection(const RecordAsk& ask, const LockedLease& locked) {
    if (ask.call.disposition != Disposition::kObjection) return;
    const absl::Time said = std::min(ask.call.dial_time.value_or(ask.now), ask.now);
    facts_.push_back({ask.landlord, ask.attempt.uuid(), kRecordObjectionTopic,
                      RecordObjectionPayload(ask.attempt, locked.lease.household, said)});
  }

  void Find(const RecordAsk& ask, const LockedLease& locked, const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
      if (finding.kind == FindingKind::kNeed) Count(ask, "needs_found", 1);
      if (!finding.shared()) continue;
      Count(ask, "needs_shared", 1);
      facts_.push_back(
          {ask.landlord, finding.id.uuid(), kCreateReferralTopic,
           CreateReferralPayload(finding, ask.campaign->campaign, locked.lease.household,
                                 locked.commune_code, locked.time_zone, ask.now)});
    }
    found_.push_back({.household = KeyOf(ask, locked),
                      .attempt = ask.attempt,
                      .volunteer = locked.volunteer,
                      .now = ask.now,
                      .findings = findings});
  }

  std::vector<StoredRecord> records_;
  std::vector<LateRecord> late_;
  std::map<HouseholdKey, HouseholdStanding> standings_;  // as they are left
  std::map<HouseholdKey, absl::Time> late_standings_;    // those that late records change, and when
  std::vector<FoundFindings> found_;
  std::vector<OutgoingFact> facts_;
  std::map<FigureKey, int64_t> figures_;
  int shard_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<RecordAnswer>> RecordBatch(db::WriteTx& tx, const privacy::Seal& seal,
                                                      const std::vector<const RecordAsk*>& asks) {
  std::vector<RecordKey> keys;
  for (const RecordAsk* ask : asks) {
    keys.push_back(
        {{ask->landlord, ask->call.campaign, ask->call.lease, ask->subject}, ask->call.request});
  }
  const SaidOfOutcomes said(tx, asks);
  ASSIGN_OR_RETURN(std::vector<LockedLease> locked, LockForRecords(tx, seal, keys));
  Changes changes;
  std::vector<RecordAnswer> answers;
  for (size_t i = 0; i < asks.size(); ++i) {
    RecordAnswer& answer = answers.emplace_back();
    answer.verdict = Judge(*asks[i], locked[i], answer.unknown);
    if (!IsAccepted(answer.verdict)) continue;
    answer.unknown = said.FindUnknown(i);
    if (!answer.unknown.empty()) answer.verdict = RecordVerdict::kUnknownReferral;
  }
  said.Store(tx, seal, answers, locked);
  std::set<HouseholdKey> recorded;
  for (size_t i = 0; i < asks.size(); ++i) {
    RecordAnswer& answer = answers[i];
    answer.household = locked[i].household;
    if (answer.verdict != RecordVerdict::kRecorded) continue;
    // Two leases of one household in a campaign may both have run out: the first to record it wins.
    const bool first =
        recorded.insert({asks[i]->landlord, locked[i].lease.campaign, locked[i].lease.household})
            .second;
    if (first) {
      changes.Record(*asks[i], locked[i], answer);
    } else {
      answer.verdict = RecordVerdict::kLate;
    }
  }
  // Late records come on top of what the others leave.
  for (size_t i = 0; i < asks.size(); ++i) {
    if (answers[i].verdict != RecordVerdict::kLate) continue;
    changes.KeepLate(*asks[i], locked[i], answers[i]);
  }
  changes.Store(tx, seal);
  return answers;
}

}  // namespace veille::call_tracking
