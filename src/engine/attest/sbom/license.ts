import { sha256Hex } from "../../../streams/sha256.ts";

/** The identifiers of the SPDX license list that packages use most. Any other license is quoted. */
const listed = new Set(
  [
    "0BSD AFL-2.1 AFL-3.0 AGPL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 APSL-2.0 Artistic-1.0",
    "Artistic-1.0-Perl Artistic-2.0 BlueOak-1.0.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause",
    "BSD-4-Clause BSL-1.0 bzip2-1.0.6 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 CDDL-1.0 CDDL-1.1 curl",
    "EPL-1.0 EPL-2.0 EUPL-1.2 FTL GFDL-1.2-only GFDL-1.3-only GFDL-1.3-or-later GPL-1.0-or-later GPL-2.0 GPL-2.0+",
    "GPL-2.0-only GPL-2.0-or-later GPL-3.0 GPL-3.0+ GPL-3.0-only GPL-3.0-or-later HPND ICU IJG ISC LGPL-2.0-only",
    "LGPL-2.0-or-later LGPL-2.1 LGPL-2.1+ LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0 LGPL-3.0-only LGPL-3.0-or-later",
    "Libpng libtiff MIT MIT-0 MirOS MPL-1.1 MPL-2.0 MS-PL NCSA OFL-1.1 OLDAP-2.8 OpenSSL PHP-3.01 PostgreSQL PSF-2.0",
    "Python-2.0 Python-2.0.1 Ruby Sleepycat SSPL-1.0 TCL Unicode-3.0 Unicode-DFS-2016 Unlicense UPL-1.0 Vim W3C",
    "WTFPL X11 Zlib zlib-acknowledgement ZPL-2.1",
  ]
    .join(" ")
    .split(" "),
);
const exceptions = new Set(
  [
    "Autoconf-exception-3.0 Bison-exception-2.2 Classpath-exception-2.0 Font-exception-2.0 GCC-exception-2.0",
    "GCC-exception-3.1 Linux-syscall-note LLVM-exception OpenJDK-assembly-exception-1.0 u-boot-exception-2.0",
  ]
    .join(" ")
    .split(" "),
);

/** The declared license of a package, with its original text when that is no expression of listed licenses. */
interface DeclaredLicense {
  /** An expression (SPDX 2.3, annex D), `LicenseRef-…`, or NOASSERTION. */
  expression: string;
  extractedText?: string;
}

export function declaredLicense(text: string | undefined): DeclaredLicense {
  if (text === undefined || text === "") return { expression: "NOASSERTION" };
  const expression = readExpression(text);
  if (expression !== undefined) return { expression };
  const readable = text.replace(/[^A-Za-z0-9.-]+/g, "-").slice(0, 40);
  return {
    expression: `LicenseRef-${readable}-${sha256Hex(text).slice(0, 8)}`,
    extractedText: text,
  };
}

/** The expression in canonical spelling; undefined unless every license in it is listed. */
function readExpression(text: string): string | undefined {
  const words = text.match(/[()]|[^\s()]+/g) ?? [];
  let depth = 0;
  let previous = "";
  const written: string[] = [];
  for (const word of words) {
    const operator = /^(and|or|with)$/i.test(word) ? word.toUpperCase() : "";
    const afterOperand = previous !== "" && !/^(\(|AND|OR|WITH)$/.test(previous);
    if (word === ")") depth -= 1;
    if (word === "(") depth += 1;
    const fits =
      operator !== "" || word === ")"
        ? afterOperand && depth >= 0
        : !afterOperand && (previous === "WITH" ? exceptions.has(word) : word === "(" || listed.has(word));
    if (!fits) return undefined;
    previous = operator || word;
    written.push(previous);
  }
  const isWhole = depth === 0 && previous !== "" && !/^(\(|AND|OR|WITH)$/.test(previous);
  return isWhole ? written.join(" ").replaceAll("( ", "(").replaceAll(" )", ")") : undefined;
}
