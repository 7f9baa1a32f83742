import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

/**
 * Modules that a bundler or a runtime reads under another name: replacements of modules in the package and in the page, and the
 * Workers of the tests, whose classes the runtime starts by name.
 */
const unchecked =
  /^(?:src\/cli\/package\/(?:playground-assets|runner-program-words|web-socket|worker-bundle|zlib)\.ts|src\/playground\/browser\/node-(?:crypto|zlib)\.ts|test\/edge\/lab-worker\.ts|test\/bench\/builders\/counting-worker\.ts|test\/bench\/projects\/|test\/fixtures\/)/;
/** A hook for tests. */
const forTests = new Set(["countedWork"]);

const texts = new Map(
  globSync(["src/**/*.{ts,tsx}", "schemas/*.ts", "test/**/*.{ts,tsx}"]).map((file) => [
    file,
    readFileSync(file, "utf8"),
  ]),
);

/** Imported names of a file; undefined for all of them (`import * as`, `import()`, its URL or path). */
interface Import {
  readonly from: string;
  readonly names: readonly string[] | undefined;
}

const STATEMENT = /^\s*(?:import|export)\s+(?:type\s+)?([^;"']*?)\s+from\s+"(\.[^"]+)"/gm;
const WHOLE = /(?:import|URL|join|resolve)\([^"()]*"([\w./-]+\.tsx?)"/g;

function importsOf(file: string, text: string): Import[] {
  const resolved = (target: string) => normalize(join(dirname(file), target));
  const named = [...text.matchAll(STATEMENT)].map(([, clause = "", target = ""]) => ({
    from: resolved(target),
    names: clause.includes("*")
      ? undefined
      : clause.split(/[{},]/).map((name) =>
          name
            .trim()
            .replace(/^type /, "")
            .replace(/ as .*$/s, ""),
        ),
  }));
  const whole = [...text.matchAll(WHOLE)].map(([, target = ""]) => ({
    from: resolved(target),
    names: undefined,
  }));
  return [...named, ...whole];
}

/** Files by the exports that they use, as `file#name`. */
const users = new Map<string, Set<string>>();
for (const [file, text] of texts) {
  for (const { from, names } of importsOf(file, text)) {
    for (const name of names ?? text.match(/\w+/g) ?? []) {
      const key = `${from}#${name}`;
      users.set(key, (users.get(key) ?? new Set()).add(file));
    }
  }
}

const DECLARATION =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) ([\w$]+)/gm;

const exported = [...texts].flatMap(([file, text]) =>
  unchecked.test(file)
    ? []
    : [...text.matchAll(DECLARATION)].map(([, name = ""]) => ({
        file,
        name,
        isUsedHere: text.split(new RegExp(`\\b${name}\\b`)).length > 2,
        users: [...(users.get(`${file}#${name}`) ?? [])],
      })),
);

test("exports are found", () => {
  expect(exported.length).toBeGreaterThan(2000);
  expect(exported.filter(({ users }) => users.length > 0).length).toBeGreaterThan(2000);
});

test("another file imports each export", () => {
  expect(
    exported.filter(({ users }) => users.length === 0).map(({ file, name }) => `${file}: ${name}`),
  ).toEqual([]);
});

test("no code is used by tests alone", () => {
  const dead = exported.filter(
    ({ file, name, isUsedHere, users }) =>
      !file.startsWith("test/") &&
      !isUsedHere &&
      !forTests.has(name) &&
      users.every((user) => user.startsWith("test/")),
  );
  expect(dead.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
});
