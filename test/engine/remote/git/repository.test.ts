import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GitError } from "../../../../src/engine/remote/git/git-error.ts";
import { FLUSH, packet } from "../../../../src/engine/remote/git/pkt-line.ts";
import { Repository } from "../../../../src/engine/remote/git/repository.ts";
import { resolveReference } from "../../../../src/engine/remote/git/resolve-reference.ts";
import type { RemoteAccess } from "../../../../src/engine/remote/remote-access.ts";
import { collect } from "../../../../src/streams/collect.ts";
import { concat } from "../../../../src/streams/concat.ts";
import { bytesOf } from "../../../helpers/git-pack.ts";

const ID = "1".repeat(40);
const CAPABILITIES = [
  "version 2\n",
  "agent=git/x\n",
  "ls-refs=unborn\n",
  "fetch=shallow filter\n",
  "object-format=sha1\n",
];
const lines = (...texts: string[]) => texts.map((text) => packet(text)).join("");
const advertisement = (...capabilities: string[]) =>
  lines("# service=git-upload-pack\n") + FLUSH + lines(...capabilities) + FLUSH;

interface Asked {
  url: string;
  headers: Headers;
  body: string;
}

/** A repository behind a server that answers with these texts: first to the discovery, then to each request. */
function server(answers: { discovery?: string | Response; later?: (string | Uint8Array | Response)[] }) {
  const asked: Asked[] = [];
  const queue = [...(answers.later ?? [])];
  const access: RemoteAccess = {
    async fetch(url, init = {}) {
      asked.push({ url, headers: new Headers(init.headers), body: String(init.body ?? "") });
      const isDiscovery = url.includes("/info/refs");
      const answer = isDiscovery
        ? (answers.discovery ?? advertisement(...CAPABILITIES))
        : (queue.shift() ?? "");
      if (answer instanceof Response) return answer;
      const kind = isDiscovery ? "advertisement" : "result";
      return new Response(answer, { headers: { "content-type": `application/x-git-upload-pack-${kind}` } });
    },
  };
  return { access, asked, open: (remote = "https://example.com/a.git") => Repository.open(remote, access) };
}

describe("Repository.open()", () => {
  test.each([
    [
      "a page",
      new Response("<html>", { headers: { "content-type": "text/html" } }),
      "git-unsupported",
      "smart HTTP",
    ],
    [
      "files of git",
      new Response(`${ID}\trefs/heads/x`, { headers: { "content-type": "text/plain" } }),
      "git-unsupported",
      "smart HTTP",
    ],
    ["401", new Response("", { status: 401 }), "git-refused", "credentials: invalid response status 401"],
    ["404", new Response("", { status: 404 }), "git-refused", "invalid response status 404"],
    ["version 0", advertisement(`${ID} HEAD\0multi_ack\n`), "git-unsupported", "version 2"],
    ["version 1", advertisement("version 1\n", `${ID} HEAD\n`), "git-unsupported", "version 2"],
    ["an error", lines("ERR no such thing\n"), "git-refused", "reports: no such thing"],
    ["nothing", "", "git-unsupported", "version 2"],
    ["half a packet", "001", "git-protocol", "not a packet length"],
    [
      "objects of another kind",
      advertisement("version 2\n", "object-format=md5\n"),
      "git-unsupported",
      "object format md5 is not supported",
    ],
  ])("rejects %s", async (_, discovery, code, message) => {
    const opened = server({ discovery }).open();
    await expect(opened).rejects.toMatchObject({ code });
    await expect(opened).rejects.toThrow(message);
  });

  test("requests version 2 with the credentials of the URL, without showing them", async () => {
    const { open, asked } = server({});
    const repository = await open("https://me:p%40w@example.com/a.git/");
    expect(asked[0]?.url).toBe("https://example.com/a.git/info/refs?service=git-upload-pack");
    expect(asked[0]?.headers.get("git-protocol")).toBe("version=2");
    expect(asked[0]?.headers.get("authorization")).toBe(`Basic ${btoa("me:p@w")}`);
    expect(repository.name).toBe("https://example.com/a.git");
  });

  const redirected = (to: string) => {
    const answer = new Response(advertisement(...CAPABILITIES), {
      headers: { "content-type": "application/x-git-upload-pack-advertisement" },
    });
    Object.defineProperty(answer, "url", { value: to });
    return server({ discovery: answer, later: [FLUSH] });
  };

  test.each([
    ["https://example.com/b.git", `Basic ${btoa("me:pw")}`],
    ["https://elsewhere.com/b.git", null],
  ])("follows a redirect to %s for later requests, with %s", async (to, presented) => {
    const { open, asked } = redirected(`${to}/info/refs?service=git-upload-pack`);
    await (await open("https://me:pw@example.com/a.git")).references(["refs/"]);
    expect(asked[1]?.url).toBe(`${to}/git-upload-pack`);
    expect(asked[1]?.headers.get("authorization")).toBe(presented);
  });

  test("rejects a redirect to something that is not a repository", async () => {
    await expect(redirected("https://example.com/login").open()).rejects.toThrow("not a repository");
  });
});

