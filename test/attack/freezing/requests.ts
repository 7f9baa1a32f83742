import { makePacks } from "../../../src/client/make-packs.ts";
import { zstdFrame } from "../../../src/compression/members.ts";
import { sha256 } from "../../../src/streams/sha256.ts";
import { archive, member } from "../../tar/archive.ts";
import { contextWith, type FreezingInput, type FreezingInputs, pushOf, range, sendingJson } from "./input.ts";

const encoder = new TextEncoder();
const context = contextWith("FROM scratch\nCOPY Dockerfile /\n");

function form(status: number, body: () => string, boundary = "b"): FreezingInput {
  return {
    status,
    requests: () => [
      {
        path: "/v1/builds?t=frozen/app",
        headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
        body: body(),
      },
    ],
  };
}

const part = (name: string, text: string, head = "") =>
  `--b\r\ncontent-disposition: form-data; name="${name}"\r\n${head}\r\n${text}\r\n`;
const dockerfile = part("dockerfile", "FROM scratch\nLABEL a=b\n");

/** An image in `frozen/small`, and a request about it. */
function aboutImage(
  status: number,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): FreezingInput {
  return {
    status,
    requests: () => [
      ...pushOf("frozen/small", [archive(member({ path: "a" }, "contents"))]),
      { method, path, headers },
    ],
  };
}

const blob = sha256(JSON.stringify({}));
const filters = (given: object) => encodeURIComponent(JSON.stringify(given));

