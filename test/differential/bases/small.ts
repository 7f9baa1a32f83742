import { amd64, type BaseImage, dir, file, hardlink, PATH, symlink } from "./image.ts";

/** Bases for single cases. */
export const smallImages: BaseImage[] = [
  {
    name: "varve-tiny:latest",
    platform: amd64,
    config: { Env: [PATH] },
    layers: [{ createdBy: "COPY hello / # buildkit", members: [file("hello", "hello\n")] }],
  },
  {
    name: "varve/nopath:1",
    platform: amd64,
    config: { Env: ["LANG=C.UTF-8"], WorkingDir: "/" },
    layers: [{ createdBy: "COPY f / # buildkit", members: [file("f", "f\n")] }],
  },
  {
    name: "varve/configured:1",
    platform: amd64,
    author: "Base Author <base@example.org>",
    config: {
      User: "app:staff",
      ExposedPorts: { "8080/tcp": {}, "53/udp": {} },
      Env: ["PATH=/opt/bin:/bin", "LANG=C.UTF-8", "EMPTY="],
      Entrypoint: ["/entry", "--base"],
      Cmd: ["serve"],
      Volumes: { "/data": {} },
      WorkingDir: "/srv/app",
      Labels: { "org.example.base": "yes", keep: "from base" },
      StopSignal: "SIGQUIT",
      Healthcheck: { Test: ["CMD", "/probe"], Interval: 5_000_000_000, Retries: 2 },
      Shell: ["/bin/bash", "-o", "pipefail", "-c"],
    },
    layers: [
      {
        createdBy: "COPY etc /etc # buildkit",
        members: [
          dir("etc"),
          file("etc/group", "root:x:0:\nstaff:x:50:\n"),
          file("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/srv:/bin/sh\n"),
        ],
      },
    ],
    emptyHistory: ["ENV LANG=C.UTF-8", 'ENTRYPOINT ["/entry" "--base"]', 'CMD ["serve"]'],
  },
  {
    name: "varve/onbuild:1",
    platform: amd64,
    config: {
      Env: [PATH],
      WorkingDir: "/usr/src/app",
      OnBuild: [
        "ARG FLAVOUR=plain",
        "ENV FLAVOUR=$FLAVOUR",
        "COPY package.json /usr/src/app/",
        "COPY --chown=1000:1000 . /usr/src/app",
        "LABEL built=onbuild",
      ],
    },
    layers: [
      {
        createdBy: "WORKDIR /usr/src/app",
        members: [dir("usr"), dir("usr/src"), dir("usr/src/app")],
      },
    ],
  },
  {
    name: "varve/onbuild-from-stage:1",
    platform: amd64,
    config: { Env: [PATH], OnBuild: ["COPY --from=deps /deps /vendor", 'CMD ["run"]'] },
    layers: [{ createdBy: "COPY f / # buildkit", members: [file("f", "f\n")] }],
  },
  {
    name: "varve/layered:1",
    platform: amd64,
    config: { Env: [PATH] },
    layers: [
      {
        createdBy: "COPY one / # buildkit",
        members: [
          dir("data"),
          file("data/gone.txt", "gone\n"),
          file("data/kept.txt", "kept\n"),
          dir("data/opaque"),
          file("data/opaque/below.txt", "below\n"),
          file("becomes-dir", "file\n"),
          dir("becomes-file"),
          file("becomes-file/inner", "inner\n"),
          dir("becomes-link"),
          file("becomes-link/inner", "inner\n"),
          file("twin-a", "twin\n"),
          hardlink("twin-b", "twin-a"),
          dir("opt"),
          dir("opt/tool-1.0"),
          file("opt/tool-1.0/run", "1.0\n", { mode: 0o755 }),
          symlink("opt/tool", "tool-1.0"),
        ],
      },
      {
        createdBy: "RUN /bin/sh -c change things # buildkit",
        members: [
          dir("becomes-dir"),
          file("becomes-dir/inner", "now a directory\n"),
          file("becomes-file", "now a file\n"),
          symlink("becomes-link", "data"),
          dir("data"),
          file("data/.wh.gone.txt", ""),
          dir("data/opaque"),
          file("data/opaque/.wh..wh..opq", ""),
          file("data/opaque/above.txt", "above\n"),
          dir("opt/tool-2.0"),
          file("opt/tool-2.0/run", "2.0\n", { mode: 0o755 }),
          symlink("opt/tool", "tool-2.0"),
        ],
      },
    ],
  },
];

/** The same name for three platforms: pulled by index, so only from a registry. */
export const multiPlatform: BaseImage[] = [
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "arm64" },
  { os: "linux", architecture: "arm", variant: "v7" },
].map((platform) => ({
  name: "varve/multi:1",
  platform,
  config: { Env: [PATH], Labels: { arch: platform.architecture } },
  layers: [
    {
      createdBy: "COPY arch / # buildkit",
      members: [file("arch", `${platform.architecture}\n`, { mode: 0o444 })],
    },
  ],
}));
