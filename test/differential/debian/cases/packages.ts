import type { Case, ContextEntry } from "../../case.ts";
import { doc } from "../../cases/dockerfile.ts";
import { onDebian, onTools } from "./dockerfile.ts";

const control = `Package: varve-case
Version: 1.0
Architecture: all
Maintainer: nobody <nobody@example.com>
Description: shows what dpkg does
`;

/** A package with a configuration file, scripts and a file of another owner. */
const packageFiles: Record<string, ContextEntry> = {
  "package/DEBIAN/control": control,
  "package/DEBIAN/conffiles": "/etc/varve-case.conf\n",
  "package/DEBIAN/postinst": {
    content:
      "#!/bin/sh\nset -e\ninstall -d -o games -g games -m 2750 /var/games/case\necho $1 > /var/games/case/how\n",
    mode: 0o755,
  },
  "package/DEBIAN/prerm": { content: "#!/bin/sh\necho $1 >> /prerm\n", mode: 0o755 },
  "package/etc/varve-case.conf": "setting=1\n",
  "package/usr/bin/varve-case": { content: "#!/bin/sh\necho case\n", mode: 0o755 },
  "package/usr/share/varve-case/data": "data\n",
};
const makePackage =
  "SOURCE_DATE_EPOCH=1 dpkg-deb --root-owner-group --build /src/package /case.deb >/dev/null";
const update = "apt-get update";
const install = "apt-get install -y --no-install-recommends";
const clean = "rm -rf /var/lib/apt/lists/*";

/** apt and dpkg, as Dockerfiles use them. */
export const packageCases: Case[] = [
  { name: "packages-install", dockerfile: onDebian(`RUN ${update} && ${install} file && ${clean}`) },
  {
    name: "packages-recommends",
    dockerfile: onDebian(`RUN ${update} && apt-get install -y curl && ${clean}`),
  },
  {
    name: "packages-lists-removed-later",
    dockerfile: onDebian(`RUN ${update}`, `RUN ${install} less`, `RUN ${clean}`),
    because: "a file of the first layer is a whiteout in the last",
  },
  {
    name: "packages-purged",
    dockerfile: onDebian(
      `RUN ${update} && ${install} file && file /bin/sh > /what && apt-get purge -y --auto-remove file && ${clean}`,
    ),
  },
  {
    name: "packages-toolchain-purged",
    dockerfile: onTools("RUN apt-get purge -y --auto-remove gcc make libc6-dev binutils python3-minimal"),
    because: "thousands of removals over a lower layer",
  },
  {
    name: "packages-autoremove",
    dockerfile: onTools(
      "RUN apt-mark auto gcc make && apt-get autoremove -y",
      "RUN dpkg --get-selections > /kept",
    ),
  },
  {
    name: "packages-unknown",
    dockerfile: onDebian(`RUN ${update} && ${install} no-such-package-anywhere`),
    fails: ["did not complete successfully: exit code: 100"],
  },
  {
    name: "packages-cache-mounts",
    dockerfile: onDebian(
      "RUN --mount=type=cache,target=/var/cache/apt,sharing=locked,id=case-apt-cache \\",
      "    --mount=type=cache,target=/var/lib/apt,sharing=locked,id=case-apt-lib \\",
      `    ${update} && ${install} less`,
      "RUN ls /var/lib/apt > /lib-apt",
    ),
  },
  {
    name: "packages-deb-installed",
    dockerfile: onTools(`RUN --mount=target=/src,rw ${makePackage} && dpkg -i /case.deb && rm /case.deb`),
    context: packageFiles,
  },
  {
    name: "packages-deb-removed",
    dockerfile: onTools(
      `RUN --mount=target=/src,rw ${makePackage} && dpkg -i /case.deb`,
      "RUN dpkg -r varve-case",
      "RUN dpkg --purge varve-case && ls -R /var/games > /list",
    ),
    context: packageFiles,
  },
  {
    name: "packages-deb-unpacked",
    dockerfile: onTools(`RUN --mount=target=/src,rw ${makePackage} && dpkg-deb -x /case.deb /unpacked`),
    context: packageFiles,
  },
  {
    name: "packages-downloaded",
    dockerfile: onDebian(
      `RUN ${update} && cd /srv && apt-get download less && dpkg-deb -R less_*.deb less && rm *.deb && ${clean}`,
    ),
  },
  {
    name: "packages-divert",
    dockerfile: onTools("RUN dpkg-divert --rename --add /usr/bin/file && ln -s busybox /usr/bin/file"),
  },
  {
    name: "packages-statoverride",
    dockerfile: onTools("RUN dpkg-statoverride --update --add root games 2755 /usr/bin/file"),
  },
  {
    name: "packages-alternatives",
    dockerfile: onTools(
      "RUN update-alternatives --install /usr/bin/editor editor /usr/bin/busybox 10 && update-alternatives --install /usr/bin/editor editor /usr/bin/python3 20 && update-alternatives --set editor /usr/bin/busybox",
      "RUN update-alternatives --remove editor /usr/bin/busybox",
    ),
  },
  {
    name: "packages-locales",
    dockerfile: onDebian(
      `RUN ${update} && ${install} locales && ${clean}`,
      "RUN localedef -i de_DE -c -f UTF-8 -A /usr/share/locale/locale.alias de_DE.UTF-8",
      "ENV LANG=de_DE.UTF-8",
      "RUN locale > /locale",
    ),
  },
  {
    name: "packages-tzdata",
    dockerfile: onDebian(
      "ENV TZ=Europe/Berlin",
      `RUN ${update} && DEBIAN_FRONTEND=noninteractive ${install} tzdata && ${clean} && ln -snf /usr/share/zoneinfo/$TZ /etc/localtime && echo $TZ > /etc/timezone`,
      "RUN date -d @0 > /date",
    ),
  },
  {
    name: "packages-certificates",
    dockerfile: onDebian(
      `RUN ${update} && ${install} ca-certificates openssl && ${clean}`,
      "RUN openssl x509 -in /etc/ssl/certs/ISRG_Root_X1.pem -out /usr/local/share/ca-certificates/own.crt && update-ca-certificates",
    ),
  },
  {
    name: "packages-held",
    dockerfile: onDebian("RUN apt-mark hold bash && dpkg --get-selections | grep bash > /held"),
  },
  {
    name: "packages-as-user",
    dockerfile: onDebian("USER nobody", `RUN ${update}`),
    fails: ["exit code: 100"],
  },
  {
    name: "packages-sources-list",
    dockerfile: doc(
      "FROM debian:trixie",
      "RUN sed -i 's/^Components: main$/Components: main contrib/' /etc/apt/sources.list.d/*.sources",
      `RUN ${update} && apt-cache policy less | wc -l > /lines && ${clean}`,
    ),
  },
];
