import { ok, strictEqual } from "node:assert/strict";
import type { BuildResult, EventBody } from "../../schemas/events.ts";
import { DockerfileError } from "../../src/dockerfile/diagnostic.ts";
import type { Emit } from "../../src/engine/emit.ts";
import { BuildError } from "../../src/engine/errors.ts";
import { parseAnyManifest } from "../../src/oci/any-manifest.ts";
import { blobKey, manifestKey } from "../../src/oci/content-key.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { formatPlatform, normalizePlatform, type Platform } from "../../src/oci/platform.ts";
import { UnableError } from "../../src/runner/sandbox/ability.ts";
import { memoryCache } from "../../src/store/memory-cache.ts";
import type { ObjectStore } from "../../src/store/object-store.ts";
import { type Check, readCases, runChecks, type SetResult } from "./case-set.ts";
import { CaseWorld } from "./case-world.ts";
import { compareFiles, compareLayers } from "./compare-layers.ts";
import { type FixturesServer, startFixturesServer } from "./fixtures-server.ts";
import {
  compareConfig,
  compareErrorLines,
  compareNames,
  compareWarnings,
  type ExpectedImage,
  type IntegrationCase,
  warningOf,
} from "./integration-case.ts";
import { RealRunner } from "./real-runner.ts";

/** Compares whole builds by the engine and a runner. On machines that cannot run steps, cases with RUN are skipped. */
export async function integration(): Promise<SetResult> {
  const cases = await readCases<IntegrationCase>("integration-cases.json");
  const world = await CaseWorld.open();
  await using runner = await startRealRunner(world.store);
  if (runner !== undefined) world.runners = runner;
  const carriedOut = runner === undefined ? cases.filter((given) => !needsRun(given)) : cases;
  await using fixtures = await startFixturesServer();
  const result = await runChecks(carriedOut.map((given) => [given.name, check(given, world, fixtures)]));
  return { ...result, needRun: cases.length - carriedOut.length };
}

async function startRealRunner(store: ObjectStore): Promise<RealRunner | undefined> {
  try {
    return await RealRunner.start(store);
  } catch (error) {
    if (!(error instanceof UnableError)) throw error;
    console.error(error.message);
    return undefined;
  }
}

/** A case also needs RUN if one of its bases does. */
function needsRun({ needsRun, contexts = {} }: IntegrationCase): boolean {
  return needsRun === true || JSON.stringify(contexts).includes("ONBUILD RUN ");
}

function check(given: IntegrationCase, world: CaseWorld, fixtures: FixturesServer): Check {
  return async () => {
    if (given.http !== undefined || given.gitRepo !== undefined) await fixtures.use(given);
    const events: EventBody[] = [];
    let result: BuildResult;
    try {
      result = await build(given, world, (event) => events.push(event));
    } catch (error) {
      if (given.expectError === undefined) throw error;
      compareError(error, events, given);
      return;
    }
    strictEqual("no error", given.expectError ?? "no error");
    const images = await imagesOf(result.descriptor, world);
    if (given.platforms === undefined) await compareImage(images[0], given, given, world);
    for (const [name, expected] of Object.entries(given.platforms ?? {})) {
      await compareImage(
        images.find(({ platform }) => formatPlatform(normalizePlatform(platform)) === name),
        expected,
        given,
        world,
      );
    }
    compareNames(namesOf(events), given);
    compareWarnings(events.filter(isLint), given);
  };
}

function build(given: IntegrationCase, world: CaseWorld, emit: Emit): Promise<BuildResult> {
  const { buildArgs = {}, labels = {}, target, platform } = given;
  const platforms = platform?.split(",") ?? [];
  const asked = { ...given, options: { buildArgs, labels, target, platforms } };
  return world.build(given, memoryCache(), asked, emit);
}

/** A stored manifest and config. */
interface WrittenImage {
  layers: Descriptor[];
  config: string;
  platform: Platform;
}

async function imagesOf({ digest }: Descriptor, world: CaseWorld): Promise<WrittenImage[]> {
  const document = parseAnyManifest((await world.store.getBytes(manifestKey(digest))) as Uint8Array);
  if (document.kind === "index") {
    return (await Promise.all(document.index.manifests.map((manifest) => imagesOf(manifest, world)))).flat();
  }
  const { layers, config } = document.manifest;
  const text = new TextDecoder().decode(await world.store.getBytes(blobKey(config.digest)));
  return [{ layers, config: text, platform: JSON.parse(text) as Platform }];
}

async function compareImage(
  image: WrittenImage | undefined,
  expected: ExpectedImage,
  { exportAttrs }: IntegrationCase,
  { store }: CaseWorld,
): Promise<void> {
  ok(image !== undefined, "there is no image for this platform");
  compareConfig(image.config, expected);
  const { baseLayers = 0 } = expected;
  // The exporter limited all times of these records to the epoch.
  const timed = exportAttrs === undefined;
  const comparison = { store, layers: image.layers, baseLayers, timed };
  await compareLayers(comparison, expected.layers);
  await compareFiles(comparison, expected.expectFiles);
}

function namesOf(events: readonly EventBody[]): string[] {
  return events.flatMap((event) => (event.type === "plan" ? event.steps.map(({ name }) => name) : []));
}

/** BuildKit does not report unknown users and groups. */
function isLint(event: EventBody): event is EventBody & { type: "warning" } {
  return event.type === "warning" && !event.rule.startsWith("unknown-");
}

/** Checks that the error contains all of BuildKit's message. It may contain more. */
function compareError(error: unknown, events: readonly EventBody[], given: IntegrationCase): void {
  if (!(error instanceof DockerfileError || error instanceof BuildError)) throw error;
  const expectError = (given.expectError ?? "").replaceAll("<mnt>", "");
  // The reason why a registry did not answer differs.
  const expected = /^(.*?failed to resolve source metadata for [^ ]+:)/.exec(expectError)?.[1] ?? expectError;
  const message = withoutNames(error.message);
  ok(message.includes(expected), `${message}\ninstead of\n${expectError}`);
  compareErrorLines(error instanceof DockerfileError ? error.diagnostic.lines : error.lines, given);
  compareWarnings([...error.warnings.map(warningOf), ...events.filter(isLint)], given);
}

function withoutNames(message: string): string {
  return message.replace(/checksum of ref .*?: /, "checksum of ref <ref>: ");
}
