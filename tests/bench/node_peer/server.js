'use strict';

// The hot path of call-tracking as an ordinary Node server: the same contract, the same SQL, the same
// registry behind it, each call on its own. tests/bench/run measures the service against it.
//
//   node server.js OPTIONS.json
//
// `workers` processes share one address (cluster), each with a pool of `pool` connections, prepared
// statements and a channel to the registry. Prints "SERVING address"; SIGTERM ends it.
//
// It does what the calls of the benchmark need: leases, and records of calls in which the script was
// followed to its end and all is well. What would need more is answered UNIMPLEMENTED rather than
// half done, so it never does more work than the service, only less.

const cluster = require('node:cluster');
const crypto = require('node:crypto');
const fs = require('node:fs');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');
const { Pool } = require('pg');

const options = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const NIL = '00000000-0000-0000-0000-000000000000';
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const SHARDS = 64;
const LEASE_MILLISECONDS = 15 * 60 * 1000;
const MOST_TRIES = 4;
const HASH_BYTES = 32;
const DISPOSITION_COMPLETED = 1;
const HOUSEHOLD_STATE_DONE = 3;

const WITHOUT_CHANNELZ = { 'grpc.enable_channelz': 0 };  // book-keeping that nobody reads

class Refusal extends Error {
  constructor(code, details) {
    super(details);
    this.code = code;
    this.details = details;
  }
}

// Version 7, as the service makes them: what is made together stands together in the indexes.
function newId() {
  const bytes = crypto.randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function need(id, field) {
  if (!UUID.test(id)) throw new Refusal(grpc.status.INVALID_ARGUMENT, `${field}: a UUID`);
  return id;
}

function callerOf(call) {
  const [role] = call.metadata.get('veille-role');
  const [subject] = call.metadata.get('veille-subject');
  const [landlord] = call.metadata.get('veille-landlord');
  if (role !== 'volunteer' || !subject) throw new Refusal(grpc.status.PERMISSION_DENIED, 'volunteers only');
  return { subject, landlord: need(landlord, 'veille-landlord') };
}

function timestamp(date) {
  const milliseconds = date.getTime();
  return { seconds: Math.floor(milliseconds / 1000), nanos: (milliseconds % 1000) * 1e6 };
}

function load(path) {
  return grpc.loadPackageDefinition(protoLoader.loadSync(path, {
    includeDirs: [options.proto], longs: Number, enums: Number, defaults: true, oneofs: true,
  }));
}

class Calls {
  constructor() {
    const { statements, sealed } = options.pair;
    this.statements = statements;
    this.sealed = Object.fromEntries(
      Object.entries(sealed).map(([name, hex]) => [name, Buffer.from(hex, 'hex')]));
    this.pool = new Pool({ ...options.database, max: options.pool });
    const { RegistryService } = load('veille/registry/v1/registry_service.proto').veille.registry.v1;
    this.registry = new RegistryService(options.registry, grpc.credentials.createInsecure(), WITHOUT_CHANNELZ);
    this.scripts = new Map();
  }

  run(client, name, values) {
    return client.query({ name, text: this.statements[name], values });
  }

  // Several statements in one transaction on one connection.
  async transaction(body) {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      const result = await body(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  }

  async grant(caller, campaign, request) {
    for (let tries = 0; tries < MOST_TRIES; ++tries) {
      const { rows: [row] } = await this.run(this.pool, 'leases.grant', [
        [caller.landlord], [campaign], [caller.subject], [request], [newId()], [new Date()],
        LEASE_MILLISECONDS, true, [NIL], []]);
      if (row.verdict === 'GRANTED' || row.verdict === 'HELD') return row;
      if (row.verdict === 'NONE_DUE') throw new Refusal(grpc.status.NOT_FOUND, 'no call is due');
      if (row.verdict !== 'LOST') throw new Refusal(grpc.status.FAILED_PRECONDITION, row.verdict);
    }
    throw new Refusal(grpc.status.NOT_FOUND, 'no call is due');
  }

  // A campaign's script never changes once it is open.
  async scriptOf(landlord, campaign) {
    const known = this.scripts.get(campaign);
    if (known) return known;
    const { rows: [row] } = await this.pool.query({
      name: 'campaigns.script',
      text: 'SELECT script_id, script_version FROM campaigns WHERE landlord_id = $1 AND campaign_id = $2',
      values: [landlord, campaign],
    });
    this.scripts.set(campaign, row);
    return row;
  }

  contactSheet(landlord, household, lease) {
    const metadata = new grpc.Metadata();
    metadata.set('veille-role', 'service');
    metadata.set('veille-subject', 'call-tracking');
    metadata.set('veille-landlord', landlord);
    const request = { queries: [{ householdId: household, leaseId: lease }] };
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + 2000;
      this.registry.batchGetContactSheets(request, metadata, { deadline }, (error, answer) => {
        if (error) reject(new Refusal(grpc.status.UNAVAILABLE, 'the registry does not answer'));
        else resolve(answer.contactSheets[0]);
      });
    });
  }

  async leaseNextCall(call) {
    const caller = callerOf(call);
    const campaign = need(call.request.campaignId, 'campaign_id');
    const lease = await this.grant(caller, campaign, need(call.request.requestId, 'request_id'));
    const script = await this.scriptOf(caller.landlord, lease.campaign_id);
    const sheet = await this.contactSheet(caller.landlord, lease.household_id, lease.lease_id);
    const known = [];
    for (let at = 0; at < lease.phone_hashes.length; at += HASH_BYTES) {
      known.push(lease.phone_hashes.subarray(at, at + HASH_BYTES));
    }
    const positionOf = (hash) => known.findIndex((one) => one.equals(hash)) + 1;
    return {
      callSheet: {
        lease: {
          leaseId: lease.lease_id,
          campaignId: lease.campaign_id,
          householdId: lease.household_id,
          fence: lease.fence,
          expireTime: timestamp(lease.expire_time),
          attemptNumber: lease.attempt_number,
          phonePosition: positionOf(lease.phone_hash) || 1,
          weeklyCall: lease.weekly_call,
        },
        contact: {
          tenants: sheet.tenants.map((tenant) => ({
            tenantId: tenant.tenantId,
            title: tenant.title,
            familyName: tenant.familyName,
            givenName: tenant.givenName,
            age: tenant.age,
            subject: !tenant.objection && lease.subjects.includes(tenant.tenantId),
          })),
          phones: sheet.phones.map((phone, index) => ({
            e164: phone.e164,
            position: positionOf(phone.phoneHash) || known.length + index + 1,
          })),
          addressLines: sheet.addressLines,
          communeCode: sheet.communeCode,
          communeName: sheet.communeName,
          timeZone: sheet.timeZone,
          keyContacts: sheet.keyContacts.map((contact) => ({ name: contact.name, e164: contact.e164 })),
        },
        scriptId: script.script_id,
        scriptVersion: script.script_version,
      },
    };
  }

  // What the record of this lease may be; the usual call alone.
  judge(row, request) {
    if (!row.lease_id) throw new Refusal(grpc.status.NOT_FOUND, 'no such lease');
    if (Number(row.lease_fence) !== request.fence) {
      throw new Refusal(grpc.status.FAILED_PRECONDITION, 'another fence');
    }
    for (const answer of request.answers) {
      if (!row.subjects.includes(answer.tenantId)) {
        throw new Refusal(grpc.status.INVALID_ARGUMENT, 'answers: none of the household');
      }
    }
    if (row.used_by || row.lease_state !== 'LIVE' || row.attempt_number !== 1) {
      throw new Refusal(grpc.status.UNIMPLEMENTED, 'only first calls, recorded once and in time');
    }
  }

  async recordCall(call) {
    const caller = callerOf(call);
    const request = call.request;
    const landlord = caller.landlord;
    const campaign = need(request.campaignId, 'campaign_id');
    const lease = need(request.leaseId, 'lease_id');
    const id = need(request.requestId, 'request_id');
    const usual = request.disposition === DISPOSITION_COMPLETED && !request.agreements.length &&
      !request.raisedFindings.length &&
      request.answers.every((answer) => answer.questionId === 'well' && answer.boolean === true);
    if (!usual) throw new Refusal(grpc.status.UNIMPLEMENTED, 'only calls in which all is well');
    const attempt = newId();
    const now = new Date();
    const each = (value) => request.answers.map(() => value);
    await this.transaction(async (client) => {
      const { rows: [row] } = await this.run(
        client, 'records.lock', [[landlord], [campaign], [lease], [caller.subject], [id]]);
      this.judge(row, request);
      await this.run(client, 'records.store', [
        [landlord], [campaign], [row.household_id], [lease], [row.volunteer_id], [attempt], [id],
        [row.attempt_number], [row.lease_phone], [this.sealed.disposition], [now], [null], [now],
        [caller.subject], [row.time_zone], ['DONE'], [null], [row.attempt_number], [row.phone_hashes],
        [row.phone_hash], [null], [false], [null], [null], [null], [null], [null], [this.sealed.progress], [0]]);
      await this.run(client, 'answers.store', [
        each(landlord), each(campaign), each(attempt), request.answers.map((answer) => answer.tenantId),
        request.answers.map((answer) => answer.questionId), each(this.sealed.answer)]);
      const figures = ['attempts', 'completed', 'disposition.COMPLETED', 'reached'];
      await this.run(client, 'campaign_figures.add', [
        figures.map(() => landlord), figures.map(() => campaign), figures, figures.map(() => 1),
        crypto.randomInt(SHARDS)]);
    });
    return { attemptId: attempt, householdState: HOUSEHOLD_STATE_DONE };
  }
}

