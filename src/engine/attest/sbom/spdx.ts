import type { SpdxDocument, SpdxPackage } from "../../../../schemas/attestations.ts";
import { sha256Hex } from "../../../streams/sha256.ts";
import { packageUrl } from "../package-url.ts";
import type { Distribution } from "./distribution.ts";
import { declaredLicense } from "./license.ts";
import type { ImagePackages, InstalledPackage } from "./packages-in.ts";

interface SpdxImage {
  /** The repository, or another name for display. */
  name: string;
  /** Digest of the manifest. */
  digest: string;
  /** Its package URL. */
  url: string;
  /** `created` of the config in RFC 3339, so that equal images give equal documents. */
  created: string | undefined;
}

const NO_TIME = "1970-01-01T00:00:00Z";

const imageId = "SPDXRef-Image";

/** SPDX 2.3 (6.9) does not allow fractions of seconds. */
function wholeSeconds(time: string): string {
  return time.replace(/\.\d+Z$/, "Z");
}

/** The packages of an image as an SPDX 2.3 document, sorted by package URL without duplicates. */
export function createSpdxDocument(image: SpdxImage, found: ImagePackages): SpdxDocument {
  const { packages, distribution, omissions } = found;
  const byUrl = new Map<string, InstalledPackage>();
  for (const one of packages) {
    const url = urlOf(one, distribution);
    if (!byUrl.has(url)) byUrl.set(url, one);
  }
  const texts = new Map<string, string>();
  const listed = [...byUrl]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([url, one]): SpdxPackage => {
      const { expression, extractedText } = declaredLicense(one.license);
      if (extractedText !== undefined) texts.set(expression, extractedText);
      return {
        SPDXID: `SPDXRef-Package-${one.type}-${sha256Hex(url).slice(0, 16)}`,
        name: one.name,
        versionInfo: one.version,
        supplier: supplierOf(one.maintainer),
        ...common,
        sourceInfo: `found in /${one.path.toWellFormed()}${one.source === undefined ? "" : `, built from ${one.source}`}`,
        licenseDeclared: expression,
        externalRefs: [purl(url)],
      };
    });
  return {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: image.name,
    documentNamespace: `https://spdx.org/spdxdocs/${image.digest.replace(":", "-")}`,
    creationInfo: { created: wholeSeconds(image.created ?? NO_TIME), creators: ["Tool: varve"] },
    ...(omissions.length > 0 && { comment: `Not whole. Left out: ${omissions.join("; ")}` }),
    packages: [imagePackage(image), ...(distribution ? [systemPackage(distribution)] : []), ...listed],
    ...(texts.size > 0 && {
      hasExtractedLicensingInfos: [...texts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([licenseId, extractedText]) => ({ licenseId, extractedText })),
    }),
    relationships: [
      { spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: imageId },
      ...[...(distribution ? [systemId] : []), ...listed.map(({ SPDXID }) => SPDXID)].map((id) => ({
        spdxElementId: imageId,
        relationshipType: "CONTAINS" as const,
        relatedSpdxElement: id,
      })),
    ],
  };
}

const systemId = "SPDXRef-OperatingSystem";
const common = {
  downloadLocation: "NOASSERTION",
  filesAnalyzed: false,
  licenseConcluded: "NOASSERTION",
  copyrightText: "NOASSERTION",
} as const;

function imagePackage({ name, digest, url }: SpdxImage): SpdxPackage {
  return {
    SPDXID: imageId,
    name,
    versionInfo: digest,
    supplier: "NOASSERTION",
    ...common,
    licenseDeclared: "NOASSERTION",
    primaryPackagePurpose: "CONTAINER",
    externalRefs: [purl(url)],
  };
}

function systemPackage({ id, version, name }: Distribution): SpdxPackage {
  return {
    SPDXID: systemId,
    name: id,
    ...(version !== "" && { versionInfo: version }),
    supplier: "NOASSERTION",
    ...common,
    sourceInfo: name,
    licenseDeclared: "NOASSERTION",
    primaryPackagePurpose: "OPERATING_SYSTEM",
    externalRefs: [],
  };
}

function purl(url: string): SpdxPackage["externalRefs"][number] {
  return { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: url };
}

/** Follows the purl types: Debian and Alpine names include the distribution, Python names are normalised. */
function urlOf({ type, name, version, architecture }: InstalledPackage, system?: Distribution): string {
  if (type === "npm") {
    const slash = name.indexOf("/");
    const scope = slash < 0 ? undefined : name.slice(0, slash).toLowerCase();
    return packageUrl({ type, namespace: scope, name: name.slice(slash + 1).toLowerCase(), version });
  }
  if (type === "pypi") return packageUrl({ type, name: name.toLowerCase().replaceAll("_", "-"), version });
  const usual = type === "deb" ? "debian" : "alpine";
  const distro = system && (system.version === "" ? system.id : `${system.id}-${system.version}`);
  return packageUrl({
    type,
    namespace: system?.id ?? usual,
    name: name.toLowerCase(),
    version,
    qualifiers: { arch: architecture, distro },
  });
}

/** SPDX requires a supplier to be a person or an organization; `Name <address>` may be either. */
function supplierOf(maintainer: string | undefined): string {
  const text = maintainer
    ?.replace(/\s+/g, " ")
    .trim()
    .replace(/ ?<([^<>]*)>$/, " ($1)");
  return text ? `Organization: ${text}` : "NOASSERTION";
}
