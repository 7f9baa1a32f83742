import { join } from "node:path";
import { gitHttpBackend } from "../helpers/git-http-backend.ts";
import { makeRepository, type RepositoryCommit } from "../helpers/git-repository.ts";
import { serveLoopback } from "../helpers/loopback.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";

/** The port of the fixtures in recorded cases: `http://127.0.0.1:18080`. */
const FIXTURES_PORT = 18080;

/** Fixtures of a case by URL path. Queries are ignored. */
type HttpFixtures = Record<
  string,
  { content?: string; base64?: string; lastModified?: number; contentDisposition?: string }
>;

/** The git repository of a case. `headSHA` is the expected commit. */
interface GitFixture {
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
  /** Replaces the served fixtures by those of this case. */
  use(fixtures: CaseFixtures): Promise<void>;
}

/** Starts an HTTP server on loopback for the fixtures of one case at a time: files, and repositories through git. */
export async function startFixturesServer(port = FIXTURES_PORT): Promise<FixturesServer> {
  const temporary = temporaryFolder();
  const folder = temporary.path;
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
      temporary[Symbol.dispose]();
    },
  };
}
