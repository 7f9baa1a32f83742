import type { Member } from "../archive/member.ts";
import { group, passwd } from "./busybox.ts";
import { amd64, type BaseImage, dir, file, PATH, symlink } from "./image.ts";

const accounts: Member[] = [dir("etc"), file("etc/group", group), file("etc/passwd", passwd)];

/**
 * Replacements for the bases of real projects: the same config and layout, with one small file in place of each
 * program.
 */
export const languageImages: BaseImage[] = [
  {
    name: "varve/node:22",
    platform: amd64,
    config: {
      Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "NODE_VERSION=22.11.0"],
      Entrypoint: ["docker-entrypoint.sh"],
      Cmd: ["node"],
    },
    layers: [
      {
        createdBy: "ADD rootfs.tar.xz / # buildkit",
        members: [
          ...accounts,
          dir("home"),
          dir("home/node", { uid: 1000, gid: 1000 }),
          dir("usr"),
          dir("usr/local"),
          dir("usr/local/bin"),
          file("usr/local/bin/docker-entrypoint.sh", "#!/bin/sh\n", { mode: 0o755 }),
          file("usr/local/bin/node", "node\n", { mode: 0o755 }),
          symlink("usr/local/bin/nodejs", "/usr/local/bin/node"),
        ],
      },
    ],
    emptyHistory: ["ENV NODE_VERSION=22.11.0", 'ENTRYPOINT ["docker-entrypoint.sh"]', 'CMD ["node"]'],
  },
  {
    name: "varve/python:3.13",
    platform: amd64,
    config: {
      Env: [
        "PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
        "GPG_KEY=0123456789ABCDEF",
        "PYTHON_VERSION=3.13.1",
      ],
      Cmd: ["python3"],
    },
    layers: [
      {
        createdBy: "ADD rootfs.tar.xz / # buildkit",
        members: [
          ...accounts,
          dir("usr"),
          dir("usr/local"),
          dir("usr/local/bin"),
          file("usr/local/bin/python3.13", "python\n", { mode: 0o755 }),
          symlink("usr/local/bin/python3", "python3.13"),
          dir("usr/local/lib"),
          dir("usr/local/lib/python3.13"),
          dir("usr/local/lib/python3.13/site-packages"),
        ],
      },
    ],
    emptyHistory: ["ENV PYTHON_VERSION=3.13.1", 'CMD ["python3"]'],
  },
  {
    name: "varve/golang:1.24",
    platform: amd64,
    config: {
      Env: [
        "PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "GOPATH=/go",
      ],
      Cmd: ["bash"],
      WorkingDir: "/go",
    },
    layers: [
      {
        createdBy: "ADD rootfs.tar.xz / # buildkit",
        members: [
          ...accounts,
          dir("etc/ssl"),
          dir("etc/ssl/certs"),
          file("etc/ssl/certs/ca-certificates.crt", "-----BEGIN CERTIFICATE-----\n"),
          dir("go"),
          dir("go/bin", { mode: 0o777 }),
          dir("go/src", { mode: 0o777 }),
          dir("usr"),
          dir("usr/share"),
          dir("usr/share/zoneinfo"),
          dir("usr/share/zoneinfo/Europe"),
          file("usr/share/zoneinfo/Europe/Berlin", "TZif2\n"),
          file("usr/share/zoneinfo/UTC", "TZif2\n"),
        ],
      },
    ],
  },
  {
    name: "varve/nginx:1.27",
    platform: amd64,
    config: {
      ExposedPorts: { "80/tcp": {} },
      Env: [PATH, "NGINX_VERSION=1.27.3"],
      Entrypoint: ["/docker-entrypoint.sh"],
      Cmd: ["nginx", "-g", "daemon off;"],
      Labels: { maintainer: "Docker Maintainers" },
      StopSignal: "SIGQUIT",
    },
    layers: [
      {
        createdBy: "ADD rootfs.tar.xz / # buildkit",
        members: [
          ...accounts,
          file("docker-entrypoint.sh", "#!/bin/sh\n", { mode: 0o755 }),
          dir("etc/nginx"),
          dir("etc/nginx/conf.d"),
          file("etc/nginx/conf.d/default.conf", "server { listen 80; }\n"),
          file("etc/nginx/nginx.conf", "events {}\n"),
          dir("usr"),
          dir("usr/share"),
          dir("usr/share/nginx"),
          dir("usr/share/nginx/html"),
          file("usr/share/nginx/html/50x.html", "<h1>error</h1>\n"),
          file("usr/share/nginx/html/index.html", "<h1>welcome</h1>\n"),
          dir("var"),
          dir("var/log"),
          dir("var/log/nginx"),
          symlink("var/log/nginx/access.log", "/dev/stdout"),
        ],
      },
    ],
    emptyHistory: ["EXPOSE map[80/tcp:{}]", "STOPSIGNAL SIGQUIT", 'CMD ["nginx" "-g" "daemon off;"]'],
  },
  {
    name: "varve/java:21",
    platform: amd64,
    config: {
      Env: [
        "PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "JAVA_HOME=/opt/java/openjdk",
      ],
      Entrypoint: ["/__cacert_entrypoint.sh"],
      Cmd: ["jshell"],
    },
    layers: [
      {
        createdBy: "ADD rootfs.tar.xz / # buildkit",
        members: [
          ...accounts,
          file("__cacert_entrypoint.sh", "#!/bin/sh\n", { mode: 0o775 }),
          dir("opt"),
          dir("opt/java"),
          dir("opt/java/openjdk"),
          dir("opt/java/openjdk/bin"),
          file("opt/java/openjdk/bin/java", "java\n", { mode: 0o755 }),
        ],
      },
    ],
  },
  {
    name: "varve/php:8.4",
    platform: amd64,
    config: {
      ExposedPorts: { "9000/tcp": {} },
      Env: [PATH, "PHP_INI_DIR=/usr/local/etc/php"],
      Entrypoint: ["docker-php-entrypoint"],
      Cmd: ["php-fpm"],
      StopSignal: "SIGQUIT",
      WorkingDir: "/var/www/html",
    },
    layers: [
      {
        createdBy: "ADD rootfs.tar.xz / # buildkit",
        members: [
          ...accounts,
          dir("usr"),
          dir("usr/local"),
          dir("usr/local/etc"),
          dir("usr/local/etc/php"),
          dir("usr/local/etc/php/conf.d"),
          file("usr/local/etc/php/php.ini-production", "[PHP]\n"),
          dir("var"),
          dir("var/www", { mode: 0o755 }),
          dir("var/www/html", { mode: 0o1777, uid: 33, gid: 33 }),
        ],
      },
    ],
  },
  {
    name: "varve/ruby:3.4",
    platform: amd64,
    config: {
      Env: [PATH, "LANG=C.UTF-8", "GEM_HOME=/usr/local/bundle", "BUNDLE_APP_CONFIG=/usr/local/bundle"],
      Cmd: ["irb"],
    },
    layers: [
      {
        createdBy: "ADD rootfs.tar.xz / # buildkit",
        members: [...accounts, dir("usr"), dir("usr/local"), dir("usr/local/bundle", { mode: 0o1777 })],
      },
    ],
  },
  {
    name: "varve/static:nonroot",
    platform: amd64,
    config: {
      User: "65532",
      Env: [PATH, "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],
      WorkingDir: "/home/nonroot",
    },
    layers: [
      {
        createdBy: "bazel build //common:passwd",
        members: [
          dir("etc"),
          file("etc/group", "root:x:0:\nnonroot:x:65532:\n"),
          file(
            "etc/passwd",
            "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
          ),
        ],
      },
      {
        createdBy: "bazel build //static:static",
        members: [
          dir("etc"),
          dir("etc/ssl"),
          dir("etc/ssl/certs"),
          file("etc/ssl/certs/ca-certificates.crt", "-----BEGIN CERTIFICATE-----\n"),
          dir("home"),
          dir("home/nonroot", { mode: 0o700, uid: 65532, gid: 65532 }),
          dir("tmp", { mode: 0o1777 }),
        ],
      },
    ],
  },
];
