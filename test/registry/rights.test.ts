import { describe, expect, test } from "vitest";
import { handleRegistry, type RegistryOptions } from "../../src/registry/server/handle.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { emptyStores, RegistryClient } from "./registry-client.ts";

const blob = "a blob";
const digest = sha256(blob);
const stores = await emptyStores();

describe.each(stores)("in %s", (_, store) => {
  const ask = (method: string, path: string, options: Partial<RegistryOptions> = {}) =>
    handleRegistry(new Request(`http://registry.test/v2/${path}`, { method }), { store, ...options });
  const seesTeam = { canPull: (name: string) => name.startsWith("team/") };

  test("what may not be pulled is neither listed nor mounted", async () => {
    const client = new RegistryClient(store);
    for (const name of ["other/a", "other/b", "team/a", "team/b"])
      await client.ask("POST", `${name}/blobs/uploads/?digest=${digest}`, { body: blob });

    const all = await (await ask("GET", "_catalog")).json();
    expect(all).toEqual({ repositories: ["other/a", "other/b", "team/a", "team/b"] });
    const first = await ask("GET", "_catalog?n=1", seesTeam);
    expect(await first.json()).toEqual({ repositories: ["team/a"] });
    expect(first.headers.get("link")).toBe('</v2/_catalog?n=1&last=team%2Fa>; rel="next"');
    const second = await ask("GET", "_catalog?n=1&last=team%2Fa", seesTeam);
    expect([await second.json(), second.headers.get("link")]).toEqual([{ repositories: ["team/b"] }, null]);

    const mount = async (from: string, options: Partial<RegistryOptions>) =>
      (await ask("POST", `new/x/blobs/uploads/?mount=${digest}${from}`, options)).status;
    const nothing = { canPull: () => false };
    for (const from of ["&from=other/a", "&from=none", ""]) expect(await mount(from, nothing)).toBe(202);
    expect(await mount("&from=other/a", seesTeam)).toBe(202);
    expect(await mount("&from=team/a", seesTeam)).toBe(201);
    expect(await mount("", seesTeam)).toBe(201);
  });

  test("what not everybody may have is kept by its receiver alone", async () => {
    const kept = async (isPublic: boolean) =>
      (await ask("HEAD", `team/a/blobs/${digest}`, { isPublic: () => isPublic })).headers.get(
        "cache-control",
      );
    expect(await kept(true)).toMatch(/^public, max-age=\d+, immutable/);
    expect(await kept(false)).toMatch(/^private, max-age=\d+, immutable/);
  });
});
