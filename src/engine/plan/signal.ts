const names = new Set(
  (
    "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM " +
    "TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX"
  ).split(" "),
);
for (let step = 1; step <= 15; step++) names.add(`RTMIN+${step}`);
for (let step = 1; step <= 14; step++) names.add(`RTMAX-${step}`);

/** Whether a text is a Linux signal: any number except 0, or a name with or without `SIG`, in any case. */
export function isSignal(text: string): boolean {
  if (/^[-+]?[0-9]{1,18}$/.test(text)) return Number(text) !== 0;
  return names.has(text.toUpperCase().replace(/^SIG/, ""));
}
