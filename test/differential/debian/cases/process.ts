import type { Case } from "../../case.ts";
import { argHistory } from "../../newer.ts";
import { onDebian, onTools } from "./dockerfile.ts";

/** What a process can read about the machine and itself. */
export const processCases: Case[] = [
  {
    name: "process-environment",
    dockerfile: onDebian("ENV B=2 A=1", "ENV LANG=C.UTF-8", "RUN tr '\\0' '\\n' < /proc/1/environ > /env"),
  },
  {
    name: "process-environment-of-args",
    dockerfile: onDebian(
      "ARG Z=z",
      "ARG A",
      "ENV M=m",
      "ARG EMPTY=",
      "RUN tr '\\0' '\\n' < /proc/1/environ > /env",
      'RUN ["cp", "/proc/self/environ", "/env2"]',
    ),
    args: { A: "a" },
    newer: [argHistory({ "ARG A": "ARG A=a" })],
  },
  {
    name: "process-status",
    dockerfile: onDebian(
      "RUN grep -E '^(Cap|NoNewPrivs|Seccomp:|Uid|Gid|Groups|Umask|TracerPid|Sig(Blk|Ign|Cgt))' /proc/self/status > /status",
    ),
  },
  {
    name: "process-status-of-user",
    dockerfile: onDebian(
      "USER nobody",
      "RUN grep -E '^(Cap|NoNewPrivs|Seccomp:|Uid|Gid|Groups|Umask)' /proc/self/status > /tmp/status",
    ),
  },
  { name: "process-capabilities-inherited", dockerfile: onTools("RUN capsh --print > /caps") },
  {
    name: "process-descriptors",
    dockerfile: onDebian("RUN ls /proc/1/fd > /f && test -p /dev/stdout && echo pipe >> /f"),
  },
  { name: "process-session", dockerfile: onDebian("RUN cut -d' ' -f4-7 /proc/1/stat > /f") },
  {
    name: "process-mounts",
    dockerfile: onDebian(
      "RUN awk '{ print $2, $3 }' /proc/mounts | grep -v -E 'cgroup|^/dev |^/etc/|/sys/|/proc/' | sort > /mounts",
    ),
  },
  {
    name: "process-mount-options",
    dockerfile: onDebian(
      "RUN grep -E ' (/proc|/sys|/dev|/dev/pts|/dev/shm|/dev/mqueue) ' /proc/mounts | cut -d' ' -f2,4 | sed -E 's/,(inode64|seclabel|size=[0-9]+k)//g' | sort > /mounts",
    ),
  },
  {
    name: "process-devices",
    dockerfile: onDebian(
      "RUN ls -l /dev | grep -v -E 'core|^total' | awk '{ print $1, $3, $4, $5, $6 }' | sed 's/[0-9]*$//' | sort > /list",
    ),
  },
  {
    name: "process-proc-is-masked",
    dockerfile: onDebian(
      "RUN for p in /proc/kcore /proc/keys /proc/timer_list; do wc -c < $p; done > /f; ls /proc/acpi /proc/scsi /sys/firmware 2>/dev/null | sort >> /f; true",
    ),
  },
  {
    name: "process-proc-is-read-only",
    dockerfile: onDebian(
      "RUN for p in /proc/sys/kernel/domainname /proc/sysrq-trigger /proc/irq/default_smp_affinity /sys/kernel/mm/ksm/run; do (cat $p > $p) 2>/dev/null && echo written || echo refused; done > /f",
    ),
  },
  {
    name: "process-own-proc-is-writable",
    dockerfile: onDebian(
      "RUN echo name > /proc/self/comm && echo 500 > /proc/self/oom_score_adj && cat /proc/self/oom_score_adj > /f",
    ),
  },
  {
    name: "process-refused-calls",
    dockerfile: onTools(
      "RUN for c in 'mount -t tmpfs none /srv' 'unshare --mount true' 'unshare --user true' 'chroot / true' 'hostname x' 'date -s @0' 'dmesg' 'swapon /x' 'ip link add d0 type dummy' 'nice -n -5 true' 'mknod /dev/x c 1 3'; do busybox timeout 5 $c >/dev/null 2>&1 && echo \"$c: done\" || echo \"$c: refused\"; done > /f",
    ),
  },
  {
    name: "process-limits",
    dockerfile: onDebian("RUN ulimit -c > /f; ulimit -t >> /f; ulimit -f >> /f; ulimit -v >> /f"),
  },
  {
    name: "process-umask",
    dockerfile: onDebian(
      "RUN umask > /f && touch /g && mkdir /d",
      "USER nobody",
      "RUN umask > /tmp/f && touch /tmp/g",
    ),
  },
  {
    name: "process-host-files",
    dockerfile: onDebian(
      "RUN hostname > /f && cat /etc/hosts >> /f; (echo x >> /etc/hosts) 2>/dev/null && echo written >> /f || echo refused >> /f; (echo x > /etc/resolv.conf) 2>/dev/null && echo written >> /f || echo refused >> /f",
    ),
  },
  {
    name: "process-host-files-removed",
    dockerfile: onDebian(
      "RUN rm -f /etc/hosts /etc/resolv.conf 2>/dev/null && echo removed > /f || echo refused > /f",
    ),
  },
  {
    name: "process-host-files-of-image",
    dockerfile: onDebian(
      "COPY f /etc/hosts",
      "COPY f /etc/resolv.conf",
      "RUN grep -c localhost /etc/hosts > /f",
    ),
    context: { f: "of the image\n" },
  },
  {
    name: "process-hostname-of-image",
    dockerfile: onDebian("COPY f /etc/hostname", "RUN cat /etc/hostname > /f && hostname >> /f"),
    context: { f: "image\n" },
  },
  {
    name: "process-network-none",
    dockerfile: onDebian(
      "RUN --network=none ls /sys/class/net > /f; cat /proc/net/route | wc -l >> /f; getent hosts localhost >> /f",
    ),
  },
  {
    name: "process-network-host",
    dockerfile: onDebian(
      "RUN --network=host hostname > /f && cat /etc/hosts >> /f && ls /sys/class/net | grep -x lo >> /f",
      "RUN hostname > /g",
    ),
    allow: ["network.host"],
  },
  {
    name: "process-network-name",
    dockerfile: onDebian("RUN getent hosts buildkitsandbox > /f; getent hosts localhost >> /f"),
  },
  {
    name: "process-stdout-by-path",
    dockerfile: onDebian(
      "RUN echo out > /dev/stdout && echo err > /dev/stderr && echo yes > /f",
      "USER nobody",
      "RUN (echo out > /dev/stdout) 2>/dev/null && echo yes > /tmp/f || echo no > /tmp/f",
    ),
  },
  {
    name: "process-terminal",
    dockerfile: onDebian(
      "RUN tty > /f; echo ${TERM-unset} >> /f; test -t 1 && echo terminal >> /f || echo none >> /f",
    ),
  },
  {
    name: "process-pseudo-terminals",
    dockerfile: onTools(
      "RUN python3 -c 'import os; m, s = os.openpty(); print(os.ttyname(s).rsplit(\"/\", 1)[0])' > /f",
    ),
  },
  {
    name: "process-shared-memory",
    dockerfile: onTools(
      "RUN df -k /dev/shm | tail -1 | awk '{ print $2 }' > /f && stat -c %a /dev/shm /dev/mqueue >> /f",
    ),
  },
  {
    name: "process-left-behind",
    dockerfile: onDebian(
      "RUN (sleep 300; echo late > /late) & (trap '' TERM HUP; sleep 300) & setsid sleep 300 & echo now > /now",
    ),
  },
  {
    name: "process-orphans",
    dockerfile: onDebian("RUN sh -c 'sleep 0.1 & exit 0'; sleep 0.3; echo done > /f"),
  },
  { name: "process-large-output", dockerfile: onDebian("RUN seq 400000 && echo done > /f") },
  { name: "process-exit-code", dockerfile: onDebian("RUN exit 255"), fails: ["exit code: 255"] },
  {
    name: "process-segmentation-fault",
    dockerfile: onDebian("RUN sh -c 'kill -SEGV $$'; exit $?"),
    fails: ["exit code: 139"],
  },
  {
    name: "process-first-fails-in-pipe",
    dockerfile: onDebian('SHELL ["/bin/bash", "-o", "pipefail", "-c"]', "RUN false | true"),
    fails: ['process "/bin/bash -o pipefail -c false | true" did not complete successfully: exit code: 1'],
  },
  {
    name: "process-not-executable",
    dockerfile: onDebian("COPY --chmod=644 f /f", "RUN /f"),
    context: { f: "#!/bin/sh\n" },
    fails: ["exit code: 126"],
  },
  {
    name: "process-interpreter-is-missing",
    dockerfile: onDebian("COPY --chmod=755 f /f", 'RUN ["/f"]'),
    context: { f: "#!/no/such/shell\n" },
    fails: ["did not complete successfully"],
  },
  {
    name: "process-path",
    dockerfile: onDebian(
      "ENV PATH=/opt/bin:$PATH",
      "COPY --chmod=755 f /opt/bin/ls",
      "RUN ls > /f",
      'RUN ["ls"]',
    ),
    context: { f: "#!/bin/sh\necho mine > /mine\n" },
  },
  { name: "process-path-empty", dockerfile: onDebian("ENV PATH=", 'RUN echo "[$PATH]" > /f') },
  {
    name: "process-workdir-of-user",
    dockerfile: onDebian(
      "RUN useradd -m app",
      "USER app",
      "WORKDIR /home/app/deep/er",
      "RUN touch mine 2>/dev/null && echo yes > /tmp/f || echo no > /tmp/f",
    ),
  },
  {
    name: "process-proxies",
    dockerfile: onDebian(
      "RUN env | grep -i proxy | sort > /f",
      "ARG HTTPS_PROXY",
      "RUN echo $HTTPS_PROXY >> /f",
    ),
    args: { HTTP_PROXY: "http://proxy.invalid:1", HTTPS_PROXY: "http://proxy.invalid:2", no_proxy: "a,b" },
    newer: [argHistory({ "ARG HTTPS_PROXY": "ARG HTTPS_PROXY=http://proxy.invalid:2" })],
  },
  {
    name: "process-heredoc-python",
    dockerfile: onTools(
      "RUN <<EOF",
      "#!/usr/bin/env python3",
      "import os, sys",
      "open('/f', 'w').write(f'{sys.argv[0]} {os.getcwd()}\\n')",
      "EOF",
    ),
  },
  {
    name: "process-heredoc-bash",
    dockerfile: onTools(
      'SHELL ["/bin/bash", "-euxc"]',
      "RUN <<EOF",
      "shopt -s extglob",
      "a=(1 2 3)",
      "echo ${#a[@]} > /f",
      "EOF",
    ),
  },
  {
    name: "process-heredoc-files",
    dockerfile: onTools("RUN python3 <<A && cat <<B > /b", "open('/a', 'w').write('a')", "A", "text", "B"),
  },
];
