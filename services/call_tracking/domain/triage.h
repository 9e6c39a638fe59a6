#pragma once

// What answers mean. Pure functions of a script and of what was said in one call.
//
//  * Each rule whose condition holds for a subject yields one finding; of several with the same
//    need the most urgent stands (the first in the script's order among equals).
//  * What a subject asks for always becomes a finding, whatever the rules say: a choice that names
//    a need is a stated request. When a rule found the same need, the rule's stands.
//  * A need that the volunteer heard of always becomes a finding. When it was found already, the
//    two are one: raised, with the higher urgency.
//  * "All is well" stands only when nothing else was found for the subject.

#include <vector>

#include "call_tracking/domain/call.h"
#include "call_tracking/domain/script.h"

namespace veille::call_tracking {

// The findings by subject, in the order in which subjects first appear; not yet settled, no ids.
std::vector<Finding> Triage(const Script& script, const std::vector<Answer>& answers,
                            const std::vector<RaisedFinding>& raised);

// Decides for each finding whether it is shared, and what a coordinator must decide:
//  * a need, or a weekly call, that its subject agreed to goes on: a need is shared, with the words
//    agreed;
//  * an EMERGENCY that nobody could ask about is shared in the subject's vital interest; one that
//    the subject refused to share is not, because somebody able to refuse is able to consent; nor
//    is an entry in the town hall's register, which is for those who did not object. An EMERGENCY
//    is always the coordinator's too;
//  * everything else that was found, and not agreed to, waits for a coordinator (NOT_AGREED).
void Settle(std::vector<Finding>& findings, const std::vector<Agreement>& agreements);

// Why a finding of Triage was found: its rule's explanations, or what its subject chose. Empty when
// only the volunteer raised it.
LocalizedTexts WhyFound(const Script& script, const std::vector<Answer>& answers,
                        const Finding& finding);

// Whether the question is asked of the subject, given the answers so far.
bool IsAsked(const Question& question, const std::vector<Answer>& answers, ids::TenantId tenant);

// Whether the answers fulfil the condition, for one subject.
bool Holds(const Condition& condition, const std::vector<Answer>& answers, ids::TenantId tenant);

// What to do now in an emergency: the script's words, else the service's own.
LocalizedTexts EmergencyInstructions(const Script& script);

}  // namespace veille::call_tracking
