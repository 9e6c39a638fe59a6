#include "bench/delivery_script.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/sql_fill.h"
#include "common/db/request_ledger.h"
#include "common/db/session.h"
#include "common/outbox/outbox.h"
#include "referral/domain/transitions.h"
#include "referral/store/assignment_store.h"
#include "referral/store/delivery_queue.h"
#include "referral/store/delivery_store.h"
#include "referral/store/disclosure_store.h"
#include "referral/store/numbers.h"
#include "referral/store/objection_store.h"
#include "referral/store/partner_store.h"
#include "referral/store/referral_audit.h"
#include "referral/store/referral_store.h"
#include "referral/store/update_outbox.h"

namespace veille::bench {
namespace {

namespace stores = ::veille::referral;
using Values = std::vector<std::string>;

constexpr int kNeedMeals = 1;
constexpr char kNoPartners[] = "'{}'::uuid[]";
constexpr char kHoldOfClaims[] = "5000";
constexpr char kHoldOfMessages[] = "15000";
constexpr char kWithin[] = "60000";  // as after a wake-up, but for a slower creation
constexpr char kWords[] = "Repas du midi, ne sort plus.";

std::string Number(int value) { return absl::StrCat(value); }

std::string Numbers(const std::vector<stores::ReferralState>& states) {
  return absl::StrCat("'{", absl::StrJoin(stores::NumbersOf(states), ","), "}'::integer[]");
}

class Script {
 public:
  explicit Script(const Deliveries& given)
      : given_(given), landlord_(Text(given.landlord.ToString())) {}

  std::string Write() {
    text_ = "\\set draw random(1, 1000000000000000000)\n";
    Begin();
    for (int item = 0; item < given_.batch; ++item) Create(item);
    End();
    Claim();
    Receive();
    for (const char* told : {"created", "received"}) Relay(told);
    return text_;
  }

 private:
  // A transaction whose statements go out together: nobody reads what they answer.
  void Begin() {
    text_ += "\\startpipeline\nBEGIN;\n";
    ActFor();
  }
  void End() { text_ += "END;\n\\endpipeline\n"; }
  // One whose answers are read.
  void BeginToRead() { text_ += "BEGIN;\n"; }
  void EndReading() { text_ += "END;\n"; }
  void ActFor() { Add(db::ActForQuery(), {Text("{" + given_.landlord.ToString() + "}")}); }
  void Add(const db::Query& query, const Values& values) {
    absl::StrAppend(&text_, Fill(query, values), ";\n");
  }
  // Its columns become variables that begin with `prefix`, each an array.
  void Gather(const db::Query& query, const Values& values, const std::string& prefix,
              const Values& columns) {
    Values gathered;
    for (const std::string& column : columns) {
      const std::string name = column.substr(0, column.find("::"));
      gathered.push_back(absl::StrCat("array_agg(", column, ") AS ", name));
    }
    absl::StrAppend(&text_, "SELECT ", absl::StrJoin(gathered, ", "), " FROM (",
                    Fill(query, values), ") AS answer\\gset ", prefix, "\n");
  }

  // An id of an item, the same wherever it is asked for.
  static std::string Id(int item, const std::string& what) {
    return absl::StrCat("md5(concat(:draw::text, ' ", item, " ", what, "'))::uuid");
  }
  // For each of a claimed batch.
  std::string Landlords(const std::string& variable) const {
    return absl::StrCat("array_fill(", landlord_, "::uuid, ARRAY[cardinality(:", variable,
                        "::uuid[])])");
  }

