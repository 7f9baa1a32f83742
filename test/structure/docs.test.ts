import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

const pages = [
  ...globSync("*.md"),
  ...globSync("{charts,docs,examples,src,test}/**/*.md", { exclude: ["**/node_modules/**"] }),
];

/** The anchors that GitHub gives to the headings of a page. */
function anchorsOf(page: string): string[] {
  const headings = readFileSync(page, "utf8").matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, text = ""]) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

const { paths } = JSON.parse(readFileSync("schemas/openapi.json", "utf8")) as {
  paths: Record<string, Record<string, unknown>>;
};

/** Whether the API has a route, whose variable parts are written as `<id>` or `{id}`. */
function hasRoute(method: string, route: string): boolean {
  return Object.entries(paths).some(
    ([path, methods]) =>
      method.toLowerCase() in methods &&
      new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, ".+")}$`).test(route),
  );
}

describe.each(pages)("%s", (page) => {
  const text = readFileSync(page, "utf8").replace(/^```[\s\S]*?^```/gm, "");

  test("links to pages, headings and files that exist", () => {
    const broken = [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].filter(
      ([, path = "", anchor]) => {
        const target = path === "" ? page : normalize(join(dirname(page), path));
        if (!existsSync(target)) return true;
        return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).includes(anchor);
      },
    );
    expect(broken.map(([link]) => link)).toEqual([]);
  });

  test("names folders and files of the code that exist", () => {
    const named = [...text.matchAll(/`((?:src|test|schemas|docs)\/[\w./-]+)`/g)].map(([, path = ""]) => path);
    expect(named.filter((path) => !existsSync(path) && !existsSync(`${path}.ts`))).toEqual([]);
  });
});

// access.test.ts compares the patterns of routes in docs/access.md.
const guides = pages.filter((page) => page.startsWith("docs/") && page !== "docs/access.md");
test.each(guides)("%s names routes that exist", (page) => {
  const named = readFileSync(page, "utf8").matchAll(
    /`(GET|HEAD|POST|PUT|PATCH|DELETE) (\/(?:v1\/|docs|healthz|metrics|openapi)[^\s`?]*)/g,
  );
  const unknown = [...named].filter(([, method = "", route = ""]) => !hasRoute(method, route));
  expect(unknown.map(([, method, route]) => `${method} ${route}`)).toEqual([]);
});

describe("docs/operate.md", () => {
  const settingsOf = (file: string) =>
    new Set(
      readFileSync(file, "utf8")
        .match(/\bVARVE_[A-Z_]+\b/g)
        ?.filter((name) => !internal.has(name)),
    );
  /** Set by the local server itself. */
  const internal = new Set(["VARVE_LOCAL", "VARVE_FRONT_SECRET"]);
  const read = ["environment", "placement", "runners/pools"].flatMap((file) => [
    ...settingsOf(`src/worker/${file}.ts`),
  ]);
  const [, all = "", deployed = ""] =
    /\n## Settings\n([\s\S]*?)Only deployed servers read these:\n([\s\S]*?)\n## /.exec(
      readFileSync("docs/operate.md", "utf8"),
    ) ?? [];

  test("lists each setting of the Worker", () => {
    expect(read.filter((name) => !`${all}${deployed}`.includes(`\`${name}\``))).toEqual([]);
  });

  test("lists as settings of deployed servers those that serve does not pass on", () => {
    const passedOn = settingsOf("src/serve/serve.ts");
    const others = read.filter((name) => !passedOn.has(name));
    expect(others.filter((name) => !deployed.includes(`\`${name}\``))).toEqual([]);
    expect(others.filter((name) => all.includes(`| \`${name}\``))).toEqual([]);
  });
});
