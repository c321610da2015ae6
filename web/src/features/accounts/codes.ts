import { factorWords } from "@/lib/words-account";

/** The file of recovery codes: what they are of, then one a line. */
export const codesFile = (codes: string[], host: string): string =>
  `${[factorWords.codes.fileHead(host), "", ...codes].join("\n")}\n`;