  void Create(int item) {
    const std::string referral = Id(item, "referral");
    const std::string finding = Id(item, "finding");
    const int number = 1 + item % given_.partners;
    const std::string commune = Text(absl::StrCat(31000 + number));
    const std::string partner = absl::StrCat("md5('partner ", number, "')::uuid");
    Add(db::TakeRequestQuery(), {landlord_, Id(item, "request"), Text("CreateReferral"), finding});
    Add(stores::ShareHouseholdQuery(), {landlord_, Id(item, "household")});
    Add(stores::InsertReferralQuery(),
        {landlord_,
         referral,
         "md5('campaign')::uuid",
         Id(item, "household"),
         Id(item, "tenant"),
         finding,
         commune,
         Text("Europe/Paris"),
         "1",
         absl::StrCat("sha256(convert_to(", Id(item, "tenant"), "::text, 'UTF8'))"),
         Sealed(Number(kNeedMeals)),
         Sealed(kWords),
         Sealed(std::string(90, 'x')),
         Sealed(std::string(70, 'x')),
         "now()",
         "false",
         "0",
         "NULL",
         "NULL",
         "NULL",
         Sealed(std::string(90, 'x'))});
    Add(stores::RankPartnersQuery(), {landlord_, commune, Number(kNeedMeals), kNoPartners});
    Add(stores::TakeRoomQuery(), {landlord_, partner, "false"});
    Add(stores::OpenAssignmentQuery(),
        {landlord_, referral, partner, Id(item, "assignment"),
         Numbers({stores::ReferralState::kRequested}), "0", "(now() + interval '48 hours')",
         "now()", Number(static_cast<int>(stores::Actor::kEngine))});
    Add(stores::InsertDeliveryQuery(), {landlord_, Id(item, "delivery"), referral, "1", partner});
    Add(stores::GetReferralsQuery(), {landlord_, Array(referral)});
    Append(Id(item, "created"), referral);
    Add(stores::AppendReferralEventsQuery(),
        {landlord_, Text("service"), Text("call-tracking"), Text("CreateReferral"),
         Text("referral to partner"), Text("done"), "''", Array(referral)});
  }

  // What call-tracking is told.
  void Append(const std::string& message, const std::string& referral) {
    Add(outbox::AppendMessageQuery(),
        {landlord_, message, Text(stores::kUpdateTopic), referral, Sealed(std::string(160, 'x'))});
  }

  void Claim() {
    BeginToRead();
    Gather(stores::ClaimDeliveriesQuery(),
           {Number(given_.batch), Number(given_.batch), kNoPartners, "'{}'::integer[]",
            kHoldOfClaims, kHoldOfMessages, kWithin},
           "claim_", {"landlord_id", "delivery_id", "is_probe::integer"});
    ActFor();
    Gather(
        stores::ReadClaimsQuery(),
        {":claim_landlord_id::uuid[]", ":claim_delivery_id::uuid[]", ":claim_is_probe::integer[]"},
        "push_", {"delivery_id", "referral_id", "fence"});
    text_ += "\\startpipeline\n";
    RecordWhatIsTold();
    End();
  }

  // Of thin notices.
  void RecordWhatIsTold() {
    const auto for_each = [](const std::string& value) {
      return absl::StrCat("array_fill(", value, ", ARRAY[cardinality(:push_referral_id::uuid[])])");
    };
    const std::string items = stores::ToJson({{.name = "need", .values = {"NEED_MEALS"}},
                                              {.name = "urgency", .values = {"URGENCY_ROUTINE"}}});
    Add(stores::RecordDisclosuresQuery(),
        {Number(static_cast<int>(stores::DisclosureWay::kPush)), "now()",
         Landlords("push_referral_id"), ":push_referral_id::uuid[]", for_each("1::bigint"),
         "(SELECT array_agg(sha256(convert_to(told::text, 'UTF8'))) "
         "FROM unnest(:push_referral_id::uuid[]) AS told)",
         ":push_delivery_id::uuid[]", for_each(absl::StrCat(Sealed(items), "::bytea"))});
  }

  void Receive() {
    const std::string landlords = Landlords("push_delivery_id");
    Begin();
    Add(stores::LockReferralsQuery(), {landlords, ":push_referral_id::uuid[]"});
    Add(stores::ReceiveDeliveriesQuery(),
        {landlords, ":push_delivery_id::uuid[]", ":push_fence::bigint[]",
         "array_fill('bench'::text, ARRAY[cardinality(:push_delivery_id::uuid[])])", "now()",
         Numbers(stores::SourcesOf(stores::ReferralState::kReceived, stores::Actor::kEngine))});
    for (int item = 0; item < given_.batch; ++item) {
      Append(Id(item, "received"), absl::StrCat("(:push_referral_id::uuid[])[", item + 1, "]"));
    }
    End();
  }

  void Relay(const std::string& told) {
    BeginToRead();
    Gather(outbox::ClaimMessagesQuery(), {Number(given_.batch), kHoldOfMessages, kWithin},
           told + "_", {"message_id", "fence"});
    EndReading();
    Begin();
    Add(outbox::FinishMessagesQuery(),
        {Landlords(told + "_message_id"), absl::StrCat(":", told, "_message_id::uuid[]"),
         absl::StrCat(":", told, "_fence::bigint[]")});
    End();
  }

  const Deliveries given_;
  const std::string landlord_;
  std::string text_;
};

}  // namespace

std::string DeliveryScript(const Deliveries& deliveries) { return Script(deliveries).Write(); }

}  // namespace veille::bench
