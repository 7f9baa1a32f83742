import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A socket for one step behind which an ssh agent answers. */
export interface AgentSocket {
  path: string;
  close(): Promise<void>;
}

/** Opens a socket of its own, with its own owner, for the agent at `agent`: who may use that one is not changed. */
export async function openAgentSocket(
  agent: string,
  { uid, gid, mode }: { uid: number; gid: number; mode: number },
): Promise<AgentSocket> {
  // Names of sockets are short (sun_path of unix(7)), so it does not lie in the job's folder.
  const folder = await mkdtemp(join(tmpdir(), "varve-ssh-"));
  const path = join(folder, "agent");
  const server = createServer((client) => {
    const upstream = connect(agent);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    client.on("error", end).on("close", end).pipe(upstream);
    upstream.on("error", end).on("close", end).pipe(client);
  });
  server.unref();
  const close = async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(path, resolve));
    await chown(path, uid, gid);
    await chmod(path, mode);
  } catch (error) {
    await close();
    throw error;
  }
  return { path, close };
}
