// How a client shows who calls, and how a partner's machine knows who delivers.
//
//   VEILLE_TLS_AUTHORITY                     who signs certificates (PEM); without it there is no
//                                            TLS, and nothing leaves this machine
//   VEILLE_TOKEN_FILE                        the access token: read for each call, so that whoever
//                                            renews it writes the file, and nothing is restarted
//   VEILLE_TLS_CERTIFICATE, VEILLE_TLS_KEY   a partner's own (PEM): what its inbox serves with, and
//                                            what it calls with when it has no token
//   VEILLE_TRUST_DOMAIN                      of the services' certificates (veille.internal)
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import grpc from '@grpc/grpc-js';

const environment = process.env;
const contentOf = (variable) => environment[variable] && readFileSync(environment[variable]);
const authority = contentOf('VEILLE_TLS_AUTHORITY');
const certificate = contentOf('VEILLE_TLS_CERTIFICATE');
const key = contentOf('VEILLE_TLS_KEY');
const tokenFile = environment.VEILLE_TOKEN_FILE;
const trustDomain = environment.VEILLE_TRUST_DOMAIN ?? 'veille.internal';

function requireLoopback(address) {
  if (/^(127(\.\d{1,3}){3}|localhost|\[::1\]):\d+$/.test(address)) return;
  throw new Error(`${address} is not on this machine: VEILLE_TLS_AUTHORITY is needed`);
}

// What a channel to a service is made with, and the metadata of its calls.
export function proofOf(identity, address) {
  const metadata = new grpc.Metadata();
  if (!authority) { // who calls is claimed, which only `serve --insecure-loopback` believes
    requireLoopback(address);
    for (const [name, value] of Object.entries(identity)) metadata.set(`veille-${name}`, value);
    return { credentials: grpc.credentials.createInsecure(), metadata };
  }
  if (!tokenFile) { // the certificate says it all; one that comes beside a token is refused
    return { credentials: grpc.credentials.createSsl(authority, key, certificate), metadata };
  }
  metadata.set('veille-role', identity.role); // a token may grant several; the rest is in it
  const token = grpc.credentials.createFromMetadataGenerator((_, done) => {
    readFile(tokenFile, 'utf8').then((text) => {
      const bearer = new grpc.Metadata();
      bearer.set('authorization', `Bearer ${text.trim()}`);
      return bearer;
    }).then((bearer) => done(null, bearer), done);
  });
  const channel = grpc.credentials.createSsl(authority);
  return { credentials: grpc.credentials.combineChannelCredentials(channel, token), metadata };
}

// What a server is made with: nobody connects without a certificate of the authority.
export function serverCredentials(address) {
  if (authority) {
    const pair = { private_key: key, cert_chain: certificate };
    return grpc.ServerCredentials.createSsl(authority, [pair], true);
  }
  requireLoopback(address);
  return grpc.ServerCredentials.createInsecure();
}

// Whether the referral service calls, about the landlord's cases.
export function isReferralService(call, landlord) {
  const [role, subject, from] =
    ['role', 'subject', 'landlord'].map((name) => call.metadata.get(`veille-${name}`)[0]);
  if (from !== landlord) return false;
  if (!authority) return role === 'service' && subject === 'referral';
  // As Node writes names: `URI:…, DNS:…, IP Address:…`, one that could mislead in quotes.
  const names = call.getAuthContext().sslPeerCertificate?.subjectaltname ?? '';
  const expected = `URI:spiffe://${trustDomain}/service/referral`;
  const uris = names.split(', ').filter((name) => name.startsWith('URI:'));
  return !names.includes('"') && uris.length === 1 && uris[0] === expected;
}
