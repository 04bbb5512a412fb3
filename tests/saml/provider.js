// A real SAML 2.0 identity provider (the package samlp) for the integration tests.
// node provider.js FOLDER: reads idp.pem and idp.key there, prints {"address": …} and serves until it is stopped. Control: POST /control with JSON.
'use strict';
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const samlp = require('samlp');

const folder = process.argv[2];
const cert = fs.readFileSync(path.join(folder, 'idp.pem'));
const key = fs.readFileSync(path.join(folder, 'idp.key'));
let user = null;
let options = {};
let failure = null;

function profileMapper(profile) {
  return {
    getClaims: () => profile.claims,
    getNameIdentifier: () => ({ nameIdentifier: profile.id, nameIdentifierFormat: profile.format }),
  };
}
profileMapper.prototype = { metadata: [] };

function express(request, response) {
  const url = new URL(request.url, 'http://localhost');
  request.query = Object.fromEntries(url.searchParams);
  request.originalUrl = request.url;
  response.set = (name, value) => response.setHeader(name, value);
  response.send = (status, body) => {
    if (typeof status === 'number') response.statusCode = status; else body = status;
    response.end(body);
  };
  return url;
}

async function control(request, response) {
  let text = '';
  for await (const chunk of request) text += chunk;
  ({ user = null, options = {}, failure = null } = JSON.parse(text));
  response.end('{}');
}

const server = http.createServer((request, response) => {
  const url = express(request, response);
  const fail = (error) => { failure = String(error); response.statusCode = 500; response.end(String(error && error.stack)); };
  const issuer = `http://localhost:${server.address().port}/idp`;
  const common = { issuer, cert, key };
  if (url.pathname === '/control') return void control(request, response);
  if (url.pathname === '/metadata') {
    request.headers['x-forwarded-proto'] = 'http';
    return void samlp.metadata({ ...common, redirectEndpointPath: '/sso', postEndpointPath: '/sso' })(request, response, fail);
  }
  if (url.pathname !== '/sso') return void response.send(404, '');
  if (options.deny) {
    return void samlp.parseRequest(request, (error, data) => error ? fail(error) : samlp.sendError({
      ...common, inResponseTo: data.id, destination: data.assertionConsumerServiceURL, RelayState: request.query.RelayState, error: { description: 'no' }, getPostURL: (_, done) => done(null, data.assertionConsumerServiceURL),
    })(request, response, fail));
  }
  samlp.parseRequest(request, (error, data) => {
    if (error) return fail(error);
    samlp.auth({
      ...common, ...options, profileMapper, getUserFromRequest: () => user, getPostURL: (audience, dom, req, done) => done(null, data.assertionConsumerServiceURL),
      destination: data.assertionConsumerServiceURL, recipient: data.assertionConsumerServiceURL,
    })(request, response, fail);
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ address: `http://localhost:${server.address().port}` })));
