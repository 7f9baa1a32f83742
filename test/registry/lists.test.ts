import { describe, expect, test } from "vitest";
import { OCI } from "../../src/oci/media-types.ts";
import { Catalog } from "../../src/registry/store/catalog.ts";
import { sha256 } from "../../src/streams/sha256.ts";
import { emptyStores, faultOf, RegistryClient } from "./registry-client.ts";
import { content, type TestImage, testImage, testIndex } from "./test-image.ts";

const image = testImage();
const manifest = JSON.parse(new TextDecoder().decode(image.bytes));
const index = JSON.parse(new TextDecoder().decode(testIndex({}).bytes));
const subject = { mediaType: OCI.manifest, digest: sha256("subject"), size: 7 };

/** A manifest with this subject. */
function about(fields: object = {}): TestImage {
  return { ...image, ...content(JSON.stringify({ ...manifest, subject, ...fields }), OCI.manifest) };
}

interface Referrers {
  schemaVersion: number;
  mediaType: string;
  manifests: { digest: string; size: number; artifactType?: string; annotations?: object }[];
}

describe.each(await emptyStores())("lists of %s", (where, store) => {
  const client = new RegistryClient(store);
  const ask = client.ask.bind(client);
  let repositories = 0;
  const fresh = () => `${where.toLowerCase()}/l${repositories++}`;

  /** Follows the links of a list and returns its pages. */
  const pages = async <T>(path: string, read: (body: never) => T[]): Promise<T[][]> => {
    const found: T[][] = [];
    for (let next: string | undefined = path; next !== undefined; ) {
      const response: Response = await ask("GET", next);
      found.push(read((await response.json()) as never));
      next = /^<(.+)>; rel="next"$/.exec(response.headers.get("Link") ?? "")?.[1];
    }
    return found;
  };
  const tags = (path: string) => pages(path, (body: { tags: string[] }) => body.tags);
  const names = (path: string) => pages(path, (body: { repositories: string[] }) => body.repositories);

  test("end-8: tags in order, all of them or page by page", async () => {
    const name = fresh();
    await client.push(name, image, "b", "a", "10", "9", "B", "_x");
    const all = ["10", "9", "B", "_x", "a", "b"];
    expect(await tags(`${name}/tags/list`)).toEqual([all]);
    expect(await tags(`${name}/tags/list?n=4`)).toEqual([all.slice(0, 4), all.slice(4)]);
    expect(await tags(`${name}/tags/list?n=3`)).toEqual([all.slice(0, 3), all.slice(3)]);
    expect(await tags(`${name}/tags/list?n=6`)).toEqual([all]);
    expect(await tags(`${name}/tags/list?n=100&last=B`)).toEqual([["_x", "a", "b"]]);
    expect(await tags(`${name}/tags/list?last=A`)).toEqual([["B", "_x", "a", "b"]]);
    expect(await tags(`${name}/tags/list?last=zz`)).toEqual([[]]);
    expect(await tags(`${name}/tags/list?n=0`)).toEqual([[]]);
    for (const query of ["n=-1", "n=x", "n=", `n=${"9".repeat(30)}`, `last=${"x".repeat(300)}`]) {
      expect(await faultOf(await ask("GET", `${name}/tags/list?${query}`))).toBe("400 SIZE_INVALID");
    }
    expect(await faultOf(await ask("GET", `${fresh()}/tags/list`))).toBe("404 NAME_UNKNOWN");
  });

  test("repositories in which the server keeps uploads of runners are not listed", async () => {
    await new Catalog(store).add("_jobs/1");
    expect((await names("_catalog")).flat()).not.toContain("_jobs/1");
    await new Catalog(store).remove("_jobs/1");
  });

  test("repositories in order, all of them or page by page", async () => {
    const base = `z/${fresh()}`;
    const all = [`${base}`, `${base}-b`, `${base}/a`, `${base}/a/b`];
    for (const name of all.toReversed()) await client.push(name, image);
    expect((await names("_catalog")).flat()).toEqual(expect.arrayContaining(all));
    expect((await names("_catalog?n=3&last=z/")).map((page) => page.length)).toEqual([3, 1]);
    expect((await names(`_catalog?last=${base}-b`)).flat()).toEqual(all.slice(2));
    expect(await names("_catalog?n=0")).toEqual([[]]);
  });

  const referrersOf = async (path: string) => {
    const response = await ask("GET", path);
    expect([response.status, response.headers.get("Content-Type")]).toEqual([200, OCI.index]);
    return { response, list: (await response.json()) as Referrers };
  };

  test("end-12a: an empty index for an unknown manifest", async () => {
    const name = fresh();
    const { response, list } = await referrersOf(`${name}/referrers/${subject.digest}`);
    expect(list).toEqual({ schemaVersion: 2, mediaType: OCI.index, manifests: [] });
    expect(response.headers.get("OCI-Filters-Applied")).toBeNull();
    expect(await faultOf(await ask("GET", `${name}/referrers/sha256:x`))).toBe("400 DIGEST_INVALID");
    expect(await faultOf(await ask("GET", `${name}/referrers/latest`))).toBe("400 DIGEST_INVALID");
  });

  test("end-7, end-12: the subject need not exist; types and annotations are listed", async () => {
    const name = fresh();
    const annotations = { "org.example.a": "1" };
    const plain = about();
    const typed = about({ artifactType: "application/vnd.example.sbom", annotations });
    const around = {
      ...image,
      ...content(JSON.stringify({ ...index, subject, annotations, manifests: [] }), OCI.index),
    };
    for (const referrer of [plain, typed, around]) {
      await client.push(name, referrer);
      const { bytes, descriptor } = referrer;
      const again = await client.putManifest(name, descriptor.digest, bytes, descriptor.mediaType);
      expect(again.headers.get("OCI-Subject")).toBe(subject.digest);
    }
    const { list } = await referrersOf(`${name}/referrers/${subject.digest}`);
    const expected = [
      { ...plain.descriptor, artifactType: OCI.config },
      { ...typed.descriptor, artifactType: "application/vnd.example.sbom", annotations },
      { ...around.descriptor, annotations },
    ];
    expect(list.manifests.toSorted(byDigest)).toEqual(expected.toSorted(byDigest));

    const path = `${name}/referrers/${subject.digest}?artifactType=`;
    const filtered = await referrersOf(path + encodeURIComponent("application/vnd.example.sbom"));
    expect(filtered.list.manifests.map(({ digest }) => digest)).toEqual([typed.descriptor.digest]);
    expect(filtered.response.headers.get("OCI-Filters-Applied")).toBe("artifactType");
    expect((await referrersOf(`${path}none`)).list.manifests).toEqual([]);
  });

  test("end-9, end-12: a deleted referrer is no longer listed", async () => {
    const name = fresh();
    const [first, second] = [about(), about({ artifactType: "application/x" })];
    await client.push(name, first);
    await client.push(name, second, "sig");
    await ask("DELETE", `${name}/manifests/${first.descriptor.digest}`);
    const { list } = await referrersOf(`${name}/referrers/${subject.digest}`);
    expect(list.manifests.map(({ digest }) => digest)).toEqual([second.descriptor.digest]);
    // The list belongs to the repository.
    expect((await referrersOf(`${fresh()}/referrers/${subject.digest}`)).list.manifests).toEqual([]);
  });

  test("end-12: a long list is split into pages", async () => {
    const name = fresh();
    const large = Array.from({ length: 4 }, (_, i) =>
      about({ annotations: { [`org.example.${i}`]: "x".repeat(1_200_000) } }),
    );
    for (const referrer of large) await client.push(name, referrer);
    const found = await pages(
      `${name}/referrers/${subject.digest}?artifactType=${encodeURIComponent(OCI.config)}`,
      (body: Referrers) => body.manifests.map(({ digest }) => digest),
    );
    expect(found.map(({ length }) => length)).toEqual([2, 2]);
    expect(found.flat()).toEqual(large.map(({ descriptor }) => descriptor.digest).toSorted());
  });
});

function byDigest(a: { digest: string }, b: { digest: string }): number {
  return a.digest < b.digest ? -1 : 1;
}
