import { z } from "zod";

/**
 * What may be done with a repository. `pull`: read images, builds and their logs. `push`: put images, by name or digest.
 * `delete`: take them away. `build`: build images of this name. `run`: be a runner, which
 * executes RUN for builds of this name. `start`: start containers of images of this name. `admin`: all of it, and for every repository also what concerns the server as a whole.
 */
export const right = z.enum(["pull", "push", "delete", "build", "run", "start", "admin"]);
export type Right = z.infer<typeof right>;

/**
 * Names of repositories: `*` stands for any characters but `/`, `**` for any at all. An image under a name of another
 * registry has its host: `ghcr.io/team/*`.
 */
export const repositoryPattern = z
  .string()
  .max(255)
  .regex(/^[a-z0-9*._:/-]+$/, "is not a pattern of repository names, such as team/*");

/** `<right>[,<right>…]:<pattern>`, such as `pull,push:team/*`. */
export const scope = z
  .string()
  .max(512)
  .regex(
    new RegExp(`^(?:${right.options.join("|")})(?:,(?:${right.options.join("|")}))*:[a-z0-9*._:/-]+$`),
    `is not a scope, such as pull,push:team/*; rights are ${right.options.join(", ")}`,
  );

const scopes = z.array(scope).min(1).max(64);

/** The body of `POST /v1/tokens`. */
export const tokenRequest = z.strictObject({
  /** What it is for, for people. */
  name: z.string().max(100).default(""),
  scopes,
  /** RFC 3339; without it the token is good until it is revoked. */
  expires: z.iso.datetime({ offset: true }).optional(),
});
export type TokenRequest = z.infer<typeof tokenRequest>;

/** A token as it is listed. Times are RFC 3339. */
export const tokenInfo = z.object({
  id: z.string(),
  name: z.string(),
  scopes,
  created: z.string(),
  expires: z.string().optional(),
  /** The day on which it was last used. */
  used: z.string().optional(),
});
export type TokenInfo = z.infer<typeof tokenInfo>;

/** What `GET /v1/tokens` answers, oldest first. */
export const tokenList = z.object({ tokens: z.array(tokenInfo) });
export type TokenList = z.infer<typeof tokenList>;

/** What `POST /v1/tokens` answers: the only time that the token itself is told. */
export const createdToken = z.object({ ...tokenInfo.shape, token: z.string() });
export type CreatedToken = z.infer<typeof createdToken>;

const pattern = z.string().min(1).max(512);

/** Whose OIDC tokens are taken for what. */
export const trustRule = z.strictObject({
  /** Told in messages and kept with what was signed by virtue of it. */
  name: z.string().min(1).max(100),
  /** As `https://token.actions.githubusercontent.com`; exactly the token's `iss`. */
  issuer: z.url({ protocol: /^https?$/ }).max(512),
  /** One of the token's `aud`. */
  audience: z.string().min(1).max(512),
  /** Each of these claims must be there and match: `*` stands for any characters but `/`, `**` for any at all. */
  claims: z
    .record(z.string().min(1).max(100), z.union([pattern, z.array(pattern).min(1).max(64)]))
    .refine(
      (claims) => Object.values(claims).some((wanted) => [wanted].flat().every((text) => /[^*]/.test(text))),
      "must ask for something: an issuer such as GitHub signs tokens for everybody",
    ),
  scopes,
});
export type TrustRule = z.infer<typeof trustRule>;

/** Who may do what without a token of this server: `GET` and `PUT /v1/access`, and the setting `VARVE_ACCESS`. */
export const accessSettings = z.strictObject({
  /** Repositories that everybody may pull from. */
  public: z.array(repositoryPattern).max(256).default([]),
  /** Repositories whose images everybody may pull and start containers of. */
  start: z.array(repositoryPattern).max(256).default([]),
  trust: z
    .array(trustRule)
    .max(256)
    .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, "have equal names")
    .default([]),
});
export type AccessSettings = z.infer<typeof accessSettings>;
