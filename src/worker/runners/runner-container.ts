import { Container } from "@cloudflare/containers";
import { sha256 } from "../../streams/sha256.ts";
import type { Env } from "../environment.ts";
import type { ContainerService } from "./container-service.ts";
import { idIn, poolsOf } from "./pools.ts";
import { containerPrefix, randomToken } from "./runner-tokens.ts";
import { runnersOf } from "./runners-service.ts";

export class RunnerContainer extends Container<Env> implements ContainerService {
  // The runner stops itself when it is idle. Cloudflare cannot see its activity, because the container gets no requests.
  override sleepAfter = "1h";
  override enableInternet = true;

  async wake(server: string, name: string): Promise<void> {
    const pool = poolsOf(this.env).get(name);
    if (this.ctx.container?.running || pool === undefined) return;
    const token = containerPrefix + idIn(pool, randomToken());
    await runnersOf(this.env, pool).admit(this.ctx.id.toString(), sha256(token));
    const { VARVE_RUNNER_NETWORK: network = "" } = this.env;
    await this.start({
      envVars: {
        VARVE_SERVER: server,
        VARVE_RUNNER_TOKEN: token,
        VARVE_RUNNER_NETWORK: network,
        VARVE_RUNNER_POOL: name,
      },
    });
  }

  override async onActivityExpired(): Promise<void> {}
}
