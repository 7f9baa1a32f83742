import { z } from "zod";
import { defaultPool, poolSettings } from "../../../schemas/pools.ts";
import { cut } from "../../streams/cut.ts";
import { matchesPattern } from "../access/pattern.ts";
import { ProblemError } from "../http/problem.ts";
import type { Placement } from "../placement.ts";

/** Variables of the Worker about pools. */
export interface PoolVariables extends Pick<Placement, "VARVE_LOCATION"> {
  /** JSON, see `poolSettings`. */
  VARVE_POOLS?: string;
}

/** Runners that serve some repositories. Each pool has one object with its runners and its queue. */
export interface Pool {
  name: string;
  /** Patterns of repositories. */
  repositories: readonly string[];
  /** Location in which its object is created; empty for near the first request. */
  location: string;
}

/** Separates the name of a pool from an id in it. */
const separator = ".";

let last: { text: string; location: string; pools: ReadonlyMap<string, Pool> } | undefined;

/** All pools by name, in the order of the settings, the default one last. @throws {ProblemError} `settings-invalid` */
export function poolsOf({
  VARVE_POOLS,
  VARVE_LOCATION: location = "",
}: PoolVariables): ReadonlyMap<string, Pool> {
  const text = VARVE_POOLS || "{}";
  if (last?.text !== text || last.location !== location) {
    const pools = Object.entries(read(text)).map(([name, { repositories, location: own = location }]) => ({
      name,
      repositories,
      location: own,
    }));
    const all: Pool[] = [...pools, { name: defaultPool, repositories: ["**"], location }];
    last = { text, location, pools: new Map(all.map((pool) => [pool.name, pool])) };
  }
  return last.pools;
}

/** The pool that serves a build: the first one that has all its repositories. */
export function poolFor(repositories: readonly string[], variables: PoolVariables): Pool {
  const pools = [...poolsOf(variables).values()];
  const found = pools.find((pool) =>
    repositories.every((name) => pool.repositories.some((pattern) => matchesPattern(pattern, name))),
  );
  if (found === undefined) throw new TypeError("There is no default pool");
  return found;
}

/** An id with the name of its pool. Ids in the default pool have no prefix. */
export function idIn({ name }: Pool, id: string): string {
  return name === defaultPool ? id : `${name}${separator}${id}`;
}

/** The pool of an id; undefined when this server has no such pool. */
export function poolOfId(id: string, variables: PoolVariables): Pool | undefined {
  const [pool, rest] = cut(id, separator);
  return poolsOf(variables).get(rest === undefined ? defaultPool : pool);
}

function read(text: string): z.infer<typeof poolSettings> {
  try {
    return poolSettings.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new ProblemError("settings-invalid", { detail: `Cannot use VARVE_POOLS: ${why}` });
  }
}
