// An OpenID Connect provider on loopback: `oidc-provider` of npm, with its own forms for login and
// consent, at which any login is taken with any password. It tells its issuer on standard output.
//
// PORT, REDIRECT   where it listens (0 for anywhere), and where it may send people back to
// PLAIN            claims stand in the ID token, and the secret comes in the body of requests
//
// GET /tamper/HOW has it give ID tokens that are not good, as `tampered` knows them.

import { createHmac, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const { PORT = '0', REDIRECT, PLAIN } = process.env;
const pair = (kid) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const told = { kid, use: 'sig', alg: 'RS256' };
  const secret = { ...privateKey.export({ format: 'jwk' }), ...told };
  const open = { ...createPublicKey(privateKey).export({ format: 'jwk' }), ...told };
  return { kid, privateKey, secret, open };
};
const ours = pair('ours');
const strangers = pair('strangers');
const next = pair('next');
let how = 'not';

const server = createServer();
await new Promise((listening) => server.listen(Number(PORT), '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'way bill',
      client_secret: 'a secret: 100% & more',
      redirect_uris: [REDIRECT],
      token_endpoint_auth_method: PLAIN ? 'client_secret_post' : 'client_secret_basic',
    },
  ],
  clientAuthMethods: [PLAIN ? 'client_secret_post' : 'client_secret_basic'],
  claims: { email: ['email', 'email_verified'], profile: ['preferred_username'] },
  conformIdTokenClaims: !PLAIN,
  cookies: { keys: ['of this test alone'] },
  jwks: { keys: [ours.secret] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: id,
      email_verified: !id.startsWith('new-'),
      preferred_username: id.split('@')[0],
    }),
  }),
});

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = (text) => JSON.parse(Buffer.from(text, 'base64url'));

function signed(header, claims, key) {
  const text = `${encoded(header)}.${encoded(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), key.privateKey).toString('base64url')}`;
}

function tampered(token) {
  const [head, body, signature] = token.split('.');
  const [header, claims] = [decoded(head), decoded(body)];
  const again = (changes) => signed(header, { ...claims, ...changes }, ours);
  switch (how) {
    case 'claims':
      return `${head}.${encoded({ ...claims, sub: 'boss@acme.example' })}.${signature}`;
    case 'signature':
      return signed(header, claims, strangers);
    case 'key':
      return signed({ ...header, kid: strangers.kid }, claims, strangers);
    case 'rotated':
      return signed({ ...header, kid: next.kid }, claims, next);
    case 'none':
      return `${encoded({ alg: 'none' })}.${body}.`;
    case 'hmac': {
      const text = `${encoded({ alg: 'HS256', kid: ours.kid })}.${body}`;
      const pem = createPublicKey(ours.privateKey).export({ type: 'spki', format: 'pem' });
      return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`;
    }
    case 'expired':
      return again({ iat: claims.iat - 3600, exp: claims.iat - 120 });
    case 'nonce':
      return again({ nonce: 'another' });
    case 'audience':
      return again({ aud: 'another' });
    case 'issuer':
      return again({ iss: 'https://another.example' });
    default:
      return token;
  }
}

provider.use(async (ctx, go) => {
  if (ctx.path.startsWith('/tamper/')) {
    how = ctx.path.split('/')[2];
    ctx.body = 'so be it';
    return;
  }
  await go();
  if (ctx.path === '/token' && ctx.body?.id_token) ctx.body.id_token = tampered(ctx.body.id_token);
  if (ctx.path === '/jwks' && how === 'rotated') ctx.body.keys.push(next.open);
  if (ctx.path === '/me' && how === 'subject') ctx.body.sub = 'another';
});

server.on('request', provider.callback());
console.log(issuer);
