import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { CommandError } from "../command/command-error.ts";

const serverFile = z.object({ url: z.string(), pid: z.int() });

/** Writes down which server uses a folder, for the error of a second server. Returns a function that removes the note. */
export async function noteServer(folder: string, url: string): Promise<() => Promise<void>> {
  const path = join(folder, "server.json");
  // The note improves a message and a start after a crash, so a full disk does not matter.
  await writeFile(path, `${JSON.stringify({ url, pid: process.pid })}\n`).catch(() => {});
  return () => rm(path, { force: true });
}

/** Whether a server has not removed its note: it uses the folder, or was killed. */
export function isNoted(folder: string): boolean {
  return existsSync(join(folder, "server.json"));
}

/** Why a server cannot use a folder that is locked: the note names the server that has the lock. */
export async function dataInUse(folder: string): Promise<CommandError> {
  const text = await readFile(join(folder, "server.json"), "utf8").catch(() => "null");
  const { data } = serverFile.safeParse(parse(text));
  const other = data === undefined ? "another server" : `the server at ${data.url} (process ${data.pid})`;
  return new CommandError(`${other} uses ${folder}. Stop it, or set VARVE_DATA to another folder.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
