import type { Provenance, ResourceDescriptor } from "../../../schemas/attestations.ts";
import type { BuildInputs } from "../../../schemas/build.ts";
import type { ProvenanceRequest } from "../../../schemas/provenance-option.ts";
import { DEFAULT_PLATFORM, formatPlatform } from "../../oci/platform.ts";
import { toBase64 } from "../../streams/base64.ts";
import { sha256 } from "../../streams/sha256.ts";
import { buildId } from "../inputs.ts";
import type { BuildPlan } from "../plan/build-plan.ts";
import { namesSecret } from "../plan/secret-name.ts";
import { maskCredentials, maskUrl } from "../url-credentials.ts";
import { digestSet } from "./materials.ts";

interface ProvenanceOptions {
  request: ProvenanceRequest;
  inputs: BuildInputs;
  plan: BuildPlan;
  materials: readonly ResourceDescriptor[];
  /** URI of this server, the builder unless the request names another. */
  builder: string;
}

/** The fields have BuildKit's meaning, so tools that read its provenance can read this one. */
const buildType = "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md";

/**
 * The provenance of an image (SLSA provenance v1). It contains no times, so that equal builds produce equal bytes; the
 * build record has the times.
 */
export function provenanceOf({ request, inputs, plan, materials, builder }: ProvenanceOptions): Provenance {
  const isMax = request.mode === "max";
  const given = argsOf(inputs);
  const disclosed = Object.entries(given).filter(
    ([name, value]) => (isMax || !isPrivate(name)) && !isSecret(name, value),
  );
  const { secrets, ssh } = mountsOf(plan);
  return {
    buildDefinition: {
      buildType,
      externalParameters: {
        configSource: { path: inputs.dockerfileName, digest: digestSet(sha256(inputs.dockerfile)) },
        request: {
          frontend: "dockerfile.v0",
          args: Object.fromEntries(disclosed),
          ...(isMax && secrets.length > 0 && { secrets }),
          ...(isMax && ssh.length > 0 && { ssh }),
          locals: [{ name: "context" }, { name: "dockerfile" }],
        },
      },
      internalParameters: { builderPlatform: formatPlatform(DEFAULT_PLATFORM) },
      resolvedDependencies: [...materials],
    },
    runDetails: {
      builder: { id: request.builderId ?? builder },
      metadata: {
        invocationId: buildId(inputs),
        buildkit_hermetic: !usesNetwork(plan),
        buildkit_completeness: {
          request: disclosed.length === Object.keys(given).length,
          resolvedDependencies: true,
        },
        buildkit_reproducible: request.reproducible,
        ...(isMax && { buildkit_metadata: { source: { infos: [sourceOf(inputs)] } } }),
      },
    },
  };
}

/** The requested options under the names that BuildKit gives its frontend. Options with default values are left out. */
function argsOf({ options, dockerfileName }: BuildInputs): Record<string, string> {
  const { target, buildArgs, labels, contexts, sourceDateEpoch, compression, timestamps, rewriteTimestamp } =
    options;
  const args: [string, string | undefined][] = [
    ["filename", dockerfileName],
    ["target", target],
    ["compression", compression === "gzip" ? undefined : compression],
    ["timestamps", timestamps === "preserve" ? undefined : timestamps],
    ["rewrite-timestamp", rewriteTimestamp ? "true" : undefined],
    ["build-arg:SOURCE_DATE_EPOCH", sourceDateEpoch?.toString()],
    ...Object.entries(buildArgs).map(([name, value]): [string, string] => [`build-arg:${name}`, value]),
    ...Object.entries(labels).map(([name, value]): [string, string] => [`label:${name}`, value]),
    ...Object.entries(contexts).map(([name, value]): [string, string] => [`context:${name}`, maskUrl(value)]),
  ];
  return Object.fromEntries(
    args
      .filter((pair): pair is [string, string] => pair[1] !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Whether BuildKit leaves this argument out of `mode=min`. */
function isPrivate(name: string): boolean {
  return name.startsWith("build-arg:") || name.startsWith("label:");
}

/** Whether an argument looks like a secret, by its name or because its value is a URL with credentials. */
function isSecret(name: string, value: string): boolean {
  if (!name.startsWith("build-arg:")) return false;
  return namesSecret(name.slice("build-arg:".length)) || /^[a-z][a-z0-9+.-]*:\/\/[^/@]*@/i.test(value);
}

function mountsOf({ steps }: BuildPlan) {
  const secrets = new Map<string, { id: string; optional?: boolean }>();
  const ssh = new Map<string, { id: string; optional?: boolean }>();
  for (const { definition } of steps) {
    if (definition.kind !== "run") continue;
    for (const mount of definition.mounts) {
      if (mount.type !== "secret" && mount.type !== "ssh") continue;
      const { id, required } = mount;
      const known = mount.type === "secret" ? secrets : ssh;
      if (required || !known.has(id)) known.set(id, { id, ...(!required && { optional: true }) });
    }
  }
  return { secrets: [...secrets.values()], ssh: [...ssh.values()] };
}

/** Only a process can use the network: all sources are identified by their digests. */
function usesNetwork({ steps }: BuildPlan): boolean {
  return steps.some(({ definition }) => definition.kind === "run" && definition.network !== "none");
}

function sourceOf({ dockerfile, dockerfileName }: BuildInputs) {
  // Credentials in URLs are masked before hashing.
  const bytes = new TextEncoder().encode(maskCredentials(dockerfile));
  return { filename: dockerfileName, language: "Dockerfile", data: toBase64(bytes) };
}
