import { z } from "zod";

/** Algorithm → hexadecimal digest (in-toto attestation, DigestSet). */
const digestSet = z.record(z.string().regex(/^[A-Za-z0-9]+$/), z.string().regex(/^[0-9a-f]+$/));

const subject = z.strictObject({ name: z.string().min(1), digest: digestSet });

/** An input of a build (in-toto attestation, ResourceDescriptor). */
const resourceDescriptor = z
  .strictObject({
    name: z.string().optional(),
    uri: z.string().optional(),
    digest: digestSet.optional(),
  })
  .refine(({ uri, digest }) => uri !== undefined || digest !== undefined, "names neither a URI nor a digest");
export type ResourceDescriptor = z.infer<typeof resourceDescriptor>;

export const predicateTypes = {
  provenance: "https://slsa.dev/provenance/v1",
  sbom: "https://spdx.dev/Document",
} as const;

const named = z.strictObject({ id: z.string(), optional: z.boolean().optional() });

/** SLSA provenance v1, its open fields as BuildKit defines them. */
export const provenance = z.strictObject({
  buildDefinition: z.strictObject({
    buildType: z.url(),
    externalParameters: z.strictObject({
      configSource: z.strictObject({ path: z.string(), digest: digestSet }),
      request: z.strictObject({
        frontend: z.string(),
        args: z.record(z.string(), z.string()),
        secrets: z.array(named).optional(),
        ssh: z.array(named).optional(),
        locals: z.array(z.strictObject({ name: z.string() })),
      }),
    }),
    internalParameters: z.strictObject({ builderPlatform: z.string() }),
    resolvedDependencies: z.array(resourceDescriptor),
  }),
  runDetails: z.strictObject({
    builder: z.strictObject({ id: z.string().min(1) }),
    metadata: z.strictObject({
      invocationId: z.string(),
      buildkit_hermetic: z.boolean(),
      buildkit_completeness: z.strictObject({ request: z.boolean(), resolvedDependencies: z.boolean() }),
      buildkit_reproducible: z.boolean(),
      buildkit_metadata: z
        .strictObject({
          source: z.strictObject({
            infos: z.array(z.strictObject({ filename: z.string(), language: z.string(), data: z.base64() })),
          }),
        })
        .optional(),
    }),
  }),
});
export type Provenance = z.infer<typeof provenance>;

const spdxId = z.string().regex(/^SPDXRef-[A-Za-z0-9.-]+$/);
const spdxTime = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const noAssertion = z.literal("NOASSERTION");

const spdxPackage = z.strictObject({
  SPDXID: spdxId,
  name: z.string().min(1),
  versionInfo: z.string().optional(),
  supplier: z.union([noAssertion, z.string().regex(/^(Person|Organization): ./)]),
  downloadLocation: noAssertion,
  /** With files a package needs a verification code (SPDX 2.3, 7.9). */
  filesAnalyzed: z.literal(false),
  sourceInfo: z.string().optional(),
  licenseConcluded: noAssertion,
  licenseDeclared: z.string().min(1),
  copyrightText: noAssertion,
  primaryPackagePurpose: z.enum(["CONTAINER", "OPERATING_SYSTEM"]).optional(),
  externalRefs: z.array(
    z.strictObject({
      referenceCategory: z.literal("PACKAGE-MANAGER"),
      referenceType: z.literal("purl"),
      referenceLocator: z.string().regex(/^pkg:[a-z]+\/\S+$/),
    }),
  ),
});
export type SpdxPackage = z.infer<typeof spdxPackage>;

/** An SPDX 2.3 document, with the fields that are used here. */
export const spdxDocument = z
  .strictObject({
    spdxVersion: z.literal("SPDX-2.3"),
    dataLicense: z.literal("CC0-1.0"),
    SPDXID: z.literal("SPDXRef-DOCUMENT"),
    name: z.string().min(1),
    documentNamespace: z.url().refine((uri) => !uri.includes("#"), "has a fragment (SPDX 2.3, 6.5)"),
    creationInfo: z.strictObject({
      created: spdxTime,
      creators: z.array(z.string().regex(/^(Person|Organization|Tool): ./)).min(1),
    }),
    comment: z.string().optional(),
    packages: z.array(spdxPackage),
    hasExtractedLicensingInfos: z
      .array(
        z.strictObject({
          licenseId: z.string().regex(/^LicenseRef-[A-Za-z0-9.-]+$/),
          extractedText: z.string().min(1),
        }),
      )
      .optional(),
    relationships: z.array(
      z.strictObject({
        spdxElementId: spdxId,
        relationshipType: z.enum(["DESCRIBES", "CONTAINS"]),
        relatedSpdxElement: spdxId,
      }),
    ),
  })
  .refine(({ packages, relationships }) => {
    const ids = new Set(["SPDXRef-DOCUMENT", ...packages.map(({ SPDXID }) => SPDXID)]);
    const known = relationships.every((one) => ids.has(one.spdxElementId) && ids.has(one.relatedSpdxElement));
    return ids.size === packages.length + 1 && known;
  }, "identifiers are not unique, or a relationship names none of them")
  .refine(({ packages, hasExtractedLicensingInfos = [] }) => {
    const own = new Set(hasExtractedLicensingInfos.map(({ licenseId }) => licenseId));
    return packages.every(({ licenseDeclared }) =>
      (licenseDeclared.match(/LicenseRef-[A-Za-z0-9.-]+/g) ?? []).every((id) => own.has(id)),
    );
  }, "a license is referenced but missing (SPDX 2.3, 10.1)");
export type SpdxDocument = z.infer<typeof spdxDocument>;

/** A statement about an image (in-toto Statement v1). */
export const statement = z.discriminatedUnion("predicateType", [
  z.strictObject({
    _type: z.literal("https://in-toto.io/Statement/v1"),
    subject: z.array(subject).min(1),
    predicateType: z.literal(predicateTypes.provenance),
    predicate: provenance,
  }),
  z.strictObject({
    _type: z.literal("https://in-toto.io/Statement/v1"),
    subject: z.array(subject).min(1),
    predicateType: z.literal(predicateTypes.sbom),
    predicate: spdxDocument,
  }),
]);
export type Statement = z.infer<typeof statement>;
