#pragma once

#include <memory>
#include <ostream>

#include "CLI/CLI.hpp"
#include "veille/referral/v1/partner.pb.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {

// What to do with a key that is shown this once; nothing when there is none.
void PrintKey(const referral::v1::SigningKey& key, std::ostream& out);

// `--signing ALGORITHM` of a command; the value lives as long as the command.
std::shared_ptr<referral::v1::SigningAlgorithm> DeclareSigning(CLI::App& command);

void DeclareRotateKey(CLI::App& group, Session& session);

}  // namespace veille::veillectl
