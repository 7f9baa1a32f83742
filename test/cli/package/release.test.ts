import { expect, test } from "vitest";
import { releaseChangelog } from "../../../src/cli/package/changelog.ts";
import { checksums, releaseProvenance } from "../../../src/cli/package/release-provenance.ts";

const text = "# Changelog\n\n## Unreleased\n\n- One.\n- Two.\n\n## 0.1.0 (2026-01-01)\n\n- First.\n";

test("the unreleased part of the changelog gets the version", () => {
  const { changelog, notes } = releaseChangelog(text, "0.2.0", "2026-02-03");
  expect(notes).toBe("- One.\n- Two.\n");
  expect(changelog).toBe(text.replace("## Unreleased\n", "## Unreleased\n\n## 0.2.0 (2026-02-03)\n"));
});

test.each([
  ["has no part", "# Changelog\n"],
  ["is empty", "# Changelog\n\n## Unreleased\n\n## 0.1.0 (2026-01-01)\n\n- First.\n"],
  ["has version 0.2.0 already", `${text}\n## 0.2.0 (2026-02-02)\n`],
])("a changelog that %s is rejected", (why, changelog) => {
  expect(() => releaseChangelog(changelog, "0.2.0", "2026-02-03")).toThrow(why);
});

test("the provenance names every file by its digest", () => {
  const artifacts = [{ name: "varve-0.2.0.tgz", sha256: "ab" }];
  const times = { started: "2026-02-03T00:00:00Z", finished: "2026-02-03T00:00:01Z" };
  const source = { version: "0.2.0", commit: "c0ffee", inputs: [{ name: "lock", sha256: "cd" }], ...times };
  expect(releaseProvenance(artifacts, source)).toMatchObject({
    subject: [{ name: "varve-0.2.0.tgz", digest: { sha256: "ab" } }],
    predicate: {
      buildDefinition: {
        externalParameters: { version: "0.2.0" },
        resolvedDependencies: [
          { name: "source", digest: { gitCommit: "c0ffee" } },
          { name: "lock", digest: { sha256: "cd" } },
        ],
      },
    },
  });
  expect(checksums(artifacts)).toBe("ab  varve-0.2.0.tgz\n");
});
