import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { reasons } from "../../src/engine/explain/reasons.ts";
import { messages } from "../../src/playground/building/messages.ts";
import { exampleIds } from "../../src/playground/examples/example-ids.ts";
import { chooseLocale, locales } from "../../src/playground/i18n/locale.ts";

const root = join(import.meta.dirname, "../..");

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

/** Returns the sources in a folder, recursively. */
function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(root, folder, name), "utf8"));
}

test("problems of a Dockerfile and of a build have Korean texts", () => {
  const korean = z
    .record(z.string(), z.string().regex(/[가-힣]/))
    .parse(readJson("src/playground/problems.ko.json"));
  const dockerfile = [...sources("src/dockerfile"), ...sources("src/engine/plan")].flatMap((text) =>
    [...text.matchAll(/"((?:parse|plan)\/[a-z-]+)"/g)].map(([, code]) => `dockerfile/${code}`),
  );
  const [, union = ""] =
    /BuildErrorCode =([^;]*);/.exec(readFileSync(join(root, "src/engine/errors.ts"), "utf8")) ?? [];
  const build = [...union.matchAll(/"([a-z-]+)"/g)].map(([, code]) => code ?? "");
  expect(build.length).toBeGreaterThan(10);
  expect(dockerfile.length).toBeGreaterThan(20);
  const missing = [...dockerfile, ...build].filter((code) => korean[code] === undefined);
  expect([...new Set(missing)]).toEqual([]);
});

test.each(locales)("every reason of the engine has a sentence in %s", (locale) => {
  chooseLocale(locale);
  for (const name of Object.keys(reasons)) {
    expect(messages.value.sentences[name as keyof typeof reasons]).toMatch(
      locale === "ko" ? /[가-힣]/ : /\.$/,
    );
  }
});

const exampleText = z.strictObject({ title: z.string().min(1), about: z.string().regex(/[.?]$/) });

test.each(locales)("every example has texts in %s", (locale) => {
  const texts = z
    .record(z.enum(exampleIds), exampleText)
    .parse(readJson(`src/playground/examples/texts.${locale}.json`));
  expect(Object.keys(texts)).toEqual([...exampleIds]);
});
