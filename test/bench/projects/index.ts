import { createCipheriv } from "node:crypto";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readme, vocabulary } from "../code.ts";
import { random } from "../random.ts";
import { appendLine, copyOf, replaceText, type Scenario, usualBuilds } from "../scenario.ts";

const root = import.meta.dirname;
const examples = join(root, "../../../examples");

type Edit = (folder: string) => Promise<void>;

/** A project of this folder. Its edit changes one source file and its part of the image. */
function project(name: string, edit: Edit, more: Partial<Scenario> = {}): Scenario {
  return {
    name,
    write: copyOf(join(root, name)),
    bases: ["debian:trixie"],
    builds: usualBuilds(edit),
    network: {},
    ...more,
  };
}

const slashes = (file: string) => appendLine(file, (number) => `// ${number}`);
const hash = (file: string) => appendLine(file, (number) => `# ${number}`);
const html = (file: string) => appendLine(file, (number) => `<!-- ${number} -->`);
/** Of C and C++, whose comments are not in the program. */
const constant = (file: string) =>
  appendLine(file, (number) => `extern const char stamp${number}[];\nconst char stamp${number}[] = "stamp";`);
/** Of languages whose comments are not in the program, either. */
const numbered = (file: string, text: string) => replaceText(file, text, (number) => `${text} ${number}`);

/** Projects as teams write them. */
export const projects: Scenario[] = [
  project("rust-logs", numbered("crates/logs/src/report.rs", "{} clients")),
  project("go-links", numbered("internal/store/store.go", "is not an absolute URL")),
  project("node-shop", slashes("src/orders.ts"), {
    bases: ["node:trixie"],
    network: { npmArg: "NPM_CONFIG_REGISTRY" },
  }),
  project("cpp-index", numbered("src/main.cpp", "the query cannot be read")),
  project("python-feeds", hash("src/feeds/parse.py")),
  project("postgres", hash("conf/memory.conf")),
  project("nginx-docs", html("site/index.html"), { write: writeManual }),
  project("django-notes", hash("notes/views.py")),
  project("php-guestbook", slashes("src/View.php")),
  project("ruby-queue", hash("lib/queue/store.rb")),
  project("java-stock", numbered("src/main/java/com/example/stock/Stock.java", "There are only")),
  project(
    "monorepo",
    replaceText("apps/api/src/main.ts", "/invoice/", (number) => `/invoice-${number}/`),
    {
      bases: ["node:trixie"],
      network: { npmSecret: "npmrc" },
      write: writeRepository,
    },
  ),
  project("site-generator", html("content/part-0/article-0.md"), { write: writeArticles }),
  project("diamond", constant("tables/tables.cpp")),
];

const exampleEdits: Record<string, Edit> = {
  cmake: constant("sum.c"),
  go: numbered("main.go", "clock"),
  nginx: html("site/index.html"),
  node: slashes("server.js"),
  perl: hash("totals.pl"),
  php: slashes("public/index.php"),
  python: hash("greet/__init__.py"),
  redis: hash("entrypoint.sh"),
  ruby: hash("lib/dice.rb"),
  rust: numbered("src/main.rs", "?"),
};

/** The examples of the repository that need a Debian system. */
export const exampleProjects: Scenario[] = Object.entries(exampleEdits).map(([name, edit]) =>
  project(`example-${name}`, edit, {
    async write(folder) {
      await cp(join(examples, name), folder, { recursive: true });
      // docker would fetch a front end from a registry; that of the daemon has the same effect.
      const file = join(folder, "Dockerfile");
      await writeFile(file, (await readFile(file, "utf8")).replace(/^# *syntax=.*\n/, ""));
    },
  }),
);

async function writeManual(folder: string): Promise<void> {
  await copyOf(join(root, "nginx-docs"))(folder);
  const generator = random(21);
  const names = vocabulary(generator, "manual");
  for (let page = 0; page < 240; page += 1) {
    const text = readme(generator, names, 4000 + generator.below(20_000));
    await write(
      folder,
      `site/chapter-${page % 12}/page-${page}.html`,
      `<!doctype html>\n<pre>${text}</pre>\n`,
    );
  }
  for (let image = 0; image < 12; image += 1) {
    await write(folder, `site/assets/picture-${image}.webp`, noise(generator.below(1000), 150_000));
  }
}

async function writeArticles(folder: string): Promise<void> {
  await copyOf(join(root, "site-generator"))(folder);
  const generator = random(22);
  const names = vocabulary(generator, "articles");
  for (let article = 0; article < 300; article += 1) {
    const text = readme(generator, names, 2000 + generator.below(6000));
    await write(
      folder,
      `content/part-${article % 10}/article-${article}.md`,
      `title: Article ${article}\n\n${text}\n`,
    );
  }
}

/** Adds files of a developer's folder that the image does not need: a history, and pictures of the documentation. */
async function writeRepository(folder: string): Promise<void> {
  await copyOf(join(root, "monorepo"))(folder);
  await write(folder, ".git/HEAD", "ref: refs/heads/main\n");
  for (let pack = 0; pack < 3; pack += 1)
    await write(folder, `.git/objects/pack/pack-${pack}.pack`, noise(pack, 30_000_000));
  for (let object = 0; object < 2000; object += 1) {
    const name = object.toString(16).padStart(4, "0");
    await write(folder, `.git/objects/${name.slice(2)}/${name}`, noise(object, 900));
  }
  for (let picture = 0; picture < 20; picture += 1) {
    await write(folder, `docs/pictures/${picture}.png`, noise(picture, 400_000));
  }
}

async function write(folder: string, path: string, content: string | Uint8Array): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

/** Incompressible bytes, equal for equal seeds. */
export function noise(seed: number, length: number): Uint8Array {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}
