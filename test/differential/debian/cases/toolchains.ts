import type { Case, ContextEntry } from "../../case.ts";
import { doc } from "../../cases/dockerfile.ts";
import { argHistory, exposeHistory, healthcheckHistory } from "../../newer.ts";
import { onTools } from "./dockerfile.ts";

const hello: Record<string, ContextEntry> = {
  "hello.c": '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n',
  Makefile:
    "PREFIX ?= /usr/local\nhello: hello.c\n\t$(CC) -static -Wl,--build-id=none -o $@ $<\ninstall: hello\n\tinstall -D -m 755 hello $(DESTDIR)$(PREFIX)/bin/hello\n",
};
const library: Record<string, ContextEntry> = {
  "greet.c": 'const char *greet(void) { return "greetings"; }\n',
  "use.c": "#include <stdio.h>\nconst char *greet(void);\nint main(void) { return puts(greet()) < 0; }\n",
};

/** Compilers, and stages whose results later stages copy. */
export const toolchainCases: Case[] = [
  {
    name: "toolchains-static-to-scratch",
    dockerfile: doc(
      "FROM debian:tools AS build",
      "WORKDIR /src",
      "COPY . .",
      "RUN make && make install DESTDIR=/out",
      "FROM scratch",
      "COPY --from=build /out /",
      'ENTRYPOINT ["/usr/local/bin/hello"]',
    ),
    context: hello,
  },
  {
    name: "toolchains-shared-library",
    dockerfile: onTools(
      "COPY . /src",
      "RUN cd /src && gcc -shared -fPIC -Wl,-soname,libgreet.so.1,--build-id=none -o /usr/local/lib/libgreet.so.1.0 greet.c && ln -s libgreet.so.1 /usr/local/lib/libgreet.so && ldconfig",
      "RUN gcc -Wl,--build-id=none -o /usr/local/bin/use /src/use.c -lgreet && use > /out && strip /usr/local/bin/use",
    ),
    context: library,
  },
  {
    name: "toolchains-archive",
    dockerfile: onTools(
      "WORKDIR /src",
      "COPY . .",
      "RUN gcc -c greet.c && ar rcD libgreet.a greet.o && gcc -Wl,--build-id=none -o use use.c libgreet.a && ./use > out",
    ),
    context: library,
  },
  {
    name: "toolchains-incremental",
    dockerfile: onTools(
      "WORKDIR /src",
      "COPY . .",
      "RUN make",
      "RUN touch -d @1700000001 hello.c && make -n > /remake",
      "RUN make -q && echo fresh > /state || echo stale > /state",
    ),
    context: hello,
    because: "the times of files in earlier layers decide which targets make builds",
  },
  {
    name: "toolchains-python-bytecode",
    dockerfile: onTools(
      "COPY m.py /app/m.py",
      "RUN cd /app && python3 -c 'import py_compile; py_compile.compile(\"m.py\", invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)' && python3 -c 'import sys; sys.path.insert(0, \"/app\"); import m; print(m.x)' > /out",
    ),
    context: { "m.py": "x = 1\n" },
  },
  {
    name: "toolchains-two-builds-in-one",
    dockerfile: doc(
      "FROM debian:tools AS base",
      "COPY . /src",
      "WORKDIR /src",
      "FROM base AS one",
      "RUN gcc -static -Wl,--build-id=none -DONE -o /one hello.c",
      "FROM base AS two",
      "RUN gcc -static -Wl,--build-id=none -O2 -o /two hello.c",
      "FROM debian:trixie",
      "COPY --from=one /one /usr/bin/",
      "COPY --from=two --chown=nobody --chmod=711 /two /usr/bin/",
      "RUN one > /out && two >> /out",
    ),
    context: hello,
  },
  {
    name: "toolchains-stage-not-needed",
    dockerfile: doc("FROM debian:tools AS broken", "RUN exit 1", "FROM debian:trixie", "RUN echo fine > /f"),
  },
  {
    name: "toolchains-target",
    dockerfile: doc(
      "FROM debian:tools AS build",
      "COPY . /src",
      "RUN make -C /src",
      "FROM build AS test",
      'RUN test "$(/src/hello)" = hello && echo passed > /passed',
      "FROM scratch",
      "COPY --from=build /src/hello /",
    ),
    target: "test",
    context: hello,
  },
  {
    name: "toolchains-onbuild",
    dockerfile: doc(
      "FROM debian:tools AS parent",
      "ONBUILD COPY . /src",
      "ONBUILD RUN make -C /src && make -C /src install",
      "FROM parent",
      'CMD ["hello"]',
    ),
    context: hello,
  },
  {
    name: "toolchains-args",
    dockerfile: doc(
      "ARG BASE=trixie",
      "FROM debian:${BASE}",
      "ARG VERSION=1.0",
      "ARG TARGETARCH",
      "ENV VERSION=${VERSION}",
      "RUN echo $VERSION-$TARGETARCH > /version",
      "LABEL version=$VERSION",
    ),
    args: { BASE: "tools", VERSION: "2.0" },
    newer: [argHistory({ "ARG VERSION=1.0": "ARG VERSION=2.0", "ARG TARGETARCH": "ARG TARGETARCH=amd64" })],
  },
  {
    name: "toolchains-config",
    dockerfile: onTools(
      "RUN useradd -m app",
      "ENV APP=/app",
      "WORKDIR $APP",
      "EXPOSE 8080/tcp 53/udp",
      "VOLUME /data",
      "RUN echo in-volume > /data-not 2>/dev/null; mkdir -p /data && echo kept > /data/f",
      "STOPSIGNAL SIGINT",
      "HEALTHCHECK --interval=5s --retries=2 CMD busybox wget -q -O- http://localhost:8080/ || exit 1",
      'SHELL ["/bin/bash", "-c"]',
      'LABEL a=1 b.c="two words"',
      "USER app",
      'ENTRYPOINT ["/entry"]',
      "CMD start now",
    ),
    newer: [exposeHistory, healthcheckHistory],
  },
];
