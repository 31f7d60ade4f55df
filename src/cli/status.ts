/** Status of the process: all is well, a check or test found something, the command or its surroundings are wrong. */
export const status = { success: 0, findings: 1, usage: 2 } as const;
