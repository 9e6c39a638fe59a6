#pragma once

// Leases, call sheets, findings: what volunteers are answered.

#include "call_tracking/domain/call.h"
#include "call_tracking/domain/contact_sheet.h"
#include "call_tracking/domain/script.h"
#include "veille/calls/v1/call.pb.h"
#include "veille/registry/v1/contact_sheet.pb.h"

namespace veille::call_tracking {

namespace pb = ::veille::calls::v1;

// The registry's sheet. One without a readable household id has a nil one.
ContactSheet FromProto(const ::veille::registry::v1::ContactSheet& sheet);

pb::Lease ToProto(const Lease& lease);

// Subjects first; phones in the cohort's order, so that a position means the same phone to us when
// the call is recorded; phones that the register got since come last.
pb::CallSheet ToProto(const Lease& lease, const ContactSheet& sheet,
                      const std::vector<OutcomeToVerify>& outcomes, ScriptId script,
                      int script_version);

pb::Finding ToProto(const Finding& finding);

}  // namespace veille::call_tracking
