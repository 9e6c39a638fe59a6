// What a partner's machine does at the desk: fetches each case, accepts it and closes it.
import { randomUUID } from 'node:crypto';
import { connect, veille } from './connection.js';

export const { VEILLE_LANDLORD: landlord, VEILLE_PARTNER: partner } = process.env;
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
  console.log(`fetched ${referral_id} ${need} ${person?.phones.length ?? 0}`); // of a test: nobody
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

// Whoever was told something calls this; it does no harm when there is nothing to do.
let working = Promise.resolve();
export function wake() {
  working = working.then(workOff).catch((failure) => console.error(failure.message));
  return working;
}

// First what was told before this machine was started.
export async function workForEver(address) {
  await wake();
  console.log(`SERVING ${address}`);
  setInterval(wake, 60_000);
}
