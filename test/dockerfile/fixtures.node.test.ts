import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { DockerfileError } from "../../src/dockerfile/diagnostic.ts";
import { readDockerfile } from "../../src/dockerfile/instructions.ts";

/** One folder per case: a Dockerfile and its parsed form, which `vitest -u` writes for a new case. */
const folder = resolve(import.meta.dirname, "../fixtures/dockerfile");

describe("Dockerfiles of the fixtures folder", () => {
  for (const name of readdirSync(folder)) {
    test(name, async () => {
      const answer = read(readFileSync(resolve(folder, name, "Dockerfile")));
      await expect(`${JSON.stringify(answer, null, 2)}\n`).toMatchFileSnapshot(
        resolve(folder, name, "ast.json"),
      );
    });
  }
});

function read(text: Uint8Array): object {
  try {
    const { dockerfile, diagnostics } = readDockerfile(text);
    return { dockerfile, diagnostics };
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    const { diagnostic, warnings } = error;
    return { error: diagnostic, diagnostics: warnings };
  }
}
