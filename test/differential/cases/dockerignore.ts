// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles expand these, not JavaScript.
import type { Case, ContextEntry } from "../case.ts";

const context: Record<string, ContextEntry> = {
  "README.md": "r\n",
  "LICENSE.md": "l\n",
  "app.js": "a\n",
  "src/index.js": "i\n",
  "src/index.test.js": "t\n",
  "src/lib/util.js": "u\n",
  "src/lib/util.test.js": "ut\n",
  "src/lib/notes.md": "n\n",
  "node_modules/dep/index.js": "d\n",
  "node_modules/.cache/x": "x\n",
  "packages/a/node_modules/dep/index.js": "pa\n",
  "packages/a/src/a.js": "pa\n",
  ".git/HEAD": "h\n",
  ".env": "e\n",
};
const all = "FROM scratch\nCOPY . /x/\n";

/** The context with two secrets in `packages`. */
function withSecrets(ignore: string): Record<string, ContextEntry> {
  return { ...context, ".dockerignore": ignore, "packages/.env": "secret\n", "packages/a/.env": "secret\n" };
}

function ignoring(name: string, ignore: string, extra: Partial<Case> = {}): Case {
  return {
    name: `ignore-${name}`,
    dockerfile: all,
    context: { ...context, ".dockerignore": ignore },
    ...extra,
  };
}

/** Files that .dockerignore excludes from the context. */
export const dockerignoreCases: Case[] = [
  ignoring("plain", "node_modules\n.git\n.env\n"),
  ignoring("slashes", "/node_modules/\nsrc/lib/\n./app.js\n"),
  ignoring("any-depth", "**/node_modules\n**/*.test.js\n"),
  ignoring("star-is-one-level", "*.md\n*/*.js\n"),
  ignoring("negation", "*.md\n!README.md\n"),
  ignoring("negation-in-dir", "src\n!src/lib/util.js\n"),
  ignoring("negation-of-all", "*\n!src\n!app.js\n"),
  ignoring("negation-of-all-deep", "**\n!src/lib/**\n"),
  ignoring("last-line-wins", "!README.md\n*.md\n"),
  ignoring("negation-then-again", "*\n!src\nsrc/lib\n!src/lib/notes.md\n"),
  ignoring(
    "comments-and-space",
    "# a comment\n\n   node_modules   \n #not-a-comment\n\t.git\n! LICENSE.md\n",
  ),
  ignoring("bom-and-crlf", "\ufeffnode_modules\r\n*.md\r\n!README.md\r\n"),
  ignoring("dockerfile-and-itself", "Dockerfile\n.dockerignore\n"),
  ignoring("dot-and-dotdot", ".\n..\n../x\n"),
  ignoring("question-and-class", "src/inde?.js\n[RL]*.md\n"),
  ignoring("escape", "\\!bang\n\\#hash\n", {
    context: { ".dockerignore": "\\!bang\n\\#hash\n", "!bang": "b\n", "#hash": "h\n", f: "f\n" },
  }),
  ignoring("folder-with-stars-only", "src/**\n"),
  ignoring("empty-file", ""),
  ignoring("of-subfolder-is-not-read", "", { context: { ...context, "src/.dockerignore": "*\n" } }),
  ignoring("own-file-of-dockerfile-wins", "*.js\n", {
    context: { ...context, ".dockerignore": "*.js\n", "Dockerfile.dockerignore": "*.md\n" },
  }),
  ignoring("own-empty-file-wins", "*\n", {
    context: { ...context, ".dockerignore": "*\n", "Dockerfile.dockerignore": "" },
  }),
  ignoring("own-file-beside-dockerfile-in-folder", "*.js\n", {
    dockerfilePath: "docker/web.Dockerfile",
    context: {
      ...context,
      ".dockerignore": "*.js\n",
      "docker/web.Dockerfile.dockerignore": "docker\n**/*.md\n",
    },
  }),
  ignoring("glob-source-skips-ignored", "**/*.test.js\n", {
    dockerfile: "FROM scratch\nCOPY src/*.js src/lib/*.js /x/\n",
  }),
  ignoring("does-not-touch-stages", "*\n!keep\n", {
    dockerfile: "FROM varve/busybox:1 AS a\nFROM scratch\nCOPY --from=a /etc/passwd /x/\nCOPY keep /keep\n",
    context: { keep: "k\n", ".dockerignore": "*\n!keep\n" },
  }),
  ignoring("link-to-ignored-file", "secret\n", {
    dockerfile: "FROM scratch\nCOPY d /x/\n",
    context: { ".dockerignore": "secret\n", secret: "s\n", "d/link": { symlink: "../secret" } },
  }),
  ignoring("parent-dirs-of-kept-files", "a\n!a/b/c/keep\n", {
    because: "the folders on the way to a kept file keep their modes",
    context: {
      ".dockerignore": "a\n!a/b/c/keep\n",
      a: { dir: true, mode: 0o750 },
      "a/b": { dir: true, mode: 0o711 },
      "a/b/c/keep": "k\n",
      "a/b/c/gone": "g\n",
      "a/z/gone": "g\n",
    },
  }),
  ignoring("exception-of-dir-does-not-uncover-files", "", {
    because: "an exception for a directory includes nothing below it that another pattern excludes",
    context: withSecrets("**/node_modules\n**/.env\n!packages\n"),
  }),
  ignoring("exception-with-stars-uncovers-files", "", { context: withSecrets("**/.env\n!packages/**\n") }),
  ignoring("exception-of-excluded-dir", "", {
    context: withSecrets("packages\n!packages\n**/.env\n!packages/a\n"),
  }),
  ignoring("class-of-posix", "[[:upper:]]*.md\nsrc/[[:alpha:]]*.js\n"),
  ignoring("wildcard-in-class", "q[?]\n[*]\n", {
    because: "a class with a wildcard has another meaning: q[?] becomes the expression q[[^/]]",
    context: {
      ".dockerignore": "q[?]\n[*]\n",
      "q?": "question\n",
      "q[]": "brackets\n",
      "*": "star\n",
      "[]": "empty\n",
      "[a]": "a\n",
    },
  }),
  ignoring("case-matters", "readme.md\nSRC\n"),
];
