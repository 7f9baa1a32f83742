import { Container } from "@cloudflare/containers";
import { sha256 } from "../../streams/sha256.ts";
import type { Env } from "../environment.ts";
import { runnersOf } from "./remote-runners.ts";
import { containerPrefix, randomToken } from "./runner-tokens.ts";

/**
 * A runner in a container of Cloudflare, whose image `src/runner/Dockerfile` makes. It is started when a step waits and
 * ends by itself when there is nothing to do; as long as it runs, one token stands for it.
 */
export class RunnerContainer extends Container<Env> {
  // It asks for steps by itself: nobody connects to it, and only it knows when it has nothing to do.
  override sleepAfter = "1h";
  override enableInternet = true;

  /** Starts it, unless it runs. @param server URL under which it reaches this server */
  async wake(server: string): Promise<void> {
    if (this.ctx.container?.running) return;
    const token = containerPrefix + randomToken();
    await runnersOf(this.env).admit(this.ctx.id.toString(), sha256(token));
    const { VARVE_RUNNER_NETWORK: network = "" } = this.env;
    await this.start({
      envVars: { VARVE_SERVER: server, VARVE_RUNNER_TOKEN: token, VARVE_RUNNER_NETWORK: network },
    });
  }

  override async onActivityExpired(): Promise<void> {}
}
