// A partner's machine: is told of referrals, fetches each case, accepts it and closes it.
//
//   tests/clients/prepare node     # installs gRPC for Node, in build/clients/node
//   export VEILLE_LANDLORD=<id> VEILLE_PARTNER=<id>   # see `veillectl partner list`; security.js
//   node build/clients/node/partner_inbox.js 127.0.0.1:7006   # its endpoint
//
// Prints `SERVING <address>`, then a line per event with ids only. Ends at Ctrl-C.
import { randomUUID } from 'node:crypto';
import grpc from '@grpc/grpc-js';
import { connect, veille } from './connection.js';
import { isReferralService, serverCredentials } from './security.js';

const address = process.argv[2];
const { VEILLE_LANDLORD: landlord, VEILLE_PARTNER: partner } = process.env;
const desk = connect(
  veille.partner.v1.PartnerDeskService,
  process.env.VEILLE_REFERRAL_ADDRESS ?? 'localhost:7003',
  { role: 'partner', subject: 'partner-inbox', landlord, partner },
);
const NEW = ['REFERRAL_STATE_REQUESTED', 'REFERRAL_STATE_RECEIVED'];
const OPEN = [...NEW, 'REFERRAL_STATE_ACCEPTED', 'REFERRAL_STATE_IN_PROGRESS'];

async function workOn({ referral_id }) {
  const fetched = await desk('GetMyReferral', { referral_id });
  const { state, need, person, assignment_fence } = fetched.partner_case; // person: not in lists
  console.log(`fetched ${referral_id} ${need} ${person.phones.length}`);
  const act = { referral_id, assignment_fence };
  if (NEW.includes(state)) { // here a person decides; DeclineReferral hands it to another partner
    await desk('AcceptReferral', { request_id: randomUUID(), ...act });
    console.log(`accepted ${referral_id}`);
  }
  // Here the meals are brought; StartReferral tells the landlord that somebody is at work.
  const outcome = 'REFERRAL_OUTCOME_HELPED';
  await desk('CloseReferral', { request_id: randomUUID(), outcome, ...act });
  console.log(`closed ${referral_id}`);
}

// The desk knows what is open, also what was told before this machine was started.
async function workOff() {
  const { cases } = await desk('ListMyReferrals', { states: OPEN, page_size: 1000 });
  for (const open of cases.filter(({ superseded }) => !superseded)) {
    try {
      await workOn(open);
    } catch (failure) { // the case stays open, and a coordinator sees it
      console.log(`left ${open.referral_id} ${failure.message}`);
    }
  }
}

let working = Promise.resolve();
function wake() {
  working = working.then(workOff).catch((failure) => console.error(failure.message));
}

function DeliverReferral(call, answer) {
  if (!isReferralService(call, landlord)) {
    answer({ code: grpc.status.PERMISSION_DENIED, details: 'only the referral service delivers' });
    return;
  }
  // A notice may come twice or late. It only wakes the work, so that this does no harm.
  const { delivery_id, referral_id } = call.request;
  console.log(`received ${referral_id}`);
  wake();
  // Our own number for it, the same each time. The answer is the receipt: no notice follows.
  answer(null, { receipt_number: `sample-${delivery_id.slice(0, 8)}` });
}

const server = new grpc.Server();
server.addService(veille.partner.v1.ReferralInboxService.service, { DeliverReferral });
server.bindAsync(address, serverCredentials(address), (error) => {
  if (error) throw error;
  console.log(`SERVING ${address}`);
  wake();
  setInterval(wake, 60_000);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
