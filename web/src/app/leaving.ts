/** The teams that one leaves or deletes in this tab by oneself: nothing has to be told about them. */
const teams = new Set<string>();

/** Called before it is asked for: the stream may tell of it before the answer does. */
export const leaving = (teamId: string): void => void teams.add(teamId);
/** It was refused. */
export const staying = (teamId: string): void => void teams.delete(teamId);
export const isLeaving = (teamId: string): boolean => teams.has(teamId);
