#pragma once

// Two landlords in one programme, each with all that somebody else should never see: households,
// a campaign that runs, volunteers with leases that live and leases that ran out, two partners with
// cases of their own, and one case that went from the first partner to the second.

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "e2e/story.h"

namespace veille::e2e {

struct Landlord {
  struct Lease {
    std::string id;
    std::string fence;
    std::string household;
    size_t holder = 0;  // which volunteer
    bool expired = false;
  };
  struct Case {
    std::string referral;
    std::string fence;
    size_t partner = 0;  // whose it is
  };

  std::string id;
  std::string campaign;
  std::string script;
  std::vector<std::string> households;
  std::vector<std::string> volunteers;  // subjects
  std::vector<Lease> leases;
  std::array<std::string, 2> partners;
  std::vector<Case> cases;
  std::vector<std::string> helped;  // the tenants whom the cases are about
  Case superseded;                  // of the first partner; the second has it now

  // One of its people; the subject is anyone's who has no row of their own.
  veillectl::Identity As(const std::string& role, const std::string& subject) const {
    return {role, subject, id, ""};
  }
  veillectl::Identity AsPartner(size_t partner, const std::string& subject) const {
    return {"partner", subject, id, partners[partner]};
  }
};

class Neighbours {
 public:
  // Throws when a step fails. Moves the databases' clocks on, past the leases that ran out.
  explicit Neighbours(Programme& programme);

  const std::array<Landlord, 2>& landlords() const { return landlords_; }

 private:
  void Settle(Landlord& landlord, Story& story);
  void EnrolVolunteers(Landlord& landlord, const Story& story);
  void Lease(Landlord& landlord, const Story& story, size_t volunteer);
  void RegisterPartners(Landlord& landlord, const Story& story);
  std::string CreateCase(Landlord& landlord, size_t partner, common::v1::Urgency urgency);
  void Supersede(Landlord& landlord, const Story& story);

  Programme& programme_;
  std::array<Landlord, 2> landlords_;
};

}  // namespace veille::e2e
