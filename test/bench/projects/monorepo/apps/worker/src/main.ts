export const interval = 60_000;
