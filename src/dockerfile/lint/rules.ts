import type { Diagnostic } from "../diagnostic.ts";
import type { LineRange } from "../instruction.ts";
import { quoteGo } from "../quote.ts";

/** One of BuildKit's lint rules. */
interface Rule {
  name: string;
  /** The requirement of the rule in one sentence. */
  description: string;
  /** Page that explains the rule. */
  url?: string;
  /** Reported only when the `check` directive selects it. */
  experimental?: true;
  /** The message for a violation. */
  message: (...details: never[]) => string;
}

const pages = "https://docs.docker.com/go/dockerfile/rule";

/** All rules, with BuildKit's names, descriptions and messages. */
export const rules = [
  {
    name: "StageNameCasing",
    description: "Stage names should be lowercase",
    url: `${pages}/stage-name-casing/`,
    message: (stage: string) => `Stage name '${stage}' should be lowercase`,
  },
  {
    name: "FromAsCasing",
    description: "The 'as' keyword should match the case of the 'from' keyword",
    url: `${pages}/from-as-casing/`,
    message: (from: string, as: string) => `'${as}' and '${from}' keywords' casing do not match`,
  },
  {
    name: "NoEmptyContinuation",
    description: "Empty continuation lines will become errors in a future release",
    url: `${pages}/no-empty-continuation/`,
    message: () => "Empty continuation line",
  },
  {
    name: "ConsistentInstructionCasing",
    description: "All commands within the Dockerfile should use the same casing (either upper or lower)",
    url: `${pages}/consistent-instruction-casing/`,
    message: (keyword: string, casing: "lowercase" | "uppercase") =>
      `Command '${keyword}' should match the case of the command majority (${casing})`,
  },
  {
    name: "DuplicateStageName",
    description: "Stage names should be unique",
    url: `${pages}/duplicate-stage-name/`,
    message: (stage: string) => `Duplicate stage name ${quoteGo(stage)}, stage names should be unique`,
  },
  {
    name: "ReservedStageName",
    description: "Reserved words should not be used as stage names",
    url: `${pages}/reserved-stage-name/`,
    message: (stage: string) => `Stage name should not use the same name as reserved stage ${quoteGo(stage)}`,
  },
  {
    name: "JSONArgsRecommended",
    description:
      "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals",
    url: `${pages}/json-args-recommended/`,
    message: (keyword: string) =>
      `JSON arguments recommended for ${keyword} to prevent unintended behavior related to OS signals`,
  },
  {
    name: "MaintainerDeprecated",
    description: "The MAINTAINER instruction is deprecated, use a label instead to define an image author",
    url: `${pages}/maintainer-deprecated/`,
    message: () => "Maintainer instruction is deprecated in favor of using label",
  },
  {
    name: "UndefinedArgInFrom",
    description: "FROM command must use declared ARGs",
    url: `${pages}/undefined-arg-in-from/`,
    message: (name: string, suggestion?: string) =>
      `FROM argument '${name}' is not declared${didYouMean(suggestion)}`,
  },
  {
    name: "WorkdirRelativePath",
    description:
      "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes",
    url: `${pages}/workdir-relative-path/`,
    message: (path: string) =>
      `Relative workdir ${quoteGo(path)} can have unexpected results if the base image changes`,
  },
  {
    name: "UndefinedVar",
    description: "Variables should be defined before their use",
    url: `${pages}/undefined-var/`,
    message: (name: string, suggestion?: string) =>
      `Usage of undefined variable '$${name}'${didYouMean(suggestion && `$${suggestion}`)}`,
  },
  {
    name: "MultipleInstructionsDisallowed",
    description: "Multiple instructions of the same type should not be used in the same stage",
    url: `${pages}/multiple-instructions-disallowed/`,
    message: (keyword: string) =>
      `Multiple ${keyword} instructions should not be used in the same stage because only the last one will be used`,
  },
  {
    name: "LegacyKeyValueFormat",
    description: "Legacy key/value format with whitespace separator should not be used",
    url: `${pages}/legacy-key-value-format/`,
    message: (keyword: string) =>
      `"${keyword} key=value" should be used instead of legacy "${keyword} key value" format`,
  },
  {
    name: "InvalidBaseImagePlatform",
    description: "Base image platform does not match expected target platform",
    message: (image: string, expected: string, actual: string) =>
      `Base image ${image} was pulled with platform ${quoteGo(actual)}, expected ${quoteGo(expected)} for current build`,
  },
  {
    name: "RedundantTargetPlatform",
    description:
      "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior",
    url: `${pages}/redundant-target-platform/`,
    message: (variable: string) =>
      `Setting platform to predefined ${variable} in FROM is redundant as this is the default behavior`,
  },
  {
    name: "SecretsUsedInArgOrEnv",
    description: "Sensitive data should not be used in the ARG or ENV commands",
    url: `${pages}/secrets-used-in-arg-or-env/`,
    message: (keyword: string, key: string) =>
      `Do not use ARG or ENV instructions for sensitive data (${keyword} ${quoteGo(key)})`,
  },
  {
    name: "InvalidDefaultArgInFrom",
    description: "Default value for global ARG results in an empty or invalid base image name",
    url: `${pages}/invalid-default-arg-in-from/`,
    message: (base: string) => `Default value for ARG ${base} results in empty or invalid base image name`,
  },
  {
    name: "FromPlatformFlagConstDisallowed",
    description: "FROM --platform flag should not use a constant value",
    url: `${pages}/from-platform-flag-const-disallowed/`,
    message: (platform: string) => `FROM --platform flag should not use constant value ${quoteGo(platform)}`,
  },
  {
    name: "CopyIgnoredFile",
    description: "Attempting to Copy file that is excluded by .dockerignore",
    url: `${pages}/copy-ignored-file/`,
    message: (action: "Copy" | "Add", file: string) =>
      `Attempting to ${action} file ${quoteGo(file)} that is excluded by .dockerignore`,
  },
  {
    name: "InvalidDefinitionDescription",
    description:
      "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.",
    url: `${pages}/invalid-definition-description/`,
    experimental: true,
    message: (keyword: "ARG" | "FROM", name: string) =>
      `Comment for ${keyword} should follow the format: \`# ${name} <description>\``,
  },
  {
    name: "ExposeProtoCasing",
    description: "Protocol in EXPOSE instruction should be lowercase",
    url: `${pages}/expose-proto-casing/`,
    message: (port: string) => `Defined protocol '${port}' in EXPOSE instruction should be lowercase`,
  },
  {
    name: "ExposeInvalidFormat",
    description:
      "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release",
    url: `${pages}/expose-invalid-format/`,
    message: (port: string) =>
      `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`,
  },
] as const satisfies readonly Rule[];

type Rules = (typeof rules)[number];

export type RuleName = Rules["name"];

/** The parameters of a rule's message: names, values, a suggestion. */
export type RuleDetails<N extends RuleName> = Parameters<Extract<Rules, { name: N }>["message"]>;

const byName = new Map<string, Rule>(rules.map((rule) => [rule.name, rule]));

export function ruleOf(name: RuleName): Rule {
  return byName.get(name) as Rule;
}

/** A finding for a violated rule. The {@link Linter} decides whether to report it. */
export function warn<N extends RuleName>(name: N, lines: LineRange, ...details: RuleDetails<N>): Diagnostic {
  const rule = ruleOf(name);
  const message = rule.message(...(details as never[]));
  const guess = message.endsWith("?)") ? message.lastIndexOf("(did you mean ") : -1;
  const help = guess === -1 ? undefined : message.slice(guess + 1, -1);
  return {
    code: name,
    severity: "warning",
    message,
    lines,
    ...(help !== undefined && { help }),
    ...(rule.url !== undefined && { url: rule.url }),
  };
}

function didYouMean(suggestion: string | undefined): string {
  return suggestion ? ` (did you mean ${suggestion}?)` : "";
}
