import type { Case } from "../../case.ts";
import { onDebian } from "./dockerfile.ts";

/** Settings of a build for all its RUN steps: flags of `docker build`. */
export const runSettingCases: Case[] = [
  {
    name: "run-settings-hosts",
    dockerfile: onDebian("RUN cat /etc/hosts > /f && getent hosts foo.bar v6 >> /f"),
    run: { hosts: ["Foo.Bar:192.0.2.9", "v6:2001:db8::1", "twice:192.0.2.1", "twice:192.0.2.2"] },
  },
  { name: "run-settings-hosts-none", dockerfile: onDebian("RUN cat /etc/hosts > /f") },
  {
    name: "run-settings-shared-memory",
    dockerfile: onDebian(
      "RUN grep ' /dev/shm ' /proc/mounts | sed 's/,inode64//' > /f && stat -c '%a %u %g' /dev/shm >> /f && dd if=/dev/zero of=/dev/shm/x bs=1M count=100 && cp /bin/true /dev/shm/ && /dev/shm/true",
    ),
    run: { shmSize: 128 * 2 ** 20 },
  },
  {
    name: "run-settings-shared-memory-and-mount",
    dockerfile: onDebian(
      "RUN --mount=type=tmpfs,target=/dev/shm,size=1048576 grep ' /dev/shm ' /proc/mounts | sed 's/,inode64//' > /f",
    ),
    run: { shmSize: 32 * 2 ** 20 },
  },
  {
    name: "run-settings-ulimits",
    dockerfile: onDebian(
      "RUN grep -E 'open files|core file|processes|message|msgqueue' /proc/self/limits > /f",
      "USER nobody",
      "RUN grep -E 'open files|core file|processes|message|msgqueue' /proc/self/limits > /tmp/f",
    ),
    run: {
      ulimits: [
        { name: "nofile", soft: 100, hard: 200 },
        { name: "core", soft: 0, hard: 0 },
        { name: "nproc", soft: 500, hard: 500 },
        { name: "msgqueue", soft: 1000, hard: 2000 },
      ],
    },
  },
  {
    name: "run-settings-network-none",
    dockerfile: onDebian(
      "RUN ls /sys/class/net > /f",
      "RUN --network=default ls /sys/class/net >> /f",
      "RUN wc -l < /proc/net/route >> /f; getent hosts localhost >> /f",
    ),
    run: { network: "none" },
  },
  {
    name: "run-settings-network-host",
    dockerfile: onDebian(
      "RUN hostname > /f && ls /sys/class/net | grep -x -e lo -e docker0 >> /f",
      "RUN --network=none ls /sys/class/net >> /f",
    ),
    run: { network: "host" },
    allow: ["network.host"],
    because:
      "the flag grants the right, which the runner must also allow; other interfaces of the host change",
  },
  {
    name: "run-settings-network-own",
    dockerfile: onDebian(
      "RUN ls /sys/class/net > /f; cat /proc/sys/net/ipv4/ip_unprivileged_port_start >> /f; cat /sys/class/net/lo/operstate >> /f",
    ),
    because: "a step has its own loopback and one interface to other machines",
  },
];
