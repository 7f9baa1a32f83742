import type { ClientRunner } from "../../schemas/client-runner.ts";
import type { ContextFiles } from "../helpers/context-archive.ts";
import { FakeRunner } from "./fake-runner.ts";
import { ask, type Built, endedRecordOf, postBuild } from "./server.ts";

/** A build that was started, and the token of the runner of its client. */
interface StartedBuild {
  id: string;
  token: string;
}

/** Starts a build. @param runner whether the client offers a runner for its own build */
export async function start(
  files: ContextFiles,
  runner?: ClientRunner["runner"],
  query: Record<string, string> = {},
): Promise<StartedBuild> {
  const asked = { ...query, ...(runner !== undefined && { runner }) };
  const answer = await postBuild(files, asked, { prefer: "respond-async" });
  if (answer.status !== 202) throw new Error(await answer.text());
  return {
    id: answer.headers.get("varve-build") ?? "",
    token: answer.headers.get("varve-runner") ?? "",
  };
}

/** Connects the runner of the client of a build. */
export function beside(
  { token }: StartedBuild,
  hello: Parameters<typeof FakeRunner.dial>[0] = {},
): Promise<FakeRunner> {
  return FakeRunner.dial(hello, { token });
}

/** The state of a build once it has ended. */
export async function endOf({ id }: StartedBuild): Promise<string> {
  return (await endedRecordOf(id)).state;
}

/** The manifest of a build once it has ended. @throws {Error} with its record when it failed */
export async function manifestOf({ id }: StartedBuild): Promise<Built["manifest"]> {
  const record = await endedRecordOf(id);
  if (record.result === undefined) throw new Error(JSON.stringify(record));
  const { repository, descriptor } = record.result;
  return (await ask(`/v2/${repository}/manifests/${descriptor.digest}`)).json();
}

export function cancel({ id }: StartedBuild): Promise<Response> {
  return ask(`/v1/builds/${id}`, { method: "DELETE" });
}
