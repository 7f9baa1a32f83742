import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gitHttpBackend } from "../helpers/git-http-backend.ts";
import { makeRepository, type RepositoryCommit } from "../helpers/git-repository.ts";
import { serveLoopback } from "../helpers/loopback.ts";

/** Where the recorded cases look for their fixtures: `http://127.0.0.1:18080`. */
export const FIXTURES_PORT = 18080;

/** What a case wants to find at URLs, by path. Queries play no role. */
export type HttpFixtures = Record<
  string,
  { content?: string; base64?: string; lastModified?: number; contentDisposition?: string }
>;

/** The repository a case wants to find; `headSHA` is what its commits must come to. */
export interface GitFixture {
  path: string;
  commits: readonly RepositoryCommit[];
  headSHA?: string;
}

export interface CaseFixtures {
  http?: HttpFixtures | undefined;
  gitRepo?: GitFixture | undefined;
}

export interface FixturesServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** Serves the fixtures of this case, and those of no other from now on. */
  use(fixtures: CaseFixtures): Promise<void>;
}

/** A server of this machine for the fixtures of one case at a time; files as they are, repositories through git. */
export async function startFixturesServer(port = FIXTURES_PORT): Promise<FixturesServer> {
  const folder = await mkdtemp(join(tmpdir(), "varve-fixtures-"));
  let files: HttpFixtures = {};
  let repository: string | undefined;
  let made = 0;
  const server = await serveLoopback((request, response) => {
    const path = (request.url ?? "/").replace(/[?#].*$/s, "");
    if (repository !== undefined && path.startsWith(`${repository}/`)) {
      gitHttpBackend(join(folder, String(made)), request, response);
      return;
    }
    const file = files[path];
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { content = "", base64, lastModified, contentDisposition } = file;
    const body = base64 === undefined ? Buffer.from(content) : Buffer.from(base64, "base64");
    response.writeHead(200, {
      "content-length": body.length,
      ...(lastModified !== undefined && { "last-modified": new Date(lastModified * 1000).toUTCString() }),
      ...(contentDisposition !== undefined && { "content-disposition": contentDisposition }),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }, port);

  return {
    origin: server.origin,
    async use({ http = {}, gitRepo }) {
      files = http;
      repository = gitRepo?.path;
      if (gitRepo === undefined) return;
      made += 1;
      const head = makeRepository(join(folder, String(made), gitRepo.path), gitRepo.commits);
      if (gitRepo.headSHA !== undefined && head !== gitRepo.headSHA) {
        throw new Error(
          `Cannot serve ${gitRepo.path}: its last commit is ${head} and not ${gitRepo.headSHA}`,
        );
      }
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
