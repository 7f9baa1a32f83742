import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Deployment } from "kubernetes-models/apps/v1";
import { Job } from "kubernetes-models/batch/v1";
import { Ingress } from "kubernetes-models/networking.k8s.io/v1";
import { PersistentVolumeClaim, Secret, Service } from "kubernetes-models/v1";

export interface Resource {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
}

/** Schemas of Kubernetes: types and required fields. They accept unknown fields, which `compile` finds. */
const models = {
  "apps/v1 Deployment": Deployment,
  "batch/v1 Job": Job,
  "networking.k8s.io/v1 Ingress": Ingress,
  "v1 PersistentVolumeClaim": PersistentVolumeClaim,
  "v1 Secret": Secret,
  "v1 Service": Service,
};

/** @throws {Error} for a missing field or a wrong type */
export function validate(resource: Resource): void {
  const Model = models[`${resource.apiVersion} ${resource.kind}` as keyof typeof models];
  new Model(resource as never).validate();
}

/** Compiles the resources as values of their types, which reject unknown fields. Returns the errors. */
export function compile(all: readonly Resource[]): string {
  const place = mkdtempSync(join(process.cwd(), "node_modules/.kubernetes-"));
  try {
    const lines = all.map(
      (resource, index) => `export const r${index}: models.I${resource.kind} = ${JSON.stringify(resource)};`,
    );
    const types = ["apps/v1", "batch/v1", "networking.k8s.io/v1", "v1"].map(
      (path) => `export * from "kubernetes-models/${path}";`,
    );
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
