import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { compile, type Resource, validate } from "../helpers/kubernetes-schemas.ts";

const folder = "examples/kubernetes";

const kustomization = parse(readFileSync(join(folder, "kustomization.yaml"), "utf8"));
const files = globSync(`${folder}/*.yaml`).filter((file) => !file.endsWith("kustomization.yaml"));
const resources = files.flatMap((file) =>
  parseAllDocuments(readFileSync(file, "utf8")).map(
    (document) => [file, document.toJS() as Resource] as const,
  ),
);

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
