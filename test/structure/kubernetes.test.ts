import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Deployment } from "kubernetes-models/apps/v1";
import { Job } from "kubernetes-models/batch/v1";
import { PersistentVolumeClaim, Service } from "kubernetes-models/v1";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";

const folder = "examples/kubernetes";

/** Schemas of Kubernetes: types and required fields. Its types, which know all names of fields, are tested apart. */
const models = {
  "apps/v1 Deployment": Deployment,
  "batch/v1 Job": Job,
  "v1 PersistentVolumeClaim": PersistentVolumeClaim,
  "v1 Service": Service,
};
type Kind = keyof typeof models;

interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
}

const kustomization = parse(readFileSync(join(folder, "kustomization.yaml"), "utf8"));
const files = globSync(`${folder}/*.yaml`).filter((file) => !file.endsWith("kustomization.yaml"));
const resources = files.flatMap((file) =>
  parseAllDocuments(readFileSync(file, "utf8")).map(
    (document) => [file, document.toJS() as Resource] as const,
  ),
);

function validate(resource: Resource): void {
  const Model = models[`${resource.apiVersion} ${resource.kind}` as Kind];
  new Model(resource as never).validate();
}

describe("manifests for Kubernetes", () => {
  test.each(resources.map(([file, resource]) => [file, resource.kind, resource] as const))(
    "%s: %s is valid",
    (_file, _kind, resource) => {
      validate(resource);
    },
  );

  test("a missing field and a wrong type are found", () => {
    const [, deployment] = resources.find(([, { kind }]) => kind === "Deployment") ?? [];
    const copy = (change: (spec: Record<string, unknown>) => void) => {
      const other = structuredClone(deployment) as Resource & { spec: Record<string, unknown> };
      change(other.spec);
      return other;
    };
    expect(() => validate(copy((spec) => Object.assign(spec, { replicas: "two" })))).toThrow("replicas");
    expect(() => validate(copy((spec) => Object.assign(spec, { selector: undefined })))).toThrow("selector");
  });

  /** Compiles the resources as values of their types. Returns the errors. */
  function compile(all: readonly Resource[]): string {
    const place = mkdtempSync(join(process.cwd(), "node_modules/.kubernetes-"));
    try {
      const lines = all.map(
        (resource, index) =>
          `export const r${index}: models.I${resource.kind} = ${JSON.stringify(resource)};`,
      );
      const types = ["apps/v1", "batch/v1", "v1"].map((path) => `export * from "kubernetes-models/${path}";`);
      writeFileSync(join(place, "models.ts"), types.join("\n"));
      writeFileSync(
        join(place, "resources.ts"),
        `import type * as models from "./models.ts";\n${lines.join("\n")}\n`,
      );
      const flags =
        "--noEmit --strict --module nodenext --allowImportingTsExtensions --skipLibCheck --types node";
      const tsc = join(process.cwd(), "node_modules/.bin/tsc");
      const words = ["--ignoreConfig", ...flags.split(" "), join(place, "resources.ts")];
      return spawnSync(tsc, words, { encoding: "utf8" }).stdout;
    } finally {
      rmSync(place, { recursive: true });
    }
  }

  test("no resource has a field that does not exist", { timeout: 120_000 }, () => {
    expect(compile(resources.map(([, resource]) => resource))).toBe("");
    const wrong = structuredClone(resources.map(([, resource]) => resource)) as object[];
    Object.assign(wrong[0] ?? {}, { imagee: "x" });
    expect(compile(wrong as Resource[])).toContain("'\"imagee\"' does not exist");
  });

  test("the kustomization has the files of server and runner, and names their images", () => {
    expect(kustomization.resources).toEqual(["server.yaml", "runner.yaml"]);
    const used = kustomization.resources.flatMap((file: string) =>
      [...readFileSync(join(folder, file), "utf8").matchAll(/image: (\S+)/g)].map(([, image]) => image),
    );
    expect(kustomization.images.map(({ name }: { name: string }) => name)).toEqual(used);
  });

  test("no Pod is privileged or has a token of the cluster", () => {
    for (const [file] of resources) {
      const text = readFileSync(file, "utf8");
      expect(text).not.toContain("privileged: true");
      if (text.includes("containers:")) expect(text).toContain("automountServiceAccountToken: false");
    }
  });
});
