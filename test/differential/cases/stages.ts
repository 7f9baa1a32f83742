// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Dockerfiles expand these, not JavaScript.
import type { Case, ContextEntry } from "../case.ts";

const context: Record<string, ContextEntry> = { f: "f\n", g: "g\n", "d/h": "h\n" };

/** Several stages, and copying between them and from images. */
export const stageCases: Case[] = [
  {
    name: "stage-copy-by-name",
    dockerfile: "FROM scratch AS one\nCOPY f /x/\nFROM scratch\nCOPY --from=one /x/f /y/\n",
    context,
  },
  {
    name: "stage-copy-by-index",
    dockerfile:
      "FROM scratch\nCOPY f /x/\nFROM scratch\nCOPY g /x/\nFROM scratch\nCOPY --from=0 /x /\nCOPY --from=1 /x /\n",
    context,
  },
  {
    name: "stage-name-in-capitals",
    dockerfile: "FROM scratch AS Builder\nCOPY f /\nFROM scratch\nCOPY --from=BUILDER /f /\n",
    context,
  },
  {
    name: "stage-from-stage",
    dockerfile: "FROM varve/busybox:1 AS one\nENV A=1\nWORKDIR /w\nCOPY f .\nFROM one\nENV B=$A\nCOPY g .\n",
    context,
  },
  {
    name: "stage-inherits-args",
    dockerfile: "FROM scratch AS one\nARG V=1\nFROM one\nENV B=$V\nCOPY f /\n",
    context,
  },
  {
    name: "stage-unused-is-not-built",
    because: "the unused stages would fail, because the file and the image do not exist",
    dockerfile:
      "FROM registry.invalid/no/such:image AS broken\nCOPY missing /\nFROM scratch AS other\nCOPY missing /\nFROM scratch\nCOPY f /\n",
    context,
  },
  {
    name: "stage-target",
    target: "middle",
    dockerfile:
      "FROM scratch AS first\nCOPY f /\nFROM first AS middle\nCOPY g /\nFROM middle AS last\nCOPY missing /\n",
    context,
  },
  {
    name: "stage-target-in-capitals",
    target: "MIDDLE",
    dockerfile: "FROM scratch AS Middle\nCOPY f /\nFROM scratch\nCOPY g /\n",
    context,
  },
  {
    name: "stage-name-twice",
    dockerfile:
      "FROM scratch AS a\nCOPY f /x\nFROM scratch AS a\nCOPY g /x\nFROM scratch\nCOPY --from=a /x /y\n",
    context,
  },
  {
    name: "stage-shadows-image",
    dockerfile:
      "FROM scratch AS varve-tiny\nCOPY f /only-here\nFROM varve-tiny\nCOPY --from=varve-tiny / /copy/\n",
    context,
  },
  {
    name: "stage-copy-whole-root",
    dockerfile: "FROM varve/layered:1 AS a\nCOPY f /added\nFROM scratch\nCOPY --from=a / /\n",
    context,
  },
  {
    name: "stage-copy-glob",
    dockerfile:
      "FROM varve/busybox:1 AS a\nFROM scratch\nCOPY --from=a /etc/*ss* /etc/g* /x/\nCOPY --from=a /usr/lib/lib*.so.1.2 /lib/\n",
  },
  {
    name: "stage-copy-relative-source",
    dockerfile: "FROM scratch AS a\nWORKDIR /w\nCOPY f .\nFROM scratch\nCOPY --from=a w/f /x/\n",
    context,
  },
  {
    name: "stage-copy-from-image",
    dockerfile:
      "FROM scratch\nCOPY --from=varve/busybox:1 /etc/passwd /etc/\nCOPY --from=varve-tiny /hello /h\n",
  },
  {
    name: "stage-copy-busybox-itself",
    dockerfile: 'FROM scratch\nCOPY --from=varve/busybox:1 /bin/busybox /bin/sh\nCMD ["/bin/sh"]\n',
  },
  {
    name: "stage-copy-whiteouts-are-gone",
    dockerfile:
      "FROM scratch\nCOPY --from=varve/layered:1 /data /data\nCOPY --from=varve/layered:1 /opt/tool/run /run\n",
  },
  {
    name: "stage-copy-through-replaced-dir",
    dockerfile:
      "FROM scratch\nCOPY --from=varve/layered:1 /becomes-link/kept.txt /a\nCOPY --from=varve/layered:1 /becomes-dir /b\nCOPY --from=varve/layered:1 /becomes-file /c\n",
  },
  {
    name: "stage-diamond",
    dockerfile:
      "FROM scratch AS base\nCOPY f /\nFROM base AS left\nCOPY g /left\nFROM base AS right\nCOPY d /right\nFROM base\nCOPY --from=left /left /\nCOPY --from=right /right /r\n",
    context,
  },
  {
    name: "stage-chain",
    dockerfile: `${Array.from({ length: 12 }, (_, i) => `FROM ${i === 0 ? "scratch" : `s${i - 1}`} AS s${i}\nCOPY f /f${i}\n`).join("")}FROM s11\nENV END=1\n`,
    context,
  },
  {
    name: "stage-merge-two-images",
    dockerfile:
      "FROM varve/nopath:1\nCOPY --from=varve/layered:1 / /layered/\nCOPY --from=varve/static:nonroot /etc/ssl/ /etc/ssl/\n",
  },
  {
    name: "stage-over-existing-links",
    dockerfile:
      "FROM varve/busybox:1 AS a\nFROM varve/busybox:1\nCOPY --from=a /usr/lib /lib\nCOPY --from=a /var/www /var/current\n",
  },
  {
    name: "stage-empty",
    dockerfile: "FROM scratch AS empty\nFROM scratch\nCOPY --from=empty / /x/\nCOPY f /\n",
    context,
  },
  { name: "stage-only-metadata", dockerfile: "FROM scratch\nLABEL a=b\n" },
  {
    name: "stage-base-only",
    dockerfile: "FROM varve/configured:1\n",
    because: "without an instruction, the image is that of the base, with a copy of its history",
  },
  {
    name: "stage-adds-to-layered",
    dockerfile: "FROM varve/layered:1\nCOPY f /becomes-link/f\nCOPY f /data/gone.txt\nCOPY f /twin-a\n",
    context,
  },
  { name: "stage-base-by-short-name", dockerfile: "FROM varve-tiny\nCOPY f /\n", context },
  {
    name: "stage-base-from-registry",
    dockerfile: "ARG REGISTRY=docker.io\nFROM ${REGISTRY}/varve/multi:1\nCOPY f /\n",
    args: { REGISTRY: "{{registry}}" },
    context,
  },
];
