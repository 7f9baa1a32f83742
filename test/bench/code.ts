import type { Random } from "./random.ts";
import { words } from "./words.ts";

/** The names that one package uses: its files resemble each other more than those of other packages. */
export interface Vocabulary {
  name: string;
  identifiers: string[];
  modules: string[];
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function identifier(random: Random): string {
  const [first, ...rest] = Array.from({ length: 1 + random.below(3) }, () => random.pick(words));
  return [first, ...rest.map(capital)].join("");
}

export function vocabulary(random: Random, name: string): Vocabulary {
  const identifiers = Array.from({ length: 120 + random.below(240) }, () => identifier(random));
  const modules = Array.from({ length: 6 }, () => `./${random.pick(words)}-${random.pick(words)}`);
  return { name, identifiers, modules: [...modules, "node:fs", "node:path", "node:util"] };
}

function sentence(random: Random): string {
  const body = Array.from({ length: 5 + random.below(9) }, () => random.common(words)).join(" ");
  return `${capital(body)}.`;
}

function value(random: Random, { identifiers }: Vocabulary): string {
  switch (random.below(8)) {
    case 0:
      return String(random.below(1000));
    case 1:
      return `'${random.common(identifiers)}'`;
    case 2:
      return `${random.common(identifiers)}.length`;
    case 3:
      return random.pick(["null", "true", "false", "undefined", "[]", "{}"]);
    case 4:
      return `this.${random.common(identifiers)}`;
    default:
      return random.common(identifiers);
  }
}

function call(random: Random, names: Vocabulary): string {
  const values = Array.from({ length: random.below(4) }, () => value(random, names));
  return `${random.common(names.identifiers)}.${random.common(names.identifiers)}(${values.join(", ")})`;
}

function statement(random: Random, names: Vocabulary, indent: string): string {
  const name = random.common(names.identifiers);
  switch (random.below(10)) {
    case 0:
      return `${indent}if (${name} === ${value(random, names)}) {\n${indent}  return ${call(random, names)};\n${indent}}\n`;
    case 1:
      return `${indent}for (const ${name} of ${call(random, names)}) {\n${indent}  ${call(random, names)};\n${indent}}\n`;
    case 2:
      return `${indent}// ${sentence(random)}\n${indent}const ${name} = ${call(random, names)};\n`;
    case 3:
      return `${indent}throw new TypeError(\`${sentence(random)} \${${name}}\`);\n`;
    case 4:
      return `${indent}this.${name} = ${value(random, names)};\n`;
    case 5:
      return `${indent}await ${call(random, names)};\n`;
    default:
      return `${indent}const ${name} = ${value(random, names)};\n`;
  }
}

function until(bytes: number, start: string, part: () => string): string {
  const parts = [start];
  for (let length = start.length; length < bytes; ) {
    const next = part();
    parts.push(next);
    length += next.length;
  }
  return parts.join("");
}

/** A module of about this size, like hand-written code. */
export function script(random: Random, names: Vocabulary, bytes: number): string {
  const head = ["'use strict';", ""];
  for (let count = random.below(5); count >= 0; count -= 1) {
    head.push(`const { ${random.common(names.identifiers)} } = require('${random.pick(names.modules)}');`);
  }
  return until(bytes, `${head.join("\n")}\n`, () => {
    const parameters = [random.common(names.identifiers), random.common(names.identifiers)];
    const body = Array.from({ length: 3 + random.below(9) }, () => statement(random, names, "  "));
    const comment = `/**\n * ${sentence(random)}\n * @param {Object} ${parameters[0]} - ${sentence(random)}\n */\n`;
    const name = random.pick(names.identifiers);
    return `\n${comment}function ${name}(${parameters.join(", ")}) {\n${body.join("")}}\n\nexports.${name} = ${name};\n`;
  });
}

/** A module as a bundler minifies it: one line, short names. */
export function minified(random: Random, names: Vocabulary, bytes: number): string {
  const short = () => String.fromCharCode(97 + random.below(26));
  return until(bytes, "!function(e,t){", () => {
    const name = random.common(names.identifiers);
    return `var ${short()}=${short()}(${random.below(9000)});${short()}.${name}=function(${short()},${short()}){return ${short()}.${random.common(names.identifiers)}?${short()}:${short()}.${name}(${short()})},`;
  });
}

/** Type declarations. */
export function declarations(random: Random, names: Vocabulary, bytes: number): string {
  const type = () => random.pick(["string", "number", "boolean", "unknown", "Promise<void>", "string[]"]);
  return until(bytes, "", () => {
    const members = Array.from({ length: 2 + random.below(8) }, () => {
      return `    /** ${sentence(random)} */\n    ${random.common(names.identifiers)}?: ${type()};\n`;
    });
    return `export interface ${capital(random.pick(names.identifiers))} {\n${members.join("")}}\n`;
  });
}

/** A source map: names and mappings, many of which repeat. */
export function sourceMap(random: Random, names: Vocabulary, bytes: number): string {
  const letters = "ACDEEFGIIKMOQSUWY".split("");
  const segments = Array.from({ length: 300 }, () => {
    return `${Array.from({ length: 4 }, () => random.pick(letters)).join("")}${random.pick([",", ",", ",", ";"])}`;
  });
  const mappings = until(bytes * 0.8, "", () => random.common(segments));
  const used = names.identifiers.slice(0, 60);
  return JSON.stringify({ version: 3, sources: ["../src/index.ts"], names: used, mappings });
}

export function manifest(random: Random, names: Vocabulary): string {
  const version = () => `${random.below(9)}.${random.below(20)}.${random.below(30)}`;
  const dependencies = Array.from({ length: random.below(7) }, () => [
    `${random.pick(words)}-${random.pick(words)}`,
    `^${version()}`,
  ]);
  const body = {
    name: names.name,
    version: version(),
    description: sentence(random),
    main: "lib/index.js",
    types: "types/index.d.ts",
    files: ["lib", "dist", "types"],
    scripts: { test: "mocha", build: "rollup -c", lint: "eslint ." },
    repository: { type: "git", url: `git+https://example.org/${names.name}.git` },
    keywords: Array.from({ length: 5 }, () => random.pick(words)),
    license: "MIT",
    dependencies: Object.fromEntries(dependencies),
    engines: { node: ">=18" },
  };
  return `${JSON.stringify(body, null, 2)}\n`;
}

/** A README with headings, prose and code. */
export function readme(random: Random, names: Vocabulary, bytes: number): string {
  return until(bytes, `# ${names.name}\n\n> ${sentence(random)}\n`, () => {
    const prose = Array.from({ length: 2 + random.below(5) }, () => sentence(random)).join(" ");
    return `\n## ${capital(random.pick(words))} ${random.pick(words)}\n\n${prose}\n\n\`\`\`js\n${statement(random, names, "")}\`\`\`\n`;
  });
}

/** Data: a table of records. */
export function data(random: Random, names: Vocabulary, bytes: number): string {
  return `${until(bytes, "[\n", () => {
    const id = random.below(100_000);
    return `  {"id":${id},"${random.common(names.identifiers)}":"${random.pick(words)}","value":${random.next().toFixed(4)}},\n`;
  })}  null\n]\n`;
}
