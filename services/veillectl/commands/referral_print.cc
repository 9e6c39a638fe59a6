#include "veillectl/commands/referral_print.h"

#include "absl/strings/str_cat.h"
#include "veillectl/client/names.h"
#include "veillectl/client/output.h"

namespace veille::veillectl {
namespace {

// The assignment that counts, if somebody has the referral.
const referral::v1::Assignment* OpenAssignment(const referral::v1::Referral& referral) {
  for (const referral::v1::Assignment& assignment : referral.assignments()) {
    if (assignment.state() == referral::v1::ASSIGNMENT_STATE_OPEN) return &assignment;
  }
  return nullptr;
}

bool HasEnded(const referral::v1::Referral& referral) {
  return referral.state() == common::v1::REFERRAL_STATE_COMPLETED ||
         referral.state() == common::v1::REFERRAL_STATE_CANCELLED;
}

std::string PushOf(const referral::v1::Assignment& assignment) {
  if (assignment.delivery_state() == referral::v1::DELIVERY_STATE_UNSPECIFIED) return "by hand";
  return absl::StrCat(NameOf(assignment.delivery_state()), ", ", assignment.delivery_tries(),
                      assignment.delivery_tries() == 1 ? " try" : " tries");
}

// What a coordinator can do about it now.
std::string WhatNext(const referral::v1::Referral& referral) {
  if (HasEnded(referral)) return "";
  const referral::v1::Assignment* open = OpenAssignment(referral);
  if (open == nullptr) {
    return "Nobody has it: decide with `veillectl worklist list` and `veillectl worklist decide`.";
  }
  if (open->delivery_state() == referral::v1::DELIVERY_STATE_PARKED) {
    return "It cannot be pushed: see `veillectl worklist list`; telephone the partner "
           "(`veillectl partner show`).";
  }
  if (open->delivery_state() == referral::v1::DELIVERY_STATE_DUE && open->delivery_tries() > 0) {
    return "The partner's machine does not take it; it is tried on, later and later. Telephone the "
           "partner (`veillectl partner show`).";
  }
  if (open->delivery_state() == referral::v1::DELIVERY_STATE_UNSPECIFIED) {
    return absl::StrCat(
        "It is told by hand: `veillectl worklist list` says whom to telephone and until when. "
        "Record "
        "what is answered, its end too: `veillectl referral record-answer ",
        referral.referral_id(), " --fence ", open->fence(), " ANSWER --who-file FILE`.");
  }
  return "";
}

void PrintAnswers(const referral::v1::Assignment& assignment, std::ostream& out) {
  for (const referral::v1::PartnerAnswer& answer : assignment.answers()) {
    out << "  by telephone " << Moment(answer.answer_time()) << ": " << NameOf(answer.answer());
    if (!answer.answered_by().empty()) out << ", said " << answer.answered_by();
    out << " (recorded by " << answer.recorded_by() << ")";
    // Of an answer that ends the assignment the note stands there.
    if (!answer.note().empty() && answer.note() != assignment.note()) out << ": " << answer.note();
    out << "\n";
  }
}

void PrintAssignments(const referral::v1::Referral& referral, const PartnerNames& names,
                      std::ostream& out) {
  Table table({"FENCE", "STATE", "ASSIGNED", "PUSH", "RECEIVED", "ACCEPTED", "ENDED", "PARTNER"});
  for (const referral::v1::Assignment& assignment : referral.assignments()) {
    std::string state = NameOf(assignment.state());
    if (assignment.state() == referral::v1::ASSIGNMENT_STATE_DECLINED) {
      absl::StrAppend(&state, ", ", NameOf(assignment.decline_reason()));
    }
    table.Add({absl::StrCat(assignment.fence()), state, Moment(assignment.assign_time()),
               PushOf(assignment), Moment(assignment.receive_time()),
               Moment(assignment.accept_time()), Moment(assignment.end_time()),
               names.Of(assignment.partner_id())});
  }
  if (!referral.assignments().empty()) out << table;
  for (const referral::v1::Assignment& assignment : referral.assignments()) {
    PrintAnswers(assignment, out);
    if (!assignment.note().empty()) {
      out << "  note of " << names.Of(assignment.partner_id()) << ": " << assignment.note() << "\n";
    }
  }
}

}  // namespace

std::string PartnerOf(const referral::v1::Referral& referral, const PartnerNames& names) {
  if (const referral::v1::Assignment* open = OpenAssignment(referral))
    return names.Of(open->partner_id());
  if (!HasEnded(referral) || referral.assignments().empty()) return "nobody";
  return names.Of(referral.assignments(referral.assignments_size() - 1).partner_id());
}

void PrintReferral(const referral::v1::Referral& referral, const PartnerNames& names,
                   std::ostream& out) {
  out << "Referral " << referral.referral_id() << " version " << referral.version()
      << "\n  state      " << NameOf(referral.state());
  if (referral.outcome() != common::v1::REFERRAL_OUTCOME_UNSPECIFIED) {
    out << ", " << NameOf(referral.outcome());
  }
  out << "\n  need       " << NameOf(referral.need()) << ", " << NameOf(referral.urgency())
      << ", in " << referral.commune_code() << "\n  household  " << referral.household_id()
      << "\n  campaign   " << referral.campaign_id() << "\n";
  if (referral.unreadable()) {
    out << "  unreadable: something sealed of it does not open, and is not shown\n";
  }
  if (!referral.words().empty()) out << "  words      " << referral.words() << "\n";
  if (!referral.basis().vital_interest_reason().empty()) {
    out << "  shared     for vital interest: " << referral.basis().vital_interest_reason() << "\n";
  } else if (referral.basis().has_agreement()) {
    out << "  shared     with agreement of " << Moment(referral.basis().agreement().agree_time())
        << "\n";
    if (referral.basis().agreement().has_register_entry()) {
      const auto& entry = referral.basis().agreement().register_entry();
      out << "  register   " << NameOf(entry.ground()) << ", did not object on "
          << Moment(entry.non_objection_time()) << "\n";
    }
  }
  if (referral.has_acknowledge_deadline_time()) {
    out << "  to accept  until " << Moment(referral.acknowledge_deadline_time()) << "\n";
  }
  PrintAssignments(referral, names, out);
  const std::string next = WhatNext(referral);
  if (!next.empty()) out << next << "\n";
}

}  // namespace veille::veillectl
