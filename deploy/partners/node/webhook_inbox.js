// A partner's machine that is told of referrals by webhook, fetches each case, accepts it and closes it.
//
//   tests/clients/prepare node     # installs gRPC and Standard Webhooks for Node, in build/clients/node
//   export VEILLE_LANDLORD=<id> VEILLE_PARTNER=<id>   # see `veillectl partner list`; security.js
//   export VEILLE_WEBHOOK_KEY_FILE=<file>             # holds the key that the registration showed
//   node build/clients/node/webhook_inbox.js 127.0.0.1:7007   # at https://127.0.0.1:7007/veille
//
// It serves with VEILLE_TLS_CERTIFICATE and VEILLE_TLS_KEY. Prints a line per event, with ids only, and
// `SERVING <address>` when nothing is left of what was told before. Ends at Ctrl-C.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { Webhook } from 'standardwebhooks';
import { wake, workForEver } from './desk.js';

const MOST_BYTES = 100_000;
const [host, port] = process.argv[2].split(':');
const { VEILLE_WEBHOOK_KEY_FILE, VEILLE_TLS_CERTIFICATE, VEILLE_TLS_KEY } = process.env;
const key = new Webhook(readFileSync(VEILLE_WEBHOOK_KEY_FILE, 'utf8').trim());

// What was signed with our key, in the last five minutes; null for anything else.
function verified(body, headers) {
  try {
    return key.verify(body, headers);
  } catch {
    return null;
  }
}

function take(body, headers) {
  const notice = verified(body, headers);
  if (notice === null) return [401, {}];
  // A notice may come twice or late. It only wakes the work, so that this does no harm.
  const { deliveryId, referralId } = notice.data;
  console.log(`received ${referralId}`);
  wake();
  // Our own number for it, the same each time. Any 2xx is the receipt: no notice follows.
  return [200, { receiptNumber: `sample-${deliveryId.slice(0, 8)}` }];
}

async function bodyOf(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error('too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function serve(request, response) {
  const body = await bodyOf(request);
  const isOurs = request.method === 'POST' && request.url === '/veille';
  const [status, answer] = isOurs ? take(body, request.headers) : [404, {}];
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

const files = { cert: readFileSync(VEILLE_TLS_CERTIFICATE), key: readFileSync(VEILLE_TLS_KEY) };
const server = createServer(files, (request, response) => {
  serve(request, response).catch(() => request.destroy()); // who sends too much, or hangs up
});
server.listen(Number(port), host, () => workForEver(`${host}:${port}`));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
