import { decodeOrKeep } from "../streams/percent-encoding.ts";

/** Finds the first route that matches a path, and its parameters. */
export function matchRoute<R extends { path: string }>(
  routes: readonly R[],
  path: string,
): { route: R; params: Record<string, string> } | undefined {
  for (const route of routes) {
    const params = paramsOf(route.path, path);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

function paramsOf(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = partsOf(pattern);
  const given = partsOf(path);
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    if (part.endsWith("*")) {
      params[part.slice(1, -1)] = given.slice(index).map(decodeOrKeep).join("/");
      return params;
    }
    const value = given[index];
    if (value === undefined) return undefined;
    if (part.startsWith(":")) params[part.slice(1)] = decodeOrKeep(value);
    else if (part !== value) return undefined;
  }
  return wanted.length === given.length ? params : undefined;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}
