/** A file of a release. */
export interface Artifact {
  name: string;
  /** Hexadecimal. */
  sha256: string;
}

interface ReleaseSource {
  version: string;
  /** Commit that the files are made from. */
  commit: string;
  /** Files that determine the packages and the version of Node in the result, by name. */
  inputs: readonly Artifact[];
  /** Times in ISO 8601. */
  started: string;
  finished: string;
}

/** A statement of in-toto with a SLSA provenance (slsa.dev/spec/v1.0/provenance), unsigned. */
export function releaseProvenance(artifacts: readonly Artifact[], source: ReleaseSource): object {
  const { version, commit, inputs, started, finished } = source;
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: artifacts.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "urn:varve:release:v1",
        externalParameters: { version },
        internalParameters: { node: process.version, platform: `${process.platform}/${process.arch}` },
        resolvedDependencies: [
          { name: "source", digest: { gitCommit: commit } },
          ...inputs.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
        ],
      },
      runDetails: {
        builder: { id: "urn:varve:release:local" },
        metadata: { startedOn: started, finishedOn: finished },
      },
    },
  };
}

/** Lines that `sha256sum --check` reads. */
export function checksums(artifacts: readonly Artifact[]): string {
  return artifacts.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join("");
}
