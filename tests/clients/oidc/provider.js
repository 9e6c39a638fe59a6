// A provider of identities (OpenID Connect), as a landlord has one: people sign in with a password,
// and applications get access tokens (RFC 9068) for Veille.
//
//   OIDC_ISSUER                            https://localhost:PORT: where it listens, and its name
//   OIDC_CERTIFICATE, OIDC_KEY             what it proves itself with (PEM)
//   OIDC_PEOPLE                            a file: {"login": {"password": …, "claims": {…}}, …}
//
// Prints LISTENING when it listens. Signals turn its keys over:
//   SIGHUP    signs with a new key of another kind from now on, and prints SIGNING and which; the
//             keys before stay published
//   SIGUSR2   publishes only the key that signs, and prints PUBLISHED and which
import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import Provider from 'oidc-provider';

const issuer = process.env.OIDC_ISSUER;
const people = JSON.parse(readFileSync(process.env.OIDC_PEOPLE, 'utf8'));

// The one application: no secret, PKCE, and one way back to it.
const application = {
  client_id: 'veille-app',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  response_types: ['code'],
  redirect_uris: ['https://app.veille.example/signed-in'],
};
// Whom access tokens can be for, by the resource that the application names.
const audiences = { 'https://veille.example': 'veille', 'https://elsewhere.example': 'elsewhere' };

const kinds = {
  ES256: ['ec', { namedCurve: 'P-256' }],
  EdDSA: ['ed25519', {}],
  RS256: ['rsa', { modulusLength: 2048 }],
};
function newKey(alg) {
  const { privateKey } = generateKeyPairSync(...kinds[alg]);
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: randomUUID() };
}

const account = (login) => ({ accountId: login, claims: () => ({ sub: login }) });

// Who signs in has agreed already: the application is the landlord's own.
async function agreedGrant(ctx) {
  const { provider, client, session, params } = ctx.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid calls');
  grant.addResourceScope(params.resource, 'calls');
  await grant.save();
  return grant;
}

function providerWith(keys) {
  const [{ alg }] = keys; // the first signs
  return new Provider(issuer, {
    jwks: { keys },
    clients: [{ ...application, id_token_signed_response_alg: alg }],
    cookies: { keys: ['of a test'] },
    scopes: ['openid', 'calls'],
    pkce: { required: () => true },
    findAccount: (_, login) => (people[login] ? account(login) : undefined),
    loadExistingGrant: agreedGrant,
    interactions: { url: (_, interaction) => `/sign-in/${interaction.uid}` },
    ttl: { AccessToken: 600, IdToken: 600, Session: 600, Grant: 600, Interaction: 600 },
    extraTokenClaims: (_, token) => people[token.accountId].claims,
    features: {
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          scope: 'calls',
          audience: audiences[resource],
          accessTokenTTL: 600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg } },
        }),
      },
    },
  });
}

// The page to which people are sent to say who they are; here only what it does with their answer.
async function signIn(provider, request, response) {
  let body = '';
  for await (const part of request) body += part;
  const { login, password } = Object.fromEntries(new URLSearchParams(body));
  const digest = (text) => createHash('sha256').update(String(text)).digest('hex');
  const known = people[login] && digest(people[login].password) === digest(password);
  const result = known ? { login: { accountId: login } } : { error: 'access_denied' };
  await provider.interactionFinished(request, response, result);
}

let keys = [newKey('ES256')];
let provider = providerWith(keys);

const server = createServer({
  cert: readFileSync(process.env.OIDC_CERTIFICATE),
  key: readFileSync(process.env.OIDC_KEY),
}, (request, response) => {
  if (request.method !== 'POST' || !request.url.startsWith('/sign-in/')) {
    provider.callback()(request, response);
    return;
  }
  signIn(provider, request, response).catch(() => response.writeHead(400).end());
});
server.listen(Number(new URL(issuer).port), '127.0.0.1', () => console.log('LISTENING'));

function use(changed, word) {
  keys = changed;
  provider = providerWith(keys);
  console.log(`${word} ${keys[0].alg}`);
}
process.on('SIGHUP', () => {
  const algs = Object.keys(kinds);
  const next = algs[(algs.indexOf(keys[0].alg) + 1) % algs.length];
  use([newKey(next), ...keys], 'SIGNING');
});
process.on('SIGUSR2', () => use([keys[0]], 'PUBLISHED'));
