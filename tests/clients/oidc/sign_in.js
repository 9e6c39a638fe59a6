// Signs a person in as a browser and an application would: the authorization code flow with PKCE
// (RFC 7636) and a resource indicator (RFC 8707). Prints {"access_token": …, "id_token": …}.
//
//   OIDC_ISSUER, OIDC_AUTHORITY     where the provider is, and who certifies it (PEM)
//   OIDC_RESOURCE                   what the access token is for
//   OIDC_LOGIN, OIDC_PASSWORD       who signs in
//   OIDC_WRONG_VERIFIER             set: redeems the code as somebody who stole it
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as send } from 'node:https';

const environment = process.env;
const ca = readFileSync(environment.OIDC_AUTHORITY);
const redirectUri = 'https://app.veille.example/signed-in';
const cookies = new Map();

// One request, with the cookies of those before; redirects are left to the caller.
function ask(address, form) {
  const headers = { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
  const body = form && new URLSearchParams(form).toString();
  if (body) headers['content-type'] = 'application/x-www-form-urlencoded';
  return new Promise((resolve, reject) => {
    const options = { ca, headers, method: form ? 'POST' : 'GET' };
    const sent = send(address, options, async (response) => {
      for (const line of response.headers['set-cookie'] ?? []) {
        const [name, value] = line.split(';')[0].split('=');
        cookies.set(name, value);
      }
      let text = '';
      for await (const part of response) text += part;
      const { location } = response.headers;
      resolve({ status: response.statusCode, text, location: location && new URL(location, address) });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function discover() {
  const { text } = await ask(new URL('/.well-known/openid-configuration', environment.OIDC_ISSUER));
  return JSON.parse(text);
}

// Follows the provider from page to page until it sends the browser back to the application.
async function codeOf(start) {
  let address = start;
  for (let steps = 0; steps < 10; steps += 1) {
    const form = address.pathname.startsWith('/sign-in/')
      ? { login: environment.OIDC_LOGIN, password: environment.OIDC_PASSWORD } : undefined;
    const { status, location } = await ask(address, form);
    if (!location) throw new Error(`the provider answers HTTP ${status}`);
    if (location.href.startsWith(redirectUri)) return location.searchParams;
    address = location;
  }
  throw new Error('the provider leads nowhere');
}

const { authorization_endpoint: authorize, token_endpoint: token } = await discover();
const verifier = randomBytes(32).toString('base64url');
const state = randomBytes(16).toString('base64url');
const start = new URL(authorize);
start.search = new URLSearchParams({
  client_id: 'veille-app',
  response_type: 'code',
  redirect_uri: redirectUri,
  scope: 'openid calls',
  resource: environment.OIDC_RESOURCE,
  state,
  nonce: randomBytes(16).toString('base64url'),
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
});
const back = await codeOf(start);
if (back.get('error')) throw new Error(`not signed in: ${back.get('error')}`);
if (back.get('state') !== state) throw new Error('the answer belongs to another request');
const { status, text } = await ask(new URL(token), {
  client_id: 'veille-app',
  grant_type: 'authorization_code',
  code: back.get('code'),
  redirect_uri: redirectUri,
  code_verifier: environment.OIDC_WRONG_VERIFIER ? `${verifier}x` : verifier,
  resource: environment.OIDC_RESOURCE,
});
if (status !== 200) throw new Error(`no tokens: HTTP ${status} ${JSON.parse(text).error}`);
console.log(text);
