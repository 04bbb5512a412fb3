// A real OpenID Connect provider (the package oidc-provider with its development login) that can be told to change its keys and to lie.
// node provider.mjs REDIRECT_URI: prints {"issuer": …} and serves until it is stopped. Control: POST /control with JSON.
import { createServer } from 'node:http';
import { createPublicKey, generateKeyPairSync, createHmac, randomUUID, sign } from 'node:crypto';
import { Provider } from 'oidc-provider';

const [redirectUri] = process.argv.slice(2);
const accounts = new Map();
const tokenRequests = [];
let lie = null;
let keys = [];
let handle = null;
let seenAuthentication = null;

function newKeys() {
  const make = (type, options, alg) => {
    const { privateKey } = generateKeyPairSync(type, options);
    return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg };
  };
  keys = [
    make('rsa', { modulusLength: 2048 }, 'RS256'), make('rsa', { modulusLength: 2048 }, 'PS384'),
    make('ec', { namedCurve: 'P-256' }, 'ES256'), make('ec', { namedCurve: 'P-521' }, 'ES512'),
  ];
}

function client(id, method, alg = 'RS256') {
  return {
    client_id: id, redirect_uris: [redirectUri], grant_types: ['authorization_code'], response_types: ['code'], token_endpoint_auth_method: method,
    id_token_signed_response_alg: alg, ...(method === 'none' ? {} : { client_secret: 's3cret/+%& x' }),
  };
}

const clients = [
  client('togglr', 'client_secret_basic'), client('togglr-post', 'client_secret_post', 'ES256'), client('togglr-public', 'none', 'PS384'), client('togglr-es512', 'none', 'ES512'),
];

function build(issuer) {
  const provider = new Provider(issuer, {
    clients, jwks: { keys }, cookies: { keys: ['a secret of the tests'] },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS384', 'ES256', 'ES512'] },
    scopes: ['openid', 'email', 'profile', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups', 'realm_access'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@corp.example`, email_verified: true, name: `Person ${id}`, ...accounts.get(id) }),
    }),
  });
  provider.on('server_error', (_, error) => console.error(error));
  return provider.callback();
}

const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

// Signs again what the lie says, with the provider's own key unless the lie is about keys.
function retell(idToken) {
  const [head, body, signature] = idToken.split('.');
  const header = { ...JSON.parse(Buffer.from(head, 'base64url')), ...lie.header };
  const claims = { ...JSON.parse(Buffer.from(body, 'base64url')), ...lie.claims };
  for (const name of lie.without ?? []) delete claims[name];
  const jwk = keys.find((key) => key.kid === header.kid);
  const input = `${b64(header)}.${b64(claims)}`;
  switch (lie.sign) {
    case 'none': return `${input}.`;
    case 'keep': return `${input}.${signature}`;
    case 'hmac-public': return `${input}.${createHmac('sha256', createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })).update(input).digest('base64url')}`;
    case 'hmac-secret': return `${input}.${createHmac('sha256', 's3cret/+%& x').update(input).digest('base64url')}`;
    case 'stranger': return `${input}.${sign('sha256', Buffer.from(input), generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey).toString('base64url')}`;
    default: return `${input}.${sign('sha256', Buffer.from(input), { key: jwk, format: 'jwk' }).toString('base64url')}`;
  }
}

function capture(response) {
  const chunks = [];
  const end = response.end.bind(response);
  response.write = (chunk) => chunks.push(Buffer.from(chunk));
  response.end = (chunk) => {
    if (chunk) chunks.push(Buffer.from(chunk));
    let body = Buffer.concat(chunks);
    try {
      const tokens = JSON.parse(body);
      if (tokens.id_token) body = Buffer.from(JSON.stringify({ ...tokens, id_token: retell(tokens.id_token) }));
    } catch (error) { console.error(error); }
    lie = null;
    response.setHeader('content-length', body.length);
    end(body);
  };
}

async function control(request, response) {
  let text = '';
  for await (const chunk of request) text += chunk;
  const command = JSON.parse(text);
  if (command.rotate) { newKeys(); handle = build(issuer); }
  if (command.account) accounts.set(command.account, command.claims);
  if (command.lie) lie = command.lie;
  response.end(JSON.stringify({ tokenRequests: tokenRequests.length, seenAuthentication }));
}

let issuer;
const server = createServer((request, response) => {
  if (request.url === '/control') return void control(request, response);
  if (request.url === '/token') {
    tokenRequests.push(request.url);
    seenAuthentication = request.headers.authorization ? 'basic' : 'body';
    if (lie) capture(response);
  }
  handle(request, response);
});
server.listen(0, '127.0.0.1', () => {
  issuer = `http://localhost:${server.address().port}`;
  newKeys();
  handle = build(issuer);
  console.log(JSON.stringify({ issuer }));
});
