import type { BuildInputs } from "../../../schemas/build.ts";
import type { EventBody } from "../../../schemas/events.ts";
import { type FinishedBuild, memoryOf, prepareBuild, runBuild } from "../../engine/build.ts";
import { readImageNames, scopeOf } from "../../engine/export.ts";
import type { PlannedBuild } from "../../engine/plan-build.ts";
import type { World } from "../../engine/world.ts";
import type { Logins } from "../../registry/remote/authorizer.ts";
import type { ObjectStore } from "../../store/object-store.ts";
import { isolateMemory } from "../../streams/memory-budget.ts";
import { untilAborted } from "../../streams/until-aborted.ts";
import { repositoriesOfTags } from "../access/requirement.ts";
import type { Env } from "../environment.ts";
import { RemoteRunners } from "../runners/remote-runners.ts";
import { worldOf } from "../world.ts";
import { loginsLostError } from "./build-problems.ts";
import { BuildSecrets, type SecretValues } from "./build-secrets.ts";
import type { BuildStorage, State } from "./build-storage.ts";
import { segmentsOf } from "./layer-segments.ts";
import { noteRunning } from "./running-builds.ts";

interface BuildAttempt {
  env: Env;
  storage: BuildStorage;
  state: State;
  inputs: BuildInputs;
  /** Returns the plan of the build. */
  plan: (world: World) => Promise<PlannedBuild>;
  secrets: SecretValues;
  logins: Logins;
  /** Name under which the build is listed as running. */
  run: string;
  emit: (body: EventBody) => void;
  /** Called once the sources in the contexts were found. */
  opened: () => void;
  /** Called before the build uses a runner. */
  usesRunners: () => void;
  signal: AbortSignal;
}

/** Executes a build once. @throws {ProblemError} when the credentials of its client are lost */
export async function attemptBuild(attempt: BuildAttempt): Promise<FinishedBuild> {
  const { env, storage, state, inputs, plan, secrets, logins, run, emit, opened, usesRunners, signal } =
    attempt;
  const { record, registries = [], only = false } = state;
  const lost = registries.filter((registry) => !Object.hasOwn(logins, registry));
  if (lost.length > 0) throw loginsLostError(lost);
  const base = worldOfBuild(attempt);
  const { tags } = inputs.options;
  const repositories = repositoriesOfTags(tags);
  const scope = scopeOf(readImageNames(tags));
  const owner = { build: record.id, repositories, scope, only, server: base.origin };
  const runners = new RemoteRunners(env, owner, usesRunners);
  if (state.attempts > 1) await runners.forgetJobs();
  const world = { ...base, runners, secrets: new BuildSecrets(secrets, state.secrets, state.held) };
  await Promise.all([noteRunning(world.store, record.id, run), world.store.delete(...storage.takeSpools())]);
  const build = await prepareBuild(await plan(world), world);
  using _entries = isolateMemory.hold(memoryOf(build));
  opened();
  // Do not wait for slow responses of other servers when the build is cancelled.
  return await untilAborted(runBuild(build, world, storage, emit, signal), signal);
}

/** The world of the build. Records the keys of spooled objects, so that a later instance can delete them. */
function worldOfBuild({ env, storage, state, logins }: BuildAttempt): World {
  const { host, record, prefersOwn } = state;
  const world = worldOf(env, host, () => true, { logins, prefersOwn });
  const create: ObjectStore["create"] = (key, options) => {
    storage.keepSpool(key);
    return world.store.create(key, options);
  };
  const segments = segmentsOf(env, record.id);
  return { ...world, spools: { ...world.store, create }, ...(segments && { segments }) };
}
