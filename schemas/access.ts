import { z } from "zod";

/**
 * Rights on a repository. `pull`: read images, builds and their logs. `push`: store images, by name or digest. `delete`:
 * delete images. `build`: build images of this name. `run`: connect a runner, which executes RUN for builds of this name.
 * `start`: start containers of images of this name. `admin`: all of these; on all repositories (`**`), also the
 * administration of the server.
 */
export const right = z.enum(["pull", "push", "delete", "build", "run", "start", "admin"]);
export type Right = z.infer<typeof right>;

/**
 * A pattern for names of repositories: `*` matches any characters except `/`, `**` matches any characters. The name of an
 * image of another registry starts with its host: `ghcr.io/team/*`.
 */
export const repositoryPattern = z
  .string()
  .max(255)
  .regex(/^[a-z0-9*._:/-]+$/, "is not a pattern of repository names, such as team/*");

/** `<right>[,<right>…]:<pattern>`, such as `pull,push:team/*`. */
export const scope = z
  .string()
  .max(512)
  .regex(new RegExp(`^(?:${right.options.join("|")})(?:,(?:${right.options.join("|")}))*:[a-z0-9*._:/-]+$`), {
    error: ({ input }) =>
      `${JSON.stringify(input)} is not a scope, such as pull,push:team/*; rights are ${right.options.join(", ")}`,
  });

const scopes = z.array(scope).min(1).max(64);

/** The body of `POST /v1/tokens`. */
export const tokenRequest = z.strictObject({
  /** Describes its purpose, for people. */
  name: z.string().max(100).default(""),
  scopes,
  /** RFC 3339. Default: it is valid until it is revoked. */
  expires: z.iso.datetime({ offset: true }).optional(),
});
export type TokenRequest = z.infer<typeof tokenRequest>;

/** An entry in the list of tokens. Times are RFC 3339. */
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

/** The answer of `GET /v1/tokens`, oldest first. */
export const tokenList = z.object({ tokens: z.array(tokenInfo) });
export type TokenList = z.infer<typeof tokenList>;

/** The answer of `POST /v1/tokens`, the only one that contains the token itself. */
export const createdToken = z.object({ ...tokenInfo.shape, token: z.string() });
export type CreatedToken = z.infer<typeof createdToken>;

const pattern = z.string().min(1).max(512);

/** Accepts OIDC tokens of an issuer for scopes. */
const trustRule = z.strictObject({
  /** Appears in messages, and in tokens that were issued under this rule. */
  name: z.string().min(1).max(100),
  /** Equal to the token's `iss`, for example `https://token.actions.githubusercontent.com`. */
  issuer: z.url({ protocol: /^https?$/ }).max(512),
  /** One of the token's `aud`. */
  audience: z.string().min(1).max(512),
  /** Claims that the token must have, with patterns: `*` matches any characters except `/`, `**` any characters. */
  claims: z
    .record(z.string().min(1).max(100), z.union([pattern, z.array(pattern).min(1).max(64)]))
    .refine(
      (claims) => Object.values(claims).some((wanted) => [wanted].flat().every((text) => /[^*]/.test(text))),
      "must require at least one claim: an issuer such as GitHub signs tokens for all its users",
    ),
  scopes,
});
export type TrustRule = z.infer<typeof trustRule>;

/** Access without a token of this server: `GET` and `PUT /v1/access`, and the setting `VARVE_ACCESS`. */
export const accessSettings = z.strictObject({
  /** Repositories from which all callers may pull. */
  public: z.array(repositoryPattern).max(256).default([]),
  /** Repositories whose images all callers may pull and start. */
  start: z.array(repositoryPattern).max(256).default([]),
  trust: z
    .array(trustRule)
    .max(256)
    .refine((rules) => new Set(rules.map(({ name }) => name)).size === rules.length, "have equal names")
    .default([]),
});
export type AccessSettings = z.infer<typeof accessSettings>;
