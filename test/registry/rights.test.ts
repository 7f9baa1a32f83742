import { describe, expect, test } from "vitest";
import { RestrictedRegistry } from "../../src/registry/restricted.ts";
import { handleRegistry } from "../../src/registry/server/handle.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { emptyStores, RegistryClient } from "./registry-client.ts";

const blob = "a blob";
const digest = sha256(blob);
const stores = await emptyStores();

describe.each(stores)("in %s", (_, store) => {
  const ask = (method: string, path: string, canPull: (name: string) => boolean = () => true) => {
    const allows = (right: string, name: string) => right === "push" || canPull(name);
    const registry = new RestrictedRegistry(new StoreRegistry(store), allows);
    return handleRegistry(new Request(`http://registry.test/v2/${path}`, { method }), registry);
  };
  const seesTeam = (name: string) => name.startsWith("team/");

  test("repositories without the pull right are neither listed nor mounted", async () => {
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

    const mount = async (from: string, canPull: (name: string) => boolean) =>
      (await ask("POST", `new/x/blobs/uploads/?mount=${digest}${from}`, canPull)).status;
    const nothing = () => false;
    for (const from of ["&from=other/a", "&from=none", ""]) expect(await mount(from, nothing)).toBe(202);
    expect(await mount("&from=other/a", seesTeam)).toBe(202);
    expect(await mount("&from=team/a", seesTeam)).toBe(201);
    expect(await mount("", seesTeam)).toBe(201);
  });

  test("content that is not public is cached only by the client", async () => {
    const request = new Request(`http://registry.test/v2/team/a/blobs/${digest}`, { method: "HEAD" });
    const kept = async (isPublic: boolean) => {
      const answer = await handleRegistry(request, new StoreRegistry(store), { isPublic: () => isPublic });
      return answer.headers.get("cache-control");
    };
    expect(await kept(true)).toMatch(/^public, max-age=\d+, immutable/);
    expect(await kept(false)).toMatch(/^private, max-age=\d+, immutable/);
  });
});
