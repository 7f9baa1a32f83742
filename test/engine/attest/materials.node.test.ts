import { afterAll, beforeAll, expect, test } from "vitest";
import { checkedFetch } from "../../../src/network/checked-fetch.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { GitSite } from "../../helpers/git-site.ts";
import { Bench } from "./bench.ts";

let site: GitSite;
let commit: string;

beforeAll(async () => {
  site = await GitSite.start((request, response) => {
    if (request.url !== "/file") return false;
    response.end("content");
    return true;
  });
  commit = site.make("a.git", [{ files: { one: "1", "sub/two": "2" }, tag: "v1" }]);
});
afterAll(() => site[Symbol.asyncDispose]());

test("downloads and commits are listed once with their digests and masked credentials", async () => {
  const bench = new Bench({ fetch: checkedFetch({ allowLoopback: true, allowPlainHttp: true }) });
  const file = site.url("file");
  const secret = file.replace("://", "://user:hush@");
  const Dockerfile = [
    "FROM scratch AS other",
    `ADD ${secret} /a`,
    "FROM scratch",
    "COPY --from=other /a /",
    `ADD ${file} /b`,
    `ADD ${site.url("a.git#v1:sub")} /c/`,
    "",
  ].join("\n");
  const provenance = await bench.provenance({ provenance: "true" }, { Dockerfile });
  const { resolvedDependencies } = provenance.buildDefinition;
  const digest = { sha256: sha256("content").slice("sha256:".length) };
  expect(resolvedDependencies.slice(0, 3)).toEqual([
    { uri: file.replace("://", "://xxxxx:xxxxx@"), digest },
    { uri: file, digest },
    { uri: site.url("a.git#v1:sub"), digest: { sha1: commit } },
  ]);
  expect(resolvedDependencies.slice(3).map(({ name }) => name)).toEqual(["context"]);
  expect(provenance.runDetails.metadata.buildkit_hermetic).toBe(true);
});
