// Trails that were tampered with by somebody who owns the database, each beside one that was not.

#include <openssl/rand.h>

#include <array>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "integration/audit_fixture.h"

namespace veille::audit {
namespace {

constexpr int kTrails = 400;
constexpr uint32_t kSeed = 20200317;
constexpr int kEvents = 20;  // in three batches: 8, 8 and 4

// A trail to be tampered with, and what somebody kept of it before.
struct Victim {
  ids::LandlordId landlord;
  ids::LandlordId neighbour;
  pb::AuditHead kept;
};

using Dice = std::mt19937;
int Draw(Dice& dice, int least, int most) {
  return std::uniform_int_distribution<int>(least, most)(dice);
}

std::string Of(const Victim& trail) {
  return absl::StrCat(" landlord_id = '", trail.landlord.ToString(), "'");
}
std::string At(const Victim& trail, int sequence) {
  return absl::StrCat(Of(trail), " AND sequence = ", sequence);
}
std::string AtBatch(const Victim& trail, int batch) {
  return absl::StrCat(Of(trail), " AND batch = ", batch);
}

// The statements of one tampering.
using Tampering = std::string (*)(const Victim& trail, Dice& dice);

std::string EditOf(const Victim& trail, Dice& dice, const std::string& change) {
  return absl::StrCat("UPDATE audit_events SET ", change, " WHERE",
                      At(trail, Draw(dice, 1, kEvents)));
}
std::string EditActor(const Victim& trail, Dice& dice) {
  return EditOf(trail, dice, "actor = actor || 'x'");
}
std::string EditRole(const Victim& trail, Dice& dice) {
  return EditOf(trail, dice, "actor_role = 'volunteer'");
}
std::string EditMethod(const Victim& trail, Dice& dice) {
  return EditOf(trail, dice, "method = 'ListHouseholds'");
}
std::string EditKind(const Victim& trail, Dice& dice) {
  return EditOf(trail, dice, "object_kind = 'campaign'");
}
std::string EditObject(const Victim& trail, Dice& dice) {
  return EditOf(trail, dice, "object_id = gen_random_uuid()");
}
std::string EditHousehold(const Victim& trail, Dice& dice) {
  return EditOf(trail, dice, "household_id = gen_random_uuid()");
}
std::string EditTime(const Victim& trail, Dice& dice) {
  return EditOf(trail, dice, "event_time = event_time - interval '1 microsecond'");
}
std::string EditPurpose(const Victim& trail, Dice& dice) {
  return EditOf(trail, dice, "purpose = 'keeping the register'");
}
std::string EditReason(const Victim& trail, Dice& dice) {
  return EditOf(trail, dice, "reason = 'tenant in danger'");
}
std::string EditOutcome(const Victim& trail, Dice& dice) {
  return EditOf(trail, dice, "outcome = 'denied'");
}
std::string EditId(const Victim& trail, Dice& dice) {
  return EditOf(trail, dice, "event_id = gen_random_uuid()");
}
// Two columns that lie side by side, with the same letters in a row.
std::string ShiftLetters(const Victim& trail, Dice& dice) {
  return EditOf(trail, dice, "actor = actor || left(method, 1), method = substr(method, 2)");
}
std::string ReplaceSalt(const Victim& trail, Dice& dice) {
  return EditOf(trail, dice, "salt = gen_random_uuid()");
}
std::string Delete(const Victim& trail, Dice& dice) {
  return absl::StrCat("DELETE FROM audit_events WHERE", At(trail, Draw(dice, 1, kEvents)));
}
std::string HideAmongWaiting(const Victim& trail, Dice& dice) {
  return absl::StrCat("UPDATE audit_events SET is_chained = false, sequence = NULL, salt = NULL ",
                      "WHERE", At(trail, Draw(dice, 1, kEvents)));
}
std::string Reorder(const Victim& trail, Dice& dice) {
  const int a = Draw(dice, 1, kEvents - 1);
  const int b = Draw(dice, a + 1, kEvents);
  return absl::StrCat("UPDATE audit_events SET sequence = 1000 WHERE", At(trail, a),
                      "; UPDATE audit_events SET sequence = ", a, " WHERE", At(trail, b),
                      "; UPDATE audit_events SET sequence = ", b, " WHERE", At(trail, 1000));
}
std::string SwapBodies(const Victim& trail, Dice& dice) {
  const int a = Draw(dice, 1, kEvents - 1);
  return absl::StrCat(
      "UPDATE audit_events AS e SET object_id = o.object_id FROM audit_events AS o",
      " WHERE o.landlord_id = e.landlord_id AND o.sequence + e.sequence = ", 2 * a + 1,
      " AND e.sequence IN (", a, ", ", a + 1, ") AND e.", Of(trail).substr(1));
}
std::string Insert(const Victim& trail, Dice& dice) {
  return absl::StrCat(
      "INSERT INTO audit_events (landlord_id, actor_role, actor, method, object_kind, object_id, ",
      "purpose, outcome, is_chained, sequence, salt) VALUES ('", trail.landlord.ToString(),
      "', 'volunteer', 'mallory', 'GetHousehold', 'household', gen_random_uuid(), 'welfare call', ",
      "'done', true, ", Draw(dice, 0, 1) == 0 ? -Draw(dice, 0, 9) : kEvents + Draw(dice, 1, 99),
      ", gen_random_uuid())");
}
std::string TruncateEvents(const Victim& trail, Dice& dice) {
  return absl::StrCat("DELETE FROM audit_events WHERE", Of(trail), " AND sequence > ",
                      Draw(dice, 0, kEvents - 1));
}
std::string TruncateBatches(const Victim& trail, Dice& dice) {
  const int last = Draw(dice, 0, 2);
  return absl::StrCat("DELETE FROM audit_batches WHERE", Of(trail), " AND batch > ", last,
                      "; DELETE FROM audit_events WHERE", Of(trail), " AND sequence > ", last * 8);
}
std::string DropBatch(const Victim& trail, Dice& dice) {
  const int batch = Draw(dice, 1, 2);
  return absl::StrCat("DELETE FROM audit_batches WHERE", AtBatch(trail, batch),
                      "; DELETE FROM audit_events WHERE", Of(trail), " AND sequence BETWEEN ",
                      batch * 8 - 7, " AND ", batch * 8);
}
std::string DropBatchAndRenumber(const Victim& trail, Dice& dice) {
  return absl::StrCat(DropBatch(trail, dice), "; UPDATE audit_batches AS b SET batch = n.number ",
                      "FROM (SELECT batch, row_number() OVER (ORDER BY batch) AS number FROM ",
                      "audit_batches WHERE", Of(trail), ") AS n WHERE b.batch = n.batch AND b.",
                      Of(trail).substr(1));
}
std::string TakeEventOfNeighbour(const Victim& trail, Dice& dice) {
  const int sequence = Draw(dice, 1, kEvents);
  return absl::StrCat(
      "DELETE FROM audit_events WHERE", At(trail, sequence),
      "; INSERT INTO audit_events (landlord_id, event_id, event_time, actor_role, actor, method, ",
      "object_kind, object_id, household_id, purpose, reason, outcome, is_chained, sequence, "
      "salt) ",
      "SELECT '", trail.landlord.ToString(), "', event_id, event_time, actor_role, actor, method, ",
      "object_kind, object_id, household_id, purpose, reason, outcome, true, sequence, salt ",
      "FROM audit_events WHERE landlord_id = '", trail.neighbour.ToString(),
      "' AND sequence = ", sequence);
}
// The whole trail of another landlord, heads, signatures and all.
std::string TakeTrailOfNeighbour(const Victim& trail, Dice&) {
  const std::string own = absl::StrCat("'", trail.landlord.ToString(), "'");
  const std::string theirs = absl::StrCat("landlord_id = '", trail.neighbour.ToString(), "'");
  return absl::StrCat(
      "DELETE FROM audit_events WHERE", Of(trail), "; DELETE FROM audit_batches WHERE", Of(trail),
      "; INSERT INTO audit_events (landlord_id, event_id, event_time, actor_role, actor, method, ",
      "object_kind, object_id, household_id, purpose, reason, outcome, is_chained, sequence, "
      "salt) ",
      "SELECT ", own, ", event_id, event_time, actor_role, actor, method, object_kind, object_id, ",
      "household_id, purpose, reason, outcome, true, sequence, salt FROM audit_events WHERE ",
      theirs, "; INSERT INTO audit_batches (landlord_id, batch, first_sequence, last_sequence, ",
      "newest_time, chain_time, commitments, head, key_id, signature) SELECT ", own,
      ", batch, first_sequence, last_sequence, newest_time, chain_time, commitments, head, "
      "key_id, ",
      "signature FROM audit_batches WHERE ", theirs);
}
std::string ChangeBatch(const Victim& trail, Dice& dice, const std::string& change) {
  return absl::StrCat("UPDATE audit_batches SET ", change, " WHERE",
                      AtBatch(trail, Draw(dice, 1, 3)));
}
std::string ForgeHead(const Victim& trail, Dice& dice) {
  return ChangeBatch(trail, dice, "head = sha256(head)");
}
std::string ForgeCommitment(const Victim& trail, Dice& dice) {
  return ChangeBatch(trail, dice,
                     "commitments = overlay(commitments PLACING sha256(head) FROM 33 FOR 32)");
}
std::string CutCommitments(const Victim& trail, Dice& dice) {
  return ChangeBatch(trail, dice,
                     "commitments = substr(commitments, 1, octet_length(commitments) - 32)");
}
std::string ForgeSignature(const Victim& trail, Dice& dice) {
  return ChangeBatch(trail, dice, "signature = sha512(head)");
}
std::string StripSignature(const Victim& trail, Dice& dice) {
  return ChangeBatch(trail, dice, "signature = '', key_id = ''");
}
std::string NameAnotherKey(const Victim& trail, Dice& dice) {
  return ChangeBatch(trail, dice, "key_id = '0123456789abcdef'");
}
std::string ChangeChainTime(const Victim& trail, Dice& dice) {
  return ChangeBatch(trail, dice, "chain_time = chain_time - interval '1 day'");
}
std::string ChangeNewestTime(const Victim& trail, Dice& dice) {
  return ChangeBatch(trail, dice, "newest_time = newest_time - interval '10 years'");
}
std::string WidenBatch(const Victim& trail, Dice& dice) {
  return ChangeBatch(trail, dice, "last_sequence = last_sequence + 1");
}
// What retention does, years too early.
std::string EraseEarly(const Victim& trail, Dice& dice) {
  const int batch = Draw(dice, 1, 2);
  return absl::StrCat("UPDATE audit_batches SET erase_time = now() WHERE", AtBatch(trail, batch),
                      "; DELETE FROM audit_events WHERE", Of(trail), " AND sequence BETWEEN ",
                      batch * 8 - 7, " AND ", batch * 8);
}
std::string EraseEarlyAndBackdate(const Victim& trail, Dice& dice) {
  return absl::StrCat(EraseEarly(trail, dice), "; UPDATE audit_batches SET newest_time = ",
                      "newest_time - interval '10 years' WHERE", Of(trail),
                      " AND erase_time IS NOT NULL");
}

struct Kind {
  const char* name;
  Tampering tampering;
};
constexpr Kind kKinds[] = {{"edit actor", EditActor},
                           {"edit role", EditRole},
                           {"edit method", EditMethod},
                           {"edit kind", EditKind},
                           {"edit object", EditObject},
                           {"edit household", EditHousehold},
                           {"edit time", EditTime},
                           {"edit purpose", EditPurpose},
                           {"edit reason", EditReason},
                           {"edit outcome", EditOutcome},
                           {"edit id", EditId},
                           {"shift letters between columns", ShiftLetters},
                           {"replace salt", ReplaceSalt},
                           {"delete", Delete},
                           {"hide among the waiting", HideAmongWaiting},
                           {"reorder", Reorder},
                           {"swap bodies", SwapBodies},
                           {"insert", Insert},
                           {"truncate events", TruncateEvents},
                           {"truncate batches", TruncateBatches},
                           {"drop a batch", DropBatch},
                           {"drop a batch and renumber", DropBatchAndRenumber},
                           {"take an event of another landlord", TakeEventOfNeighbour},
                           {"take the trail of another landlord", TakeTrailOfNeighbour},
                           {"forge a head", ForgeHead},
                           {"forge a commitment", ForgeCommitment},
                           {"cut commitments", CutCommitments},
                           {"forge a signature", ForgeSignature},
                           {"strip a signature", StripSignature},
                           {"name another key", NameAnotherKey},
                           {"change the time of chaining", ChangeChainTime},
                           {"change the newest time", ChangeNewestTime},
                           {"widen a batch", WidenBatch},
                           {"erase early", EraseEarly},
                           {"erase early and backdate", EraseEarlyAndBackdate}};

class AuditTamperingTest : public AuditFixture {
 protected:
  Victim NewVictim() {
    Victim trail{ids::LandlordId::Random(), ids::LandlordId::Random()};
    for (const ids::LandlordId landlord : {trail.landlord, trail.neighbour}) {
      Sql(absl::StrCat(
          "INSERT INTO audit_events (landlord_id, event_time, actor_role, actor, method, ",
          "object_kind, object_id, purpose, outcome) SELECT '", landlord.ToString(),
          "', now() - n * interval '1 second', 'coordinator', 'ada', 'GetHousehold', 'household', ",
          "gen_random_uuid(), 'looking', 'done' FROM generate_series(1, ", kEvents, ") AS n"));
    }
    return trail;
  }
};

TEST_F(AuditTamperingTest, FourHundredTamperedTrailsAreFoundAndTheOthersVerify) {
  Dice dice(kSeed);
  std::vector<Victim> trails;
  for (int i = 0; i < kTrails; ++i) trails.push_back(NewVictim());
  ASSERT_EQ(Chain(), 2 * kTrails * kEvents);
  for (Victim& trail : trails) {
    trail.kept = HeadOf(trail.landlord);
    ASSERT_EQ(trail.kept.sequence(), kEvents);
  }
  std::map<std::string, int> found;
  for (int i = 0; i < kTrails; ++i) {
    const Victim& trail = trails[static_cast<size_t>(i)];
    const Kind& kind = kKinds[static_cast<size_t>(i) % std::size(kKinds)];
    const std::string sql = kind.tampering(trail, dice);
    const auto before = Verify(trail.landlord, {trail.kept});
    ASSERT_EQ(before.problems_size(), 0) << kind.name << "\n" << before.ShortDebugString();
    ASSERT_EQ(before.verified_events(), kEvents) << kind.name;
    Sql(sql);
    const auto tampered = Verify(trail.landlord, {trail.kept});
    EXPECT_GT(tampered.problems_size(), 0) << kind.name << "\n" << sql;
    found[kind.name] += tampered.problems_size() > 0 ? 1 : 0;
    const auto neighbour = Verify(trail.neighbour);
    EXPECT_EQ(neighbour.problems_size(), 0) << kind.name << "\n" << neighbour.ShortDebugString();
    EXPECT_EQ(neighbour.verified_events(), kEvents) << kind.name;
  }
  EXPECT_EQ(found.size(), std::size(kKinds));
  for (const auto& [kind, times] : found) std::cout << "found " << times << " × " << kind << "\n";
}

// Somebody who rewrites events and makes the whole chain anew, without the key.
TEST_F(AuditTamperingTest, AChainMadeAnewWithoutTheKeyIsFoundByItsSignatures) {
  Leave(landlord_, kEvents);
  ASSERT_EQ(Chain(), kEvents);
  Sql("DELETE FROM audit_batches");
  Sql("UPDATE audit_events SET is_chained = false, sequence = NULL, salt = NULL, actor = 'bob'");
  ChainerOptions forger = options_;
  const auto other_key = *Keys::FromPem(NewKeyPair().private_pem);
  for (const Keys* keys : {static_cast<const Keys*>(nullptr), &std::as_const(*other_key)}) {
    forger.keys = keys;
    while (ChainOnce(forger) > 0) {
    }
    const auto verified = Verify(landlord_);
    ASSERT_GT(verified.problems_size(), 0);
    EXPECT_EQ(verified.problems(0).kind(), keys == nullptr
                                               ? pb::AUDIT_PROBLEM_KIND_SIGNATURE_MISSING
                                               : pb::AUDIT_PROBLEM_KIND_KEY_UNKNOWN);
    Sql("DELETE FROM audit_batches");
    Sql("UPDATE audit_events SET is_chained = false, sequence = NULL, salt = NULL");
  }
}

// Somebody who has the database and the key: only what was kept elsewhere tells.
TEST_F(AuditTamperingTest, AChainMadeAnewWithTheKeyIsFoundByAHeadThatWasKept) {
  Leave(landlord_, kEvents);
  ASSERT_EQ(Chain(), kEvents);
  const pb::AuditHead kept = HeadOf(landlord_);
  Sql("DELETE FROM audit_batches");
  Sql("UPDATE audit_events SET is_chained = false, sequence = NULL, salt = NULL, actor = 'bob' "
      "WHERE method = 'GetHousehold'");
  ASSERT_GE(Chain(), kEvents);
  EXPECT_EQ(Verify(landlord_).problems_size(), 0) << "which is why heads are kept";
  const auto verified = Verify(landlord_, {kept});
  ASSERT_EQ(verified.problems_size(), 1);
  EXPECT_EQ(verified.problems(0).kind(), pb::AUDIT_PROBLEM_KIND_KNOWN_HEAD_DIFFERS);
}

TEST_F(AuditTamperingTest, ATrailThatIsGoneIsFoundByAHeadThatWasKept) {
  Leave(landlord_, kEvents);
  ASSERT_EQ(Chain(), kEvents);
  const pb::AuditHead kept = HeadOf(landlord_);
  Sql("DELETE FROM audit_batches; DELETE FROM audit_events");
  EXPECT_EQ(Verify(landlord_).problems_size(), 0);
  const auto verified = Verify(landlord_, {kept});
  ASSERT_EQ(verified.problems_size(), 1);
  EXPECT_EQ(verified.problems(0).kind(), pb::AUDIT_PROBLEM_KIND_KNOWN_HEAD_MISSING);
  EXPECT_EQ(verified.problems(0).sequence(), kEvents);
}

TEST_F(AuditTamperingTest, AKnownHeadThatWasForgedIsToldFromATamperedTrail) {
  Leave(landlord_, kEvents);
  ASSERT_EQ(Chain(), kEvents);
  pb::AuditHead kept = HeadOf(landlord_);
  kept.mutable_head()->front() ^= 1;
  const auto verified = Verify(landlord_, {kept});
  ASSERT_EQ(verified.problems_size(), 1);
  EXPECT_EQ(verified.problems(0).kind(), pb::AUDIT_PROBLEM_KIND_KNOWN_HEAD_FORGED);
}

// Between two parts of a verification.
TEST_F(AuditTamperingTest, AChainThatChangesBetweenTwoPartsIsFound) {
  Leave(landlord_, kEvents);
  ASSERT_EQ(Chain(), kEvents);
  const pb::AuditHead head = HeadOf(landlord_);
  pb::VerifyAuditTrailRequest request;
  request.set_page_token(
      absl::StrCat(head.batch(), ".", head.sequence(), ".", std::string(64, '0')));
  const auto verified = Call(&pb::AuditService::Stub::VerifyAuditTrail, request, landlord_);
  ASSERT_THAT(verified, testing::IsOk());
  ASSERT_EQ(verified->problems_size(), 1);
  EXPECT_EQ(verified->problems(0).kind(), pb::AUDIT_PROBLEM_KIND_KNOWN_HEAD_DIFFERS);
}

}  // namespace
}  // namespace veille::audit
