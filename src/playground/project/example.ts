import { openProject } from "./project.ts";
import { textFile } from "./project-file.ts";

const dockerfile = `# A small web site, and a stage that it does not need.
FROM scratch AS notes
COPY notes/ /notes/

FROM scratch AS site
WORKDIR /srv
COPY public/style.css ./
COPY public/ ./
COPY <<EOF ./robots.txt
User-agent: *
EOF
LABEL org.opencontainers.image.title="Hello, layers"
`;

const files = {
  Dockerfile: dockerfile,
  ".dockerignore": "# What stays here.\n*.log\n",
  "build.log": "It is ignored, and never leaves this page.\n",
  "notes/ideas.md": "Change a file and look at the plan.\n",
  "public/index.html": '<!doctype html>\n<link rel="stylesheet" href="style.css">\n<h1>Hello, layers</h1>\n',
  "public/style.css": "h1 {\n  font: 3rem serif;\n}\n",
};

/** What whoever comes for the first time finds: it builds without a network and without a runner. */
export function openExample(): Promise<void> {
  return openProject(new Map(Object.entries(files).map(([path, text]) => [path, textFile(text)])), {
    tag: "hello",
  });
}