/** Pieces of HTTP: forms, queries, headers, packs. */
export const requests: FreezingInputs = {
  "multipart: 100,000 parts": form(400, () => part("other", "x").repeat(100_000)),
  "multipart: beginnings of boundaries": form(
    200,
    () => `${dockerfile}${part("other", "\r\n--".repeat(4_000_000))}--b--\r\n`,
  ),
  "multipart: beginnings of a long boundary": form(
    400,
    () => `--${"b".repeat(60)}c\r\n\r\n${`\r\n--${"b".repeat(60)}`.repeat(200_000)}`,
    `${"b".repeat(60)}c`,
  ),
  "multipart: a boundary of 30,000 bytes": form(400, () => "x".repeat(8 << 20), "b".repeat(30_000)),
  "multipart: headers of one part": form(
    400,
    () => `${part("other", "x", "x-header: value\r\n".repeat(500_000))}--b--\r\n`,
  ),
  "multipart: one header of 8 MB": form(
    400,
    () => `${part("other", "x", `x-header: ${"v".repeat(8 << 20)}\r\n`)}--b--\r\n`,
  ),
  "multipart: parameters of a disposition": form(
    400,
    () => `--b\r\ncontent-disposition: form-data; ${'a="b"; '.repeat(500_000)}name="x"\r\n\r\nx\r\n--b--\r\n`,
  ),
  "multipart: secrets": form(
    200,
    () => `${dockerfile}${range(50, (i) => part(`secret.s${i}`, "x".repeat(400_000))).join("")}--b--\r\n`,
  ),
  "multipart: options in a large form": form(
    200,
    () =>
      `${dockerfile}${part("options", JSON.stringify({ labels: Object.fromEntries(range(9000, (i) => [`l${i}`, "v"])) }))}--b--\r\n`,
  ),
  "query: labels of 50 KB": {
    status: 200,
    requests: () => [
      {
        path: `/v1/builds?t=frozen/app&labels=${encodeURIComponent(JSON.stringify(Object.fromEntries(range(1500, (i) => [`l${i}`, "v"]))))}`,
        body: context,
      },
    ],
  },
  "query: 5,000 tags": {
    status: 400,
    requests: () => [{ path: `/v1/builds?${range(5000, (i) => `t=a${i}`).join("&")}`, body: context }],
  },
  "query: a name that is nearly one": {
    status: 400,
    requests: () => [{ path: `/v1/builds?t=${"a-".repeat(25_000)}`, body: context }],
  },
  "headers: a range of 10,000 parts": aboutImage(404, `/v2/frozen/small/blobs/${blob}`, {
    range: `bytes=${range(10_000, (i) => `${i}-`).join(",")}`,
  }),
  "headers: a range of white space": aboutImage(404, `/v2/frozen/small/blobs/${blob}`, {
    range: `bytes${" ".repeat(50_000)}=`,
  }),
  "headers: what is accepted": aboutImage(200, "/v2/frozen/small/manifests/1", {
    accept: `${"a/b;q=0.1, ".repeat(4000)}*/*`,
  }),
  "headers: entity tags": aboutImage(200, "/v2/frozen/small/manifests/1", {
    "if-none-match": range(4000, (i) => `W/"${i}"`).join(", "),
  }),
  "headers: a password of 50 KB": aboutImage(200, "/v2/", {
    authorization: `Basic ${btoa(`a:${"b".repeat(35_000)}`)}`,
  }),
  "headers: a signed token of 50 KB": aboutImage(401, "/v2/", {
    authorization: `Bearer ${"a.".repeat(20_000)}`,
  }),
  "headers: credentials of registries": {
    status: 200,
    requests: () => [
      {
        path: "/v1.47/build?t=frozen/app",
        headers: {
          "x-registry-config": btoa(
            JSON.stringify(
              Object.fromEntries(range(700, (i) => [`r${i}.example`, { username: "a", password: "b" }])),
            ),
          ),
        },
        body: context,
      },
    ],
  },
  "tags: all asked for at once": aboutImage(200, "/v2/frozen/small/tags/list?n=999999"),
  "tags: 5,000 of one push": {
    status: 400,
    requests() {
      const pushed = pushOf("frozen/small", [archive(member({ path: "a" }, "x"))]);
      const last = pushed.at(-1);
      if (last === undefined) throw new Error("there is no manifest");
      const digest = sha256(last.body as string);
      const query = range(5000, (i) => `tag=t${i}`).join("&");
      return [...pushed.slice(0, -1), { ...last, path: `/v2/frozen/small/manifests/${digest}?${query}` }];
    },
  },
  "scopes: 1,500 of a token": {
    status: 401,
    requests: () => [
      {
        path: "/v2/token",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: `grant_type=password&username=a&password=b&service=x&${range(1500, (i) => `scope=repository:a${i}:pull`).join("&")}`,
      },
    ],
  },
  "filters: references of many stars": aboutImage(
    200,
    `/v1.47/images/json?filters=${filters({ reference: range(100, () => `${"*s".repeat(80)}x`) })}`,
  ),
  "filters: 3,000 labels": aboutImage(
    200,
    `/v1.47/images/json?filters=${filters({ label: range(3000, (i) => `l${i}=v`) })}`,
  ),
  "filters: lists within lists": aboutImage(
    400,
    `/v1.47/images/json?filters=${encodeURIComponent("[".repeat(15_000))}`,
  ),
  "files of an image: a path of many stars": aboutImage(
    404,
    `/v1/images/frozen/small/1/files?path=${encodeURIComponent("*a".repeat(2000))}`,
  ),
  "an import with 1,000 changes": {
    status: 200,
    requests: () => [
      {
        path: `/v1.47/images/create?fromSrc=-&repo=frozen/import&tag=1&${range(1000, (i) => `changes=LABEL+a${i}%3Db`).join("&")}`,
        body: archive(member({ path: "a" }, "x")),
      },
    ],
  },
  "a pack of 16,000 files": {
    status: 201,
    async requests() {
      const files = range(16_000, (i) => {
        const bytes = encoder.encode(`${i}`);
        return { path: `f${i}`, digest: sha256(bytes), size: bytes.length, read: () => bytes };
      });
      const made = [];
      for await (const { digest, bytes } of makePacks(files, async (block) => zstdFrame(block, 1)))
        made.push({ method: "PUT", path: `/v1/packs/${digest}?scope=frozen/app`, body: bytes });
      return made;
    },
  },
  "a pack of zeros": {
    status: 400,
    requests: () => {
      const bytes = new Uint8Array(32 << 20);
      return [{ method: "PUT", path: `/v1/packs/${sha256(bytes)}?scope=frozen/app`, body: bytes }];
    },
  },
  "an archive of images with 19,000 members": {
    status: 400,
    requests: () => [
      {
        path: "/v1/images/load",
        body: archive(...range(19_000, (i) => member({ path: `blobs/sha256/${i}` }))),
      },
    ],
  },
  "an archive of images with 20,000 names": {
    status: 400,
    requests: () => [
      {
        path: "/v1/images/load",
        body: archive(
          member(
            { path: "manifest.json" },
            JSON.stringify(range(20_000, () => ({ Config: "c.json", RepoTags: ["a:1"], Layers: ["l.tar"] }))),
          ),
          member({ path: "c.json" }, "{}"),
          member({ path: "l.tar" }, ""),
        ),
      },
    ],
  },
  "an archive of images with links in a circle": {
    status: 400,
    requests: () => [
      {
        path: "/v1/images/load",
        body: archive(
          ...range(1000, (i) => member({ path: `l${i}`, type: "symlink", linkname: `l${(i + 1) % 1000}` })),
          member({ path: "manifest.json", type: "symlink", linkname: "l0" }),
        ),
      },
    ],
  },
  "an archive of images, an index of 100,000": {
    status: 400,
    requests: () => [
      {
        path: "/v1/images/load",
        body: archive(
          member({ path: "oci-layout" }, '{"imageLayoutVersion":"1.0.0"}'),
          member(
            { path: "index.json" },
            JSON.stringify({
              schemaVersion: 2,
              manifests: range(100_000, () => ({ mediaType: "a/b", digest: blob, size: 2 })),
            }),
          ),
        ),
      },
    ],
  },
  "a prune with filters of many values": sendingJson(
    200,
    `/v1.47/images/prune?filters=${filters({ until: range(3000, () => "1h") })}`,
    () => "",
  ),
};
