// A certified OpenID Connect provider with one account, which signs everybody in without a question. Settings come as JSON
// in the first argument: port, clients, keys, account, and how many seconds its clock is behind.
import Provider from "oidc-provider";

const { port, clients, keys, account, secondsBehind } = JSON.parse(process.argv[2]);
const now = Date.now;
Date.now = () => now() - secondsBehind * 1000;
const issuer = `http://localhost:${port}`;

const provider = new Provider(issuer, {
  clients,
  jwks: { keys },
  cookies: { keys: ["a key for the cookies of a test"] },
  features: { devInteractions: { enabled: false } },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  // Like Google, which puts address and name into the identity itself.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  ttl: { IdToken: 300, Interaction: 600, Session: 600, Grant: 600, AuthorizationCode: 60, AccessToken: 600 },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: id !== "unverified", name: "Ada Lovelace" }),
  }),
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({
      clientId: ctx.oidc.client.clientId,
      accountId: ctx.oidc.session.accountId,
    });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  await provider.interactionFinished(ctx.req, ctx.res, { login: { accountId: account } });
  ctx.respond = false;
});

provider.listen(port, "localhost", () => process.stdout.write("ready\n"));
