// What every client of Veille needs: the contract, deadlines, typed errors, retries.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';
import { proofOf } from './security.js';

const files = [
  'veille/calls/v1/call_service.proto',
  'veille/calls/v1/script_service.proto',
  'veille/partner/v1/partner_desk_service.proto',
  'veille/partner/v1/referral_inbox_service.proto',
  'google/rpc/error_details.proto',
  'google/rpc/status.proto',
];
const contract = protoLoader.loadSync(files, {
  includeDirs: [fileURLToPath(new URL('../../../proto', import.meta.url))],
  keepCase: true, // names as in the contract
  enums: String,
  longs: String, // an int64 is larger than a JavaScript number
  defaults: true,
});
export const { veille } = grpc.loadPackageDefinition(contract);

const DEADLINE_MS = 10_000;
// Nobody answered, or not in time. What was sent may be done; sent again with its request_id it is
// not done twice.
const NO_ANSWER = [grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED];

// An error as Veille tells it: `reason` is for programs (veille/common/v1/errors.proto has them
// all), the message for people, `retryMs` there when waiting helps.
export class Failure extends Error {
  constructor(method, error) {
    const details = detailsOf(error);
    const reason = details['google.rpc.ErrorInfo']?.reason ?? grpc.status[error.code];
    const fields = details['google.rpc.BadRequest']?.field_violations ?? [];
    const delay = details['google.rpc.RetryInfo']?.retry_delay;
    const lines = fields.map(({ field, description }) => `\n  ${field}: ${description}`);
    super(`${method}: ${reason}: ${error.details}${lines.join('')}`);
    this.reason = reason;
    if (delay) this.retryMs = Number(delay.seconds) * 1000 + delay.nanos / 1e6;
    else if (NO_ANSWER.includes(error.code)) this.retryMs = 1000;
  }
}

// The messages in google.rpc.Status.details, by their types.
function detailsOf(error) {
  const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (!bytes) return {};
  const { details } = contract['google.rpc.Status'].deserialize(bytes);
  return Object.fromEntries(details.map(({ type_url, value }) => {
    const type = type_url.split('/').pop();
    return [type, contract[type]?.deserialize(value)];
  }));
}

// One caller's calls of one service, such as veille.calls.v1.CallService: (method, request) gives
// the response, after waiting and asking again as long as that can help.
export function connect(Service, address, identity) {
  const { credentials, metadata } = proofOf(identity, address);
  const stub = new Service(address, credentials);
  const once = (method, request) => new Promise((resolve, reject) => {
    stub[method](request, metadata, { deadline: Date.now() + DEADLINE_MS }, (error, response) => (
      error ? reject(new Failure(method, error)) : resolve(response)));
  });
  return async function call(method, request) {
    try {
      return await once(method, request);
    } catch (failure) {
      if (failure.retryMs === undefined) throw failure;
      console.log(`${failure.message}; again in ${failure.retryMs / 1000} s`);
      await sleep(failure.retryMs);
      return call(method, request);
    }
  };
}
