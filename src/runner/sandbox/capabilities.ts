import { readFileSync } from "node:fs";

/** Capabilities of root in a container of `docker build`. */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FSETID",
  "CAP_FOWNER",
  "CAP_MKNOD",
  "CAP_NET_RAW",
  "CAP_SETGID",
  "CAP_SETUID",
  "CAP_SETFCAP",
  "CAP_SETPCAP",
  "CAP_NET_BIND_SERVICE",
  "CAP_SYS_CHROOT",
  "CAP_KILL",
  "CAP_AUDIT_WRITE",
];

/** All capabilities, in the order of their numbers (linux/capability.h). */
const NUMBERED = `
  chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service
  net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin
  sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override
  mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore`
  .trim()
  .split(/\s+/);

/** All capabilities that this program can pass on: its bounding set. */
export function allCapabilities(): string[] {
  const [, bounds = "0"] = /^CapBnd:\s*(\S+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  const bits = BigInt(`0x${bounds}`);
  return NUMBERED.filter((_, number) => (bits >> BigInt(number)) & 1n).map(
    (name) => `CAP_${name.toUpperCase()}`,
  );
}
