import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { gitHttpBackend } from "../helpers/git-http-backend.ts";
import { makeRepository, type RepositoryCommit } from "../helpers/git-repository.ts";
import { serveLoopback } from "../helpers/loopback.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { writeTar } from "./archive/write.ts";
import { file } from "./bases/image.ts";

interface Fixture {
  body: string | Uint8Array;
  headers?: Record<string, string>;
  status?: number;
}

const modified = { "last-modified": "Wed, 01 Jan 2020 00:00:00 GMT" };

/** Files for ADD, by path and query. */
const fixtures: Record<string, Fixture> = {
  "/hello.txt": { body: "hello over http\n", headers: modified },
  "/undated.txt": { body: "no date\n" },
  "/dir/named%20file.txt": { body: "a name with a space\n", headers: modified },
  "/download?file=tool.bin": { body: "tool\n", headers: modified },
  "/attachment": {
    body: "attached\n",
    headers: { ...modified, "content-disposition": 'attachment; filename="given-name.txt"' },
  },
  "/": { body: "index\n", headers: modified },
  "/moved.txt": { body: "", status: 302, headers: { location: "/hello.txt" } },
  "/app.tar.gz": { body: gzipSync(writeTar([file("inside.txt", "inside\n")])), headers: modified },
};

/** The history of `/repo.git`. */
const commits: RepositoryCommit[] = [
  { files: { "README.md": "one\n", "sub/a.txt": "a\n" }, msg: "one", tag: "v1" },
  {
    files: {
      "README.md": "two\n",
      "bin/run": { content: "#!/bin/sh\n", mode: "0755" },
      link: { symlink: "README.md" },
      "sub/deep/b.txt": "b\n",
    },
    msg: "two",
    tag: "v2",
  },
];

/** Serves the fixtures on loopback. */
interface FixtureServer extends AsyncDisposable {
  url: string;
}

export async function startFixtureServer(): Promise<FixtureServer> {
  const repositories = temporaryFolder();
  makeRepository(join(repositories.path, "repo.git"), commits);
  const server = await serveLoopback((request, response) => {
    if (request.url?.startsWith("/repo.git/")) {
      gitHttpBackend(repositories.path, request, response);
      return;
    }
    const fixture = fixtures[request.url ?? ""];
    if (fixture === undefined) {
      response.writeHead(404).end("no such fixture\n");
      return;
    }
    response.writeHead(fixture.status ?? 200, fixture.headers);
    response.end(request.method === "HEAD" ? undefined : fixture.body);
  });
  return {
    url: server.origin,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      repositories[Symbol.dispose]();
    },
  };
}
