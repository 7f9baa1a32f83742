import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A socket for one step, connected to an ssh agent. */
interface AgentSocket {
  path: string;
  close(): Promise<void>;
}

/** Opens a new socket that forwards to the agent at `agent`. The permissions of the agent's own socket do not change. */
export async function openAgentSocket(
  agent: string,
  { uid, gid, mode }: { uid: number; gid: number; mode: number },
): Promise<AgentSocket> {
  // The path of a socket must be short (sun_path of unix(7)), so it is not in the job's folder.
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