describe("references()", () => {
  const listed = async (...answer: string[]) => {
    const { open, asked } = server({ later: [answer.join("")] });
    const references = await (await open()).references(["refs/heads/", "HEAD"]);
    return { references, request: asked[1]?.body };
  };

  test("reads names, tags and peeled objects", async () => {
    const { references, request } = await listed(
      lines(
        `${ID} HEAD symref-target:refs/heads/main\n`,
        `${ID} refs/tags/v1 peeled:${"2".repeat(40)}\n`,
        `${ID} refs/x later:thing`,
      ),
      FLUSH,
    );
    expect(references).toEqual([
      { name: "HEAD", id: ID, target: "refs/heads/main" },
      { name: "refs/tags/v1", id: ID, peeled: "2".repeat(40) },
      { name: "refs/x", id: ID },
    ]);
    expect(request).toBe(
      `${lines("command=ls-refs\n", "agent=varve\n", "object-format=sha1\n")}0001${lines("peel\n", "symrefs\n", "ref-prefix refs/heads/\n", "ref-prefix HEAD\n")}0000`,
    );
  });

  test.each([
    ["no id", lines("refs/heads/x\n") + FLUSH],
    ["an id of another length", lines(`${"1".repeat(64)} refs/heads/x\n`) + FLUSH],
    ["a peeled tag that is none", lines(`${ID} refs/heads/x peeled:zz\n`) + FLUSH],
    ["no end", lines(`${ID} refs/heads/x\n`)],
    ["a marker in between", `0001${FLUSH}`],
  ])("rejects %s", async (_, answer) => {
    await expect(listed(answer)).rejects.toMatchObject({ code: "git-protocol" });
  });

  test("gives references or GitError for any answer", async () => {
    const line = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constant(`${ID} refs/heads/x`),
      fc.constant("ERR x"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 5 }), fc.boolean(), async (texts, ends) => {
        const { open } = server({ later: [lines(...texts) + (ends ? FLUSH : "")] });
        await open()
          .then((repository) => repository.references([]))
          .catch((error) => expect(error).toBeInstanceOf(GitError));
      }),
    );
  });
});

describe("pack()", () => {
  const band = (number: number, text: string) => packet(`${String.fromCharCode(number)}${text}`);
  const read = async (answer: string | Uint8Array, options = {}) => {
    const { open, asked } = server({ later: [answer] });
    const bytes = await collect((await open()).pack([ID], options), 1000);
    return { text: new TextDecoder().decode(bytes), request: asked[1]?.body };
  };

  test("extracts the pack from the side band", async () => {
    const answer =
      lines("shallow-info\n", `shallow ${ID}\n`) +
      "0001" +
      lines("packfile\n") +
      band(1, "PA") +
      band(2, "progress") +
      band(1, "CK") +
      FLUSH;
    const { text, request } = await read(answer);
    expect(text).toBe("PACK");
    expect(request).toContain(lines("ofs-delta\n", "no-progress\n", "deepen 1\n", `want ${ID}\n`, "done\n"));
    expect((await read(answer, { withoutFiles: true })).request).toContain(packet("filter blob:none\n"));
  });

  test.each([
    ["an error before the pack", lines(`ERR upload-pack: not our ref ${ID}`), "git-refused", "not our ref"],
    [
      "an error in the pack",
      lines("packfile\n") + band(1, "PA") + band(3, "out of memory\n"),
      "git-refused",
      "out of memory",
    ],
    ["no pack", FLUSH, "git-protocol", "no pack"],
    ["an early end", lines("packfile\n") + band(1, "PA"), "git-protocol", "early end"],
    ["another band", lines("packfile\n") + band(7, "x"), "git-protocol", "side band 7"],
    ["an empty packet", `${lines("packfile\n")}0004`, "git-protocol", "no side band"],
    ["garbage", bytesOf("PACK0000"), "git-protocol", "not a packet length"],
    ["an empty packet before the pack", concat([bytesOf("0004"), bytesOf(FLUSH)]), "git-protocol", "no pack"],
  ])("rejects %s", async (_, answer, code, message) => {
    const refused = read(answer);
    await expect(refused).rejects.toMatchObject({ code });
    await expect(refused).rejects.toThrow(message);
  });
});

test("resolveReference() ignores references with other names", async () => {
  const answer = lines(`${ID} refs/heads/v1.2\n`, `${ID} refs/tags/v10\n`) + FLUSH;
  const repository = await server({ later: [answer] }).open();
  await expect(resolveReference(repository, { ref: "v1" })).rejects.toThrow("does not contain ref v1");
});
