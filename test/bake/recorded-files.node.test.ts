import { describe, expect, test } from "vitest";
import { BakeError } from "../../src/bake/error.ts";
import { planText } from "../../src/bake/print.ts";
import { planTargets, readDefinitions } from "../../src/bake/read.ts";
import { type RecordedFile, recordedFiles } from "./recorded-files.ts";

function planOf({ name, text }: RecordedFile): object {
  const definitions = readDefinitions([{ name, text }], {
    environment: {},
    composeEnvironment: {},
    localPlatform: "linux/amd64",
    now: new Date(0),
    warn: () => undefined,
    readFile: () => "",
  });
  return JSON.parse(planText(planTargets(definitions, ["default"], [], {}))) as object;
}

describe("files that buildx accepts or rejects", () => {
  test.each(recordedFiles())("$name $text", (file) => {
    let plan: object | null = null;
    let error: unknown;
    try {
      plan = planOf(file);
    } catch (cause) {
      error = cause;
    }
    expect(plan, String(error)).toEqual(file.plan);
    if (plan === null) expect(error).toBeInstanceOf(BakeError);
  });
});
