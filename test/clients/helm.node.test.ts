import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { compile, type Resource, validate } from "../helpers/kubernetes-schemas.ts";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { run } from "./programs.ts";

// The Helm chart, rendered by helm's own template engine and functions, and validated against the schemas of Kubernetes.

const chart = join(import.meta.dirname, "../../charts/varve");
const folder = temporaryFolder();
const program = join(folder.path, "render");

beforeAll(async () => {
  const source = join(import.meta.dirname, "helm/render.go");
  const env = {
    GO111MODULE: "off",
    GOPATH: "/usr/share/gocode",
    GOCACHE: join(folder.path, "cache"),
    GOFLAGS: "",
  };
  await run("go", ["build", "-o", program, source], { env });
}, 900_000);
afterAll(() => folder[Symbol.dispose]());

/** The objects of a release named `release`. @throws what helm prints of an error in the values */
function render(values: object): Resource[] {
  const output = execFileSync(program, {
    input: JSON.stringify({ chart, values }),
    encoding: "utf8",
    stdio: "pipe",
  });
  const files = Object.entries(JSON.parse(output) as Record<string, string>);
  return files
    .filter(([name]) => name.endsWith(".yaml"))
    .flatMap(([, text]) => parseAllDocuments(text))
    .flatMap((document) => {
      expect(document.errors).toEqual([]);
      return (document.toJS() as Resource | null) ?? [];
    });
}

const tokens = { adminToken: "admin", runnerToken: "runner" };
const everything = {
  ...tokens,
  imagePullSecrets: [{ name: "pull" }],
  server: {
    image: { tag: "2" },
    service: { type: "NodePort", port: 8080 },
    persistence: { storageClass: "fast" },
    env: [{ name: "VARVE_MIRRORS", value: "{}" }],
    nodeSelector: { disk: "ssd" },
    tolerations: [{ key: "builds", operator: "Exists" }],
  },
  ingress: { enabled: true, className: "nginx", annotations: { a: "b" }, tlsSecret: "certificate" },
  runner: { args: ["--memory=4g"], hostTun: false, affinity: { nodeAffinity: {} } },
};
const cases = [
  ["the default values", tokens],
  ["all values", everything],
  [
    "a Secret and a claim that exist",
    { existingSecret: "s", server: { persistence: { existingClaim: "c" } } },
  ],
  [
    "runners alone",
    { runnerToken: "r", server: { enabled: false }, runner: { server: "https://varve.example" } },
  ],
] as const;

const namesOf = (resources: readonly Resource[]) =>
  resources.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
const find = (resources: readonly Resource[], kind: string, name: string) =>
  resources.find((one) => one.kind === kind && one.metadata.name === name);

describe("the Helm chart", () => {
  test.each(cases)("is valid with %s", (_name, values) => {
    for (const resource of render(values)) validate(resource);
  });

  test("has only fields of Kubernetes' types", { timeout: 300_000 }, () => {
    expect(compile(cases.flatMap(([, values]) => render(values)))).toBe("");
  });

  test("has the objects that its values select", () => {
    const [defaults, all, existing, runners] = cases.map(([, values]) => namesOf(render(values)));
    expect(defaults).toEqual([
      "Deployment release-varve",
      "Deployment release-varve-runner",
      "PersistentVolumeClaim release-varve",
      "Secret release-varve",
      "Service release-varve",
    ]);
    expect(all).toEqual([...(defaults ?? []), "Ingress release-varve"].sort());
    expect(existing).toEqual([
      "Deployment release-varve",
      "Deployment release-varve-runner",
      "Service release-varve",
    ]);
    expect(runners).toEqual(["Deployment release-varve-runner", "Secret release-varve"]);
  });

  test("applies the values", () => {
    const resources = render(everything);
    expect(find(resources, "Deployment", "release-varve")).toMatchObject({
      spec: {
        template: {
          spec: {
            imagePullSecrets: [{ name: "pull" }],
            nodeSelector: { disk: "ssd" },
            tolerations: [{ key: "builds", operator: "Exists" }],
            containers: [
              {
                image: "registry.example/varve/server:2",
                env: expect.arrayContaining([{ name: "VARVE_MIRRORS", value: "{}" }]),
              },
            ],
          },
        },
      },
    });
    expect(find(resources, "Deployment", "release-varve-runner")).toMatchObject({
      spec: {
        template: {
          spec: {
            containers: [{ args: ["--server=http://release-varve:8080", "--memory=4g"] }],
            volumes: [{ name: "state", emptyDir: {} }],
          },
        },
      },
    });
    expect(find(resources, "Ingress", "release-varve")).toMatchObject({
      spec: {
        ingressClassName: "nginx",
        tls: [{ hosts: ["varve.example.com"], secretName: "certificate" }],
      },
    });
  });

  test("no Pod is privileged or has a token of the cluster", () => {
    const text = JSON.stringify(render(everything));
    expect(text).not.toContain('"privileged":true');
    expect(text.split('"automountServiceAccountToken":false')).toHaveLength(3);
  });

  test.each([
    [{}, "Set adminToken, or existingSecret"],
    [{ existingSecret: "s", server: { enabled: false } }, "Set runner.server where server.enabled is false"],
  ])("requires values without a default: %j", (values, message) => {
    expect(() => render(values)).toThrow(message);
  });
});
