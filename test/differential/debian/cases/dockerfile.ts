import { DEBIAN, TOOLS } from "../base.ts";

/** Text of these lines. */
export const doc = (...lines: string[]) => `${lines.join("\n")}\n`;
/** On Debian's smallest system. */
export const onDebian = (...lines: string[]) => doc(`FROM ${DEBIAN}`, ...lines);
/** On the same with a compiler, setcap, setfattr and python3. */
export const onTools = (...lines: string[]) => doc(`FROM ${TOOLS}`, ...lines);
