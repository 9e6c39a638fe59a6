// A partner's machine: is told of referrals, fetches each case, accepts it and closes it.
//
//   tests/clients/prepare node     # installs gRPC for Node, in build/clients/node
//   export VEILLE_LANDLORD=<id> VEILLE_PARTNER=<id>   # see `veillectl partner list`; security.js
//   node build/clients/node/partner_inbox.js 127.0.0.1:7006   # its endpoint
//
// Prints a line per event, with ids only, and `SERVING <address>` when nothing is left of what was told
// before. Ends at Ctrl-C.
import grpc from '@grpc/grpc-js';
import { veille } from './connection.js';
import { landlord, wake, workForEver } from './desk.js';
import { isReferralService, serverCredentials } from './security.js';

const address = process.argv[2];

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
  workForEver(address);
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
