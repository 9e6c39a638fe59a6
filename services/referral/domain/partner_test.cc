#include "referral/domain/partner_test.h"

namespace veille::referral {

PartnerTestStage StageOf(const PartnerTest& test) {
  if (!test.receive_time.has_value()) {
    return test.tries == 0 ? PartnerTestStage::kWaiting : PartnerTestStage::kSent;
  }
  if (!test.fetch_time.has_value()) return PartnerTestStage::kReceived;
  return test.accept_time.has_value() ? PartnerTestStage::kAccepted : PartnerTestStage::kFetched;
}

PartnerTestProblem ProblemOf(const PartnerTest& test) {
  if (test.problem != PartnerTestProblem::kNone || !test.over) return test.problem;
  switch (StageOf(test)) {
    case PartnerTestStage::kWaiting:
    case PartnerTestStage::kSent:
      return PartnerTestProblem::kNotSent;
    case PartnerTestStage::kReceived:
      return PartnerTestProblem::kNotFetched;
    case PartnerTestStage::kFetched:
    case PartnerTestStage::kAccepted:
      break;
  }
  return PartnerTestProblem::kNone;
}

PartnerCase AsPartnerCase(const InventedCase& invented) {
  PartnerCase told;
  told.id = invented.id;
  told.version = invented.version;
  told.fence = 1;
  told.state = invented.state;
  told.need = invented.need;
  told.commune = invented.commune;
  told.words = "Essai : personne n'attend d'aide, il n'y a rien à faire.";
  told.assign_time = invented.create_time;
  told.acknowledge_deadline = invented.expire_time;
  told.outcome = invented.outcome;
  told.test = true;
  Minimise(told);
  return told;
}

}  // namespace veille::referral