// A handler that answers a promise, as one that gRPC calls back.
function unary(handler) {
  return (call, callback) => handler(call).then(
    (response) => callback(null, response),
    (error) => {
      if (!(error instanceof Refusal)) console.error(error);
      callback(error instanceof Refusal ? error : new Refusal(grpc.status.INTERNAL, 'internal'));
    });
}

function serve() {
  process.on('SIGTERM', () => process.exit(0));
  const calls = new Calls();
  const { CallService } = load('veille/calls/v1/call_service.proto').veille.calls.v1;
  const server = new grpc.Server(WITHOUT_CHANNELZ);
  server.addService(CallService.service, {
    LeaseNextCall: unary((call) => calls.leaseNextCall(call)),
    RecordCall: unary((call) => calls.recordCall(call)),
  });
  server.bindAsync(options.listen, grpc.ServerCredentials.createInsecure(), (error) => {
    if (error) throw error;
    process.send('serving');
  });
}

function lead() {
  let serving = 0;
  if (options.listen.startsWith('unix:')) {
    fs.rmSync(options.listen.slice('unix:'.length), { force: true });  // of a server before this one
  }
  process.on('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGTERM');
    process.exit(0);
  });
  for (let i = 0; i < options.workers; ++i) {
    const worker = cluster.fork();
    worker.on('message', () => {
      if (++serving === options.workers) console.log(`SERVING ${options.listen}`);
    });
    worker.on('exit', () => process.exit(1));
  }
}

if (cluster.isPrimary) lead();
else serve();
