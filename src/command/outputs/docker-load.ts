import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { chunks } from "../../streams/chunks.ts";
import type { ClientStep } from "../build/client-step.ts";
import { CommandError } from "../command-error.ts";

/** Loads an archive with `docker load`. @throws {CommandError} when docker is missing or rejects the archive */
export async function loadIntoDocker(archive: Response, step?: ClientStep): Promise<void> {
  const docker = spawn("docker", ["load", "--quiet"], { stdio: ["pipe", "ignore", "pipe"] });
  let stderr = "";
  docker.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    docker.on("error", reject).on("close", resolve);
  });
  const total = Number(archive.headers.get("content-length")) || undefined;
  const counted = async function* () {
    let sent = 0;
    for await (const chunk of chunks(archive.body as ReadableStream<Uint8Array>)) {
      yield chunk;
      sent += chunk.length;
      step?.report("sending tarball:", sent, total);
    }
  };
  // Docker's own message explains more than the broken pipe.
  const sent = pipeline(Readable.from(counted()), docker.stdin).catch((error: Error) => error);
  const status = await ended.catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      error.code === "ENOENT" ? "docker is not installed on this machine" : error.message,
      "The image is on the server: `varve save` and --output type=docker,dest=FILE write it to a file.",
    );
  });
  const failure = await sent;
  if (status !== 0) throw new CommandError(`docker load failed: ${stderr.trim() || `status ${status}`}`);
  if (failure instanceof Error) throw failure;
}
