import { expect, test } from "vitest";
import { parsePlatform } from "../../src/oci/platform.ts";
import { parseReference } from "../../src/oci/reference.ts";
import { ImageResolver } from "../../src/registry/image-resolver.ts";
import { RestrictedRegistry } from "../../src/registry/restricted.ts";
import { StoreRegistry } from "../../src/registry/store/store-registry.ts";
import { memoryStore } from "../../src/store/memory-store.ts";
import { pushImage, testImage } from "./test-image.ts";

const amd64 = parsePlatform("linux/amd64");
const image = testImage();

/** A server with the image `team/app:1`, from which the caller may pull. */
async function resolverOf({ prefersOwn = true, canPull = true, ownHost = "varve.example" } = {}) {
  const store = memoryStore();
  const registry = new StoreRegistry(store);
  await pushImage(registry, "team/app", image, "1");
  const requested: string[] = [];
  const elsewhere = {
    async readManifest(name: string): Promise<never> {
      requested.push(name);
      throw new Error(`${name} is requested elsewhere`);
    },
    fetchBlob: async () => false,
  };
  return new ImageResolver({
    store,
    own: new RestrictedRegistry(registry, () => canPull),
    isOwnHost: (host) => host === "localhost",
    ownHost,
    prefersOwn,
    remote: () => elsewhere,
  });
}

test.each(["team/app:1", `team/app@${image.descriptor.digest}`])(
  "%s is the image of this server, with its layers",
  async (name) => {
    const resolver = await resolverOf();
    const { reference, manifest } = await resolver.resolveImage(parseReference(name), amd64);
    expect(reference).toMatchObject({ host: "localhost", path: "team/app" });
    for (const layer of manifest.layers) expect(await resolver.ensureBlob(reference, layer)).toBe(false);
  },
);

test.each<[string, string, Parameters<typeof resolverOf>[0], object]>([
  ["a tag that this server does not have", "team/app:2", {}, {}],
  ["a name with another host", "registry.example/team/app:1", {}, {}],
  ["a name that is to be requested again", "team/app:1", {}, { fresh: true }],
  ["a build that does not prefer them", "team/app:1", { prefersOwn: false }, {}],
  ["a caller who may not pull it", "team/app:1", { canPull: false }, {}],
])("%s is an image of another registry", async (_, name, options, resolving) => {
  const resolver = await resolverOf(options);
  await expect(resolver.resolveImage(parseReference(name), amd64, resolving)).rejects.toThrow(
    "team/app is requested elsewhere",
  );
});

test.each<[string, string | undefined, Parameters<typeof resolverOf>[0]?]>([
  ["team/app:1", "varve.example/team/app:1"],
  [`team/app@${image.descriptor.digest}`, `varve.example/team/app@${image.descriptor.digest}`],
  ["team/app:1", undefined, { canPull: false }],
  ["team/app:2", undefined],
  ["team/other:1", undefined],
  ["registry.example/team/app:1", undefined],
])("the server's own name for %s is %s", async (name, own, options = {}) => {
  const resolver = await resolverOf({ prefersOwn: false, ...options });
  expect(await resolver.ownName(parseReference(name))).toBe(own);
});
