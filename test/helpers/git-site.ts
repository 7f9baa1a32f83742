import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { GitSource } from "../../src/engine/plan/step.ts";
import { gitHttpBackend } from "./git-http-backend.ts";
import { makeRepository, type RepositoryCommit } from "./git-repository.ts";
import { type LoopbackServer, serveLoopback } from "./loopback.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A git server on this machine for repositories that a test makes. */
export class GitSite implements AsyncDisposable {
  readonly #folder = temporaryFolder();
  readonly server: LoopbackServer;

  private constructor(server: LoopbackServer) {
    this.server = server;
  }

  /** @param intercept returns true for requests that it answers; git answers the others */
  static async start(
    intercept: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
  ): Promise<GitSite> {
    let site: GitSite | undefined;
    const server = await serveLoopback((request, response) => {
      if (!intercept(request, response)) gitHttpBackend(site?.folder ?? "", request, response);
    });
    site = new GitSite(server);
    return site;
  }

  /** Makes a repository and returns the id of its last commit. */
  make(
    name: string,
    commits: readonly RepositoryCommit[],
    options?: Parameters<typeof makeRepository>[2],
  ): string {
    return makeRepository(this.path(name), commits, options);
  }

  get folder(): string {
    return this.#folder.path;
  }

  path(name: string): string {
    return join(this.#folder.path, name);
  }

  url(name: string): string {
    return `${this.server.origin}/${name}`;
  }

  source(name: string, more: Partial<GitSource> = {}): GitSource {
    return {
      kind: "git",
      remote: this.url(name),
      keepGitDir: false,
      submodules: true,
      fetchByCommit: false,
      commitTime: false,
      ...more,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}
