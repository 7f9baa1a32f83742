import { Container } from "@cloudflare/containers";
import { sha256 } from "../../streams/sha256.ts";
import type { Env } from "../environment.ts";
import type { ContainerService } from "./container-service.ts";
import { containerPrefix, randomToken } from "./runner-tokens.ts";
import { runnersOf } from "./runners-service.ts";

export class RunnerContainer extends Container<Env> implements ContainerService {
  // The runner stops itself when it is idle. Cloudflare cannot see its activity, because the container gets no requests.
  override sleepAfter = "1h";
  override enableInternet = true;

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
