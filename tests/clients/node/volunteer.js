// A volunteer: leases the next call, reads whom to call, records what was said.
//
//   tests/clients/prepare node     # installs gRPC for Node, in build/clients/node
//   export VEILLE_TLS_AUTHORITY=… VEILLE_TOKEN_FILE=…  # an enrolled volunteer's; see security.js
//   node build/clients/node/volunteer.js <campaign id>
//
// When no household is due it waits as long as the service says, and asks again.
import { randomUUID } from 'node:crypto';
import { connect, Failure, veille } from './connection.js';

const campaign_id = process.argv[2] ?? '';
const volunteer = {
  role: 'volunteer',
  subject: process.env.VEILLE_SUBJECT,
  landlord: process.env.VEILLE_LANDLORD,
};
const address = process.env.VEILLE_CALLS_ADDRESS ?? 'localhost:7002';
const calls = connect(veille.calls.v1.CallService, address, volunteer);
const scripts = connect(veille.calls.v1.ScriptService, address, volunteer);

async function makeOneCall() {
  // A request_id stands for one intention: its retries carry the same, so that nothing is done
  // twice. An app that crashes from here on asks again and is given the same household.
  const leased = await calls('LeaseNextCall', { request_id: randomUUID(), campaign_id });
  const { lease_id, fence } = leased.call_sheet.lease;
  // The sheet came with the lease; this is how to have it again while the lease lives. It is shown
  // and forgotten: names and phone numbers belong in no log and no file.
  const { call_sheet } = await calls('GetCallSheet', { campaign_id, lease_id });
  const { tenants, phones } = call_sheet.contact;
  const phone = phones.find(({ position }) => position === call_sheet.lease.phone_position);
  const subject = tenants.find((tenant) => tenant.subject);
  console.log(`call ${subject.given_name} ${subject.family_name} at ${phone.e164}`);

  // An app walks through script.questions; here the tenant's answers stand beforehand, and fit
  // deploy/samples/script.json. A published version never changes: keep it.
  const { script } = await scripts('GetScript', {
    script_id: call_sheet.script_id,
    version: call_sheet.script_version,
  });
  const asked = script.agreement_texts.find(({ kind }) => kind === 'AGREEMENT_KIND_SHARE_NEED');
  const { tenant_id } = subject;
  const recorded = await calls('RecordCall', {
    request_id: randomUUID(),
    campaign_id,
    lease_id,
    fence,
    disposition: 'DISPOSITION_COMPLETED',
    answers: [
      { tenant_id, question_id: 'morale', choice_id: 'low' },
      { tenant_id, question_id: 'meals', boolean: false },
      { tenant_id, question_id: 'days_left', number: 2 },
    ],
    // Without it the need is no partner's business: it waits for a coordinator.
    agreements: [{
      tenant_id,
      kind: asked.kind,
      need: 'NEED_MEALS',
      agreed: true,
      text_version: asked.text_version,
      words: 'Des repas à domicile, sans sel.',
    }],
  });
  for (const { text } of recorded.emergency_instructions) console.log(`NOW: ${text}`);
  for (const finding of recorded.findings) {
    console.log(`found ${finding.need} ${finding.urgency} shared=${finding.shared}`);
  }
  console.log(`recorded ${recorded.attempt_id}`);
}

makeOneCall().catch((failure) => {
  console.error(failure instanceof Failure ? failure.message : failure);
  process.exitCode = 1;
});
