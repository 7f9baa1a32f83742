import type { ResourceDescriptor } from "../../../schemas/attestations.ts";
import { formatPlatform } from "../../oci/platform.ts";
import { familiarReference, parseReference } from "../../oci/reference.ts";
import { cut } from "../../streams/cut.ts";
import type { BuildPlan, PlannedImage } from "../plan/build-plan.ts";
import type { GitSource, HttpSource } from "../plan/step.ts";
import { remoteOf } from "../remote/git.ts";
import type { Remotes } from "../solve/sources.ts";
import { joinCredentials, maskUrl } from "../url-credentials.ts";
import { packageUrl } from "./package-url.ts";

/** The external inputs of a build, each with its digest: images, downloads, commits and contexts. */
export async function collectMaterials(
  plan: BuildPlan,
  contexts: ReadonlyMap<string | undefined, { digest: string }>,
  remotes: Pick<Remotes, "digest">,
): Promise<ResourceDescriptor[]> {
  const materials = plan.images.map(imageMaterial);
  for (const { definition } of plan.steps) {
    if (definition.kind !== "add") continue;
    for (const source of definition.sources) {
      if (source.kind === "http" || source.kind === "git")
        materials.push({ uri: uriOf(source), digest: digestSet(await remotes.digest(source)) });
    }
  }
  for (const [name, { digest }] of contexts) {
    materials.push({ name: name === undefined ? "context" : `context:${name}`, digest: digestSet(digest) });
  }
  const different = new Map(materials.map((material) => [JSON.stringify(material), material]));
  return [...different.values()];
}

function imageMaterial({ reference, platform, digest }: PlannedImage): ResourceDescriptor {
  return { uri: imageUrl(reference, formatPlatform(platform)), digest: digestSet(digest) };
}

/** As BuildKit writes it: `pkg:docker/alpine@3.20?platform=linux%2Famd64`. */
function imageUrl(reference: string, platform: string): string {
  const { host, path, tag = "latest" } = parseReference(reference);
  const parts = familiarReference({ host, path }).split("/");
  const name = parts.pop() as string;
  return packageUrl({
    type: "docker",
    namespace: parts.join("/"),
    name,
    version: tag,
    qualifiers: { platform },
  });
}

function uriOf(source: GitSource | HttpSource): string {
  if (source.kind === "http") return maskUrl(joinCredentials(source));
  const subdir = source.subdir ? `:${source.subdir}` : "";
  const fragment = `${source.ref ?? ""}${subdir}`;
  return `${maskUrl(remoteOf(source))}${fragment && `#${fragment}`}`;
}

/** `sha256:<hex>` as an in-toto digest set. */
export function digestSet(digest: string): Record<string, string> {
  const [algorithm, encoded = ""] = cut(digest, ":");
  return { [algorithm]: encoded };
}
