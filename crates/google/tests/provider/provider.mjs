// An OpenID-certified provider (npm oidc-provider) shaped like Google, for a client that was not written against it.
//
// Listens on a free port of 127.0.0.1 and prints one line of JSON: {"port": N}. People sign in by themselves:
// login_hint=deny presses "cancel". POST /_test/rotate changes the signing key.
//
// Node looks for packages next to this file; the test says in JINLIU_NODE_MODULES where they are instead.
import { createServer } from 'node:http';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Standard output has one line for the test; the provider's own remarks go elsewhere.
console.info = console.error;

const require = createRequire(join(process.env.JINLIU_NODE_MODULES, 'here.js'));
const { default: Provider, interactionPolicy } = await import(
  pathToFileURL(require.resolve('oidc-provider'))
);

const CLIENT_ID = 'cid.apps.googleusercontent.com';
const REDIRECT_URI = 'http://localhost:8080/auth/google/callback';
const ACCOUNT = {
  sub: '110169484474386276334',
  email: 'buyer@example.com',
  email_verified: true,
  name: '王小明',
  given_name: '小明',
  picture: 'https://lh3.googleusercontent.com/a/buyer',
  locale: 'zh-TW',
  hd: 'example.com',
};

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };
}

function newProvider(issuer) {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  const provider = new Provider(issuer, {
    jwks: { keys: [newKey()] },
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: 'the-secret',
        redirect_uris: [REDIRECT_URI],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
        application_type: 'native',
      },
    ],
    routes: {
      authorization: '/o/oauth2/v2/auth',
      token: '/token',
      jwks: '/oauth2/v3/certs',
      userinfo: '/v1/userinfo',
      revocation: '/revoke',
    },
    scopes: ['openid', 'email', 'profile'],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'given_name', 'picture', 'locale', 'hd'],
    },
    conformIdTokenClaims: false,
    extraParams: ['hd', 'access_type', 'include_granted_scopes'],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { policy, url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: [randomUUID()] },
    findAccount: () => ({ accountId: ACCOUNT.sub, claims: () => ACCOUNT }),
  });
  provider.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next();
    const { params } = await provider.interactionDetails(ctx.req, ctx.res);
    if (params.login_hint === 'deny') {
      return provider.interactionFinished(ctx.req, ctx.res, { error: 'access_denied' });
    }
    const grant = new provider.Grant({ accountId: ACCOUNT.sub, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    return provider.interactionFinished(ctx.req, ctx.res, {
      select_account: {},
      login: { accountId: ACCOUNT.sub },
      consent: { grantId: await grant.save() },
    });
  });
  return provider.callback();
}

let handle;
const server = createServer((request, response) => {
  if (request.url === '/_test/rotate') {
    handle = newProvider(issuer);
    response.end('rotated');
    return;
  }
  handle(request, response);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;
handle = newProvider(issuer);
console.log(JSON.stringify({ port: server.address().port }));
// Ends with the test that started it.
process.stdin.resume().on('end', () => process.exit(0));
