import { z } from "zod";
import { repositoryPattern } from "./access.ts";

/** Where Cloudflare creates an object: https://developers.cloudflare.com/durable-objects/reference/data-location/ */
export const objectLocation = z.enum([
  "wnam",
  "enam",
  "sam",
  "weur",
  "eeur",
  "apac",
  "apac-ne",
  "apac-se",
  "oc",
  "afr",
  "me",
]);

/** Where Cloudflare keeps objects and executes them. */
export const jurisdiction = z.enum(["eu", "fedramp", "fedramp-high", "us"]);

/** The pool of repositories that no other pool has. */
export const defaultPool = "default";

/** Name of a pool of runners. A part of names of jobs and of tokens, so it has no dot. */
export const poolName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/, "is not a name of a pool, such as team-eu");

const pool = z.strictObject({
  /** Patterns of repositories whose builds only this pool serves. */
  repositories: z.array(repositoryPattern).min(1).max(256),
  /** Where its queue is created. Default: that of the server. */
  location: objectLocation.optional(),
});

/** The variable `VARVE_POOLS`: pools by name. The first one with all repositories of a build serves it. */
export const poolSettings = z
  .record(z.string(), pool)
  .refine(
    (pools) => Object.keys(pools).every((name) => poolName.safeParse(name).success),
    "has a name that is not of lowercase letters, digits and dashes, such as team-eu",
  )
  .refine((pools) => Object.keys(pools).length <= 32, "has more than 32 pools")
  .refine(
    (pools) => !Object.hasOwn(pools, defaultPool),
    `names the pool ${defaultPool}, which always exists`,
  );
