import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../helpers/temporary-folder.ts";

interface Descriptor {
  mediaType: string;
  digest: string;
  platform?: { os: string; architecture: string; variant?: string };
  annotations?: Record<string, string>;
}

interface Manifest {
  config: Descriptor;
  layers: Descriptor[];
  annotations?: Record<string, string>;
}

/** An image without what depends on the time of its build. */
export interface ImageFacts {
  annotations: Record<string, string>;
  images: {
    platform: Descriptor["platform"];
    annotations: Record<string, string>;
    config: unknown;
    history: unknown;
    /** Contents of the files by path; those of the first layer's programs are left out. */
    files: Record<string, string>;
  }[];
  /** Predicate types of the attestations of each image. */
  attestations: string[][];
}

/** Reads the only image of an OCI image layout. */
export function layoutImage(layout: string): ImageFacts {
  const blob = ({ digest }: Descriptor) => join(layout, "blobs", ...digest.split(":"));
  const read = <T>(descriptor: Descriptor): T => JSON.parse(readFileSync(blob(descriptor), "utf8")) as T;
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as { manifests: Descriptor[] };
  const [root] = index.manifests;
  if (root === undefined) throw new Error("The layout has no image");
  const top =
    root.mediaType.includes("index") || root.mediaType.includes("list")
      ? read<{ manifests: Descriptor[]; annotations?: Record<string, string> }>(root)
      : { manifests: [root], annotations: {} };
  const isAttestation = (one: Descriptor) => one.annotations?.["vnd.docker.reference.type"] !== undefined;
  const images = top.manifests
    .filter((one) => !isAttestation(one))
    .map((one) => {
      const manifest = read<Manifest>(one);
      const { config, history, os, architecture, variant } = read<{
        config: unknown;
        history: { created_by?: string; empty_layer?: boolean }[];
        os: string;
        architecture: string;
        variant?: string;
      }>(manifest.config);
      return {
        platform: { os, architecture, ...(variant !== undefined && { variant }) },
        annotations: manifest.annotations ?? {},
        config,
        // Later versions of BuildKit than that of docker 26 add the value of an argument. For layers of
        // base images without history it appends entries, where varve inserts them before the new ones.
        history: history
          .filter(({ created_by = "" }) => created_by !== "" && !created_by.startsWith("["))
          .map(({ created_by = "", empty_layer = false }) => [
            created_by.replace(/^(ARG [^=]+)=.*/s, "$1"),
            empty_layer,
          ]),
        files: filesOf(manifest.layers.map(blob)),
      };
    });
  const attestations = top.manifests.filter(isAttestation).map((one) =>
    read<Manifest>(one)
      .layers.map(({ annotations }) => annotations?.["in-toto.io/predicate-type"] ?? "")
      // The BuildKit of docker 26 writes the older one.
      .map((type) => type.replace("https://slsa.dev/provenance/v0.2", "https://slsa.dev/provenance/v1"))
      .sort(),
  );
  return { annotations: top.annotations ?? {}, images, attestations };
}

function filesOf(layers: string[]): Record<string, string> {
  using folder = temporaryFolder();
  for (const layer of layers) execFileSync("tar", ["-C", folder.path, "--exclude=bin", "-xf", layer]);
  return filesIn(folder.path);
}

/** Contents of the files of a folder by path; sizes of large ones. */
export function filesIn(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const files = paths.filter((path) => statSync(join(folder, path)).isFile());
  return Object.fromEntries(
    files.map((path) => {
      const isText = statSync(join(folder, path)).size < 10_000 && !path.endsWith(".tar");
      return [path, isText ? readFileSync(join(folder, path), "utf8") : "(large)"];
    }),
  );
}
